// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The user's own keys as dialogs and windows show them, and why something about them failed.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/account.h"
#include "model/fingerprint.h"
#include "util/expected.h"

namespace otr_guard::plugin {

class Plugin;

struct OwnKey {
    model::AccountId account;
    std::string label; ///< of the account, for people
    std::optional<model::Fingerprint> key;
    std::string origin;        ///< "made on 2026-05-03"; empty when nobody knows
    std::string uri;           ///< to publish; empty when the network has no such address
    std::size_t people = 0;    ///< who have met a key of this account
    bool has_account = true;   ///< false for a key whose account is not in this client
    bool is_under_way = false; ///< another one is being made or written
};

/// Every account of the client in its order, then keys of other accounts.
[[nodiscard]] std::vector<OwnKey> own_keys(Plugin& plugin);
[[nodiscard]] std::optional<OwnKey> find_own_key(Plugin& plugin, const model::AccountId& account);
/// "made on 2026-05-03, used with 3 people".
[[nodiscard]] std::string story_of(const OwnKey& key);

/// A sentence for the user.
[[nodiscard]] std::string own_key_problem(const util::Error& error);
/// A name for the file of an exported key.
[[nodiscard]] std::string backup_file_name(const model::AccountId& account);

} // namespace otr_guard::plugin
