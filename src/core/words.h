// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A fingerprint as 15 English words that can be read out over the phone: BIP 39 with 160 bits of
// entropy, 5 check bits. The list is data/bip39-english.txt, compiled in.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "model/fingerprint.h"

namespace otr_guard::core {

inline constexpr std::size_t fingerprint_word_count = 15;

[[nodiscard]] std::array<std::string_view, fingerprint_word_count>
words_of(const model::Fingerprint& fingerprint);

/// The words joined with single spaces.
[[nodiscard]] std::string to_words(const model::Fingerprint& fingerprint);

/// 15 words in any case, separated by spaces, line breaks, commas or hyphens; each may be cut to
/// its first four letters, which are unique in the list. Nothing when a word is unknown or the
/// check bits are wrong.
[[nodiscard]] std::optional<model::Fingerprint> fingerprint_from_words(std::string_view text);

} // namespace otr_guard::core
