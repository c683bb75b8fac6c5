// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/html_tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/byte_scan.h"
#include "core/utf8.h"

namespace otr_guard::core::html {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t longest_name = 10;
constexpr std::size_t longest_entity = 10;

using Named = std::pair<std::string_view, Element>;
constexpr auto elements = std::to_array<Named>({
    {"a", Element::Link},           {"b", Element::Bold},      {"big", Element::Inert},
    {"blockquote", Element::Block}, {"body", Element::Inert},  {"br", Element::Break},
    {"center", Element::Block},     {"code", Element::Inert},  {"dd", Element::Block},
    {"del", Element::Strike},       {"div", Element::Block},   {"dl", Element::Block},
    {"dt", Element::Block},         {"em", Element::Italic},   {"font", Element::Font},
    {"h1", Element::Block},         {"h2", Element::Block},    {"h3", Element::Block},
    {"h4", Element::Block},         {"h5", Element::Block},    {"h6", Element::Block},
    {"head", Element::Head},        {"hr", Element::Rule},     {"html", Element::Inert},
    {"i", Element::Italic},         {"img", Element::Image},   {"ins", Element::Underline},
    {"li", Element::Block},         {"meta", Element::Inert},  {"ol", Element::Block},
    {"p", Element::Block},          {"pre", Element::Block},   {"s", Element::Strike},
    {"script", Element::Script},    {"small", Element::Inert}, {"span", Element::Span},
    {"strike", Element::Strike},    {"strong", Element::Bold}, {"style", Element::Style},
    {"sub", Element::Inert},        {"sup", Element::Inert},   {"table", Element::Block},
    {"tbody", Element::Inert},      {"td", Element::Cell},     {"th", Element::Cell},
    {"thead", Element::Inert},      {"title", Element::Title}, {"tr", Element::Block},
    {"tt", Element::Inert},         {"u", Element::Underline}, {"ul", Element::Block},
});
static_assert(std::ranges::is_sorted(elements, {}, &Named::first));

using Character = std::pair<std::string_view, char32_t>;
/// nbsp as libpurple reads it: its writers mean a space that is not swallowed.
constexpr auto characters = std::to_array<Character>({
    {"amp", '&'},      {"apos", '\''},    {"bull", 0x2022},   {"copy", 0xa9},    {"deg", 0xb0},
    {"euro", 0x20ac},  {"gt", '>'},       {"hellip", 0x2026}, {"laquo", 0xab},   {"ldquo", 0x201c},
    {"lsquo", 0x2018}, {"lt", '<'},       {"mdash", 0x2014},  {"middot", 0xb7},  {"nbsp", ' '},
    {"ndash", 0x2013}, {"para", 0xb6},    {"quot", '"'},      {"raquo", 0xbb},   {"rdquo", 0x201d},
    {"reg", 0xae},     {"rsquo", 0x2019}, {"sect", 0xa7},     {"trade", 0x2122},
});
static_assert(std::ranges::is_sorted(characters, {}, &Character::first));

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}
bool is_name(char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

Element element_named(std::string_view name) {
    if (name.size() > longest_name) {
        return Element::Unknown;
    }
    std::array<char, longest_name> buffer{};
    std::ranges::transform(name, buffer.begin(), lower);
    const std::string_view key(buffer.data(), name.size());
    const auto found = std::ranges::lower_bound(elements, key, {}, &Named::first);
    return found != elements.end() && found->first == key ? found->second : Element::Unknown;
}

/// Of elements whose content is no text.
std::string_view closing_tag(Element element) {
    static constexpr std::array<std::pair<Element, std::string_view>, 4> tags{
        {{Element::Script, "</script"},
         {Element::Style, "</style"},
         {Element::Title, "</title"},
         {Element::Head, "</head"}}};
    const auto found = std::ranges::find(tags, element, &decltype(tags)::value_type::first);
    return found == tags.end() ? std::string_view() : found->second;
}

/// Between '&' and ';'.
std::optional<char32_t> character_named(std::string_view name) {
    if (!name.starts_with('#')) {
        const auto found = std::ranges::lower_bound(characters, name, {}, &Character::first);
        const bool is_known = found != characters.end() && found->first == name;
        return is_known ? std::optional(found->second) : std::nullopt;
    }
    name.remove_prefix(1);
    const bool is_hexadecimal = name.starts_with('x') || name.starts_with('X');
    name.remove_prefix(is_hexadecimal ? 1 : 0);
    std::uint32_t number = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, number, is_hexadecimal ? 16 : 10);
    if (name.empty() || error != std::errc() || stop != end) {
        return std::nullopt;
    }
    return number;
}

struct Entity {
    char32_t code_point;
    std::size_t length;
};

/// `text` begins with '&'.
std::optional<Entity> entity_at(std::string_view text) {
    const std::size_t end = text.substr(0, longest_entity + 2).find(';');
    const auto code_point = end == npos ? std::nullopt : character_named(text.substr(1, end - 1));
    return code_point ? std::optional(Entity{*code_point, end + 1}) : std::nullopt;
}

/// Where the tag ends whose attributes begin at the front of `text`: at '>' outside of a quoted
/// value. A tag that meets '<' or the end first is none; then `is_closed` is false and everything
/// up to `end` is text. A quote that is never closed is part of that text, so that it is searched
/// for only once.
struct TagEnd {
    std::size_t end;
    bool is_closed;
};

TagEnd find_tag_end(std::string_view text) {
    bool may_quote = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '>' || c == '<') {
            return {i, c == '>'};
        }
        if (may_quote && (c == '"' || c == '\'')) {
            const std::size_t closing = text.find(c, i + 1);
            if (closing == npos) {
                return {i + 1, false};
            }
            i = closing;
        }
        may_quote = c == '=' || (may_quote && is_space(c));
    }
    return {text.size(), false};
}

std::string_view take_while(std::string_view& text, bool (*belongs)(char)) {
    const auto end = std::ranges::find_if_not(text, belongs);
    const std::string_view taken(text.begin(), end);
    text.remove_prefix(taken.size());
    return taken;
}

/// The value behind a '='.
std::string_view take_value(std::string_view& text) {
    take_while(text, is_space);
    if (text.starts_with('"') || text.starts_with('\'')) {
        const std::size_t end = std::min(text.find(text.front(), 1), text.size());
        const std::string_view value = text.substr(1, end - 1);
        text.remove_prefix(std::min(end + 1, text.size()));
        return value;
    }
    return take_while(text, [](char c) { return !is_space(c); });
}

} // namespace

std::optional<Token> Tokens::next() {
    if (m_at == m_html.size()) {
        return std::nullopt;
    }
    switch (m_html[m_at]) {
    case '<':
        return read_markup();
    case '&':
        return read_entity();
    default:
        return text_until(find_markup(m_html, m_at));
    }
}

Token Tokens::text_until(std::size_t end) {
    const std::string_view source = m_html.substr(m_at, end - m_at);
    m_at = end;
    Token token{};
    token.source = source;
    return token;
}

Token Tokens::read_entity() {
    const auto entity = entity_at(m_html.substr(m_at));
    Token token = text_until(m_at + (entity ? entity->length : 1));
    if (entity) {
        token.kind = Token::Kind::Entity;
        token.code_point = entity->code_point;
    }
    return token;
}

Token Tokens::read_markup() {
    const std::string_view rest = m_html.substr(m_at);
    if (rest.starts_with("<!--")) {
        return read_comment();
    }
    for (const std::string_view declaration : {"<!doctype", "<?xml"}) {
        if (equal_ignoring_case(rest.substr(0, declaration.size()), declaration)) {
            return read_declaration();
        }
    }
    return read_tag();
}

Token Tokens::read_comment() {
    static constexpr std::string_view closing = "-->";
    const std::size_t end = m_has_no_comment_end ? npos : m_html.find(closing, m_at + 4);
    if (end == npos) {
        m_has_no_comment_end = true;
        return text_until(m_at + 1);
    }
    Token token = text_until(end + closing.size());
    token.kind = Token::Kind::Comment;
    return token;
}

Token Tokens::read_declaration() {
    const std::size_t end = m_html.find_first_of("<>", m_at + 1);
    if (end == npos || m_html[end] == '<') {
        return text_until(std::min(end, m_html.size()));
    }
    Token token = text_until(end + 1);
    token.kind = Token::Kind::Declaration;
    return token;
}

Token Tokens::read_tag() {
    std::string_view rest = m_html.substr(m_at + 1);
    const bool is_closing = rest.starts_with('/');
    rest.remove_prefix(is_closing ? 1 : 0);
    const std::string_view name = take_while(rest, is_name);
    const bool is_tag = !name.empty() && is_letter(name.front()) && !rest.empty() &&
                        (is_space(rest.front()) || rest.front() == '/' || rest.front() == '>');
    if (!is_tag) {
        return text_until(m_at + 1);
    }
    const TagEnd tag_end = find_tag_end(rest);
    const std::size_t end = m_html.size() - rest.size() + tag_end.end;
    if (!tag_end.is_closed) {
        return text_until(end);
    }
    Token token = text_until(end + 1);
    token.kind = is_closing ? Token::Kind::Close : Token::Kind::Open;
    token.element = element_named(name);
    token.attributes = rest.substr(0, tag_end.end);
    return token;
}

void Tokens::skip_content(Element element) {
    const std::string_view closing = closing_tag(element);
    const auto index = static_cast<std::size_t>(element);
    if (closing.empty() || m_never_closed.test(index)) {
        return;
    }
    for (std::size_t at = m_html.find("</", m_at); at != npos; at = m_html.find("</", at + 1)) {
        const std::size_t behind = at + closing.size();
        if (!equal_ignoring_case(m_html.substr(at, closing.size()), closing) ||
            (behind < m_html.size() && is_name(m_html[behind]))) {
            continue;
        }
        m_at = std::min(m_html.find('>', behind), m_html.size() - 1) + 1;
        return;
    }
    m_never_closed.set(index);
}

std::size_t find_markup(std::string_view text, std::size_t at) {
    const auto markup_in = [](byte_scan::Block c) {
        return byte_scan::mask(c == '<') | byte_scan::mask(c == '&');
    };
    at += byte_scan::length_without(text.substr(at), markup_in);
    for (; at + byte_scan::word_size <= text.size(); at += byte_scan::word_size) {
        const std::uint64_t word = byte_scan::load(text.data() + at);
        if ((byte_scan::equal(word, '<') | byte_scan::equal(word, '&')) != 0) {
            break;
        }
    }
    while (at < text.size() && text[at] != '<' && text[at] != '&') {
        ++at;
    }
    return at;
}

std::optional<std::string_view> attribute(std::string_view attributes, std::string_view name) {
    static constexpr auto is_between = [](char c) { return is_space(c) || c == '/' || c == '='; };
    static constexpr auto is_in_name = [](char c) { return !is_between(c); };
    while (true) {
        take_while(attributes, is_between);
        if (attributes.empty()) {
            return std::nullopt;
        }
        const std::string_view found = take_while(attributes, is_in_name);
        take_while(attributes, is_space);
        std::string_view value;
        if (attributes.starts_with('=')) {
            attributes.remove_prefix(1);
            value = take_value(attributes);
        }
        if (equal_ignoring_case(found, name)) {
            return value;
        }
    }
}

std::string decode_entities(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    while (!text.empty()) {
        const std::size_t plain = std::min(text.find('&'), text.size());
        decoded += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        const auto entity = entity_at(text);
        if (entity) {
            utf8::append(decoded, entity->code_point);
        } else {
            decoded += '&';
        }
        text.remove_prefix(entity ? entity->length : 1);
    }
    return decoded;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

} // namespace otr_guard::core::html
