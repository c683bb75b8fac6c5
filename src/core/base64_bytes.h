// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A few bytes of a long base64 text without decoding all of it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/byte_scan.h"

namespace otr_guard::core {

/// Does not own the text.
class Base64Bytes {
public:
    /// Nothing when other characters stand in between, which a decoder skips.
    static std::optional<Base64Bytes> of(std::string_view text) {
        const Base64Bytes bytes = of_clean(text);
        return has_digits_only(bytes.m_text) ? std::optional(bytes) : std::nullopt;
    }
    /// The same for a text from an encoder, which has no others.
    static Base64Bytes of_clean(std::string_view text) {
        while (text.ends_with('=')) {
            text.remove_suffix(1);
        }
        return Base64Bytes(text);
    }

    [[nodiscard]] std::size_t size() const { return m_text.size() * 3 / 4; }
    std::uint8_t operator[](std::size_t at) const {
        const std::size_t bit = at * 8;
        const std::size_t first = bit / 6;
        const unsigned pair = value(m_text[first]) << 6U | value(m_text[first + 1]);
        return static_cast<std::uint8_t>(pair >> (4U - bit % 6));
    }

private:
    explicit Base64Bytes(std::string_view text) : m_text(text) {}

    static bool is_digit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '/' && c <= '9') ||
               c == '+';
    }
    static byte_scan::Block others_in(byte_scan::Block c) {
        using byte_scan::mask;
        return ~(mask((c | 0x20) - 'a' < 26) | mask(c - '/' < 11) | mask(c == '+'));
    }

    static bool has_digits_only(std::string_view text) {
        text.remove_prefix(byte_scan::length_without(text, others_in));
        return std::ranges::all_of(text, is_digit);
    }

    static unsigned value(char digit) {
        if (digit >= 'a') {
            return static_cast<unsigned>(digit - 'a') + 26;
        }
        if (digit >= 'A') {
            return static_cast<unsigned>(digit - 'A');
        }
        if (digit >= '0') {
            return static_cast<unsigned>(digit - '0') + 52;
        }
        return digit == '+' ? 62 : 63;
    }

    std::string_view m_text;
};

} // namespace otr_guard::core
