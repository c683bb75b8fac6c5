// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_tables.h"

#include <stdexcept>
#include <vector>

#include "command_members.h"
#include "events.h"
#include "menus.h"
#include "purple_ui.h"

namespace otr_guard::headless {

namespace {

Json get_preference(const Json& command) {
    const auto name = text(command, "name");
    if (!purple_prefs_exists(name.c_str())) {
        throw std::invalid_argument("no preference " + name);
    }
    switch (purple_prefs_get_type(name.c_str())) {
    case PURPLE_PREF_BOOLEAN:
        return purple_prefs_get_bool(name.c_str()) != FALSE;
    case PURPLE_PREF_INT:
        return purple_prefs_get_int(name.c_str());
    case PURPLE_PREF_STRING:
        return text_or_null(purple_prefs_get_string(name.c_str()));
    case PURPLE_PREF_PATH:
        return text_or_null(purple_prefs_get_path(name.c_str()));
    case PURPLE_PREF_STRING_LIST:
    case PURPLE_PREF_PATH_LIST: {
        auto list = Json::array();
        GList* values = purple_prefs_get_string_list(name.c_str());
        for (GList* item = values; item != nullptr; item = item->next) {
            list.push_back(text_or_null(static_cast<const char*>(item->data)));
        }
        g_list_free_full(values, g_free);
        return list;
    }
    case PURPLE_PREF_NONE:
        break;
    }
    return nullptr;
}

// Adds the preference where a profile would have brought it along.
Json set_preference(const Json& command) {
    const auto name = text(command, "name");
    const Json& value = command.at("value");
    for (std::size_t slash = name.find('/', 1); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
        const auto parent = name.substr(0, slash);
        if (!purple_prefs_exists(parent.c_str())) {
            purple_prefs_add_none(parent.c_str());
        }
    }
    const bool exists = purple_prefs_exists(name.c_str()) != FALSE;
    if (value.is_boolean()) {
        const gboolean state = value.get<bool>() ? TRUE : FALSE;
        exists ? purple_prefs_set_bool(name.c_str(), state)
               : purple_prefs_add_bool(name.c_str(), state);
    } else if (value.is_number_integer()) {
        exists ? purple_prefs_set_int(name.c_str(), value.get<int>())
               : purple_prefs_add_int(name.c_str(), value.get<int>());
    } else {
        const auto string = value.get<std::string>();
        exists ? purple_prefs_set_string(name.c_str(), string.c_str())
               : purple_prefs_add_string(name.c_str(), string.c_str());
    }
    return nullptr;
}

Json load_plugin_file(const Json& command) {
    const std::string error = load_plugin(text(command, "file"));
    if (!error.empty()) {
        throw std::runtime_error(error);
    }
    return nullptr;
}

Json unload_plugin(const Json& command) {
    PurplePlugin* plugin = plugin_of(command);
    if (!purple_plugin_unload(plugin)) {
        throw std::runtime_error(plugin->error != nullptr ? plugin->error : "refused to unload");
    }
    return nullptr;
}

Json list_plugins(const Json&) {
    auto list = Json::array();
    for (GList* item = purple_plugins_get_loaded(); item != nullptr; item = item->next) {
        auto* plugin = static_cast<PurplePlugin*>(item->data);
        list.push_back({{"id", text_or_null(purple_plugin_get_id(plugin))},
                        {"name", text_or_null(purple_plugin_get_name(plugin))},
                        {"file", text_or_null(plugin->path)}});
    }
    return list;
}

std::vector<std::string> path_of(const Json& command) {
    return command.at("path").get<std::vector<std::string>>();
}

Json conversation_menu(const Json& command) {
    return describe_conversation_menu(conversation_of(command));
}

Json buddy_menu(const Json& command) {
    return describe_buddy_menu(buddy_of(command));
}

Json menu_activate(const Json& command) {
    if (command.value("menu", std::string("conversation")) == "buddy") {
        activate_in_buddy_menu(buddy_of(command), path_of(command));
    } else {
        activate_in_conversation_menu(conversation_of(command), path_of(command));
    }
    return nullptr;
}

PurpleConnection* action_context(const Json& command) {
    return command.contains("account") ? connection_of(command) : nullptr;
}

Json plugin_actions(const Json& command) {
    return describe_plugin_actions(plugin_of(command), action_context(command));
}

Json plugin_action(const Json& command) {
    run_plugin_action(plugin_of(command), action_context(command), text(command, "label"));
    return nullptr;
}

Json plugin_preferences(const Json& command) {
    return describe_plugin_preferences(plugin_of(command));
}

// As a program or plugin does that puts timers of its own into libpurple, past whoever was there.
Json replace_timers(const Json&) {
    static PurpleEventLoopUiOps loop = *purple_eventloop_get_ui_ops();
    loop.timeout_add = g_timeout_add;
    purple_eventloop_set_ui_ops(&loop);
    return nullptr;
}

// A client that has no dialogs with buttons alone.
Json take_actions_away(const Json&) {
    purple_request_get_ui_ops()->request_action = nullptr;
    return nullptr;
}

} // namespace

CommandTable plugin_commands() {
    return {
        {"replace_timers", replace_timers},
        {"take_actions_away", take_actions_away},
        {"get_pref", get_preference},
        {"set_pref", set_preference},
        {"load_plugin", load_plugin_file},
        {"unload_plugin", unload_plugin},
        {"plugins", list_plugins},
        {"conversation_menu", conversation_menu},
        {"buddy_menu", buddy_menu},
        {"menu_activate", menu_activate},
        {"plugin_actions", plugin_actions},
        {"plugin_action", plugin_action},
        {"plugin_prefs", plugin_preferences},
    };
}

} // namespace otr_guard::headless
