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
        while (text.ends_with('=')) {
            text.remove_suffix(1);
        }
        return has_digits_only(text) ? std::optional(Base64Bytes(text)) : std::nullopt;
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

    static std::uint8_t is_digit(std::uint8_t c) {
        const std::uint8_t letter = static_cast<std::uint8_t>((c | 0x20U) - 'a') < 26;
        const std::uint8_t number_or_slash = static_cast<std::uint8_t>(c - '/') < 11;
        const std::uint8_t plus = c == '+';
        return letter | number_or_slash | plus;
    }

    static bool has_digits_only(std::string_view text) {
        const auto is_other = [](std::uint8_t c) -> std::uint8_t {
            return static_cast<std::uint8_t>(is_digit(c) == 0);
        };
        for (; text.size() >= byte_scan::block_size; text.remove_prefix(byte_scan::block_size)) {
            if (byte_scan::any_in_block(text.data(), is_other)) {
                return false;
            }
        }
        return std::ranges::none_of(
            text, [&](char c) { return is_other(static_cast<std::uint8_t>(c)) != 0; });
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
