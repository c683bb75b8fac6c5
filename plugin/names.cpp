// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

#include <unordered_map>

#include "core/markup.h"

namespace otr_guard::plugin {

namespace {

/// Names are other people's choice; this is longer than any that a person reads.
constexpr std::size_t name_characters = 100;

/// Accounts by their exact names. libpurple looks through the list and brings every name in it
/// into a normal form, for each message and account anew.
class AccountIndex {
public:
    static AccountIndex& instance() {
        static AccountIndex index;
        return index;
    }

    PurpleAccount* find(const model::AccountId& account) {
        const auto known = m_accounts.find(account);
        if (known != m_accounts.end() && is_named(known->second, account)) {
            return known->second;
        }
        for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
            auto* candidate = static_cast<PurpleAccount*>(item->data);
            if (is_named(candidate, account)) {
                return m_accounts[account] = candidate;
            }
        }
        return purple_accounts_find(account.username.c_str(), account.protocol.c_str());
    }

private:
    AccountIndex() {
        void* accounts = purple_accounts_get_handle();
        purple_signal_connect(accounts, "account-removed", this, as_callback(gone), this);
        purple_signal_connect(accounts, "account-destroying", this, as_callback(gone), this);
    }

    static void gone(PurpleAccount* account, AccountIndex* index) {
        std::erase_if(index->m_accounts,
                      [account](const auto& entry) { return entry.second == account; });
    }

    std::unordered_map<model::AccountId, PurpleAccount*> m_accounts;
};

} // namespace

model::AccountId account_id(const PurpleAccount* account) {
    return {purple_account_get_username(account), purple_account_get_protocol_id(account)};
}

model::PeerId peer_id(PurpleAccount* account, const char* who) {
    const char* normalised = purple_normalize(account, who);
    return {account_id(account), normalised != nullptr ? normalised : who};
}

std::optional<model::PeerId> peer_of(PurpleConversation* conversation) {
    if (conversation == nullptr ||
        purple_conversation_get_type(conversation) != PURPLE_CONV_TYPE_IM) {
        return std::nullopt;
    }
    return peer_id(purple_conversation_get_account(conversation),
                   purple_conversation_get_name(conversation));
}

model::PeerId peer_of(PurpleBuddy* buddy) {
    return peer_id(purple_buddy_get_account(buddy), purple_buddy_get_name(buddy));
}

bool is_named(const PurpleAccount* candidate, const model::AccountId& account) {
    return account.username == purple_account_get_username(candidate) &&
           account.protocol == purple_account_get_protocol_id(candidate);
}

PurpleAccount* find_account(const model::AccountId& account) {
    return AccountIndex::instance().find(account);
}

PurpleConnection* find_connection(const model::AccountId& account) {
    const PurpleAccount* found = find_account(account);
    if (found == nullptr) {
        return nullptr;
    }
    PurpleConnection* connection = purple_account_get_connection(found);
    return connection != nullptr && PURPLE_CONNECTION_IS_CONNECTED(connection) ? connection
                                                                               : nullptr;
}

PurpleConversation* find_conversation(const model::PeerId& peer) {
    const PurpleAccount* account = find_account(peer.account);
    return account == nullptr ? nullptr
                              : purple_find_conversation_with_account(
                                    PURPLE_CONV_TYPE_IM, peer.username.c_str(), account);
}

PurpleBuddy* find_buddy(const model::PeerId& peer) {
    PurpleAccount* account = find_account(peer.account);
    return account == nullptr ? nullptr : purple_find_buddy(account, peer.username.c_str());
}

std::string display_name(const model::PeerId& peer) {
    PurpleBuddy* buddy = find_buddy(peer);
    const char* alias = buddy != nullptr ? purple_buddy_get_contact_alias(buddy) : nullptr;
    return core::markup::to_single_line(alias != nullptr ? alias : peer.username, name_characters);
}

std::string from_home(const std::string& path) {
    const bool is_at_home = path == "~" || path.starts_with("~/");
    return is_at_home ? g_get_home_dir() + path.substr(1) : path;
}

} // namespace otr_guard::plugin
