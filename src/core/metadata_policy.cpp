// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/metadata_policy.h"

#include <algorithm>
#include <array>
#include <string>

namespace otr_guard::core {

namespace {

constexpr std::array<std::string_view, 8> quiet_mechanisms{
    "PLAIN",       "LOGIN",         "CRAM-MD5",      "DIGEST-MD5",
    "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-384", "SCRAM-SHA-512"};
/// With this end the log-in is tied to the connection's encryption.
constexpr std::string_view bound_to_channel = "-PLUS";

/// From program to program, in a text.
constexpr char question_mark = '\001';

char small(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string in_small_letters(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), small);
    return result;
}

/// Part of a word in ASCII; the rest of Unicode is taken for letters.
bool is_in_word(char letter) {
    const char plain = small(letter);
    return (plain >= 'a' && plain <= 'z') || (plain >= '0' && plain <= '9') ||
           static_cast<unsigned char>(plain) >= 0x80U;
}

bool has_word(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); !word.empty() && at != std::string_view::npos;
         at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !is_in_word(text[at - 1])) &&
            (end == text.size() || !is_in_word(text[end]))) {
            return true;
        }
    }
    return false;
}

/// The text up to the next space; the rest begins after it.
std::string_view take_word(std::string_view& rest) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, space);
    rest.remove_prefix(std::min(space + 1, rest.size()));
    return word;
}

} // namespace

bool is_quiet_mechanism(std::string_view name) {
    if (name.starts_with("SCRAM-") && name.ends_with(bound_to_channel)) {
        name.remove_suffix(bound_to_channel.size());
    }
    return std::ranges::find(quiet_mechanisms, name) != quiet_mechanisms.end();
}

bool is_program_question(std::string_view line) {
    if (!line.starts_with(':')) {
        return false; // libpurple takes no other line for a message
    }
    take_word(line);
    if (in_small_letters(take_word(line)) != "privmsg") {
        return false;
    }
    take_word(line); // to whom
    if (line.starts_with(':')) {
        line.remove_prefix(1);
    }
    if (!line.starts_with(question_mark)) {
        return false;
    }
    line.remove_prefix(1);
    return !line.starts_with("ACTION ") && !line.starts_with("DCC ");
}

bool names_computer(std::string_view resource, std::string_view computer) {
    constexpr std::string_view filled_in = "__HOSTNAME__"; // by libpurple
    if (resource.find(filled_in) != std::string_view::npos) {
        return true;
    }
    const std::string text = in_small_letters(resource);
    const std::string name = in_small_letters(computer);
    return has_word(text, name) || has_word(text, std::string_view(name).substr(0, name.find('.')));
}

std::string_view host_of_url(std::string_view url) {
    const std::string text = in_small_letters(url);
    const bool has_scheme = text.starts_with("http://") || text.starts_with("https://");
    if (!has_scheme) {
        return {};
    }
    url.remove_prefix(text.find("//") + 2);
    url = url.substr(0, url.find('/'));
    if (const std::size_t user = url.find('@'); user != std::string_view::npos) {
        url.remove_prefix(user + 1);
    }
    const std::string_view host = url.substr(0, url.find(':'));
    const bool is_plain = std::ranges::all_of(host, [](char letter) {
        return static_cast<unsigned char>(letter) < 0x80U &&
               (is_in_word(letter) || letter == '.' || letter == '-');
    });
    return is_plain ? host : std::string_view();
}

} // namespace otr_guard::core
