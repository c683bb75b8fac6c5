// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/link_host.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

#include "core/punycode.h"
#include "core/text_cleaner.h"
#include "core/utf8.h"

namespace otr_guard::core {

namespace {

constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;
constexpr std::string_view encoded_prefix = "xn--";

struct Range {
    char32_t first;
    char32_t last;
};

template <std::size_t size> bool is_in(char32_t c, const std::array<Range, size>& ranges) {
    return std::ranges::any_of(
        ranges, [c](const Range& range) { return c >= range.first && c <= range.last; });
}

/// Characters that browsers replace by others, that act as full stops, or that cannot be seen.
bool is_treacherous(char32_t c) {
    static constexpr std::array ranges{
        Range{0x80, 0xbf},       Range{0x034f, 0x034f},   Range{0x115f, 0x1160},
        Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f},   Range{0x2000, 0x2bff},
        Range{0x3000, 0x3004},   Range{0x3008, 0x3020},   Range{0x3164, 0x3164},
        Range{0x3200, 0x33ff},   Range{0xd800, 0xfaff},   Range{0xfb00, 0xfdff},
        Range{0xfe00, 0xffff},   Range{0x1bca0, 0x1bca3}, Range{0x1d000, 0x1d7ff},
        Range{0x1f100, 0x1f2ff}, Range{0xe0000, 0x10ffff}};
    return is_in(c, ranges) || is_control(c) || is_direction_control(c) || is_line_separator(c);
}

/// Alphabets in which letters look like those of another.
enum class Alphabet { Latin, Greek, Cyrillic, Armenian, Cherokee, Other };

Alphabet alphabet_of(char32_t c) {
    static constexpr std::array latin{Range{'a', 'z'}, Range{0xc0, 0x02af}, Range{0x1e00, 0x1eff}};
    static constexpr std::array greek{Range{0x0370, 0x03ff}, Range{0x1f00, 0x1fff}};
    static constexpr std::array cyrillic{Range{0x0400, 0x052f}, Range{0x1c80, 0x1c8f},
                                         Range{0xa640, 0xa69f}};
    static constexpr std::array armenian{Range{0x0530, 0x058f}};
    static constexpr std::array cherokee{Range{0x13a0, 0x13ff}, Range{0xab70, 0xabbf}};
    if (is_in(c, latin)) {
        return Alphabet::Latin;
    }
    if (is_in(c, greek)) {
        return Alphabet::Greek;
    }
    if (is_in(c, cyrillic)) {
        return Alphabet::Cyrillic;
    }
    if (is_in(c, armenian)) {
        return Alphabet::Armenian;
    }
    return is_in(c, cherokee) ? Alphabet::Cherokee : Alphabet::Other;
}

bool mixes_alphabets(std::u32string_view label) {
    std::optional<Alphabet> first;
    for (const char32_t c : label) {
        const Alphabet alphabet = alphabet_of(c);
        if (alphabet == Alphabet::Other) {
            continue;
        }
        if (first && *first != alphabet) {
            return true;
        }
        first = alphabet;
    }
    return false;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_plain_label(std::string_view label) {
    return !label.empty() && label.size() <= longest_label &&
           std::ranges::all_of(label, [](char c) {
               return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
           });
}

std::vector<std::string_view> split(std::string_view name) {
    std::vector<std::string_view> labels;
    while (true) {
        const std::size_t dot = name.find('.');
        labels.push_back(name.substr(0, dot));
        if (dot == std::string_view::npos) {
            return labels;
        }
        name.remove_prefix(dot + 1);
    }
}

/// Valid UTF-8 in lower case; nothing else.
std::optional<std::u32string> characters_of(std::string_view label) {
    std::u32string characters;
    while (!label.empty()) {
        const utf8::Decoded next = utf8::decode(label);
        if (!next.is_valid || is_treacherous(next.code_point)) {
            return std::nullopt;
        }
        characters += next.code_point < 0x80
                          ? static_cast<char32_t>(lower(static_cast<char>(next.code_point)))
                          : next.code_point;
        label.remove_prefix(next.length);
    }
    return characters;
}

std::string to_utf8(std::u32string_view characters) {
    std::string text;
    for (const char32_t c : characters) {
        utf8::append(text, c);
    }
    return text;
}

struct Label {
    std::string ascii;
    std::string readable;
    bool mixes_alphabets = false;
};

std::optional<Label> parse_label(std::string_view text) {
    const auto characters = characters_of(text);
    if (!characters) {
        return std::nullopt;
    }
    std::string ascii = to_utf8(*characters);
    std::u32string read = *characters;
    if (std::ranges::any_of(*characters, [](char32_t c) { return c >= 0x80; })) {
        const auto encoded = encode_punycode(*characters);
        if (!encoded) {
            return std::nullopt;
        }
        ascii = std::string(encoded_prefix) + *encoded;
    } else if (ascii.starts_with(encoded_prefix)) {
        const auto decoded = decode_punycode(ascii.substr(encoded_prefix.size()));
        if (!decoded || std::ranges::any_of(*decoded, is_treacherous)) {
            return std::nullopt;
        }
        read = *decoded;
    }
    if (!is_plain_label(ascii)) {
        return std::nullopt;
    }
    return Label{.ascii = std::move(ascii),
                 .readable = to_utf8(read),
                 .mixes_alphabets = mixes_alphabets(read)};
}

// --- Numbers -----------------------------------------------------------------------------------

/// As browsers take it: decimal, octal after a zero, hexadecimal after 0x.
std::optional<std::uint32_t> number_in(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text.starts_with('0')) {
        base = 8;
        text.remove_prefix(1);
    }
    std::uint32_t number = 0;
    const auto [rest, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, base);
    const bool is_whole = rest == text.data() + text.size();
    if (base == 16 && text.empty()) {
        return 0;
    }
    return error == std::errc{} && is_whole ? std::optional(number) : std::nullopt;
}

/// The last part decides for browsers whether all of it is a number.
bool is_numeric(std::string_view last_label) {
    return (!last_label.empty() && std::ranges::all_of(last_label, is_digit)) ||
           (last_label.starts_with("0x") && number_in(last_label));
}

bool is_canonical(std::string_view label) {
    return std::ranges::all_of(label, is_digit) && (label.size() == 1 || label.front() != '0');
}

bool is_near_number(std::uint32_t address) {
    struct Net {
        std::uint32_t address;
        unsigned bits;
    };
    static constexpr std::array near{Net{0x00000000, 8},  Net{0x0a000000, 8},  Net{0x7f000000, 8},
                                     Net{0x64400000, 10}, Net{0xa9fe0000, 16}, Net{0xac100000, 12},
                                     Net{0xc0a80000, 16}};
    return std::ranges::any_of(near, [address](const Net& net) {
        return (address ^ net.address) >> (32U - net.bits) == 0;
    });
}

std::optional<LinkHost> parse_number(const std::vector<std::string_view>& labels) {
    if (labels.size() > 4) {
        return std::nullopt;
    }
    std::uint32_t address = 0;
    bool is_odd = labels.size() != 4;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto number = number_in(labels[i]);
        const bool is_last = i + 1 == labels.size();
        const auto room = static_cast<unsigned>(8 * (is_last ? 4 - i : 1));
        if (!number || (room < 32 && (*number >> room) != 0)) {
            return std::nullopt;
        }
        is_odd = is_odd || !is_canonical(labels[i]);
        address |= is_last ? *number : *number << (24U - 8U * static_cast<unsigned>(i));
    }
    std::string ascii;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        ascii += std::to_string((address >> shift) & 0xffU) + (shift > 0 ? "." : "");
    }
    return LinkHost{.ascii = std::move(ascii),
                    .readable = {},
                    .is_number = true,
                    .is_odd_number = is_odd,
                    .mixes_alphabets = false,
                    .is_near = is_near_number(address)};
}

/// Not taken apart, except for what is near.
std::optional<LinkHost> parse_bracketed(std::string_view text) {
    const std::string_view inner = text.substr(1, text.size() - 2);
    std::string ascii(text);
    std::ranges::transform(ascii, ascii.begin(), lower);
    const bool is_plain = std::ranges::all_of(inner, [](char c) {
        return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
    });
    if (!is_plain || std::ranges::count(inner, ':') < 2 || inner.size() > 45) {
        return std::nullopt;
    }
    const bool is_near = ascii.starts_with("[::") || ascii.starts_with("[fe8") ||
                         ascii.starts_with("[fc") || ascii.starts_with("[fd");
    return LinkHost{.ascii = std::move(ascii),
                    .readable = {},
                    .is_number = true,
                    .is_odd_number = false,
                    .mixes_alphabets = false,
                    .is_near = is_near};
}

bool is_near_name(std::string_view name) {
    static constexpr std::array<std::string_view, 7> endings{
        "localhost", "local", "lan", "home", "internal", "intranet", "home.arpa"};
    const bool is_short = name.find('.') == std::string_view::npos;
    return is_short || std::ranges::any_of(endings, [name](std::string_view ending) {
               return name.ends_with(ending) && name.size() > ending.size() &&
                      name[name.size() - ending.size() - 1] == '.';
           });
}

} // namespace

std::optional<LinkHost> parse_link_host(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        return parse_bracketed(text);
    }
    if (text.ends_with('.')) {
        text.remove_suffix(1);
    }
    LinkHost host;
    for (const std::string_view part : split(text)) {
        const auto label = parse_label(part);
        if (!label) {
            return std::nullopt;
        }
        const std::string_view separator = host.ascii.empty() ? "" : ".";
        host.ascii.append(separator).append(label->ascii);
        host.readable.append(separator).append(label->readable);
        host.mixes_alphabets = host.mixes_alphabets || label->mixes_alphabets;
    }
    if (host.ascii.size() > longest_name) {
        return std::nullopt;
    }
    const auto labels = split(host.ascii);
    if (is_numeric(labels.back())) {
        return parse_number(labels);
    }
    if (host.readable == host.ascii) {
        host.readable.clear();
    }
    host.is_near = is_near_name(host.ascii);
    return host;
}

} // namespace otr_guard::core
