// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The menus plugins contribute to, as text: what Finch or Pidgin would draw, and a way to choose
// an entry by its labels. Menus are built anew for each call, as clients do when one is opened.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <purple.h>

namespace otr_guard::headless {

/// Entries as {"label", "active", "children"}; null for a separator.
nlohmann::json describe_conversation_menu(PurpleConversation* conversation);
nlohmann::json describe_buddy_menu(PurpleBuddy* buddy);

/// Calls the entry's callback; std::invalid_argument when the path leads nowhere.
void activate_in_conversation_menu(PurpleConversation* conversation,
                                   const std::vector<std::string>& path);
void activate_in_buddy_menu(PurpleBuddy* buddy, const std::vector<std::string>& path);

/// Labels of the plugin's own actions (Tools menu), and running one of them. Protocols have theirs
/// for each connection (Accounts menu); for other plugins it is null.
nlohmann::json describe_plugin_actions(PurplePlugin* plugin, PurpleConnection* connection);
void run_plugin_action(PurplePlugin* plugin, PurpleConnection* connection,
                       const std::string& label);

/// The plugin's PurplePluginPrefFrame: {"name", "label", "type", "choices"} for each row.
nlohmann::json describe_plugin_preferences(PurplePlugin* plugin);

} // namespace otr_guard::headless
