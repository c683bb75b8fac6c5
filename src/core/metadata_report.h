// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What mat2 (0.13) says about the metadata of a file or of the files in a folder, understood:
// names of what is in it, never values, because those are what the user does not want to pass on.
// Pure functions over text; a file's maker chooses some of it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace otr_guard::core {

struct MetadataReport {
    enum class Outcome {
        None,        ///< all looked at, nothing found; mat2 promises no more than that
        Found,       ///< `names` and what they tell
        Unsupported, ///< of a kind that mat2 does not know
        Unreadable,  ///< mat2 could not make sense of it
    };
    Outcome outcome = Outcome::Unreadable;

    // What the names point to.
    bool tells_place = false;  ///< where it was taken
    bool tells_person = false; ///< who made it
    bool tells_device = false; ///< with which device or program
    bool tells_time = false;   ///< when

    /// As mat2 has them, each once, cleaned for one line; a few, the most telling ones first.
    std::vector<std::string> names;
    /// All of them, those that are not in `names` as well.
    std::size_t count = 0;
};

/// From the whole output of `mat2 --show`. Found wins over everything; None only if
/// all of it could be looked at.
[[nodiscard]] MetadataReport parse_metadata_report(std::string_view output);

/// Whether files with this name usually hold metadata: pictures, documents, sound, archives.
[[nodiscard]] bool may_carry_metadata(std::string_view file_name);

} // namespace otr_guard::core
