// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/utf8.h"

#include <algorithm>
#include <array>

namespace otr_guard::core::utf8 {

namespace {

constexpr Decoded invalid{replacement, 1, false};

/// How many bytes a sequence has, from its first byte; 0 when no sequence begins so.
std::size_t length_of(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return 2;
    }
    if (first >= 0xe0 && first <= 0xef) {
        return 3;
    }
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

bool is_surrogate(char32_t code_point) {
    return code_point >= 0xd800 && code_point <= 0xdfff;
}

} // namespace

Decoded decode(std::string_view text) {
    static constexpr std::array<unsigned char, 5> first_bits{0, 0x7f, 0x1f, 0x0f, 0x07};
    static constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = length_of(first);
    if (length == 0 || length > text.size()) {
        return invalid;
    }
    char32_t code_point = first & first_bits[length];
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0U) != 0x80) {
            return invalid;
        }
        code_point = (code_point << 6U) | (next & 0x3fU);
    }
    if (code_point < smallest[length] || code_point > 0x10ffff || is_surrogate(code_point)) {
        return invalid;
    }
    return {code_point, length, true};
}

std::string_view cut(std::string_view text, std::size_t bytes) {
    bytes = std::min(bytes, text.size());
    while (bytes > 0 && bytes < text.size() &&
           (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80) {
        --bytes;
    }
    return text.substr(0, bytes);
}

void append(std::string& text, char32_t code_point) {
    const auto put = [&text](char32_t byte) { text += static_cast<char>(byte); };
    if (code_point > 0x10ffff || is_surrogate(code_point)) {
        text += replacement_bytes;
    } else if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xc0 | (code_point >> 6U));
        put(0x80 | (code_point & 0x3fU));
    } else if (code_point < 0x10000) {
        put(0xe0 | (code_point >> 12U));
        put(0x80 | ((code_point >> 6U) & 0x3fU));
        put(0x80 | (code_point & 0x3fU));
    } else {
        put(0xf0 | (code_point >> 18U));
        put(0x80 | ((code_point >> 12U) & 0x3fU));
        put(0x80 | ((code_point >> 6U) & 0x3fU));
        put(0x80 | (code_point & 0x3fU));
    }
}

} // namespace otr_guard::core::utf8
