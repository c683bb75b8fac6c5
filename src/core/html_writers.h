// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Where runs of text go: into plain text or into HTML made of nothing but br, b, i, u, s, font with
// a colour and a with a safe address. What is written is written anew, never copied from the input,
// and every element is closed in the reverse order of its opening.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/html_runs.h"
#include "core/text_cleaner.h"

namespace otr_guard::core::html {

/// The text alone.
class PlainWriter final : public RunSink {
public:
    /// Keep: bytes as they are, of a link its text. Wire: cleaned for a peer, "text (address)" for
    /// a link with a text of its own.
    enum class Purpose { Keep, Wire };

    explicit PlainWriter(Purpose purpose) : m_purpose(purpose) {}

    void text(std::string_view bytes, const Style& style) override;
    void open_link(std::string_view written, std::string_view address) override;
    void close_link() override;

    /// Whether the text alone loses something.
    [[nodiscard]] bool has_formatting() const { return m_has_formatting; }
    [[nodiscard]] std::string take() { return std::move(m_text); }

private:
    Purpose m_purpose;
    std::string m_text;
    std::string m_written;
    std::string m_address;
    std::size_t m_link_begin = 0;
    bool m_has_formatting = false;
};

class HtmlWriter final : public RunSink {
public:
    /// Display: what a peer wrote, for libpurple. Wire: what the user wrote, for a peer.
    enum class Purpose { Display, Wire };

    explicit HtmlWriter(Purpose purpose);

    void text(std::string_view bytes, const Style& style) override;
    void open_link(std::string_view written, std::string_view address) override;
    void close_link() override;

    [[nodiscard]] std::string take();

private:
    struct Link {
        std::string written;
        std::string address;
        std::string text; ///< what it shows, not escaped
        bool is_safe;     ///< else its text is text like any other
        bool has_begun = false;
        std::size_t html_begin = 0; ///< where its content begins
    };

    void append_in_new_style(std::string_view bytes, const Style& style, bool begins_link);
    void switch_style(const Style& style);

    Purpose m_purpose;
    TextTarget m_target;
    std::string m_html;
    Style m_style;
    std::optional<Link> m_link;
};

} // namespace otr_guard::core::html
