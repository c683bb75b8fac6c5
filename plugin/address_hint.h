// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Private is not hidden: a line in the first private conversation with a buddy says so where the
// account takes no particular way into the network. Whoever has chosen a way, or none, knows.

#include <optional>
#include <string>

#include "model/account.h"
#include "model/notice.h"

namespace otr_guard::plugin {

/// The line, as plain text, when `notice` is the one after which it belongs; it counts as shown
/// then. Nobody who is not on the buddy list is remembered, and so there is no line for them.
[[nodiscard]] std::optional<std::string> address_hint(const model::PeerId& peer,
                                                      model::NoticeKind notice);

/// Whether such lines are shown at all.
void show_address_hints(bool is_wanted);
/// For the preferences.
inline constexpr const char* address_hint_pref = "/plugins/core/otr-guard/network/hint";

} // namespace otr_guard::plugin
