// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/markup.h"

#include <algorithm>
#include <array>

#include "core/html_runs.h"
#include "core/html_tokens.h"
#include "core/html_writers.h"
#include "core/text_cleaner.h"
#include "core/utf8.h"

namespace otr_guard::core::markup {

namespace {

constexpr std::string_view ellipsis = "\xe2\x80\xa6";

bool has_markup(std::string_view text) {
    return html::find_markup(text) < text.size();
}

std::string clean(std::string_view text, TextTarget target) {
    std::string result;
    result.reserve(text.size() + text.size() / 16);
    append_text(result, text, target);
    return result;
}

/// Counts what opens and closes, and looks for what only a writer of plain text leaves behind.
class FormatDetector {
public:
    [[nodiscard]] std::optional<TextFormat> run(std::string_view text) {
        html::Tokens tokens(text);
        while (const auto token = tokens.next()) {
            if (!is_of_html(*token)) {
                return TextFormat::Plain;
            }
            count(*token);
            if (token->kind == html::Token::Kind::Open) {
                tokens.skip_content(token->element);
            }
        }
        if (!m_has_markup) {
            return std::nullopt;
        }
        return is_balanced() ? TextFormat::Html : TextFormat::Plain;
    }

private:
    struct Count {
        std::size_t opened = 0;
        std::size_t opened_with_attributes = 0;
        std::size_t closed = 0;
    };

    static bool is_of_html(const html::Token& token) {
        using Kind = html::Token::Kind;
        switch (token.kind) {
        case Kind::Text:
            return !token.source.starts_with('<') && !token.source.starts_with('&');
        case Kind::Entity:
        case Kind::Declaration:
            return true;
        case Kind::Comment: // people quote code; chat programs write no comments
            return false;
        case Kind::Open:
        case Kind::Close:
            return token.element != html::Element::Unknown &&
                   token.element != html::Element::Script && has_real_attributes(token);
        }
        return false;
    }

    /// "<a and b>" has none.
    static bool has_real_attributes(const html::Token& token) {
        return token.attributes.find_first_not_of(" \t\r\n/") == std::string_view::npos ||
               token.attributes.find('=') != std::string_view::npos;
    }

    void count(const html::Token& token) {
        using Kind = html::Token::Kind;
        m_has_markup = m_has_markup || token.kind != Kind::Text;
        Count& count = m_counts[static_cast<std::size_t>(token.element)];
        if (token.kind == Kind::Open) {
            ++count.opened;
            const bool has_attributes = token.attributes.find('=') != std::string_view::npos;
            count.opened_with_attributes += has_attributes ? 1U : 0U;
        } else if (token.kind == Kind::Close) {
            ++count.closed;
        }
    }

    /// What HTML writers open they close, unless it can't be closed or has attributes, which alone
    /// are proof enough.
    [[nodiscard]] bool is_balanced() const {
        static constexpr std::array never_closed{
            html::Element::Break, html::Element::Image, html::Element::Rule, html::Element::Inert,
            html::Element::Head,  html::Element::Title, html::Element::Style};
        for (std::size_t i = 0; i < m_counts.size(); ++i) {
            const Count& count = m_counts[i];
            const bool is_closed = count.closed <= count.opened &&
                                   count.opened - count.closed <= count.opened_with_attributes;
            if (!is_closed && std::ranges::find(never_closed, static_cast<html::Element>(i)) ==
                                  never_closed.end()) {
                return false;
            }
        }
        return true;
    }

    std::array<Count, html::element_count> m_counts{};
    bool m_has_markup = false;
};

/// Collects characters up to a limit; runs of space become one, none at the ends.
class Line {
public:
    explicit Line(std::size_t max_characters) : m_limit(max_characters) {}

    [[nodiscard]] bool is_full() const { return m_is_cut; }

    void add_space() { m_space_waits = m_characters > 0; }

    void add(std::string_view bytes) {
        if (m_characters + (m_space_waits ? 2 : 1) > m_limit) {
            m_is_cut = true;
            return;
        }
        if (m_space_waits) {
            put(" ");
            m_space_waits = false;
        }
        put(bytes);
    }

    [[nodiscard]] std::string take() {
        if (m_is_cut && m_limit > 0) {
            m_text.resize(m_characters == m_limit ? m_last_begin : m_text.size());
            m_text += ellipsis;
        }
        return std::move(m_text);
    }

private:
    void put(std::string_view bytes) {
        m_last_begin = m_text.size();
        m_text += bytes;
        ++m_characters;
    }

    std::size_t m_limit;
    std::string m_text;
    std::size_t m_characters = 0;
    std::size_t m_last_begin = 0;
    bool m_space_waits = false;
    bool m_is_cut = false;
};

} // namespace

WireText to_wire(std::string_view html, TextFormat peer_format) {
    html::PlainWriter plain(html::PlainWriter::Purpose::Wire);
    html::read_runs(html, html::UnknownTags::Shown, plain);
    const bool has_formatting = plain.has_formatting();
    std::string text = plain.take();
    const bool is_ambiguous = has_markup(text) || text.find('>') != std::string::npos;
    if (peer_format == TextFormat::Plain || (!has_formatting && !is_ambiguous)) {
        return {std::move(text), TextFormat::Plain, is_ambiguous};
    }
    html::HtmlWriter writer(html::HtmlWriter::Purpose::Wire);
    html::read_runs(html, html::UnknownTags::Shown, writer);
    return {writer.take(), TextFormat::Html, true};
}

std::string to_display(std::string_view text, TextFormat format) {
    if (format == TextFormat::Plain || !has_markup(text)) {
        return clean(text, TextTarget::Display);
    }
    html::HtmlWriter writer(html::HtmlWriter::Purpose::Display);
    html::read_runs(text, html::UnknownTags::Dropped, writer);
    return writer.take();
}

std::optional<TextFormat> detect_format(std::string_view text) {
    return has_markup(text) ? FormatDetector().run(text) : std::nullopt;
}

std::string escape(std::string_view plain) {
    std::string html;
    html.reserve(plain.size() + plain.size() / 16);
    for (const char c : plain) {
        switch (c) {
        case '&':
            html += "&amp;";
            break;
        case '<':
            html += "&lt;";
            break;
        case '>':
            html += "&gt;";
            break;
        case '"':
            html += "&quot;";
            break;
        case '\'':
            html += "&#39;";
            break;
        case '\n':
            html += "<br>";
            break;
        default:
            html += c;
            break;
        }
    }
    return html;
}

std::string to_plain(std::string_view html) {
    html::PlainWriter writer(html::PlainWriter::Purpose::Keep);
    html::read_runs(html, html::UnknownTags::Shown, writer);
    return writer.take();
}

std::string to_single_line(std::string_view text, std::size_t max_characters) {
    Line line(max_characters);
    while (!text.empty() && !line.is_full()) {
        const utf8::Decoded next = utf8::decode(text);
        const char32_t c = next.code_point;
        const bool is_space =
            c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || is_line_separator(c);
        if (is_space) {
            line.add_space();
        } else if (!next.is_valid) {
            line.add(utf8::replacement_bytes);
        } else if (!is_control(c) && !is_direction_control(c)) {
            line.add(text.substr(0, next.length));
        }
        text.remove_prefix(next.length);
    }
    return line.take();
}

} // namespace otr_guard::core::markup
