// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What somebody is told once: in their first private conversation what that means and what is left
// to do, and of a buddy whose program can do it, where nothing begins by itself, how to begin.

#include <optional>
#include <string>

#include "model/account.h"
#include "model/notice.h"

namespace otr_guard::plugin {

class Settings;

/// For the first private conversation of this profile: the line, as plain text, when `notice` is
/// the one after which it belongs. It counts as shown then.
[[nodiscard]] std::optional<std::string> first_note(const model::PeerId& peer,
                                                    model::NoticeKind notice);

/// The peer's program has offered to talk privately. A line as plain text where the user has to
/// begin it, once for each buddy; nothing is remembered of others, and nothing is said of them.
[[nodiscard]] std::optional<std::string> offer_note(const model::PeerId& peer,
                                                    const Settings& settings);

/// Whether the first note was shown.
inline constexpr const char* first_note_pref = "/plugins/core/otr-guard/first-note-shown";

} // namespace otr_guard::plugin
