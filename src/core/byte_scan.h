// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Eight or more bytes at a time, for the loops that look at every byte of every message. Only says
// whether a byte is there; where is left to the caller. Must be exact: a byte that is overlooked
// here would not be escaped.

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace otr_guard::core::byte_scan {

inline constexpr std::size_t word_size = sizeof(std::uint64_t);

/// Of a known length, so that the compiler looks at sixteen and more bytes at once.
inline constexpr std::size_t block_size = 64;

/// Whether `is_meant`, which must not branch, is 1 for one of a block's bytes; else it is 0.
template <typename Predicate> bool any_in_block(const char* bytes, Predicate is_meant) {
    std::uint8_t found = 0;
    for (std::size_t i = 0; i < block_size; ++i) {
        found |= is_meant(static_cast<std::uint8_t>(bytes[i]));
    }
    return found != 0;
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
