// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/fingerprint_line.h"

namespace otr_guard::core {

namespace {

/// libotr reads lines into 1000 bytes; of a longer one it takes the rest for a line of its own.
constexpr std::size_t longest_line = 999;
constexpr std::size_t hex_digits = 2 * model::Fingerprint::size;

/// Cuts the first column and its tab off `line`; nothing when there is no tab.
std::optional<std::string_view> take_column(std::string_view& line) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view column = line.substr(0, tab);
    line.remove_prefix(tab + 1);
    return column;
}

} // namespace

std::string_view word_for(model::VerificationMethod method) {
    switch (method) {
    case model::VerificationMethod::Question:
    case model::VerificationMethod::Secret:
    case model::VerificationMethod::Pin:
        return smp_word;
    case model::VerificationMethod::ByHand:
    case model::VerificationMethod::Code:
    case model::VerificationMethod::Imported:
        break;
    }
    return verified_word;
}

bool means_verified(std::string_view trust_word) {
    return trust_word == verified_word || trust_word == smp_word;
}

std::optional<FingerprintLine> parse_fingerprint_line(std::string_view line) {
    const auto username = take_column(line);
    const auto account = username ? take_column(line) : std::nullopt;
    const auto protocol = account ? take_column(line) : std::nullopt;
    if (!protocol || username->empty() || account->empty() || protocol->empty()) {
        return std::nullopt;
    }
    const auto hex = take_column(line);
    line = line.substr(0, line.find('\r'));
    const auto fingerprint = model::Fingerprint::from_hex(hex.value_or(line));
    if (!fingerprint) {
        return std::nullopt;
    }
    return FingerprintLine{*username, *account, *protocol, *fingerprint,
                           hex ? line : std::string_view()};
}

void append_fingerprint_line(std::string& text, const FingerprintLine& line) {
    text.append(line.username).append("\t");
    text.append(line.account).append("\t");
    text.append(line.protocol).append("\t");
    text.append(line.fingerprint.to_hex()).append("\t").append(line.trust_word).append("\n");
}

bool fits_a_line(const model::PeerId& peer) {
    static constexpr std::string_view separators("\t\r\n\0", 4);
    const auto is_clean = [](std::string_view name) {
        return !name.empty() && name.find_first_of(separators) == std::string_view::npos;
    };
    constexpr std::size_t rest =
        hex_digits + verified_word.size() + std::string_view("\t\t\t\t\n").size();
    return is_clean(peer.username) && is_clean(peer.account.username) &&
           is_clean(peer.account.protocol) &&
           peer.username.size() + peer.account.username.size() + peer.account.protocol.size() +
                   rest <=
               longest_line;
}

} // namespace otr_guard::core
