// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "menus.h"

#include <memory>
#include <stdexcept>

#include "events.h"

namespace otr_guard::headless {

namespace {

using Json = nlohmann::json;

/// A menu as libpurple hands it out; entries that nobody takes are freed with their children.
class Menu {
public:
    explicit Menu(GList* entries) : m_entries(entries) {}
    ~Menu() {
        for (GList* item = m_entries; item != nullptr; item = item->next) {
            if (item->data != nullptr) {
                free_entry(static_cast<PurpleMenuAction*>(item->data));
            }
        }
        g_list_free(m_entries);
    }
    Menu(const Menu&) = delete;
    Menu& operator=(const Menu&) = delete;

    Json describe() const { return describe_list(m_entries); }

    const PurpleMenuAction& find(const std::vector<std::string>& path) const {
        GList* level = m_entries;
        const PurpleMenuAction* found = nullptr;
        for (const auto& label : path) {
            found = find_in(level, label);
            if (found == nullptr) {
                throw std::invalid_argument("no menu entry " + label);
            }
            level = found->children;
        }
        if (found == nullptr || found->callback == nullptr) {
            throw std::invalid_argument("the menu entry cannot be chosen");
        }
        return *found;
    }

private:
    static void free_entry(PurpleMenuAction* entry) {
        for (GList* item = entry->children; item != nullptr; item = item->next) {
            if (item->data != nullptr) {
                free_entry(static_cast<PurpleMenuAction*>(item->data));
            }
        }
        g_list_free(entry->children);
        purple_menu_action_free(entry);
    }

    static const PurpleMenuAction* find_in(GList* level, const std::string& label) {
        for (GList* item = level; item != nullptr; item = item->next) {
            const auto* entry = static_cast<PurpleMenuAction*>(item->data);
            if (entry != nullptr && label == entry->label) {
                return entry;
            }
        }
        return nullptr;
    }

    static Json describe_list(GList* level) {
        auto list = Json::array();
        for (GList* item = level; item != nullptr; item = item->next) {
            const auto* entry = static_cast<PurpleMenuAction*>(item->data);
            list.push_back(entry == nullptr ? Json(nullptr)
                                            : Json{{"label", text_or_null(entry->label)},
                                                   {"active", entry->callback != nullptr},
                                                   {"children", describe_list(entry->children)}});
        }
        return list;
    }

    GList* m_entries;
};

GList* buddy_entries(PurpleBuddy* buddy) {
    return purple_blist_node_get_extended_menu(PURPLE_BLIST_NODE(buddy));
}

template <typename Object> void choose(const PurpleMenuAction& entry, Object* object) {
    reinterpret_cast<void (*)(Object*, gpointer)>(entry.callback)(object, entry.data);
}

struct ActionsOwner {
    void operator()(GList* actions) const noexcept {
        for (GList* item = actions; item != nullptr; item = item->next) {
            if (item->data != nullptr) {
                purple_plugin_action_free(static_cast<PurplePluginAction*>(item->data));
            }
        }
        g_list_free(actions);
    }
};

std::unique_ptr<GList, ActionsOwner> actions_of(PurplePlugin* plugin,
                                                PurpleConnection* connection) {
    return std::unique_ptr<GList, ActionsOwner>(
        PURPLE_PLUGIN_HAS_ACTIONS(plugin) ? PURPLE_PLUGIN_ACTIONS(plugin, connection) : nullptr);
}

const char* preference_type(PurplePluginPref* preference) {
    switch (purple_plugin_pref_get_type(preference)) {
    case PURPLE_PLUGIN_PREF_CHOICE:
        return "choice";
    case PURPLE_PLUGIN_PREF_INFO:
        return "info";
    case PURPLE_PLUGIN_PREF_STRING_FORMAT:
        return "string_format";
    case PURPLE_PLUGIN_PREF_NONE:
        break;
    }
    return "none";
}

Json preference_choices(PurplePluginPref* preference) {
    auto list = Json::array();
    if (purple_plugin_pref_get_type(preference) != PURPLE_PLUGIN_PREF_CHOICE) {
        return list;
    }
    const char* name = purple_plugin_pref_get_name(preference);
    const bool is_int = purple_prefs_get_type(name) == PURPLE_PREF_INT;
    for (GList* item = purple_plugin_pref_get_choices(preference); item != nullptr;) {
        GList* value = item->next; // label and value alternate
        if (value == nullptr) {
            break;
        }
        list.push_back({{"label", text_or_null(static_cast<const char*>(item->data))},
                        {"value", is_int ? Json(GPOINTER_TO_INT(value->data))
                                         : text_or_null(static_cast<const char*>(value->data))}});
        item = value->next;
    }
    return list;
}

} // namespace

nlohmann::json describe_conversation_menu(PurpleConversation* conversation) {
    return Menu(purple_conversation_get_extended_menu(conversation)).describe();
}

nlohmann::json describe_buddy_menu(PurpleBuddy* buddy) {
    return Menu(buddy_entries(buddy)).describe();
}

void activate_in_conversation_menu(PurpleConversation* conversation,
                                   const std::vector<std::string>& path) {
    const Menu menu(purple_conversation_get_extended_menu(conversation));
    choose(menu.find(path), conversation);
}

void activate_in_buddy_menu(PurpleBuddy* buddy, const std::vector<std::string>& path) {
    const Menu menu(buddy_entries(buddy));
    choose(menu.find(path), PURPLE_BLIST_NODE(buddy));
}

nlohmann::json describe_plugin_actions(PurplePlugin* plugin, PurpleConnection* connection) {
    const auto actions = actions_of(plugin, connection);
    auto list = Json::array();
    for (GList* item = actions.get(); item != nullptr; item = item->next) {
        const auto* action = static_cast<PurplePluginAction*>(item->data);
        list.push_back(action != nullptr ? text_or_null(action->label) : Json(nullptr));
    }
    return list;
}

void run_plugin_action(PurplePlugin* plugin, PurpleConnection* connection,
                       const std::string& label) {
    const auto actions = actions_of(plugin, connection);
    for (GList* item = actions.get(); item != nullptr; item = item->next) {
        auto* action = static_cast<PurplePluginAction*>(item->data);
        if (action != nullptr && label == action->label) {
            action->plugin = plugin;
            action->context = connection;
            action->callback(action);
            return;
        }
    }
    throw std::invalid_argument("no plugin action " + label);
}

nlohmann::json describe_plugin_preferences(PurplePlugin* plugin) {
    if (plugin->info == nullptr || plugin->info->prefs_info == nullptr ||
        plugin->info->prefs_info->get_plugin_pref_frame == nullptr) {
        throw std::invalid_argument("the plugin has no preferences");
    }
    PurplePluginPrefFrame* frame = plugin->info->prefs_info->get_plugin_pref_frame(plugin);
    auto list = Json::array();
    for (GList* item = purple_plugin_pref_frame_get_prefs(frame); item != nullptr;
         item = item->next) {
        auto* preference = static_cast<PurplePluginPref*>(item->data);
        list.push_back({{"name", text_or_null(purple_plugin_pref_get_name(preference))},
                        {"label", text_or_null(purple_plugin_pref_get_label(preference))},
                        {"type", preference_type(preference)},
                        {"choices", preference_choices(preference)}});
    }
    purple_plugin_pref_frame_destroy(frame);
    return list;
}

} // namespace otr_guard::headless
