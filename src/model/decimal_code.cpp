// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/decimal_code.h"

#include <array>
#include <cstdint>
#include <span>

namespace otr_guard::model {

namespace {

constexpr std::size_t group_size = 5;

} // namespace

std::string to_decimal(const Fingerprint& fingerprint) {
    auto number = fingerprint.bytes();
    std::string backwards;
    for (std::size_t place = 0; place < decimal_digits; ++place) {
        unsigned rest = 0;
        for (std::uint8_t& byte : number) {
            const unsigned value = rest * 256 + byte;
            byte = static_cast<std::uint8_t>(value / 10);
            rest = value % 10;
        }
        backwards += static_cast<char>('0' + rest);
    }
    std::string text;
    for (std::size_t place = 0; place < decimal_digits; ++place) {
        text += place > 0 && place % group_size == 0 ? " " : "";
        text += backwards[decimal_digits - 1 - place];
    }
    return text;
}

std::optional<Fingerprint> from_decimal(std::string_view digits) {
    if (digits.size() != decimal_digits) {
        return std::nullopt;
    }
    std::array<std::uint8_t, Fingerprint::size> number{};
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        auto carry = static_cast<unsigned>(digit - '0');
        for (std::size_t i = number.size(); i > 0; --i) {
            const unsigned value = number[i - 1] * 10U + carry;
            number[i - 1] = static_cast<std::uint8_t>(value % 256);
            carry = value / 256;
        }
        if (carry != 0) {
            return std::nullopt;
        }
    }
    return Fingerprint(std::span<const std::uint8_t, Fingerprint::size>(number));
}

} // namespace otr_guard::model
