// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/html_writers.h"

#include <algorithm>
#include <array>

#include "core/html_tokens.h"

namespace otr_guard::core::html {

namespace {

constexpr std::size_t longest_address = 2048;

struct Scheme {
    std::string_view prefix;
    bool may_be_left_out; ///< in the text that stands for the address
};
constexpr std::array schemes{Scheme{"http://", true}, Scheme{"https://", false},
                             Scheme{"ftp://", true}, Scheme{"mailto:", true},
                             Scheme{"xmpp:", true}};

const Scheme* scheme_of(std::string_view address) {
    const auto found = std::ranges::find_if(schemes, [address](const Scheme& scheme) {
        return equal_ignoring_case(address.substr(0, scheme.prefix.size()), scheme.prefix);
    });
    return found == schemes.end() ? nullptr : &*found;
}

bool is_safe_address(std::string_view address) {
    static constexpr std::string_view forbidden = " \t\n\"<>\\`";
    const Scheme* const scheme = scheme_of(address);
    if (scheme == nullptr || address.size() == scheme->prefix.size() ||
        address.size() > longest_address ||
        address.find_first_of(forbidden) != std::string_view::npos) {
        return false;
    }
    std::string shown;
    append_text(shown, address, TextTarget::Display);
    return decode_entities(shown) == address;
}

std::string_view without_slash(std::string_view address) {
    return address.ends_with('/') ? address.substr(0, address.size() - 1) : address;
}

/// "www.example.org" for "http://www.example.org/".
bool is_own_address(std::string_view text, std::string_view address) {
    if (text == address) {
        return true;
    }
    const Scheme* const scheme = scheme_of(address);
    const std::string_view rest = scheme != nullptr && scheme->may_be_left_out
                                      ? address.substr(scheme->prefix.size())
                                      : address;
    return !text.empty() && (without_slash(text) == without_slash(rest) ||
                             without_slash(text) == without_slash(address));
}

/// Whoever reads it could take it for where the link leads. Includes characters that look like a
/// dot.
bool looks_like_address(std::string_view text) {
    static constexpr std::array<std::string_view, 9> signs{".",
                                                           "@",
                                                           ":",
                                                           "/",
                                                           "\xe2\x80\xa4",
                                                           "\xe3\x80\x82",
                                                           "\xef\xbc\x8e",
                                                           "\xef\xbd\xa1",
                                                           "\xef\xbc\x8f"};
    return std::ranges::any_of(
        signs, [text](std::string_view sign) { return text.find(sign) != std::string_view::npos; });
}

std::string in_parentheses(std::string_view address) {
    std::string text = " (";
    text += address;
    text += ')';
    return text;
}

bool is_misleading(std::string_view text, std::string_view address) {
    return looks_like_address(text) && !is_own_address(text, address) &&
           !text.ends_with(in_parentheses(address));
}

void append_font(std::string& html, std::string_view colour) {
    html += "<font color=\"";
    html += colour;
    html += "\">";
}

std::string link_tag(std::string_view address) {
    std::string tag = "<a href=\"";
    append_text(tag, address, TextTarget::Display);
    tag += "\">";
    return tag;
}

} // namespace

void PlainWriter::text(std::string_view bytes, const Style& style) {
    if (m_purpose == Purpose::Keep) {
        m_text += bytes;
        return;
    }
    append_text(m_text, bytes, TextTarget::WirePlain);
    m_has_formatting = m_has_formatting || style != Style{};
}

void PlainWriter::open_link(std::string_view written, std::string_view address) {
    m_written = written;
    m_address = address;
    m_link_begin = m_text.size();
}

void PlainWriter::close_link() {
    const std::string_view shown = std::string_view(m_text).substr(m_link_begin);
    if (m_purpose == Purpose::Keep || m_address.empty() || shown.empty() ||
        is_own_address(shown, m_address) || is_own_address(shown, m_written)) {
        return;
    }
    append_text(m_text, in_parentheses(m_address), TextTarget::WirePlain);
    m_has_formatting = true;
}

HtmlWriter::HtmlWriter(Purpose purpose)
    : m_purpose(purpose),
      m_target(purpose == Purpose::Display ? TextTarget::Display : TextTarget::WireHtml) {}

void HtmlWriter::text(std::string_view bytes, const Style& style) {
    const bool begins_link = m_link && m_link->is_safe && !m_link->has_begun;
    if (!begins_link && style == m_style) {
        append_text(m_html, bytes, m_target);
    } else {
        append_in_new_style(bytes, style, begins_link);
    }
    if (m_link) {
        m_link->text += bytes;
    }
}

void HtmlWriter::append_in_new_style(std::string_view bytes, const Style& style, bool begins_link) {
    const std::size_t begin = m_html.size();
    const Style before = m_style;
    if (begins_link) {
        switch_style({});
    }
    const std::size_t link_begin = m_html.size();
    switch_style(style);
    const std::size_t content = m_html.size();
    append_text(m_html, bytes, m_target);
    if (m_html.size() == content) { // nothing of it may be shown: no empty elements
        m_html.resize(begin);
        m_style = before;
    } else if (begins_link) {
        m_link->html_begin = link_begin;
        m_link->has_begun = true;
    }
}

/// Elements are nested in one order, so that each is open at most once.
void HtmlWriter::switch_style(const Style& style) {
    if (style == m_style) {
        return;
    }
    if (m_style.is_struck) {
        m_html += "</s>";
    }
    if (m_style.is_underlined) {
        m_html += "</u>";
    }
    if (m_style.is_italic) {
        m_html += "</i>";
    }
    if (m_style.is_bold) {
        m_html += "</b>";
    }
    if (!m_style.colour.empty()) {
        m_html += "</font>";
    }
    if (!style.colour.empty()) {
        append_font(m_html, style.colour);
    }
    m_html += style.is_bold ? "<b>" : "";
    m_html += style.is_italic ? "<i>" : "";
    m_html += style.is_underlined ? "<u>" : "";
    m_html += style.is_struck ? "<s>" : "";
    m_style = style;
}

void HtmlWriter::open_link(std::string_view written, std::string_view address) {
    m_link = Link{.written = std::string(written),
                  .address = std::string(address),
                  .text = {},
                  .is_safe = is_safe_address(address)};
}

void HtmlWriter::close_link() {
    const Link link = std::move(*m_link);
    m_link.reset();
    const bool is_own =
        is_own_address(link.text, link.address) || is_own_address(link.text, link.written);
    if (!link.is_safe) {
        // The user's own link loses nothing; a peer's is not repeated.
        if (m_purpose == Purpose::Wire && !is_own && !link.address.empty() && !link.text.empty()) {
            append_text(m_html, in_parentheses(link.address), m_target);
        }
        return;
    }
    if (!link.has_begun) {
        return;
    }
    if (m_purpose == Purpose::Display && is_misleading(link.text, link.address)) {
        append_text(m_html, in_parentheses(link.address), m_target);
    }
    switch_style({});
    if (m_purpose == Purpose::Display || !is_own) {
        m_html.insert(link.html_begin, link_tag(link.address));
        m_html += "</a>";
    }
}

std::string HtmlWriter::take() {
    switch_style({});
    return std::move(m_html);
}

} // namespace otr_guard::core::html
