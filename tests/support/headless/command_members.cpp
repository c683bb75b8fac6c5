// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_members.h"

#include <stdexcept>

namespace otr_guard::headless {

std::string text(const Json& command, const char* member) {
    return command.at(member).get<std::string>();
}

PurpleAccount* account_of(const Json& command) {
    const auto wanted = text(command, "account");
    const auto protocol = command.value("protocol", std::string());
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        auto* account = static_cast<PurpleAccount*>(item->data);
        const bool same_protocol =
            protocol.empty() || protocol == purple_account_get_protocol_id(account);
        if (same_protocol && wanted == purple_account_get_username(account)) {
            return account;
        }
    }
    throw std::invalid_argument("no account " + wanted);
}

PurpleConnection* connection_of(const Json& command) {
    PurpleConnection* connection = purple_account_get_connection(account_of(command));
    if (connection == nullptr) {
        throw std::invalid_argument("the account is not connected");
    }
    return connection;
}

PurpleConversation* find_conversation(const Json& command) {
    return purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, text(command, "to").c_str(),
                                                 account_of(command));
}

PurpleConversation* conversation_of(const Json& command) {
    PurpleConversation* conversation = find_conversation(command);
    if (conversation == nullptr) {
        conversation = purple_conversation_new(PURPLE_CONV_TYPE_IM, account_of(command),
                                               text(command, "to").c_str());
    }
    return conversation;
}

PurpleBuddy* buddy_of(const Json& command) {
    PurpleBuddy* buddy = purple_find_buddy(account_of(command), text(command, "to").c_str());
    if (buddy == nullptr) {
        throw std::invalid_argument("no such buddy");
    }
    return buddy;
}

PurplePlugin* plugin_of(const Json& command) {
    const auto name = text(command, "plugin");
    PurplePlugin* plugin = purple_plugins_find_with_id(name.c_str());
    if (plugin == nullptr) {
        plugin = purple_plugins_find_with_filename(name.c_str());
    }
    if (plugin == nullptr) {
        throw std::invalid_argument("no plugin " + name);
    }
    return plugin;
}

} // namespace otr_guard::headless
