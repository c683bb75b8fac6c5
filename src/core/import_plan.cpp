// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/import_plan.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <utility>

#include "core/fingerprint_line.h"

namespace otr_guard::core {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char character) {
        return static_cast<char>(std::tolower(character));
    });
    return result;
}

/// libpurple's name for a protocol that the programs have many names for.
std::string family(std::string_view protocol) {
    const std::string name = lower(protocol);
    const auto has = [&name](std::string_view part) {
        return name.find(part) != std::string::npos;
    };
    if (has("jabber") || has("xmpp") || has("gtalk") || has("google")) {
        return "prpl-jabber";
    }
    return has("irc") ? "prpl-irc" : name;
}

/// Without the resource, which programs have or have not.
std::string plain_name(const model::AccountId& account) {
    return lower(account.username.substr(0, account.username.find('/')));
}

bool is_same(const model::AccountId& theirs, const model::AccountId& ours) {
    return (theirs.protocol.empty() || family(theirs.protocol) == family(ours.protocol)) &&
           !theirs.username.empty() && plain_name(theirs) == plain_name(ours);
}

/// Psi also says prpl-jabber, but its accounts have other names.
bool is_name_of_libpurple(const model::AccountId& account) {
    return account.protocol.starts_with("prpl-") &&
           (account.protocol != "prpl-jabber" || account.username.find('/') != std::string::npos);
}

std::optional<model::AccountId> match(const model::AccountId& theirs,
                                      std::span<const model::AccountId> ours) {
    if (std::ranges::find(ours, theirs) != ours.end()) {
        return theirs;
    }
    const auto found = std::ranges::find_if(
        ours, [&theirs](const model::AccountId& account) { return is_same(theirs, account); });
    if (found != ours.end()) {
        return *found;
    }
    return is_name_of_libpurple(theirs) ? std::optional(theirs) : std::nullopt;
}

using Entries = std::map<std::pair<model::PeerId, model::Fingerprint>, ForeignKey>;

void add_entry(Entries& entries, ForeignKey entry) {
    const std::pair name(entry.key.first, entry.key.second.fingerprint);
    const auto found = entries.find(name);
    if (found == entries.end()) {
        entries.emplace(name, std::move(entry));
        return;
    }
    ForeignKey& kept = found->second;
    const bool is_rejected = kept.is_rejected || entry.is_rejected;
    if (kept.key.second.is_verified() && !entry.key.second.is_verified()) {
        kept = std::move(entry);
    }
    kept.is_rejected = is_rejected;
}

/// With our names, each key once.
Entries entries_of(const ForeignProfile& profile, const AccountMap& accounts,
                   const Normalise& normalise, ImportPlan& plan) {
    Entries entries;
    for (ForeignKey entry : profile.keys) {
        model::PeerId& peer = entry.key.first;
        const auto account = accounts.find(peer.account);
        if (account == accounts.end() || !account->second) {
            ++plan.homeless;
            continue;
        }
        peer.account = *account->second;
        peer.username = normalise(peer.account, peer.username);
        if (!fits_a_line(peer)) {
            ++plan.nameless;
            continue;
        }
        add_entry(entries, std::move(entry));
    }
    return entries;
}

void plan_own_keys(const ForeignProfile& profile, const AccountMap& accounts,
                   const Identity& identity, ImportPlan& plan) {
    std::set<model::AccountId> done; // of two keys for one account the first counts, as in libotr
    for (std::size_t place = 0; place < profile.own.size(); ++place) {
        const ForeignOwnKey& own = profile.own[place];
        const auto account = accounts.find(own.account);
        if (account == accounts.end() || !account->second) {
            ++plan.homeless;
            continue;
        }
        if (!fits_a_line({*account->second, "x"})) {
            ++plan.nameless;
            continue;
        }
        if (!done.insert(*account->second).second) {
            continue;
        }
        const auto current = identity.fingerprint_of(*account->second);
        if (current == own.key.fingerprint) {
            ++plan.same;
        } else {
            plan.own.push_back({place, *account->second, current});
        }
    }
}

} // namespace

Conflict conflict_of(const TrustStore& trust, const model::PeerId& peer,
                     const model::Fingerprint& fingerprint) {
    const auto expected = trust.expected(peer);
    if (expected && *expected != fingerprint) {
        return Conflict::OtherExpected;
    }
    const bool has_other = std::ranges::any_of(trust.keys_of(peer), [&](const KnownKey& known) {
        return known.is_verified() && known.fingerprint != fingerprint;
    });
    return has_other ? Conflict::OtherVerified : Conflict::None;
}

AccountMap match_accounts(const ForeignProfile& profile, std::span<const model::AccountId> ours) {
    AccountMap accounts;
    for (const ForeignOwnKey& own : profile.own) {
        accounts.try_emplace(own.account, match(own.account, ours));
    }
    for (const ForeignKey& key : profile.keys) {
        const model::AccountId& account = key.key.first.account;
        if (!accounts.contains(account)) {
            accounts.emplace(account, match(account, ours));
        }
    }
    return accounts;
}

ImportPlan plan_import(const ForeignProfile& profile, const AccountMap& accounts,
                       const TrustStore& trust, const Identity& identity,
                       const Normalise& normalise) {
    ImportPlan plan;
    for (auto& [name, entry] : entries_of(profile, accounts, normalise, plan)) {
        if (entry.is_rejected) {
            ++plan.rejected;
            continue;
        }
        const ImportEffect effect = effect_of(trust, entry.key);
        if (effect == ImportEffect::Nothing) {
            ++plan.same;
            continue;
        }
        plan.keys.push_back({std::move(entry.key), effect,
                             conflict_of(trust, name.first, name.second), entry.doubt,
                             std::move(entry.word)});
    }
    plan_own_keys(profile, accounts, identity, plan);
    return plan;
}

} // namespace otr_guard::core
