// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the members of a command name: accounts, buddies, conversations, plugins. Whatever does not
// exist is an std::invalid_argument that says so, never a null pointer.

#include <string>

#include <nlohmann/json.hpp>
#include <purple.h>

namespace otr_guard::headless {

using Json = nlohmann::json;

/// A member that has to be there.
std::string text(const Json& command, const char* member);

/// By "account" (as in accounts.xml) and, where that is ambiguous, "protocol".
PurpleAccount* account_of(const Json& command);
PurpleConnection* connection_of(const Json& command);

/// By "account" and "to". The first may return null, the second opens one.
PurpleConversation* find_conversation(const Json& command);
PurpleConversation* conversation_of(const Json& command);
PurpleBuddy* buddy_of(const Json& command);

/// By "plugin": its id or its file.
PurplePlugin* plugin_of(const Json& command);

} // namespace otr_guard::headless
