// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/text_cleaner.h"

#include "core/byte_scan.h"
#include "core/utf8.h"

namespace otr_guard::core {

namespace {

/// ASCII that stands for itself.
template <TextTarget target> constexpr bool is_ordinary(char c) {
    const bool is_markup = c == '<' || c == '>' || c == '&';
    const bool is_quote = c == '"' || c == '\'';
    const bool is_escaped = (is_markup && target != TextTarget::WirePlain) ||
                            (is_quote && target == TextTarget::Display);
    return (c >= 0x20 && c < 0x7f && !is_escaped) || c == '\t';
}

/// The same for eight characters; a tab counts as special here.
template <TextTarget target> bool are_ordinary(const char* characters) {
    using byte_scan::equal;
    const std::uint64_t word = byte_scan::load(characters);
    std::uint64_t others =
        byte_scan::high(word) | byte_scan::less(word, 0x20) | equal(word, '\x7f');
    if constexpr (target != TextTarget::WirePlain) {
        others |= equal(word, '<') | equal(word, '>') | equal(word, '&');
    }
    if constexpr (target == TextTarget::Display) {
        others |= equal(word, '"') | equal(word, '\'');
    }
    return others == 0;
}

/// The others in sixteen characters; a tab is one here.
template <TextTarget target> byte_scan::Block special_in(byte_scan::Block c) {
    using byte_scan::mask;
    constexpr std::uint8_t first = 0x20;
    constexpr std::uint8_t count = 0x7f - 0x20;
    byte_scan::Block found = mask(c - first >= count);
    if constexpr (target != TextTarget::WirePlain) {
        found |= mask(c == '<') | mask(c == '>') | mask(c == '&');
    }
    if constexpr (target == TextTarget::Display) {
        found |= mask(c == '"') | mask(c == '\'');
    }
    return found;
}

/// Where the ordinary characters from `at` on end.
template <TextTarget target> std::size_t end_of_ordinary(std::string_view text, std::size_t at) {
    at += byte_scan::length_without(text.substr(at), special_in<target>);
    while (at < text.size()) {
        if (at + byte_scan::word_size <= text.size() && are_ordinary<target>(text.data() + at)) {
            at += byte_scan::word_size;
        } else if (is_ordinary<target>(text[at])) {
            ++at;
        } else {
            break;
        }
    }
    return at;
}

void append_ascii(std::string& out, char c, TextTarget target) {
    switch (c) {
    case '\n':
        out += target == TextTarget::WirePlain ? "\n" : "<br>";
        break;
    case '<':
        out += "&lt;";
        break;
    case '>':
        out += "&gt;";
        break;
    case '&':
        out += "&amp;";
        break;
    case '"':
        out += "&quot;";
        break;
    case '\'':
        out += "&#39;";
        break;
    default: // a control character
        break;
    }
}

/// Objects and non-characters, which toolkits and XML parsers stumble over.
bool is_no_text(char32_t code_point) {
    return code_point == 0xfffc || (code_point & 0xfffeU) == 0xfffe;
}

/// True for what goes out as it came.
bool is_kept(const utf8::Decoded& character, TextTarget target) {
    const char32_t code_point = character.code_point;
    if (!character.is_valid || is_control(code_point)) {
        return false;
    }
    return target != TextTarget::Display ||
           !(is_direction_control(code_point) || is_line_separator(code_point) ||
             is_no_text(code_point));
}

/// Stands in for what is not kept.
std::string_view substitute(const utf8::Decoded& character) {
    if (is_line_separator(character.code_point)) {
        return "<br>";
    }
    const bool vanishes = character.is_valid && (is_control(character.code_point) ||
                                                 is_direction_control(character.code_point));
    return vanishes ? std::string_view() : utf8::replacement_bytes;
}

template <TextTarget target> void append_to(std::string& out, std::string_view text) {
    std::size_t begin = 0;
    std::size_t at = 0;
    while ((at = end_of_ordinary<target>(text, at)) < text.size()) {
        const bool is_ascii = static_cast<unsigned char>(text[at]) < 0x80;
        const auto character =
            is_ascii ? utf8::Decoded{U'\0', 1, true} : utf8::decode(text.substr(at));
        if (!is_ascii && is_kept(character, target)) {
            at += character.length;
            continue;
        }
        out += text.substr(begin, at - begin);
        if (is_ascii) {
            append_ascii(out, text[at], target);
        } else {
            out += substitute(character);
        }
        at += character.length;
        begin = at;
    }
    out += text.substr(begin);
}

} // namespace

void append_text(std::string& out, std::string_view text, TextTarget target) {
    switch (target) {
    case TextTarget::Display:
        append_to<TextTarget::Display>(out, text);
        break;
    case TextTarget::WireHtml:
        append_to<TextTarget::WireHtml>(out, text);
        break;
    case TextTarget::WirePlain:
        append_to<TextTarget::WirePlain>(out, text);
        break;
    }
}

bool is_direction_control(char32_t code_point) {
    return code_point == 0x061c || code_point == 0x200e || code_point == 0x200f ||
           (code_point >= 0x202a && code_point <= 0x202e) ||
           (code_point >= 0x2066 && code_point <= 0x206f);
}

bool is_control(char32_t code_point) {
    return code_point < 0x20 || (code_point >= 0x7f && code_point <= 0x9f);
}

bool is_line_separator(char32_t code_point) {
    return code_point == 0x2028 || code_point == 0x2029;
}

} // namespace otr_guard::core
