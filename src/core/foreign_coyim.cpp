// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/foreign.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/dsa_numbers.h"
#include "core/fingerprint_line.h"

namespace otr_guard::core {

namespace {

using nlohmann::json;

constexpr std::string_view protocol = "xmpp";

const json& member(const json& object, const char* name) {
    static const json nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

std::string text_member(const json& object, const char* name) {
    const json& value = member(object, name);
    return value.is_string() ? value.get<std::string>() : std::string();
}

bool is_set(const json& object, const char* name) {
    const json& value = member(object, name);
    return value.is_boolean() && value.get<bool>();
}

/// CoyIM writes this note itself after any check by a question, whoever has asked.
bool is_smp_note(std::string_view note) {
    return std::ranges::equal(note, std::string_view("SMP"), {}, [](unsigned char character) {
        return static_cast<char>(std::toupper(character));
    });
}

void read_fingerprint(const json& entry, const model::PeerId& peer, const ForeignFile& file) {
    const auto fingerprint =
        entry.is_object() ? model::Fingerprint::from_hex(text_member(entry, "FingerprintHex"))
                          : std::nullopt;
    if (!fingerprint || peer.username.empty()) {
        file.remark(ForeignProblem::Malformed);
        return;
    }
    const bool is_marked = is_set(entry, "Trusted");
    const bool is_doubtful = is_marked && is_smp_note(text_member(entry, "Tag"));
    file.add_key(peer, *fingerprint,
                 is_marked && !is_doubtful ? verified_word : std::string_view());
    if (is_doubtful) {
        file.profile.keys.back().doubt = Doubt::OnlyAnswered;
    }
}

void read_own_key(const json& value, const model::AccountId& account, const ForeignFile& file) {
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
        return;
    }
    auto numbers = read_potr_key(from_base64(value.get_ref<const std::string&>()));
    file.add_own(account, numbers ? key_of(std::move(*numbers))
                                  : util::Expected<CheckedKey>(tl::unexpected(numbers.error())));
}

/// What older versions wrote.
void read_old_keys(const json& entry, const model::AccountId& account, const ForeignFile& file) {
    read_own_key(member(entry, "PrivateKey"), account, file);
    for (const json& known : member(entry, "KnownFingerprints")) {
        if (!known.is_object()) {
            file.remark(ForeignProblem::Malformed);
            continue;
        }
        const auto fingerprint = model::Fingerprint::from_hex(text_member(known, "FingerprintHex"));
        if (!fingerprint || text_member(known, "UserID").empty()) {
            file.remark(ForeignProblem::Malformed);
            continue;
        }
        file.add_key({account, text_member(known, "UserID")}, *fingerprint,
                     member(known, "Untrusted") == json(false) ? verified_word
                                                               : std::string_view());
    }
}

void read_account(const json& entry, const ForeignFile& file) {
    const std::string name = entry.is_object() ? text_member(entry, "Account") : std::string();
    if (name.empty()) {
        file.remark(ForeignProblem::Malformed);
        return;
    }
    const model::AccountId account{name, std::string(protocol)};
    for (const json& key : member(entry, "PrivateKeys")) {
        read_own_key(key, account, file);
    }
    for (const json& peer : member(entry, "Peers")) {
        if (!peer.is_object()) {
            file.remark(ForeignProblem::Malformed);
            continue;
        }
        for (const json& fingerprint : member(peer, "Fingerprints")) {
            read_fingerprint(fingerprint, {account, text_member(peer, "UserID")}, file);
        }
    }
    read_old_keys(entry, account, file);
}

// --- Writing -----------------------------------------------------------------------------------

constexpr std::string_view xmpp = "prpl-jabber";
/// Shown in CoyIM beside the fingerprint; must not be the note of a question.
constexpr std::string_view our_note = "OTR Guard";

std::string bare(const std::string& name) {
    return name.substr(0, name.find('/'));
}

/// An element with this name in a list of them, made when there is none.
json& entry_named(json& list, const char* member_name, const std::string& name) {
    for (json& entry : list) {
        if (entry.at(member_name) == name) {
            return entry;
        }
    }
    list.push_back({{member_name, name}});
    return list.back();
}

json fingerprint_entry(const KnownKey& key) {
    json entry{{"FingerprintHex", key.fingerprint.to_hex()}, {"Trusted", key.is_verified()}};
    if (key.is_verified()) {
        entry["Tag"] = our_note;
    }
    return entry;
}

/// Names need not be UTF-8, which JSON must be.
std::string printed(const json& whole) {
    constexpr int indent = 1;
    return whole.dump(indent, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace

util::SecretString coyim_accounts(const std::vector<KeyOfPeer>& keys,
                                  std::span<const NamedKey> own) {
    json accounts = json::array();
    for (const NamedKey& key : own) {
        const auto numbers = numbers_of(key.key);
        if (key.account.protocol == xmpp && numbers) {
            entry_named(accounts, "Account", bare(key.account.username))["PrivateKeys"].push_back(
                to_base64(write_potr_key(*numbers)));
        }
    }
    for (const auto& [peer, key] : keys) {
        if (peer.account.protocol == xmpp) {
            json& account = entry_named(accounts, "Account", bare(peer.account.username));
            entry_named(account["Peers"], "UserID", peer.username)["Fingerprints"].push_back(
                fingerprint_entry(key));
        }
    }
    return util::SecretString(printed({{"Accounts", accounts}}));
}

void read_coyim_accounts(std::string_view text, const ForeignFile& file) {
    const json whole = json::parse(text, nullptr, false);
    if (!whole.is_object() || !member(whole, "Accounts").is_array()) {
        file.remark(ForeignProblem::Malformed);
        return;
    }
    for (const json& entry : member(whole, "Accounts")) {
        read_account(entry, file);
    }
}

} // namespace otr_guard::core
