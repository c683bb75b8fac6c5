// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Files that people rely on: read whole, written whole or not at all. A file that cannot be
// understood is moved aside by its reader, never overwritten.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "util/descriptor.h"
#include "util/expected.h"

namespace otr_guard::util {

/// The whole file. NotFound when there is none, TooLarge beyond `max_bytes`, Io otherwise
/// (a directory, a device or a fifo in its place counts as Io and does not block).
[[nodiscard]] Expected<std::string> read_file(const std::filesystem::path& path,
                                              std::size_t max_bytes);

/// Replaces `path` by `content`: temporary file in the same folder, mode 0600, flush, fsync,
/// rename, fsync of the folder. On failure the old file is untouched and no temporary is left; only
/// when the very last step fails the new content is in place already (and may not outlast a power
/// cut). A symbolic link is followed once, so that the link survives and its target is replaced.
[[nodiscard]] Expected<void> write_file_atomically(const std::filesystem::path& path,
                                                   std::string_view content);

/// Moves a file that could not be understood to `<name>.unreadable-<date>[-N]` beside it and
/// returns the new path. Never overwrites an existing file.
[[nodiscard]] Expected<std::filesystem::path> set_aside(const std::filesystem::path& path);

/// Makes this process the only one that holds `path` locked, for as long as the descriptor is open
/// and the process lives. The file is made when missing. Busy when another process holds it, Io
/// when it cannot be locked at all. Within one process there is no second lock on a file: closing
/// one lets go of all.
[[nodiscard]] Expected<Descriptor> lock_file(const std::filesystem::path& path);

/// Removes what write_file_atomically() leaves beside `path` when the process is killed in it. For
/// whoever knows that nobody is writing it now.
void remove_leftovers(const std::filesystem::path& path);

/// Takes a file away from the group and everybody else; a narrower mode is left as it is.
void make_private(const std::filesystem::path& path) noexcept;

} // namespace otr_guard::util
