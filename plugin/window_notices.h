// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The words for what a verification window is told. In a conversation a notice ends with the
// command to type next; here there are buttons for that, and what to do is said in other words.

#include <string>
#include <string_view>

#include "model/notice.h"

namespace otr_guard::plugin {

/// As text_of(), for a window: plain text that names no command. `peer_name` is untrusted.
[[nodiscard]] std::string window_text_of(const model::Notice& notice, std::string_view peer_name);

} // namespace otr_guard::plugin
