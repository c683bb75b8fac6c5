// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Files that the user names, for both ends of the channel: read within a limit, and written for
// nobody else's eyes. Nothing waits; the answers come on the main loop.

#include <cstddef>
#include <functional>
#include <string>

#include <gio/gio.h>

#include "util/expected.h"

namespace otr_guard::ipc {

/// The contents, or why not in the system's words.
using FileRead = std::function<void(util::Expected<std::string>)>;
/// Why not in the system's words; empty when it was written.
using FileWritten = std::function<void(const std::string& problem)>;

/// TooLarge beyond `limit` bytes, of which no more than a block are read.
void read_user_file(GFile* file, std::size_t limit, FileRead done);
/// Replaces what is there only once all of it is written; mode 0600.
void write_user_file(GFile* file, std::string contents, FileWritten done);

} // namespace otr_guard::ipc
