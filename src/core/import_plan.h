// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What an import would change here, worked out before anybody is asked: which account of ours each
// account of the other program is, and what is new, known, or against what is known. Changes
// nothing itself, and nothing that it lists takes anything away but a replaced key of the user's
// own.

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/foreign.h"
#include "core/identity.h"
#include "core/trust_store.h"

namespace otr_guard::core {

/// Accounts of the other program and whose they are here; nothing: what is theirs is left out.
using AccountMap = std::map<model::AccountId, std::optional<model::AccountId>>;

/// What stands in a profile, with the account of ours that has the same name where there is one.
/// Names of libpurple's own stay as they are, with an account here or without.
[[nodiscard]] AccountMap match_accounts(const ForeignProfile& profile,
                                        std::span<const model::AccountId> ours);

/// Why a new key should be looked at twice before it is taken.
enum class Conflict {
    None,
    OtherVerified, ///< another key of theirs is verified here
    OtherExpected, ///< another key of theirs is the only one that will do
};

/// A key of somebody else that would be added or become verified.
struct PlannedKey {
    KeyOfPeer key; ///< with our names
    ImportEffect effect = ImportEffect::Nothing;
    Conflict conflict = Conflict::None;
    Doubt doubt = Doubt::None;
    std::string word; ///< with a doubt about it
};

/// A key of the user's own.
struct PlannedOwnKey {
    std::size_t place = 0; ///< in the profile
    model::AccountId account;
    std::optional<model::Fingerprint> replaces;
};

struct ImportPlan {
    std::vector<PlannedKey> keys;
    std::vector<PlannedOwnKey> own;
    std::size_t same = 0;     ///< keys that are here already, and say no more than what is here
    std::size_t rejected = 0; ///< by the user of the other program; never taken
    std::size_t homeless = 0; ///< keys without an account of ours
    std::size_t nameless = 0; ///< names that cannot be written into a file
};

[[nodiscard]] Conflict conflict_of(const TrustStore& trust, const model::PeerId& peer,
                                   const model::Fingerprint& fingerprint);

/// The name by which this client knows somebody on an account.
using Normalise = std::function<std::string(const model::AccountId&, const std::string&)>;

/// When several entries are about the same key, the one that trusts it least counts.
[[nodiscard]] ImportPlan plan_import(const ForeignProfile& profile, const AccountMap& accounts,
                                     const TrustStore& trust, const Identity& identity,
                                     const Normalise& normalise);

} // namespace otr_guard::core
