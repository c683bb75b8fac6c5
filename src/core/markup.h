// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Text in both directions between libpurple, where every message is HTML, and OTR messages, where
// peers mean either HTML (Pidgin, Adium) or plain text (irssi, profanity, ChatSecure). Nothing a
// peer sends leaves here except text, line breaks and an allow-list of formatting; must never
// produce markup that its reader could take for anything else.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace otr_guard::core::markup {

/// What the text inside an OTR message is.
enum class TextFormat { Plain, Html };

struct WireText {
    std::string text;
    TextFormat format;
    /// True when reading `text` in the other format would change it: contains <, > or &.
    bool is_ambiguous;
};

/// What the user typed (libpurple HTML, UTF-8) as the text of an OTR message. Text without
/// formatting and without special characters is the same in both formats and always sent plain
/// (line breaks as '\n'); a link whose text is its own address counts as no formatting.
/// `peer_format` decides the rest: Html keeps the allow-list, Plain keeps the text alone
/// ("text (address)" for a link with a text of its own).
[[nodiscard]] WireText to_wire(std::string_view html, TextFormat peer_format);

/// Decrypted text as HTML that is safe to hand to libpurple. Allowed: br, b/strong, i/em, u, s,
/// font with a colour, a with an http, https, ftp, mailto or xmpp address; everything else is shown
/// as the text it is (Plain) or dropped as a tag (Html: content of script, style, title and head is
/// dropped as well). Every element is closed. Invalid UTF-8, control characters and bidirectional
/// overrides are replaced or isolated so that the text cannot reach beyond its own line.
/// A leading "/me " survives.
[[nodiscard]] std::string to_display(std::string_view text, TextFormat format);

/// Which format a decrypted text is in, from itself alone: Html when all of its markup is what HTML
/// writers produce (known tags, well-formed entities), Plain when a '<' or '&' proves that its
/// writer did not escape, nothing when it has neither.
[[nodiscard]] std::optional<TextFormat> detect_format(std::string_view text);

/// Plain text as HTML: &, <, >, " and ' escaped, '\n' as <br>.
[[nodiscard]] std::string escape(std::string_view plain);

/// The text that HTML shows, without markup; <br> as '\n', entities decoded.
[[nodiscard]] std::string to_plain(std::string_view html);

/// Untrusted text for one line of a notice: valid UTF-8, no line breaks, control characters or
/// bidirectional controls, at most `max_characters` code points ("…" at the end when cut).
/// Still plain text: escape() before it meets a markup parser.
[[nodiscard]] std::string to_single_line(std::string_view text, std::size_t max_characters);

} // namespace otr_guard::core::markup
