// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Eight or more bytes at a time, for the loops that look at every byte of every message. Only says
// whether a byte is there; where is left to the caller. Must be exact: a byte that is overlooked
// here would not be escaped.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace otr_guard::core::byte_scan {

inline constexpr std::size_t word_size = sizeof(std::uint64_t);

/// Sixteen bytes that one instruction looks at: comparing them gives 0xff where it holds, else 0.
/// The compiler would not find them by itself in a loop over bytes.
using Block = std::uint8_t __attribute__((vector_size(16)));

/// Of a comparison of blocks, whose type is another one.
template <typename Comparison> Block mask(Comparison comparison) {
    return std::bit_cast<Block>(comparison);
}

/// How many bytes at the beginning are surely none of those that `is_meant` finds in a block: it
/// answers as mask() does. What follows is fewer than a block, or one with such a byte in it.
template <typename Predicate>
std::size_t length_without(std::string_view text, Predicate is_meant) {
    const auto found_at = [&](std::size_t at) {
        Block block;
        std::memcpy(&block, text.data() + at, sizeof block);
        return is_meant(block);
    };
    const auto has_any = [](Block found) {
        const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(found);
        return (halves[0] | halves[1]) != 0;
    };
    constexpr std::size_t block = sizeof(Block);
    std::size_t at = 0;
    while (at + 4 * block <= text.size() &&
           !has_any(found_at(at) | found_at(at + block) | found_at(at + 2 * block) |
                    found_at(at + 3 * block))) {
        at += 4 * block;
    }
    while (at + block <= text.size() && !has_any(found_at(at))) {
        at += block;
    }
    return at;
}

/// The same byte eight times.
constexpr std::uint64_t spread(unsigned char byte) {
    return 0x0101010101010101U * byte;
}

/// The eight bytes at `bytes`.
inline std::uint64_t load(const char* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

/// Not 0 when a byte is smaller than `limit`, which is at most 0x80.
constexpr std::uint64_t less(std::uint64_t word, unsigned char limit) {
    return (word - spread(limit)) & ~word & spread(0x80);
}

/// Not 0 when one is `byte`.
constexpr std::uint64_t equal(std::uint64_t word, char byte) {
    return less(word ^ spread(static_cast<unsigned char>(byte)), 1);
}

/// Not 0 when one is 0x80 or more.
constexpr std::uint64_t high(std::uint64_t word) {
    return word & spread(0x80);
}

} // namespace otr_guard::core::byte_scan
