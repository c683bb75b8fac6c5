// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// UTF-8 that cannot be trusted to be UTF-8 (RFC 3629: shortest form, no surrogates, at most
// U+10FFFF). Must never read past the text or take an invalid sequence for a character.

#include <cstddef>
#include <string>
#include <string_view>

namespace otr_guard::core::utf8 {

inline constexpr char32_t replacement = 0xfffd;
inline constexpr std::string_view replacement_bytes = "\xef\xbf\xbd";

struct Decoded {
    char32_t code_point; ///< `replacement` when the bytes are no character
    std::size_t length;  ///< bytes consumed; 1 for each byte that belongs to no character
    bool is_valid;
};

/// The first character of `text`, which must not be empty.
[[nodiscard]] Decoded decode(std::string_view text);

/// At most so many bytes of `text`, without a part of a character at the end.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t bytes);

/// Appends a code point; surrogates and what lies beyond U+10FFFF as `replacement`.
void append(std::string& text, char32_t code_point);

} // namespace otr_guard::core::utf8
