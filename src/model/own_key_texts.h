// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What users are told before they change a key of their own, the same in every client and window;
// and how easily a passphrase is guessed. Plain text, translated.

#include <cstddef>
#include <string>
#include <string_view>

namespace otr_guard::model {

/// `people` is the number of those who have met the key.
[[nodiscard]] std::string new_key_warning(std::size_t people);
[[nodiscard]] std::string delete_key_warning(std::size_t people);
/// For an import that takes the place of a key.
[[nodiscard]] std::string replace_key_warning(std::size_t people);
[[nodiscard]] std::string passphrase_advice();

enum class Strength { TooShort, Weak, Fair, Good };

/// An estimate from length and variety: it knows no dictionaries, and flatters nobody on purpose.
[[nodiscard]] Strength strength_of(std::string_view passphrase);
[[nodiscard]] std::string text_of(Strength strength);

} // namespace otr_guard::model
