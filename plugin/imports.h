// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a loaded library calls in other libraries, replaced in that library alone (its linkage
// tables, see the System V ABI, "Procedure Linkage Table").

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace otr_guard::plugin {

struct Import {
    std::string_view symbol;
    void* function; ///< takes its place; of the same type
};

struct TakenImports {
    std::string library; ///< file name without its folder
    std::size_t count;   ///< places that lead to our functions now
    bool has_failed;     ///< a place cannot be written
};

/// Given the file name of a library without its folder.
using LibraryFilter = std::function<bool(std::string_view library)>;

/// Replaces imports in every loaded library that is meant; what is replaced already counts as well.
/// There is no way back: the functions must stay valid until the process ends.
std::vector<TakenImports> replace_imports(std::span<const Import> imports,
                                          const LibraryFilter& is_meant);

} // namespace otr_guard::plugin
