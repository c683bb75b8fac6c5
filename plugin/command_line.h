// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What was typed after `/otr`, taken apart. Pure functions over text; answers and secrets can be in
// any part of it, so all of it is kept as secrets. Must never guess where a quotation ends.

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "util/secret.h"

namespace otr_guard::plugin {

enum class CommandLineError {
    UnclosedQuote,  ///< a quotation mark opens and nothing closes it
    TextAfterQuote, ///< something follows a closing quotation mark without a space
};

template <typename T> using Parsed = tl::expected<T, CommandLineError>;

/// The first word in lower case, and the rest without outer white space, otherwise as typed.
struct CommandLine {
    std::string verb;
    util::SecretString rest;
};

[[nodiscard]] CommandLine split_verb(std::string_view line);

/// The words of a rest. A word that starts with a quotation mark (", or one of “ ” „ as word
/// processors put them) ends at the closing one and may hold spaces; in it, a backslash before a
/// quotation mark or a backslash stands for that character. Elsewhere both are ordinary text.
[[nodiscard]] Parsed<std::vector<util::SecretString>> split_words(std::string_view rest);

/// A rest that is one text: in quotation marks as above, else as it is.
[[nodiscard]] Parsed<util::SecretString> whole_text(std::string_view rest);

/// Meant as `/otr` or `/guard`, but white space or an unusual character comes first, or right after
/// it (from a page in a language from right to left, or a Chinese keyboard): clients take it for a
/// message, and it may hold a secret.
[[nodiscard]] bool is_marked_command(std::string_view plain_text);

/// `text` such that split_words() and whole_text() read it back.
[[nodiscard]] std::string quote(std::string_view text);

} // namespace otr_guard::plugin
