// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The processes whose parent this one is.

#include <optional>
#include <sys/types.h>
#include <vector>

namespace otr_guard::run {

/// Of the calling thread, from a list that not every kernel has; nothing without one.
[[nodiscard]] std::optional<std::vector<pid_t>> listed_children();

/// The same from what every process tells about itself; none where nothing can be read.
[[nodiscard]] std::vector<pid_t> children_found_by_parent();

} // namespace otr_guard::run
