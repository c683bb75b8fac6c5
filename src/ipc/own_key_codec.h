// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The user's own keys on the channel, and the limits of them; see codec.h.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gio/gio.h>

#include "model/account.h"

namespace otr_guard::ipc {

inline constexpr std::size_t most_accounts = 10'000;

/// What the window of own keys shows of an account. Texts are plain and translated.
struct OwnKey {
    model::AccountId account;
    std::string label;        ///< of the account, for people
    std::string key;          ///< 40 hexadecimal digits; empty when it has none
    std::string words;        ///< the same as 15 words
    std::string uri;          ///< to publish; empty when the network has no such address
    std::string origin;       ///< when it was made; empty when nobody knows
    std::uint32_t people = 0; ///< who have met it
    bool has_account = true;  ///< false for a key whose account is not in the client
    bool is_under_way = false;

    bool operator==(const OwnKey&) const = default;
};

/// D-Bus carries UTF-8 and nothing else.
[[nodiscard]] bool can_be_named(const model::AccountId& account);

// Writing: a new floating reference.
[[nodiscard]] GVariant* to_variant(const model::AccountId& account);
[[nodiscard]] GVariant* to_variant(const std::vector<OwnKey>& keys);

// Reading: nothing when a limit is broken in any of them.
[[nodiscard]] std::optional<model::AccountId> account_from(GVariant* variant);
[[nodiscard]] std::optional<std::vector<OwnKey>> own_keys_from(GVariant* variant);

} // namespace otr_guard::ipc
