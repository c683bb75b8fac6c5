// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Where the plugin's other files are: beside it (in a build folder, or copied for one user), else
// where they are installed.

#include <filesystem>

namespace otr_guard::plugin {

/// Of `name` in the plugin's own folder, or else `installed`, which need not exist.
[[nodiscard]] std::filesystem::path find_part(const std::filesystem::path& name,
                                              const std::filesystem::path& installed);

} // namespace otr_guard::plugin
