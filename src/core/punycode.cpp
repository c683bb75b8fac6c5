// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/punycode.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace otr_guard::core {

namespace {

// RFC 3492, section 5.
constexpr std::uint32_t base = 36;
constexpr std::uint32_t t_min = 1;
constexpr std::uint32_t t_max = 26;
constexpr std::uint32_t skew = 38;
constexpr std::uint32_t damp = 700;
constexpr std::uint32_t initial_bias = 72;
constexpr std::uint32_t initial_n = 128;

constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t last_code_point = 0x10ffff;
/// A label of a name has at most 63 characters.
constexpr std::size_t longest = 255;

constexpr bool is_surrogate(std::uint32_t c) {
    return c >= 0xd800 && c <= 0xdfff;
}

/// base when it is no digit.
std::uint32_t value_of(char c) {
    if (c >= 'a' && c <= 'z') {
        return static_cast<std::uint32_t>(c - 'a');
    }
    if (c >= 'A' && c <= 'Z') {
        return static_cast<std::uint32_t>(c - 'A');
    }
    return c >= '0' && c <= '9' ? static_cast<std::uint32_t>(c - '0') + 26 : base;
}

char digit_for(std::uint32_t value) {
    return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26));
}

std::uint32_t threshold(std::uint32_t k, std::uint32_t bias) {
    return k <= bias ? t_min : std::min(k - bias, t_max);
}

std::uint32_t adapted_bias(std::uint32_t delta, std::uint32_t count, bool is_first) {
    delta = is_first ? delta / damp : delta / 2;
    delta += delta / count;
    std::uint32_t k = 0;
    for (; delta > ((base - t_min) * t_max) / 2; k += base) {
        delta /= base - t_min;
    }
    return k + (base - t_min + 1) * delta / (delta + skew);
}

/// A variable-length integer from the front of `digits`, added to `start`.
std::optional<std::uint32_t> read_number(std::string_view& digits, std::uint32_t start,
                                         std::uint32_t bias) {
    std::uint32_t number = start;
    std::uint32_t weight = 1;
    for (std::uint32_t k = base;; k += base) {
        const std::uint32_t digit = digits.empty() ? base : value_of(digits.front());
        if (digit >= base || digit > (most - number) / weight) {
            return std::nullopt;
        }
        digits.remove_prefix(1);
        number += digit * weight;
        const std::uint32_t t = threshold(k, bias);
        if (digit < t) {
            return number;
        }
        if (weight > most / (base - t)) {
            return std::nullopt;
        }
        weight *= base - t;
    }
}

void write_number(std::string& text, std::uint32_t number, std::uint32_t bias) {
    for (std::uint32_t k = base;; k += base) {
        const std::uint32_t t = threshold(k, bias);
        if (number < t) {
            text += digit_for(number);
            return;
        }
        text += digit_for(t + (number - t) % (base - t));
        number = (number - t) / (base - t);
    }
}

std::optional<std::u32string> decode(std::string_view encoded) {
    std::u32string characters;
    std::string_view digits = encoded;
    if (const std::size_t delimiter = encoded.rfind('-'); delimiter != std::string_view::npos) {
        for (const char c : encoded.substr(0, delimiter)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte >= initial_n) {
                return std::nullopt;
            }
            characters += static_cast<char32_t>(byte);
        }
        digits.remove_prefix(delimiter + 1);
    }
    std::uint32_t n = initial_n;
    std::uint32_t bias = initial_bias;
    std::uint32_t i = 0;
    while (!digits.empty()) {
        const auto end = read_number(digits, i, bias);
        if (!end) {
            return std::nullopt;
        }
        const auto count = static_cast<std::uint32_t>(characters.size()) + 1;
        bias = adapted_bias(*end - i, count, i == 0);
        if (*end / count > last_code_point - n) {
            return std::nullopt;
        }
        n += *end / count;
        i = *end % count;
        if (is_surrogate(n)) {
            return std::nullopt;
        }
        characters.insert(characters.begin() + i, static_cast<char32_t>(n));
        ++i;
    }
    return characters;
}

} // namespace

std::optional<std::u32string> decode_punycode(std::string_view encoded) {
    if (encoded.empty() || encoded.size() > longest) {
        return std::nullopt;
    }
    auto characters = decode(encoded);
    const auto again = characters ? encode_punycode(*characters) : std::nullopt;
    const auto is_same = [](char left, char right) {
        return left == right || (left >= 'A' && left <= 'Z' && left - 'A' + 'a' == right);
    };
    return again && std::ranges::equal(encoded, *again, is_same) ? characters : std::nullopt;
}

std::optional<std::string> encode_punycode(std::u32string_view characters) {
    if (characters.size() > longest) {
        return std::nullopt;
    }
    std::string text;
    for (const char32_t c : characters) {
        if (c < initial_n) {
            text += static_cast<char>(c);
        } else if (c > last_code_point || is_surrogate(c)) {
            return std::nullopt;
        }
    }
    const auto basic = static_cast<std::uint32_t>(text.size());
    if (basic > 0) {
        text += '-';
    }
    std::uint32_t n = initial_n;
    std::uint32_t delta = 0;
    std::uint32_t bias = initial_bias;
    for (std::uint32_t handled = basic; handled < characters.size();) {
        std::uint32_t next = most;
        for (const char32_t c : characters) {
            next = c >= n ? std::min(next, static_cast<std::uint32_t>(c)) : next;
        }
        if (next - n > (most - delta) / (handled + 1)) {
            return std::nullopt;
        }
        delta += (next - n) * (handled + 1);
        n = next;
        for (const char32_t c : characters) {
            if (c < n) {
                ++delta;
            } else if (c == n) {
                write_number(text, delta, bias);
                bias = adapted_bias(delta, handled + 1, handled == basic);
                delta = 0;
                ++handled;
            }
        }
        ++delta;
        ++n;
    }
    return text;
}

} // namespace otr_guard::core
