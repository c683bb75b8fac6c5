// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The words for what the core has to say: plain, translated, with what to do next. Returns plain
// text; whoever shows it escapes it.

#include <string>
#include <string_view>

#include "core/host.h"
#include "model/notice.h"

namespace otr_guard::plugin {

/// `peer_name` is untrusted plain text; empty for notices that concern nobody in particular.
[[nodiscard]] std::string text_of(const model::Notice& notice, std::string_view peer_name);

/// Why a check failed, was cancelled by the peer or was stopped, and no more.
[[nodiscard]] std::string failure_text(const model::Notice& notice, std::string_view peer_name);

/// Why typed text waits and what to do; `hold_word` as in `/otr status` (core/wire.h).
[[nodiscard]] std::string hold_text(std::string_view hold_word, std::string_view peer_name);

/// Notices worth opening a conversation for when they come from somebody on the buddy list.
[[nodiscard]] bool opens_conversation(model::NoticeKind kind);

/// Notices the user should be drawn to (a waiting question, a changed key, a failed check).
[[nodiscard]] bool is_urgent(model::NoticeKind kind);

/// In English, to be translated or not.
[[nodiscard]] const char* peer_text(core::PeerText which);

} // namespace otr_guard::plugin
