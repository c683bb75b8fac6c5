// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Where the other files of the plugin, or of a program of ours, are: beside it (in a build
// folder, or copied for one user), else where they are installed. An installation can be somewhere
// else than where it was configured to go (`cmake --install --prefix`, or moved as a whole): then
// the binary's own place says where. Never looks below a folder that is not laid out as an
// installation, which might be somebody else's.

#include <filesystem>
#include <vector>

namespace otr_guard::util {

/// An installation as it was configured: the folder that everything is below, and those that have
/// binaries in them.
struct Layout {
    std::filesystem::path prefix;
    std::vector<std::filesystem::path> binary_folders;
};

/// `installed` below the prefix of the installation that a binary in `folder` belongs to; as it is
/// when nothing says that this is another one than `layout`'s.
[[nodiscard]] std::filesystem::path moved(const std::filesystem::path& installed,
                                          const std::filesystem::path& folder,
                                          const Layout& layout);

/// `installed` of the installation that the plugin or program that this is called in belongs to. It
/// need not exist.
[[nodiscard]] std::filesystem::path installed_part(const std::filesystem::path& installed);

/// Of `name` in the folder of the plugin or program that this is called in, or else
/// installed_part(installed).
[[nodiscard]] std::filesystem::path find_part(const std::filesystem::path& name,
                                              const std::filesystem::path& installed);

/// Makes tr() find translations, `installed` being the folder of all programs' locales. Not for a
/// program in a folder with others, which may have a file of that name.
void bind_translations(const std::filesystem::path& installed);

} // namespace otr_guard::util
