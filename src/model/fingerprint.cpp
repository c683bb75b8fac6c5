// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/fingerprint.h"

#include <algorithm>

namespace otr_guard::model {

namespace {

constexpr std::uint8_t no_digit = 0xff;

/// What each character stands for. A file of fingerprints has forty of them in every line.
constexpr std::array<std::uint8_t, 256> hex_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::uint8_t value = 0; value < 10; ++value) {
        values['0' + value] = value;
    }
    for (std::uint8_t value = 0; value < 6; ++value) {
        values['a' + value] = values['A' + value] = static_cast<std::uint8_t>(10 + value);
    }
    return values;
}();

std::uint8_t hex_value(char digit) {
    return hex_values[static_cast<unsigned char>(digit)];
}

} // namespace

Fingerprint::Fingerprint(std::span<const std::uint8_t, size> bytes) {
    std::ranges::copy(bytes, m_bytes.begin());
}

std::optional<Fingerprint> Fingerprint::from_hex(std::string_view hex) {
    if (hex.size() != 2 * size) {
        return std::nullopt;
    }
    Fingerprint result;
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint8_t high = hex_value(hex[2 * i]);
        const std::uint8_t low = hex_value(hex[2 * i + 1]);
        if (high == no_digit || low == no_digit) {
            return std::nullopt;
        }
        result.m_bytes[i] = static_cast<std::uint8_t>((high << 4) | low);
    }
    return result;
}

std::string Fingerprint::to_hex() const {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text(2 * size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        text[2 * i] = digits[m_bytes[i] >> 4];
        text[2 * i + 1] = digits[m_bytes[i] & 0xf];
    }
    return text;
}

std::string Fingerprint::to_groups() const {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    text.reserve(2 * size + 4);
    for (std::size_t i = 0; i < size; ++i) {
        if (i > 0 && i % 4 == 0) {
            text += ' ';
        }
        text += digits[m_bytes[i] >> 4];
        text += digits[m_bytes[i] & 0xf];
    }
    return text;
}

} // namespace otr_guard::model
