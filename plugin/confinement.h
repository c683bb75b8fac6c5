// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Programs that take apart what strangers have made are run by bubblewrap where that works: without
// the network, without the user's files and sockets, and unable to change anything but what they
// are there for.

#include <optional>
#include <string>
#include <vector>

namespace otr_guard::plugin {

/// What a confined program sees of places that are hidden from it otherwise.
struct Opening {
    std::string path; ///< a whole one; empty for nothing
    bool is_writable = false;
};

/// `command`, its program by its whole path, to be run confined; nothing without bubblewrap. Where
/// that is installed, it may still not be allowed to work: to be tried first.
[[nodiscard]] std::optional<std::vector<std::string>>
confined(const std::vector<std::string>& command, const Opening& opening);

} // namespace otr_guard::plugin
