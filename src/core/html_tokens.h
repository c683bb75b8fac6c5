// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// HTML as chat programs write it, cut into text, entities and tags. Nothing is an error: what is no
// tag or entity is text. Must stay linear in time and read nothing twice, because peers choose the
// input.

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace otr_guard::core::html {

enum class Element {
    Unknown,
    Bold,
    Italic,
    Underline,
    Strike,
    Font,
    Span,
    Link,
    Break,
    Image,
    Rule,   ///< hr
    Block,  ///< begins and ends a line: p, div, li, h1, ...
    Cell,   ///< td, th
    Inert,  ///< known and without meaning here: html, body, small, ...
    Script, ///< content is no text
    Style,
    Title,
    Head,
};
inline constexpr std::size_t element_count = static_cast<std::size_t>(Element::Head) + 1;

struct Token {
    enum class Kind {
        Text,   ///< as it stands; begins with '<' or '&' only where that is no tag or entity
        Entity, ///< `code_point`
        Open,   ///< `element`, `attributes`
        Close,  ///< `element`
        Comment,
        Declaration, ///< <!DOCTYPE ...>, <?xml ...?>
    };
    Kind kind = Kind::Text;
    std::string_view source;
    Element element = Element::Unknown;
    std::string_view attributes;
    char32_t code_point = 0;
};

class Tokens {
public:
    explicit Tokens(std::string_view html) : m_html(html) {}

    /// Nothing at the end. The views of a token are parts of the text given to the constructor.
    [[nodiscard]] std::optional<Token> next();

    /// After the opening tag of an element whose content is no text: goes on behind its closing
    /// tag. Where that is missing, nothing is skipped, so that a forgotten tag hides no text.
    void skip_content(Element element);

private:
    [[nodiscard]] Token text_until(std::size_t end);
    [[nodiscard]] Token read_entity();
    [[nodiscard]] Token read_markup();
    [[nodiscard]] Token read_comment();
    [[nodiscard]] Token read_declaration();
    [[nodiscard]] Token read_tag();

    std::string_view m_html;
    std::size_t m_at = 0;
    bool m_has_no_comment_end = false;
    std::bitset<element_count> m_never_closed;
};

/// The first '<' or '&' from `at` on, else the length of `text`.
[[nodiscard]] std::size_t find_markup(std::string_view text, std::size_t at = 0);

/// The value of an attribute as it stands, without its quotes. Names in any case; the first counts.
[[nodiscard]] std::optional<std::string_view> attribute(std::string_view attributes,
                                                        std::string_view name);

/// Entities replaced by what they stand for.
[[nodiscard]] std::string decode_entities(std::string_view text);

/// ASCII letters of either case are the same.
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

} // namespace otr_guard::core::html
