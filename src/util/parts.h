// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Where the other files of the plugin, or of the windows program, are: beside it (in a build
// folder, or copied for one user), else where they are installed.

#include <filesystem>

namespace otr_guard::util {

/// Of `name` in the folder of the plugin or program that this is called in, or else `installed`,
/// which need not exist.
[[nodiscard]] std::filesystem::path find_part(const std::filesystem::path& name,
                                              const std::filesystem::path& installed);

/// Makes tr() find translations, `installed` being the folder of all programs' locales.
void bind_translations(const std::filesystem::path& installed);

} // namespace otr_guard::util
