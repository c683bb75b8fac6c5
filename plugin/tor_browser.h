// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The user's Tor Browser: where it is, and opening an address in it. It is the user's own program
// and goes on running when the client ends.

#include <optional>
#include <string>
#include <vector>

#include "util/expected.h"

namespace otr_guard::plugin {

/// The command that opens it, to which an address is added; nothing when there is none. What the
/// user has set counts alone: where it leads nowhere, there is none.
[[nodiscard]] std::optional<std::vector<std::string>> find_tor_browser();

/// `address` must begin with a scheme. NotFound without a Tor Browser, Io when it does not start.
[[nodiscard]] util::Expected<void> open_in_tor_browser(const std::string& address);

/// How to get one, a sentence for the user.
[[nodiscard]] std::string how_to_get_tor_browser();

} // namespace otr_guard::plugin
