// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Text on its way into HTML or onto the wire, byte by byte: escaped, valid, and free of characters
// that act instead of being shown. Must let nothing through that could end a line of the reader's
// window, turn its direction around or be read as markup.

#include <string>
#include <string_view>

namespace otr_guard::core {

enum class TextTarget {
    Display,   ///< HTML for libpurple: all of the above
    WireHtml,  ///< HTML for a peer: no quotes escaped, no direction marks taken out
    WirePlain, ///< plain text for a peer: nothing escaped, '\n' stays
};

/// Appends `text` (plain, any bytes). In HTML '\n' becomes <br>. Other control characters except
/// the tab are dropped, bytes that are not UTF-8 become U+FFFD.
void append_text(std::string& out, std::string_view text, TextTarget target);

/// Characters that set or override the direction of the text around them.
[[nodiscard]] bool is_direction_control(char32_t code_point);
/// C0, DEL, C1.
[[nodiscard]] bool is_control(char32_t code_point);
/// U+2028 and U+2029.
[[nodiscard]] bool is_line_separator(char32_t code_point);

} // namespace otr_guard::core
