// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Eight bytes at a time, for the loops that look at every byte of every message. Only says whether
// one of them is there; where it is is left to the caller. Must be exact: a byte that is overlooked
// here would not be escaped.

#include <cstdint>
#include <cstring>

namespace otr_guard::core::byte_scan {

inline constexpr std::size_t word_size = sizeof(std::uint64_t);

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

/// Whether one byte is smaller than `limit`, which is at most 0x80.
constexpr bool has_less(std::uint64_t word, unsigned char limit) {
    return ((word - spread(limit)) & ~word & spread(0x80)) != 0;
}

constexpr bool has(std::uint64_t word, char byte) {
    return has_less(word ^ spread(static_cast<unsigned char>(byte)), 1);
}

constexpr bool has_high(std::uint64_t word) {
    return (word & spread(0x80)) != 0;
}

} // namespace otr_guard::core::byte_scan
