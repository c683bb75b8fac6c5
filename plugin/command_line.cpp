// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/utf8.h"

namespace otr_guard::plugin {

namespace {

constexpr std::string_view white_space = " \t\r\n\f\v";
constexpr std::string_view straight_quote = "\"";
constexpr std::array<std::string_view, 3> curly_quotes{"\u201c", "\u201d", "\u201e"};

std::string_view trimmed(std::string_view text) {
    const std::size_t start = text.find_first_not_of(white_space);
    if (start == std::string_view::npos) {
        return {};
    }
    return text.substr(start, text.find_last_not_of(white_space) - start + 1);
}

/// The quotation mark that `text` starts with; empty when it starts with something else.
std::string_view quote_at(std::string_view text) {
    if (text.starts_with(straight_quote)) {
        return straight_quote;
    }
    for (const std::string_view quote : curly_quotes) {
        if (text.starts_with(quote)) {
            return quote;
        }
    }
    return {};
}

/// A buffer that does not leave its contents behind.
class SecretBuffer {
public:
    explicit SecretBuffer(std::size_t capacity) { m_text.reserve(capacity); }
    ~SecretBuffer() { util::wipe(m_text.data(), m_text.size()); }
    SecretBuffer(const SecretBuffer&) = delete;
    SecretBuffer& operator=(const SecretBuffer&) = delete;

    /// Never beyond the capacity, so that nothing is copied elsewhere.
    void append(std::string_view text) { m_text.append(text); }
    [[nodiscard]] util::SecretString secret() const { return util::SecretString(m_text); }

private:
    std::string m_text;
};

/// Reads the quoted word at the start of `rest` and removes it from there.
Parsed<util::SecretString> take_quoted(std::string_view& rest) {
    const bool is_straight = quote_at(rest) == straight_quote;
    rest.remove_prefix(quote_at(rest).size());
    SecretBuffer word(rest.size());
    while (!rest.empty()) {
        const std::string_view quote = quote_at(rest);
        if (!quote.empty() && (quote == straight_quote) == is_straight) {
            rest.remove_prefix(quote.size());
            if (!rest.empty() && white_space.find(rest.front()) == std::string_view::npos) {
                return tl::unexpected(CommandLineError::TextAfterQuote);
            }
            return word.secret();
        }
        if (rest.front() == '\\') {
            const std::string_view escaped = rest.substr(1);
            if (escaped.starts_with('\\') || !quote_at(escaped).empty()) {
                rest = escaped;
            }
        }
        const std::size_t length = std::max<std::size_t>(quote_at(rest).size(), 1);
        word.append(rest.substr(0, length));
        rest.remove_prefix(length);
    }
    return tl::unexpected(CommandLineError::UnclosedQuote);
}

/// Marks of writing direction, joiners, the byte order mark, and spaces that are not ASCII's.
constexpr std::array<char32_t, 18> unusual{0x00a0, 0x00ad, 0x200b, 0x200c, 0x200d, 0x200e,
                                           0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e,
                                           0x2060, 0x2066, 0x2067, 0x2068, 0x3000, 0xfeff};

/// The length of the unusual character that `text` begins with, 0 when there is none.
std::size_t unusual_at(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const core::utf8::Decoded first = core::utf8::decode(text);
    return std::ranges::find(unusual, first.code_point) != unusual.end() ? first.length : 0;
}

} // namespace

CommandLine split_verb(std::string_view line) {
    line = trimmed(line);
    const std::size_t end = std::min(line.find_first_of(white_space), line.size());
    CommandLine result{.verb = std::string(line.substr(0, end)),
                       .rest = util::SecretString(trimmed(line.substr(end)))};
    for (char& character : result.verb) {
        if (character >= 'A' && character <= 'Z') {
            character = static_cast<char>(character - 'A' + 'a');
        }
    }
    return result;
}

Parsed<std::vector<util::SecretString>> split_words(std::string_view rest) {
    std::vector<util::SecretString> words;
    for (rest = trimmed(rest); !rest.empty(); rest = trimmed(rest)) {
        if (!quote_at(rest).empty()) {
            Parsed<util::SecretString> word = take_quoted(rest);
            if (!word) {
                return tl::unexpected(word.error());
            }
            words.push_back(std::move(*word));
            continue;
        }
        const std::size_t end = std::min(rest.find_first_of(white_space), rest.size());
        words.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    return words;
}

Parsed<util::SecretString> whole_text(std::string_view rest) {
    rest = trimmed(rest);
    if (quote_at(rest).empty()) {
        return util::SecretString(rest);
    }
    Parsed<util::SecretString> text = take_quoted(rest);
    if (text && !trimmed(rest).empty()) {
        return tl::unexpected(CommandLineError::TextAfterQuote);
    }
    return text;
}

std::string quote(std::string_view text) {
    std::string quoted(straight_quote);
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(quote_at(text).size(), 1);
        if (text.front() == '\\' || !quote_at(text).empty()) {
            quoted += '\\';
        }
        quoted += text.substr(0, length);
        text.remove_prefix(length);
    }
    quoted += straight_quote;
    return quoted;
}

bool is_marked_command(std::string_view plain_text) {
    if (plain_text.find('/') == std::string_view::npos) {
        return false;
    }
    std::string_view rest = trimmed(plain_text);
    while (const std::size_t length = unusual_at(rest)) {
        rest = trimmed(rest.substr(length));
    }
    const bool is_first = plain_text.starts_with(rest);
    const std::string verb = split_verb(rest).verb;
    return std::ranges::any_of(
        std::array<std::string_view, 2>{"/otr", "/guard"}, [&](std::string_view command) {
            // Clients take a command for what it is when nothing is before it nor behind.
            return (verb == command && !is_first) ||
                   (verb.starts_with(command) &&
                    unusual_at(std::string_view(verb).substr(command.size())) > 0);
        });
}

} // namespace otr_guard::plugin
