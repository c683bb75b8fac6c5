// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Who talks to whom, by value. These names are the keys of every table: no libpurple or libotr
// pointer is kept across a return to the main loop.

#include <compare>
#include <cstddef>
#include <functional>
#include <string>

namespace otr_guard::model {

/// One of the user's own accounts, named as pidgin-otr names it in its files: the raw account
/// name of libpurple (XMPP with resource, "alice@example.org/") and the protocol's plugin id.
struct AccountId {
    std::string username;
    std::string protocol;

    auto operator<=>(const AccountId&) const = default;
};

/// Somebody reached through one of the user's accounts. `username` is normalised by libpurple
/// (XMPP: the bare JID).
struct PeerId {
    AccountId account;
    std::string username;

    auto operator<=>(const PeerId&) const = default;
};

} // namespace otr_guard::model

template <> struct std::hash<otr_guard::model::AccountId> {
    std::size_t operator()(const otr_guard::model::AccountId& id) const noexcept {
        const std::hash<std::string> string_hash;
        return string_hash(id.username) * 31 + string_hash(id.protocol);
    }
};

template <> struct std::hash<otr_guard::model::PeerId> {
    std::size_t operator()(const otr_guard::model::PeerId& id) const noexcept {
        return std::hash<otr_guard::model::AccountId>{}(id.account) * 31 +
               std::hash<std::string>{}(id.username);
    }
};
