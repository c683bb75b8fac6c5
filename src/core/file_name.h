// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The names that other people give to files, made fit for one's own folder and for a line that is
// read before consent. Must never return a name that reaches out of the folder, hides itself, or
// shows its end in another place than where it is.

#include <string>
#include <string_view>

namespace otr_guard::core {

/// One component, never empty, at most limits::file_name_bytes of valid UTF-8: what stands behind
/// the last slash or backslash, without control and direction characters and leading dots; what
/// other systems reserve is replaced.
[[nodiscard]] std::string safe_file_name(std::string_view untrusted);

/// "photo.jpg" for 1, then "photo (2).jpg".
[[nodiscard]] std::string numbered_file_name(std::string_view name, unsigned number);

/// What opening a file of this name can do.
enum class FileRisk {
    None,
    Program, ///< runs a program, or changes settings
    Macros,  ///< an office document of a kind that can contain programs
};
[[nodiscard]] FileRisk risk_of_file(std::string_view name);

/// A media type as a peer names it, for one line; empty when it is none.
[[nodiscard]] std::string safe_media_type(std::string_view untrusted);

/// The type that we name for a file of our own, from its name alone; empty when not known.
[[nodiscard]] std::string_view media_type_of(std::string_view name);

} // namespace otr_guard::core
