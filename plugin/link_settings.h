// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The preferences of links.

namespace otr_guard::plugin {

/// Whether it is asked before a link is opened.
inline constexpr const char* link_question_pref = "/plugins/core/otr-guard/links/ask";
/// Where Tor Browser is, by the user's word: a program or the folder in which it was unpacked.
/// Empty: look.
inline constexpr const char* tor_browser_pref = "/plugins/core/otr-guard/links/tor-browser";

} // namespace otr_guard::plugin
