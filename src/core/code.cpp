// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/code.h"

#include <gcrypt.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/utf8.h"
#include "core/words.h"
#include "model/decimal_code.h"

namespace otr_guard::core {

namespace {

using model::Fingerprint;

constexpr std::size_t longest_code = 4096;
constexpr std::size_t hex_digits = 2 * Fingerprint::size;
constexpr std::string_view share_link = "chatsecure.org/i/";

/// Collects what was found; more than one answer is no answer.
class Findings {
public:
    void add(const std::optional<Fingerprint>& found) {
        if (found && !m_first) {
            m_first = found;
        } else if (found && *found != *m_first) {
            m_differ = true;
        }
    }
    void refuse() { m_differ = true; }

    [[nodiscard]] util::Expected<Fingerprint> result() const {
        if (m_differ) {
            return util::failure(util::ErrorCode::Malformed, "more than one fingerprint");
        }
        if (!m_first) {
            return util::failure(util::ErrorCode::Malformed, "no fingerprint");
        }
        return *m_first;
    }

private:
    std::optional<Fingerprint> m_first;
    bool m_differ = false;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_alphanumeric(char c) {
    return is_digit(c) || is_letter(c);
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Spaces, hyphens and invisible characters that web pages and word processors put for plain ones.
char plain_form(char32_t c) {
    const bool is_space = c == 0xa0 || (c >= 0x2000 && c <= 0x200f) || c == 0x202f ||
                          (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) ||
                          c == 0x3000 || c == 0xfeff;
    const bool is_hyphen = c >= 0x2010 && c <= 0x2015;
    return is_space ? ' ' : is_hyphen ? '-' : '?';
}

/// ASCII only; what has no plain form becomes '?', which belongs to no fingerprint.
std::string to_ascii(std::string_view text) {
    std::string ascii;
    ascii.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const utf8::Decoded next = utf8::decode(text.substr(i));
        ascii += next.code_point < 0x80 ? text[i] : plain_form(next.code_point);
        i += next.length;
    }
    return ascii;
}

bool is_grouping(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':' || c == '-';
}

/// The next group of hexadecimal digits that are not part of a longer word; `is_adjacent` says that
/// only grouping characters are between it and the one before.
struct Group {
    std::string_view digits;
    bool is_adjacent;
};

std::vector<Group> hex_groups(std::string_view text) {
    std::vector<Group> groups;
    bool is_adjacent = false;
    for (auto at = text.begin(); at != text.end();) {
        if (!is_alphanumeric(*at)) {
            is_adjacent = is_adjacent && is_grouping(*at);
            ++at;
            continue;
        }
        const auto end = std::find_if_not(at, text.end(), is_alphanumeric);
        const bool is_hexadecimal = std::all_of(at, end, is_hex);
        if (is_hexadecimal) {
            groups.push_back({std::string_view(at, end), is_adjacent});
        }
        is_adjacent = is_hexadecimal;
        at = end;
    }
    return groups;
}

/// The fingerprint that begins with the first of `groups` and ends with one of them; `groups` is
/// shortened to what follows it.
std::optional<Fingerprint> take_fingerprint(std::span<const Group>& groups) {
    std::string digits;
    for (std::size_t i = 0; i < groups.size() && digits.size() < hex_digits; ++i) {
        digits += groups[i].digits;
        if (digits.size() == hex_digits) {
            groups = groups.subspan(i + 1);
            return Fingerprint::from_hex(digits);
        }
    }
    return std::nullopt;
}

/// The digits of a run that can only be meant as what model::to_decimal() writes, with mistakes or
/// without; empty for any other.
std::string number_in(std::span<const Group> run) {
    std::string digits;
    for (const Group& group : run) {
        digits += group.digits;
    }
    return digits.size() > hex_digits && std::ranges::all_of(digits, is_digit) ? digits
                                                                               : std::string();
}

/// Groups with nothing but grouping between them. When they are not exactly one or several
/// fingerprints in a row (a short word like "a" or a year stands beside one), every place where one
/// could begin counts, so that two possible readings are no reading.
void find_in_run(std::span<const Group> run, Findings& findings) {
    if (const std::string number = number_in(run); !number.empty()) {
        const auto found = model::from_decimal(number);
        found ? findings.add(found) : findings.refuse();
        return;
    }
    std::vector<Fingerprint> in_a_row;
    auto rest = run;
    while (!rest.empty()) {
        const auto found = take_fingerprint(rest);
        if (!found) {
            break;
        }
        in_a_row.push_back(*found);
    }
    if (rest.empty()) {
        std::ranges::for_each(in_a_row, [&](const Fingerprint& found) { findings.add(found); });
        return;
    }
    for (std::size_t i = 0; i < run.size(); ++i) {
        auto from_here = run.subspan(i);
        findings.add(take_fingerprint(from_here));
    }
}

void find_hex(std::string_view ascii, Findings& findings) {
    const std::vector<Group> groups = hex_groups(ascii);
    for (auto begin = groups.begin(); begin != groups.end();) {
        const auto end = std::find_if(begin + 1, groups.end(),
                                      [](const Group& group) { return !group.is_adjacent; });
        find_in_run({begin, end}, findings);
        begin = end;
    }
}

void find_words(std::string_view ascii, Findings& findings) {
    const auto belongs_to_words = [](char c) {
        return is_letter(c) || c == ',' || (is_grouping(c) && c != ':');
    };
    for (auto begin = ascii.begin(); begin != ascii.end();) {
        const auto end = std::find_if_not(begin, ascii.end(), belongs_to_words);
        findings.add(fingerprint_from_words({begin, end}));
        begin = std::find_if(end, ascii.end(), belongs_to_words);
    }
}

std::optional<unsigned> base64_value(char c) {
    if (c >= 'A' && c <= 'Z') {
        return static_cast<unsigned>(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return static_cast<unsigned>(c - 'a') + 26;
    }
    if (is_digit(c)) {
        return static_cast<unsigned>(c - '0') + 52;
    }
    if (c == '-' || c == '+') {
        return 62;
    }
    if (c == '_' || c == '/') {
        return 63;
    }
    return std::nullopt;
}

/// Both alphabets of RFC 4648; stops at the first character that belongs to neither.
std::string decode_base64(std::string_view text) {
    std::string decoded;
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const auto value = base64_value(c);
        if (!value) {
            break;
        }
        buffer = (buffer << 6U) | *value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            decoded += static_cast<char>((buffer >> bits) & 0xffU);
        }
    }
    return decoded;
}

/// `jid?otr=HEX&other=value`
void find_in_query(std::string_view payload, Findings& findings) {
    static constexpr std::string_view key = "otr=";
    static constexpr std::string_view begins_parameter = "?&";
    std::size_t at = payload.find('?');
    while (at != std::string_view::npos) {
        const std::size_t end = payload.find_first_of(begins_parameter, at + 1);
        const std::string_view parameter = payload.substr(at + 1, end - at - 1);
        if (parameter.starts_with(key)) {
            const auto found = Fingerprint::from_hex(parameter.substr(key.size()));
            found ? findings.add(found) : findings.refuse();
        }
        at = end;
    }
}

/// `https://chatsecure.org/i/#BASE64`, `...#i=BASE64&...`, `...?i=BASE64&...`
void find_share_links(std::string_view ascii, Findings& findings) {
    static constexpr std::string_view ends_link = " \t\r\n<>\"'()";
    static constexpr std::string_view ends_part = "#?&=";
    for (auto at = ascii.find(share_link); at != std::string_view::npos;
         at = ascii.find(share_link, at + 1)) {
        std::string_view link = ascii.substr(at + share_link.size());
        link = link.substr(0, link.find_first_of(ends_link));
        while (!link.empty()) {
            const std::size_t end = std::min(link.find_first_of(ends_part), link.size());
            find_in_query(decode_base64(link.substr(0, end)), findings);
            link.remove_prefix(std::min(end + 1, link.size()));
        }
    }
}

bool is_kept_in_uri(char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '@';
}

} // namespace

util::Expected<Fingerprint> parse_code(std::string_view text) {
    if (text.size() > longest_code) {
        return util::failure(util::ErrorCode::TooLarge, "longer than 4 KiB");
    }
    const std::string ascii = to_ascii(text);
    Findings findings;
    find_hex(ascii, findings);
    find_words(ascii, findings);
    find_share_links(ascii, findings);
    return findings.result();
}

std::string to_xmpp_uri(std::string_view jid, const Fingerprint& fingerprint) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string uri = "xmpp:";
    for (const char c : jid.substr(0, jid.find('/'))) {
        if (is_kept_in_uri(c)) {
            uri += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            uri += '%';
            uri += digits[byte >> 4U];
            uri += digits[byte & 0xfU];
        }
    }
    uri += "?subscribe;otr-fingerprint=";
    uri += fingerprint.to_hex();
    return uri;
}

util::SecretString make_pin() {
    constexpr std::uint32_t pins = 1'000'000;
    constexpr std::uint32_t fair_below = UINT32_MAX - UINT32_MAX % pins;
    std::uint32_t value = 0;
    do {
        gcry_randomize(&value, sizeof value, GCRY_STRONG_RANDOM);
    } while (value >= fair_below);
    value %= pins;
    std::array<char, 6> digits{};
    for (std::size_t place = digits.size(); place > 0; --place) {
        digits[place - 1] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    util::SecretString pin(std::string_view(digits.data(), digits.size()));
    util::wipe(digits.data(), digits.size());
    return pin;
}

util::SecretString pin_in_usual_digits(std::string_view typed) {
    constexpr std::array<char32_t, 2> zeros{0x0660, 0x06f0}; // of Arabic and Persian
    std::array<char, 6> digits{};
    std::size_t count = 0;
    for (std::string_view rest = typed; !rest.empty();) {
        const utf8::Decoded next = utf8::decode(rest);
        rest.remove_prefix(next.length);
        const auto zero = std::ranges::find_if(zeros, [&next](char32_t first) {
            return next.code_point >= first && next.code_point <= first + 9;
        });
        if (zero == zeros.end() || count == digits.size()) {
            return util::SecretString(typed);
        }
        digits.at(count++) = static_cast<char>('0' + (next.code_point - *zero));
    }
    util::SecretString pin(count == digits.size() ? std::string_view(digits.data(), count) : typed);
    util::wipe(digits.data(), digits.size());
    return pin;
}

} // namespace otr_guard::core
