// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Translated text. Every sentence that a user reads goes through tr() or tr_n(), as a whole
// sentence; values come in through named places ("{name}") with format(). Must never use a printf
// format: what is filled in comes from other people. `po/update-pot` collects the sentences.

#include <algorithm>
#include <initializer_list>
#include <libintl.h>
#include <string>
#include <string_view>

namespace otr_guard::util {

inline constexpr const char* text_domain = "otr-guard";

/// The sentence in the user's language, else as it is.
[[nodiscard]] inline std::string tr(const char* text) {
    return *text == '\0' ? std::string() : std::string(dgettext(text_domain, text));
}

/// The same for sentences that depend on a number, which is not filled in.
[[nodiscard]] inline std::string tr_n(const char* one, const char* many, unsigned long number) {
    return dngettext(text_domain, one, many, number);
}

/// Marks a sentence in a table; tr() translates it where it is used.
[[nodiscard]] constexpr const char* mark(const char* text) {
    return text;
}

/// What stands for `{name}` in a pattern.
struct Value {
    std::string_view name;
    std::string_view text;
};

/// Fills in the values. Values are never searched for further places; a place without a value
/// stays as it is.
[[nodiscard]] inline std::string format(std::string_view pattern,
                                        std::initializer_list<Value> values) {
    std::string result;
    while (!pattern.empty()) {
        const std::size_t open = pattern.find('{');
        result += pattern.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        pattern.remove_prefix(open);
        const std::size_t close = pattern.find('}');
        const std::string_view name =
            close == std::string_view::npos ? std::string_view() : pattern.substr(1, close - 1);
        const Value* value = nullptr;
        for (const Value& candidate : values) {
            value = candidate.name == name ? &candidate : value;
        }
        const bool is_place = value != nullptr && close != std::string_view::npos;
        result += is_place ? value->text : pattern.substr(0, 1);
        pattern.remove_prefix(is_place ? close + 1 : 1);
    }
    return result;
}

/// Whether sentences are written from right to left.
[[nodiscard]] inline bool is_right_to_left() {
    // Translators: not shown to anybody. Write "direction:rtl" where yours is a language that is
    // written from right to left.
    return tr("direction:ltr") == "direction:rtl";
}

/// Untrusted text within a sentence of ours, so that its writing direction stays its own
/// (Unicode, FIRST STRONG ISOLATE). It must hold no direction marks itself.
[[nodiscard]] inline std::string isolated(std::string_view text) {
    const bool is_ascii = std::ranges::all_of(
        text, [](char character) { return static_cast<unsigned char>(character) <= 0x7f; });
    return is_ascii && !is_right_to_left() ? std::string(text)
                                           : std::string("\u2068").append(text).append("\u2069");
}

} // namespace otr_guard::util
