// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/code_texts.h"

#include <array>

#include "model/decimal_code.h"
#include "model/fingerprint.h"
#include "util/i18n.h"

namespace otr_guard::windows {

namespace {

constexpr std::size_t group_size = 8;
constexpr std::size_t first_line = 29; ///< of a number: five groups of five

/// Groups of nothing but digits change places in languages that are written from right to left,
/// unless they are isolated (Unicode, LEFT-TO-RIGHT ISOLATE).
std::string left_to_right(std::string_view digits) {
    constexpr std::array isolate{'\xe2', '\x81', '\xa6'}; // U+2066
    constexpr std::array pop{'\xe2', '\x81', '\xa9'};     // U+2069
    if (!util::is_right_to_left()) {
        return std::string(digits);
    }
    std::string text(isolate.begin(), isolate.end());
    return text.append(digits).append(pop.begin(), pop.end());
}

} // namespace

std::string groups_of(std::string_view hex) {
    const auto key = model::Fingerprint::from_hex(hex);
    return key ? key->to_groups() : std::string();
}

std::string digits_of(std::string_view hex) {
    const auto key = model::Fingerprint::from_hex(hex);
    if (!key) {
        return {};
    }
    const std::string number = model::to_decimal(*key);
    return left_to_right(number.substr(0, first_line)) + "\n" +
           left_to_right(number.substr(first_line + 1));
}

std::string pin_text(std::string_view pin) {
    const std::size_t half = pin.size() / 2;
    return left_to_right(std::string(pin.substr(0, half)) + " " + std::string(pin.substr(half)));
}

std::string spaced(std::string_view digits) {
    std::string result;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        result += i == 0 ? "" : i == group_size / 2 ? "  " : " ";
        result += digits[i];
    }
    return left_to_right(result);
}

std::vector<ComparedGroup> compare_groups(std::string_view hex, std::string_view other) {
    const std::string mine = groups_of(hex);
    const std::string theirs = groups_of(other);
    std::vector<ComparedGroup> groups;
    for (std::size_t at = 0; at < mine.size() && !theirs.empty(); at += group_size + 1) {
        const std::string group = mine.substr(at, group_size);
        groups.push_back({group, group != theirs.substr(at, group_size)});
    }
    return groups;
}

} // namespace otr_guard::windows
