// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// How much of a file has passed, in blocks, and how much of that is worth a line.

#include <cstddef>
#include <cstdint>

#include "model/file_limits.h"

namespace otr_guard::core {

[[nodiscard]] constexpr std::size_t block_count(std::uint64_t bytes) {
    constexpr std::uint64_t block = model::limits::file_block_bytes;
    return static_cast<std::size_t>((bytes + block - 1) / block);
}

/// 1 to 3 when so many quarters have passed; 0 for files that pass in a moment.
[[nodiscard]] constexpr unsigned quarter_to_tell(std::size_t done, std::size_t all) {
    constexpr std::size_t smallest = 64; // 1 MiB
    return all < smallest ? 0 : static_cast<unsigned>(done * 4 / all);
}

} // namespace otr_guard::core
