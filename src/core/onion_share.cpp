// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/onion_share.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <gcrypt.h>
#include <span>
#include <utility>

#include "model/sharing_limits.h"

namespace otr_guard::core {

namespace {

namespace limits = model::limits;

constexpr std::string_view scheme = "http://";
constexpr std::string_view onion = ".onion";
constexpr std::string_view localhost = "127.0.0.1:";
constexpr std::size_t name_characters = 56;
constexpr std::size_t key_characters = 52;
constexpr std::size_t public_key_bytes = 32;
constexpr std::size_t name_bytes = 35;
constexpr std::uint8_t version = 3;

/// Without the case, because keys are written in upper and names in lower case.
int base32_value(char c, char first_letter) {
    if (c >= first_letter && c < first_letter + 26) {
        return c - first_letter;
    }
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

bool is_base32(std::string_view text, char first_letter) {
    return std::ranges::all_of(
        text, [first_letter](char c) { return base32_value(c, first_letter) >= 0; });
}

std::array<std::uint8_t, name_bytes> decode(std::string_view name) {
    std::array<std::uint8_t, name_bytes> bytes{};
    unsigned bits = 0;
    unsigned bit_count = 0;
    std::size_t at = 0;
    for (const char c : name) {
        bits = (bits << 5U) | static_cast<unsigned>(base32_value(c, 'a'));
        bit_count += 5;
        if (bit_count >= 8) {
            bit_count -= 8;
            bytes.at(at++) = static_cast<std::uint8_t>(bits >> bit_count);
            bits &= (1U << bit_count) - 1U;
        }
    }
    return bytes;
}

bool is_key(std::string_view text) {
    return text.size() == key_characters && is_base32(text, 'A');
}

bool is_local_address(std::string_view address) {
    if (!address.starts_with(scheme) || !address.substr(scheme.size()).starts_with(localhost)) {
        return false;
    }
    const std::string_view digits = address.substr(scheme.size() + localhost.size());
    unsigned port = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return error == std::errc{} && rest == digits.data() + digits.size() && port > 0 &&
           port <= 65535 && digits.front() != '0';
}

bool is_onion_address(std::string_view address) {
    return address.starts_with(scheme) && is_onion_host(address.substr(scheme.size()));
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// The first run of characters that could be one as a whole.
std::string find_key(std::string_view text) {
    while (!text.empty()) {
        const auto* const begin = std::ranges::find_if(text, is_key_character);
        const auto* const end = std::find_if_not(begin, text.end(), is_key_character);
        const std::string_view word(begin, static_cast<std::size_t>(end - begin));
        if (is_key(word)) {
            return std::string(word);
        }
        text = std::string_view(end, static_cast<std::size_t>(text.end() - end));
    }
    return {};
}

/// The number in front of a percent sign, whole: "Connecting to the Tor network: 85% - Loading",
/// "12.0 KiB, 45.67%".
std::optional<unsigned> percent_in(std::string_view line) {
    const std::size_t sign = line.find('%');
    if (sign == std::string_view::npos || sign == 0) {
        return std::nullopt;
    }
    const std::size_t before = line.substr(0, sign).find_last_not_of("0123456789.");
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    unsigned percent = 0;
    const auto [rest, error] = std::from_chars(line.data() + begin, line.data() + sign, percent);
    const bool is_number = error == std::errc{} && (rest == line.data() + sign || *rest == '.');
    return is_number && percent <= 100 ? std::optional(percent) : std::nullopt;
}

struct KnownTrouble {
    std::string_view begin;
    OnionShareOutput::Trouble trouble;
};

} // namespace

// --- Addresses ---------------------------------------------------------------------------------

bool is_onion_host(std::string_view host) {
    if (host.size() != name_characters + onion.size() || !host.ends_with(onion) ||
        !is_base32(host.substr(0, name_characters), 'a')) {
        return false;
    }
    const auto bytes = decode(host.substr(0, name_characters));
    if (bytes.back() != version) {
        return false;
    }
    constexpr std::string_view label = ".onion checksum";
    std::string checked(label);
    for (const std::uint8_t byte : std::span(bytes).first<public_key_bytes>()) {
        checked += static_cast<char>(byte);
    }
    checked += static_cast<char>(version);
    std::array<std::uint8_t, 32> digest{};
    gcry_md_hash_buffer(GCRY_MD_SHA3_256, digest.data(), checked.data(), checked.size());
    return digest[0] == bytes[public_key_bytes] && digest[1] == bytes[public_key_bytes + 1];
}

std::optional<OnionShareAddress> find_onion_address(std::string_view plain_text) {
    for (std::size_t at = plain_text.find(onion); at != std::string_view::npos;
         at = plain_text.find(onion, at + 1)) {
        const std::size_t end = at + onion.size();
        // A full stop may end a sentence.
        std::string_view after = plain_text.substr(end);
        after.remove_prefix(after.starts_with('.') ? 1 : 0);
        if (at < name_characters || (!after.empty() && is_name_character(after.front()))) {
            continue;
        }
        const std::size_t begin = at - name_characters;
        const std::string_view host = plain_text.substr(begin, end - begin);
        // "http://" or nothing; part of a longer name is another host.
        const bool is_whole = begin == 0 || !is_name_character(plain_text[begin - 1]);
        if (is_whole && is_onion_host(host)) {
            return OnionShareAddress{.address = std::string(scheme).append(host),
                                     .key = find_key(plain_text.substr(end))};
        }
    }
    return std::nullopt;
}

// --- Output ------------------------------------------------------------------------------------

void OnionShareOutput::take(std::string_view bytes) {
    m_waiting += bytes;
}

std::optional<OnionShareOutput::News> OnionShareOutput::next() {
    while (true) {
        const std::size_t end = m_waiting.find_first_of("\r\n");
        if (end == std::string::npos) {
            if (m_waiting.size() > limits::program_line_bytes) {
                m_waiting.clear();
                m_is_too_long = true;
            }
            return std::nullopt;
        }
        const std::string line = m_waiting.substr(0, end);
        m_waiting.erase(0, end + 1);
        const bool is_whole = !m_is_too_long && line.size() <= limits::program_line_bytes;
        m_is_too_long = false;
        if (is_whole && !line.empty()) {
            if (auto news = read(line)) {
                return news;
            }
        }
    }
}

std::optional<OnionShareOutput::News> OnionShareOutput::read(std::string_view line) {
    static constexpr std::array troubles{
        KnownTrouble{"You must install tor", Trouble::TorMissing},
        KnownTrouble{"OnionShare could not connect to Tor", Trouble::NoTor},
        KnownTrouble{"Could not connect to the Tor controller", Trouble::NoTor},
        KnownTrouble{"Can't connect to", Trouble::NoTor},
        KnownTrouble{"Connected to", Trouble::NoTor},
        KnownTrouble{"Tor error", Trouble::NoTor},
        KnownTrouble{"Taking too long to connect to Tor", Trouble::TooSlow},
        KnownTrouble{"OnionShare port not available", Trouble::NoPort},
        KnownTrouble{"No space left on device", Trouble::File},
        KnownTrouble{"Permission denied", Trouble::File},
    };
    if (m_announcing != Announcing::Nothing) {
        return read_share(line);
    }
    if (line == "Give this address and private key to the recipient:") {
        m_announcing = Announcing::Address;
    } else if (line == "Give this address to the recipient:") {
        m_announcing = Announcing::AddressAlone;
    } else if (line == "Stopped because transfer is complete") {
        return Complete{};
    } else if (line.starts_with("Connecting to the Tor network: ")) {
        const auto percent = percent_in(line);
        return percent ? std::optional<News>(Connecting{*percent}) : std::nullopt;
    } else if (line.ends_with("is not a valid file.") ||
               line.ends_with("is not a readable file.")) {
        return Trouble::File;
    } else if (const auto* const known = std::ranges::find_if(
                   troubles,
                   [line](const KnownTrouble& trouble) { return line.starts_with(trouble.begin); });
               known != troubles.end()) {
        return known->trouble;
    } else if (line.find("B, ") != std::string_view::npos) {
        const auto percent = percent_in(line);
        return percent ? std::optional<News>(Downloading{*percent}) : std::nullopt;
    }
    return std::nullopt;
}

/// Anything but what must come ends the announcement.
std::optional<OnionShareOutput::News> OnionShareOutput::read_share(std::string_view line) {
    constexpr std::string_view key_label = "Private key: ";
    const Announcing expected = std::exchange(m_announcing, Announcing::Nothing);
    if (expected == Announcing::Key) {
        const std::string_view key = line.substr(std::min(key_label.size(), line.size()));
        if (!line.starts_with(key_label) || !is_key(key)) {
            return std::nullopt;
        }
        return Ready{{.address = m_address,
                      .key = std::string(key),
                      .is_local = is_local_address(m_address)}};
    }
    if (!is_onion_address(line) && !is_local_address(line)) {
        return std::nullopt;
    }
    m_address = line;
    if (expected == Announcing::AddressAlone) {
        return Ready{{.address = m_address, .key = {}, .is_local = is_local_address(m_address)}};
    }
    m_announcing = Announcing::Key;
    return std::nullopt;
}

} // namespace otr_guard::core
