// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Between libpurple's objects and our names. Pointers that come from here are used at once and
// never kept: look them up again by name after a return to the main loop.

#include <optional>
#include <string>

#include "model/account.h"
#include "purple.h"

namespace otr_guard::plugin {

[[nodiscard]] model::AccountId account_id(const PurpleAccount* account);
/// `who` in any form the protocol uses; normalised (XMPP: the resource is cut off).
[[nodiscard]] model::PeerId peer_id(PurpleAccount* account, const char* who);
/// The peer of an instant-message conversation; nothing for chats.
[[nodiscard]] std::optional<model::PeerId> peer_of(PurpleConversation* conversation);
[[nodiscard]] model::PeerId peer_of(PurpleBuddy* buddy);

/// nullptr when there is none.
[[nodiscard]] PurpleAccount* find_account(const model::AccountId& account);
/// The connection of a connected account, else nullptr.
[[nodiscard]] PurpleConnection* find_connection(const model::AccountId& account);
/// Whether it is this account, by its exact names.
[[nodiscard]] bool is_named(const PurpleAccount* candidate, const model::AccountId& account);
[[nodiscard]] PurpleConversation* find_conversation(const model::PeerId& peer);
[[nodiscard]] PurpleBuddy* find_buddy(const model::PeerId& peer);

/// A path that was typed, with the user's own folder in place of `~`.
[[nodiscard]] std::string from_home(const std::string& path);

/// The alias the user knows, else the name. Untrusted plain text, one line.
[[nodiscard]] std::string display_name(const model::PeerId& peer);

} // namespace otr_guard::plugin
