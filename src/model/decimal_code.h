// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A fingerprint as one decimal number: easier to read out than hexadecimal digits, in every
// language. Two OTR Guards show it to each other; no other program knows it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "model/fingerprint.h"

namespace otr_guard::model {

/// Of the largest number of 20 bytes.
inline constexpr std::size_t decimal_digits = 49;

/// 49 digits in groups of five.
[[nodiscard]] std::string to_decimal(const Fingerprint& fingerprint);
/// Of 49 digits without spaces, and no number beyond 20 bytes.
[[nodiscard]] std::optional<Fingerprint> from_decimal(std::string_view digits);

} // namespace otr_guard::model
