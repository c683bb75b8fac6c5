// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/words.h"

#include <gcrypt.h>

#include <algorithm>
#include <cstdint>

#include "core/bip39_english.h"

namespace otr_guard::core {

namespace {

constexpr unsigned bits_per_word = 11;
constexpr unsigned check_bits = 5;
constexpr std::size_t prefix_letters = 4;
constexpr std::size_t longest_word = 8;

static_assert(bip39_english.size() == 1U << bits_per_word);
static_assert(std::ranges::is_sorted(bip39_english), "words are found by binary search");
static_assert(fingerprint_word_count * bits_per_word == 8 * model::Fingerprint::size + check_bits);

/// The fingerprint and behind it a byte whose upper five bits are the check bits.
using CheckedBytes = std::array<std::uint8_t, model::Fingerprint::size + 1>;

CheckedBytes with_check_bits(const model::Fingerprint& fingerprint) {
    std::array<std::uint8_t, 32> digest{};
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest.data(), fingerprint.bytes().data(),
                        fingerprint.bytes().size());
    CheckedBytes bytes{};
    std::ranges::copy(fingerprint.bytes(), bytes.begin());
    bytes.back() = static_cast<std::uint8_t>(digest[0] & 0xf8U);
    return bytes;
}

bool is_separator(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',' || c == '-';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The next word of `text`, which is taken off its front; empty when there is none.
std::string_view take_word(std::string_view& text) {
    const auto begin = std::ranges::find_if_not(text, is_separator);
    const auto end = std::find_if(begin, text.end(), is_separator);
    const std::string_view word(begin, end);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    return word;
}

std::optional<std::size_t> index_of(std::string_view typed) {
    if (typed.size() > longest_word) {
        return std::nullopt;
    }
    std::string word(typed);
    std::ranges::transform(word, word.begin(), lower);
    const auto found = std::ranges::lower_bound(bip39_english, word);
    if (found == bip39_english.end()) {
        return std::nullopt;
    }
    const bool is_cut = word.size() == prefix_letters && found->starts_with(word);
    if (*found != word && !is_cut) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - bip39_english.begin());
}

} // namespace

std::array<std::string_view, fingerprint_word_count>
words_of(const model::Fingerprint& fingerprint) {
    std::array<std::string_view, fingerprint_word_count> words{};
    std::size_t next = 0;
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const std::uint8_t byte : with_check_bits(fingerprint)) {
        buffer = (buffer << 8U) | byte;
        bits += 8;
        if (bits >= bits_per_word && next < words.size()) {
            bits -= bits_per_word;
            words[next++] = bip39_english[(buffer >> bits) & 0x7ffU];
        }
    }
    return words;
}

std::string to_words(const model::Fingerprint& fingerprint) {
    std::string text;
    for (const std::string_view word : words_of(fingerprint)) {
        if (!text.empty()) {
            text += ' ';
        }
        text += word;
    }
    return text;
}

std::optional<model::Fingerprint> fingerprint_from_words(std::string_view text) {
    CheckedBytes bytes{};
    std::size_t filled = 0;
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (std::size_t i = 0; i < fingerprint_word_count; ++i) {
        const auto index = index_of(take_word(text));
        if (!index) {
            return std::nullopt;
        }
        buffer = (buffer << bits_per_word) | static_cast<std::uint32_t>(*index);
        bits += bits_per_word;
        while (bits >= 8) {
            bits -= 8;
            bytes[filled++] = static_cast<std::uint8_t>(buffer >> bits);
        }
    }
    if (!take_word(text).empty()) {
        return std::nullopt;
    }
    bytes[filled] = static_cast<std::uint8_t>(buffer << (8 - bits));
    const model::Fingerprint fingerprint(std::span<const std::uint8_t, model::Fingerprint::size>(
        bytes.data(), model::Fingerprint::size));
    if (with_check_bits(fingerprint) != bytes) {
        return std::nullopt;
    }
    return fingerprint;
}

} // namespace otr_guard::core
