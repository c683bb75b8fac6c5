// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// A file of ChatSecure for Android has these properties, in any order:
//
//   alice@example.org.privateKey = PKCS#8            one of the user's own keys,
//   alice@example.org.publicKey = X.509              and what belongs to it
//   bob@example.org/phone.publicKey = X.509          somebody else's
//   bob@example.org/phone.fingerprint = 40 digits
//   bob@example.org.<40 digits>.publicKey.verified = true | false
#include "core/foreign.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

#include "core/dsa_numbers.h"
#include "core/fingerprint_line.h"
#include "core/java_properties.h"

namespace otr_guard::core {

namespace {

constexpr std::string_view protocol = "xmpp";

/// What the properties say about one name.
struct Entry {
    std::string private_key;
    std::string public_key;
    std::string fingerprint;
};

struct Keystore {
    std::map<std::string, Entry> entries;
    /// By bare name and fingerprint: whether it is marked as verified.
    std::map<std::pair<std::string, model::Fingerprint>, bool> marks;
};

bool take_end(std::string& text, std::string_view end) {
    if (!text.ends_with(end)) {
        return false;
    }
    text.resize(text.size() - end.size());
    return true;
}

std::string bare(std::string_view name) {
    return std::string(name.substr(0, name.find('/')));
}

bool is_true(std::string_view value) {
    return std::ranges::equal(value, std::string_view("true"), {}, [](unsigned char character) {
        return static_cast<char>(std::tolower(character));
    });
}

/// Old versions wrote line breaks inside base64 as a backslash and an n.
std::string decoded(std::string value) {
    for (std::size_t at = value.find("\\n"); at != std::string::npos; at = value.find("\\n", at)) {
        value.erase(at, 2);
    }
    return from_base64(value);
}

void add_mark(Keystore& keystore, const std::string& name, bool is_verified,
              const ForeignFile& file) {
    const std::size_t dot = name.rfind('.');
    const auto fingerprint =
        dot == std::string::npos
            ? std::nullopt
            : model::Fingerprint::from_hex(std::string_view(name).substr(dot + 1));
    if (!fingerprint) {
        file.remark(ForeignProblem::Malformed);
        return;
    }
    const auto [mark, is_new] = keystore.marks.emplace(
        std::pair(bare(std::string_view(name).substr(0, dot)), *fingerprint), is_verified);
    mark->second = mark->second && is_verified;
}

Keystore sorted(std::string_view text, const ForeignFile& file) {
    Keystore keystore;
    for (auto& [name, value] : parse_java_properties(text)) {
        if (take_end(name, ".publicKey.verified")) {
            add_mark(keystore, name, is_true(value), file);
        } else if (take_end(name, ".publicKey")) {
            keystore.entries[name].public_key = std::move(value);
        } else if (take_end(name, ".privateKey")) {
            keystore.entries[name].private_key = std::move(value);
        } else if (take_end(name, ".fingerprint")) {
            keystore.entries[name].fingerprint = std::move(value);
        }
    }
    return keystore;
}

/// The private key, of which the public one is said beside it or computed.
util::Expected<CheckedKey> own_key(const Entry& entry) {
    auto numbers = read_private_der(decoded(entry.private_key));
    if (!numbers) {
        return tl::unexpected(numbers.error());
    }
    if (!entry.public_key.empty()) {
        const auto theirs = read_public_der(decoded(entry.public_key));
        if (!theirs || theirs->p != numbers->p || theirs->q != numbers->q ||
            theirs->g != numbers->g) {
            return util::failure(util::ErrorCode::Malformed, "the two halves do not match");
        }
        numbers->y = theirs->y;
    }
    return key_of(std::move(*numbers));
}

/// Nothing when the entry contradicts itself.
std::optional<model::Fingerprint> fingerprint_in(const Entry& entry, const ForeignFile& file) {
    const auto written = model::Fingerprint::from_hex(entry.fingerprint);
    if (!written && !entry.fingerprint.empty()) {
        file.remark(ForeignProblem::Malformed);
        return std::nullopt;
    }
    if (entry.public_key.empty()) {
        return written;
    }
    const auto numbers = read_public_der(decoded(entry.public_key));
    const auto computed = numbers ? fingerprint_of(*numbers) : tl::unexpected(numbers.error());
    if (!computed) {
        file.remark(ForeignProblem::Malformed);
        return std::nullopt;
    }
    if (written && *written != *computed) {
        file.remark(ForeignProblem::BadFingerprint);
        return std::nullopt;
    }
    return *computed;
}

} // namespace

bool read_chatsecure_keys(std::string_view text, bool is_from_keysync, const ForeignFile& file) {
    // KeySync's writer begins with an empty comment, Java's does not.
    const bool is_doubtful =
        is_from_keysync || text.starts_with("#\n") || text.starts_with("#\r\n");
    Keystore keystore = sorted(text, file);
    std::vector<std::string> accounts;
    for (const auto& [name, entry] : keystore.entries) {
        if (!entry.private_key.empty()) {
            accounts.push_back(name);
            file.add_own({name, std::string(protocol)}, own_key(entry));
        } else if (const auto fingerprint = fingerprint_in(entry, file)) {
            keystore.marks.emplace(std::pair(bare(name), *fingerprint), false);
        }
    }
    // Whose contact it is stands nowhere; with one account there is no question.
    const model::AccountId account{accounts.size() == 1 ? accounts.front() : std::string(),
                                   std::string(protocol)};
    for (const auto& [key, is_verified] : keystore.marks) {
        const std::string& name = key.first;
        if (std::ranges::any_of(accounts, [&name](const auto& own) { return bare(own) == name; })) {
            continue;
        }
        file.add_key({account, name}, key.second,
                     is_verified && !is_doubtful ? verified_word : std::string_view());
        if (is_verified && is_doubtful) {
            file.profile.keys.back().doubt = Doubt::KeySync;
        }
    }
    return !keystore.entries.empty() || !keystore.marks.empty();
}

} // namespace otr_guard::core
