// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/foreign.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/fingerprint_line.h"
#include "model/limits.h"

namespace otr_guard::core {

namespace {

using SexpPtr = util::CPtr<gcry_sexp, gcry_sexp_release>;

enum class Meaning { Nothing, ByHand, BySmp, Rejected };

struct TrustWord {
    std::string_view word;
    Meaning meaning;
};

/// Every word that a program is known to write; case counts.
constexpr std::array trust_words{
    TrustWord{"", Meaning::Nothing},
    TrustWord{"verified", Meaning::ByHand},     // pidgin-otr, Adium, Kopete, Tor Messenger, potr
    TrustWord{"smp", Meaning::BySmp},           // libotr, potr
    TrustWord{"VERIFIED", Meaning::ByHand},     // KDE Telepathy
    TrustWord{"trusted", Meaning::ByHand},      // Profanity
    TrustWord{"manual", Meaning::ByHand},       // irssi-otr
    TrustWord{"TrustedUser", Meaning::ByHand},  // ChatSecure for iPhone, as the next ones
    TrustWord{"TrustedTofu", Meaning::Nothing}, // on first use, so by nobody
    TrustWord{"UntrustedNew", Meaning::Nothing},
    TrustWord{"UntrustedUser", Meaning::Rejected},
};

/// The text of `(name ...)` in a list.
std::optional<std::string> text_in(gcry_sexp_t list, const char* name) {
    const SexpPtr found(gcry_sexp_find_token(list, name, 0));
    std::size_t size = 0;
    const char* text = found == nullptr ? nullptr : gcry_sexp_nth_data(found.get(), 1, &size);
    return text == nullptr ? std::nullopt : std::optional<std::string>(std::in_place, text, size);
}

util::Expected<CheckedKey> key_in(gcry_sexp_t account) {
    const SexpPtr key(gcry_sexp_find_token(account, "private-key", 0));
    const std::size_t size =
        key == nullptr ? 0 : gcry_sexp_sprint(key.get(), GCRYSEXP_FMT_CANON, nullptr, 0);
    if (size == 0 || size > model::limits::private_key_bytes) {
        return util::failure(util::ErrorCode::Malformed, "no private key");
    }
    std::string text(size, '\0');
    text.resize(gcry_sexp_sprint(key.get(), GCRYSEXP_FMT_CANON, text.data(), text.size()));
    return check_key_text(text);
}

/// Five columns, of which the last may be missing; programs also write the code in groups.
std::optional<ForeignKey> key_of_line(std::string line) {
    constexpr std::size_t columns_before_code = 3;
    std::size_t start = 0;
    for (std::size_t column = 0; column < columns_before_code; ++column) {
        start = line.find('\t', start);
        if (start == std::string::npos) {
            return std::nullopt;
        }
        ++start;
    }
    const std::size_t end = std::min(line.find('\t', start), line.size());
    const auto code = line.begin() + static_cast<std::ptrdiff_t>(start);
    line.erase(std::remove(code, line.begin() + static_cast<std::ptrdiff_t>(end), ' '),
               line.begin() + static_cast<std::ptrdiff_t>(end));
    const auto parsed = parse_fingerprint_line(line);
    if (!parsed) {
        return std::nullopt;
    }
    ForeignKey key;
    key.key.first = {{std::string(parsed->account), std::string(parsed->protocol)},
                     std::string(parsed->username)};
    key.key.second.fingerprint = parsed->fingerprint;
    return with_trust(std::move(key), parsed->trust_word);
}

} // namespace

ForeignKey with_trust(ForeignKey key, std::string_view trust_word) {
    const auto found = std::ranges::find(trust_words, trust_word, &TrustWord::word);
    if (found == trust_words.end()) {
        key.doubt = Doubt::UnknownWord;
        key.word = trust_word;
    } else if (found->meaning == Meaning::Rejected) {
        key.is_rejected = true;
    } else if (found->meaning != Meaning::Nothing) {
        key.key.second.trust_word = found->meaning == Meaning::BySmp ? smp_word : verified_word;
    }
    return key;
}

void ForeignFile::add_own(model::AccountId account, util::Expected<CheckedKey> key) const {
    if (!key) {
        remark(ForeignProblem::BadKey, key.error().detail);
    } else if (profile.own.size() >= model::limits::foreign_own_keys) {
        remark(ForeignProblem::TooLarge);
    } else {
        profile.own.push_back({std::move(account), std::move(*key)});
    }
}

void ForeignFile::add_key(model::PeerId peer, const model::Fingerprint& fingerprint,
                          std::string_view trust_word) const {
    ForeignKey key;
    key.key.first = std::move(peer);
    key.key.second.fingerprint = fingerprint;
    profile.keys.push_back(with_trust(std::move(key), trust_word));
}

void read_libotr_keys(std::string_view text, const ForeignFile& file) {
    gcry_sexp_t read = nullptr;
    if (gcry_sexp_new(&read, text.data(), text.size(), 0) != 0) {
        file.remark(ForeignProblem::Malformed);
        return;
    }
    const SexpPtr list(read);
    const int length = gcry_sexp_length(list.get());
    for (int i = 1; i < length; ++i) {
        const SexpPtr account(gcry_sexp_nth(list.get(), i));
        const auto name = text_in(account.get(), "name");
        const auto protocol = text_in(account.get(), "protocol");
        if (!name || !protocol) {
            file.remark(ForeignProblem::Malformed);
            continue;
        }
        if (file.profile.own.size() >= model::limits::foreign_own_keys) {
            file.remark(ForeignProblem::TooLarge);
            return;
        }
        file.add_own({*name, *protocol}, key_in(account.get()));
    }
}

bool read_libotr_fingerprints(std::string_view text, const ForeignFile& file) {
    const std::size_t before = file.profile.keys.size();
    bool is_whole = true;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        auto key = line.find('\0') == std::string_view::npos ? key_of_line(std::string(line))
                                                             : std::nullopt;
        if (key) {
            file.profile.keys.push_back(std::move(*key));
        } else {
            is_whole = is_whole && line.find_first_not_of(" \t\r") == std::string_view::npos;
        }
    }
    const bool has_keys = file.profile.keys.size() > before;
    if (has_keys && !is_whole) {
        file.remark(ForeignProblem::Malformed);
    }
    return has_keys;
}

} // namespace otr_guard::core
