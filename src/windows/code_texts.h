// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Codes and PINs as people read them and as screen readers speak them: in groups, and from left to
// right in every language.

#include <string>
#include <string_view>
#include <vector>

namespace otr_guard::windows {

/// A key in five groups of eight; empty when it is not one.
[[nodiscard]] std::string groups_of(std::string_view hex);
/// The same as a number in groups of five, in two lines; empty when it is not one.
[[nodiscard]] std::string digits_of(std::string_view hex);
/// "123 456".
[[nodiscard]] std::string pin_text(std::string_view pin);
/// "F4BE6CED" as "F 4 B E  6 C E D": screen readers say digits one by one when there is something
/// between them.
[[nodiscard]] std::string spaced(std::string_view digits);

/// A group of a code, and whether it is another one than at the same place of another code.
struct ComparedGroup {
    std::string text;
    bool differs;
};
/// The groups of `hex` beside those of `other`; none when one of them is no key.
[[nodiscard]] std::vector<ComparedGroup> compare_groups(std::string_view hex,
                                                        std::string_view other);

} // namespace otr_guard::windows
