// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/html_runs.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "core/html_tokens.h"
#include "core/utf8.h"

namespace otr_guard::core::html {

namespace {

/// Elements open at the same time; what is deeper has no effect.
constexpr std::size_t deepest = 64;

bool is_hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_safe_colour(std::string_view colour) {
    if (colour.starts_with('#')) {
        return (colour.size() == 4 || colour.size() == 7) &&
               std::ranges::all_of(colour.substr(1), is_hexadecimal);
    }
    return colour.size() >= 3 && colour.size() <= 20 && std::ranges::all_of(colour, is_letter);
}

std::string_view trimmed(std::string_view text) {
    static constexpr std::string_view spaces = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(spaces);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

/// What one tag changes.
struct Change {
    std::optional<bool> is_bold;
    std::optional<bool> is_italic;
    std::optional<bool> is_underlined;
    std::optional<bool> is_struck;
    std::optional<std::string> colour;

    void set_colour(std::string_view value) {
        if (is_safe_colour(value)) {
            colour = value;
        }
    }

    void apply_to(Style& style) const {
        style.is_bold = is_bold.value_or(style.is_bold);
        style.is_italic = is_italic.value_or(style.is_italic);
        style.is_underlined = is_underlined.value_or(style.is_underlined);
        style.is_struck = is_struck.value_or(style.is_struck);
        if (colour) {
            style.colour = *colour;
        }
    }
};

void read_declaration(std::string_view property, std::string_view value, Change& change) {
    const auto is = [value](std::string_view word) { return equal_ignoring_case(value, word); };
    if (equal_ignoring_case(property, "font-weight")) {
        change.is_bold =
            is("bold") || is("bolder") || (value.size() == 3 && value >= "600" && value <= "900");
    } else if (equal_ignoring_case(property, "font-style")) {
        change.is_italic = is("italic") || is("oblique");
    } else if (equal_ignoring_case(property, "text-decoration")) {
        change.is_underlined = value.find("underline") != std::string_view::npos;
        change.is_struck = value.find("line-through") != std::string_view::npos;
    } else if (equal_ignoring_case(property, "color")) {
        change.set_colour(value);
    }
}

void read_css(std::string_view css, Change& change) {
    while (!css.empty()) {
        const std::size_t end = std::min(css.find(';'), css.size());
        const std::string_view declaration = css.substr(0, end);
        const std::size_t colon = declaration.find(':');
        if (colon != std::string_view::npos) {
            read_declaration(trimmed(declaration.substr(0, colon)),
                             trimmed(declaration.substr(colon + 1)), change);
        }
        css.remove_prefix(std::min(end + 1, css.size()));
    }
}

Change change_of(const Token& tag) {
    Change change;
    const auto set_if = [&tag](Element element, std::optional<bool>& property) {
        if (tag.element == element) {
            property = true;
        }
    };
    set_if(Element::Bold, change.is_bold);
    set_if(Element::Italic, change.is_italic);
    set_if(Element::Underline, change.is_underlined);
    set_if(Element::Strike, change.is_struck);
    if (tag.element == Element::Font) {
        change.set_colour(trimmed(attribute(tag.attributes, "color").value_or("")));
    }
    if (tag.element == Element::Font || tag.element == Element::Span) {
        read_css(decode_entities(attribute(tag.attributes, "style").value_or("")), change);
    }
    return change;
}

class Reader {
public:
    Reader(std::string_view html, UnknownTags unknown_tags, RunSink& sink)
        : m_tokens(html), m_unknown_tags(unknown_tags), m_sink(sink) {}

    void run() {
        while (const auto token = m_tokens.next()) {
            read(*token);
        }
        close_link();
    }

private:
    struct OpenElement {
        Element element;
        Style outer; ///< what holds again once it is closed
        Change change;
    };

    void read(const Token& token) {
        const bool is_tag = token.kind == Token::Kind::Open || token.kind == Token::Kind::Close;
        if (token.kind == Token::Kind::Text ||
            (is_tag && token.element == Element::Unknown && m_unknown_tags == UnknownTags::Shown)) {
            add_text(token.source);
        } else if (token.kind == Token::Kind::Entity) {
            std::string character;
            utf8::append(character, token.code_point);
            add_text(character);
        } else if (is_tag) {
            read_tag(token);
        }
    }

    void read_tag(const Token& tag) {
        const bool is_open = tag.kind == Token::Kind::Open;
        switch (tag.element) {
        case Element::Bold:
        case Element::Italic:
        case Element::Underline:
        case Element::Strike:
        case Element::Font:
        case Element::Span:
            is_open ? open(tag) : close(tag.element);
            break;
        case Element::Link:
            close_link();
            if (is_open) {
                open_link(tag);
            }
            break;
        case Element::Break:
            if (is_open) {
                add_text("\n");
            }
            break;
        case Element::Image:
            add_text(decode_entities(attribute(tag.attributes, "alt").value_or("")));
            break;
        case Element::Rule:
        case Element::Block:
            m_needs_new_line = m_needs_new_line || !m_is_at_line_start;
            break;
        case Element::Cell:
            if (is_open && !m_is_at_line_start) {
                add_text(" ");
            }
            break;
        case Element::Script:
        case Element::Style:
        case Element::Title:
        case Element::Head:
            if (is_open) {
                m_tokens.skip_content(tag.element);
            }
            break;
        case Element::Inert:
        case Element::Unknown:
            break;
        }
    }

    void add_text(std::string_view bytes) {
        if (bytes.empty()) {
            return;
        }
        if (m_needs_new_line && !bytes.starts_with('\n')) {
            m_sink.text("\n", m_style);
        }
        m_needs_new_line = false;
        m_is_at_line_start = bytes.ends_with('\n');
        m_sink.text(bytes, m_style);
    }

    void open(const Token& tag) {
        if (m_open.size() == deepest) {
            ++too_deep(tag.element);
            return;
        }
        m_open.push_back({tag.element, m_style, change_of(tag)});
        m_open.back().change.apply_to(m_style);
    }

    /// Closes the innermost element of this kind; those that were opened inside it stay open.
    void close(Element element) {
        if (too_deep(element) > 0) {
            --too_deep(element);
            return;
        }
        const auto found = std::find_if(m_open.rbegin(), m_open.rend(),
                                        [element](const auto& o) { return o.element == element; });
        if (found == m_open.rend()) {
            return;
        }
        m_style = found->outer;
        for (auto next = m_open.erase(std::next(found).base()); next != m_open.end(); ++next) {
            next->outer = m_style;
            next->change.apply_to(m_style);
        }
    }

    std::size_t& too_deep(Element element) { return m_too_deep[static_cast<std::size_t>(element)]; }

    void open_link(const Token& tag) {
        if (const auto written = attribute(tag.attributes, "href")) {
            m_sink.open_link(trimmed(*written), trimmed(decode_entities(*written)));
            m_is_in_link = true;
        }
    }

    void close_link() {
        if (m_is_in_link) {
            m_sink.close_link();
            m_is_in_link = false;
        }
    }

    Tokens m_tokens;
    UnknownTags m_unknown_tags;
    RunSink& m_sink;
    Style m_style;
    std::vector<OpenElement> m_open;
    std::array<std::size_t, element_count> m_too_deep{};
    bool m_is_in_link = false;
    bool m_is_at_line_start = true;
    bool m_needs_new_line = false;
};

} // namespace

void read_runs(std::string_view html, UnknownTags unknown_tags, RunSink& sink) {
    Reader(html, unknown_tags, sink).run();
}

} // namespace otr_guard::core::html
