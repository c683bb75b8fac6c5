// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <ctime>
#include <map>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "events.h"
#include "menus.h"
#include "purple_ui.h"
#include "requests.h"

namespace otr_guard::headless {

namespace {

using Json = nlohmann::json;
using GString_ptr = std::unique_ptr<char, decltype(&g_free)>;

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

// --- accounts ---------------------------------------------------------------------------------

void apply_setting(PurpleAccount* account, const std::string& name, const Json& value) {
    if (value.is_boolean()) {
        purple_account_set_bool(account, name.c_str(), value.get<bool>() ? TRUE : FALSE);
    } else if (value.is_number_integer()) {
        purple_account_set_int(account, name.c_str(), value.get<int>());
    } else {
        purple_account_set_string(account, name.c_str(), value.get<std::string>().c_str());
    }
}

Json add_account(const Json& command) {
    const auto username = text(command, "username");
    const auto protocol = text(command, "protocol");
    PurpleAccount* account = purple_accounts_find(username.c_str(), protocol.c_str());
    if (account == nullptr) {
        account = purple_account_new(username.c_str(), protocol.c_str());
        purple_accounts_add(account);
    }
    if (purple_find_prpl(protocol.c_str()) == nullptr) {
        throw std::invalid_argument("no protocol " + protocol);
    }
    if (command.contains("password")) {
        purple_account_set_password(account, text(command, "password").c_str());
    }
    purple_account_set_remember_password(account, TRUE);
    const Json settings = command.value("settings", Json::object());
    for (const auto& [name, value] : settings.items()) {
        apply_setting(account, name, value);
    }
    return purple_account_get_username(account);
}

Json set_account_setting(const Json& command) {
    apply_setting(account_of(command), text(command, "name"), command.at("value"));
    return nullptr;
}

Json remove_account(const Json& command) {
    purple_accounts_delete(account_of(command));
    return nullptr;
}

Json list_accounts(const Json&) {
    auto list = Json::array();
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        auto* account = static_cast<PurpleAccount*>(item->data);
        Json entry{{"enabled", purple_account_get_enabled(account, ui_id()) != FALSE},
                   {"connected", purple_account_is_connected(account) != FALSE}};
        add_account_to(entry, account);
        list.push_back(entry);
    }
    return list;
}

void set_status(PurpleAccount* account, const std::string& id, const std::string& message) {
    if (message.empty()) {
        purple_account_set_status(account, id.c_str(), TRUE, nullptr);
    } else {
        purple_account_set_status(account, id.c_str(), TRUE, "message", message.c_str(), nullptr);
    }
}

Json connect_account(const Json& command) {
    PurpleAccount* account = account_of(command);
    if (!purple_presence_is_online(purple_account_get_presence(account))) {
        set_status(account, "available", {});
    }
    purple_account_set_enabled(account, ui_id(), TRUE);
    if (purple_account_is_disconnected(account)) {
        purple_account_connect(account);
    }
    return nullptr;
}

Json disconnect_account(const Json& command) {
    purple_account_disconnect(account_of(command));
    return nullptr;
}

Json enable_account(const Json& command) {
    const bool enabled = command.value("enabled", true);
    purple_account_set_enabled(account_of(command), ui_id(), enabled ? TRUE : FALSE);
    return nullptr;
}

Json change_status(const Json& command) {
    set_status(account_of(command), text(command, "status"),
               command.value("message", std::string()));
    return nullptr;
}

Json add_buddy(const Json& command) {
    PurpleAccount* account = account_of(command);
    const auto name = text(command, "to");
    const auto group_name = command.value("group", std::string("Buddies"));
    const auto alias = command.value("alias", std::string());
    if (purple_find_buddy(account, name.c_str()) != nullptr) {
        return nullptr;
    }
    PurpleGroup* group = purple_find_group(group_name.c_str());
    if (group == nullptr) {
        group = purple_group_new(group_name.c_str());
        purple_blist_add_group(group, nullptr);
    }
    PurpleBuddy* buddy =
        purple_buddy_new(account, name.c_str(), alias.empty() ? nullptr : alias.c_str());
    purple_blist_add_buddy(buddy, nullptr, group, nullptr);
    if (command.value("server", true)) {
        purple_account_add_buddy(account, buddy);
    }
    return nullptr;
}

Json list_buddies(const Json& command) {
    auto list = Json::array();
    GSList* buddies = purple_find_buddies(account_of(command), nullptr);
    for (GSList* item = buddies; item != nullptr; item = item->next) {
        auto* buddy = static_cast<PurpleBuddy*>(item->data);
        list.push_back({{"who", text_or_null(purple_buddy_get_name(buddy))},
                        {"online", PURPLE_BUDDY_IS_ONLINE(buddy) != FALSE}});
    }
    g_slist_free(buddies);
    return list;
}

// --- talking ----------------------------------------------------------------------------------

std::vector<std::string> lines_of(const std::string& html) {
    std::vector<std::string> lines(1);
    for (std::size_t at = 0; at < html.size();) {
        const std::string_view rest = std::string_view(html).substr(at);
        std::size_t skip = 0;
        for (const std::string_view separator : {"<br>", "<BR>", "<br/>", "<br />", "\n"}) {
            if (rest.substr(0, separator.size()) == separator) {
                skip = separator.size();
            }
        }
        if (skip != 0) {
            lines.emplace_back();
            at += skip;
        } else {
            lines.back().push_back(html[at++]);
        }
    }
    return lines;
}

// Pidgin sends line by line where the protocol has no line breaks.
Json send_message(const Json& command) {
    PurpleConversation* conversation = conversation_of(command);
    const auto html = text(command, "text");
    const auto flags = flags_from_names(command.value("flags", Json::array()));
    PurpleConvIm* im = PURPLE_CONV_IM(conversation);
    const bool one_line =
        (purple_conversation_get_features(conversation) & PURPLE_CONNECTION_NO_NEWLINES) != 0;
    if (one_line && command.value("split", true)) {
        for (const auto& line : lines_of(html)) {
            purple_conv_im_send_with_flags(im, line.c_str(), flags);
        }
    } else {
        purple_conv_im_send_with_flags(im, html.c_str(), flags);
    }
    return nullptr;
}

Json raw_serv_send_im(const Json& command) {
    return serv_send_im(connection_of(command), text(command, "to").c_str(),
                        text(command, "text").c_str(),
                        flags_from_names(command.value("flags", Json::array())));
}

Json receive_message(const Json& command) {
    serv_got_im(connection_of(command), text(command, "to").c_str(), text(command, "text").c_str(),
                flags_from_names(command.value("flags", Json::array({"recv"}))),
                std::time(nullptr));
    return nullptr;
}

const char* status_name(PurpleCmdStatus status) {
    switch (status) {
    case PURPLE_CMD_STATUS_OK:
        return "ok";
    case PURPLE_CMD_STATUS_FAILED:
        return "failed";
    case PURPLE_CMD_STATUS_NOT_FOUND:
        return "not_found";
    case PURPLE_CMD_STATUS_WRONG_ARGS:
        return "wrong_args";
    case PURPLE_CMD_STATUS_WRONG_PRPL:
        return "wrong_protocol";
    case PURPLE_CMD_STATUS_WRONG_TYPE:
        return "wrong_type";
    }
    return "unknown";
}

Json do_command(const Json& command) {
    auto line = text(command, "text");
    if (line.empty() || line.front() != '/') {
        throw std::invalid_argument("a command starts with a slash");
    }
    line.erase(0, 1);
    const GString_ptr escaped(g_markup_escape_text(line.c_str(), -1), g_free);
    const auto markup = command.value("markup", std::string(escaped.get()));
    char* error_text = nullptr;
    const PurpleCmdStatus status =
        purple_cmd_do_command(conversation_of(command), line.c_str(), markup.c_str(), &error_text);
    const GString_ptr error(error_text, g_free);
    return {{"status", status_name(status)}, {"error", text_or_null(error.get())}};
}

Json open_conversation(const Json& command) {
    return text_or_null(purple_conversation_get_name(conversation_of(command)));
}

Json close_conversation(const Json& command) {
    PurpleConversation* conversation = find_conversation(command);
    if (conversation == nullptr) {
        throw std::invalid_argument("no such conversation");
    }
    purple_conversation_destroy(conversation);
    return nullptr;
}

Json list_conversations(const Json&) {
    auto list = Json::array();
    for (GList* item = purple_get_conversations(); item != nullptr; item = item->next) {
        auto* conversation = static_cast<PurpleConversation*>(item->data);
        Json entry{{"conversation", text_or_null(purple_conversation_get_name(conversation))},
                   {"logging", purple_conversation_is_logging(conversation) != FALSE}};
        add_account_to(entry, purple_conversation_get_account(conversation));
        list.push_back(entry);
    }
    return list;
}

Json set_logging(const Json& command) {
    purple_conversation_set_logging(conversation_of(command),
                                    command.at("enabled").get<bool>() ? TRUE : FALSE);
    return nullptr;
}

Json is_logging(const Json& command) {
    return purple_conversation_is_logging(conversation_of(command)) != FALSE;
}

Json read_logs(const Json& command) {
    auto list = Json::array();
    GList* logs =
        purple_log_get_logs(PURPLE_LOG_IM, text(command, "to").c_str(), account_of(command));
    for (GList* item = logs; item != nullptr; item = item->next) {
        auto* log = static_cast<PurpleLog*>(item->data);
        const GString_ptr content(purple_log_read(log, nullptr), g_free);
        list.push_back(text_or_null(content.get()));
        purple_log_free(log);
    }
    g_list_free(logs);
    return list;
}

// --- preferences, plugins ---------------------------------------------------------------------

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

// --- menus ------------------------------------------------------------------------------------

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

// --- dialogs, the end -------------------------------------------------------------------------

Json answer(const Json& command) {
    answer_request(command);
    return nullptr;
}

Json list_requests(const Json&) {
    return open_requests();
}

gboolean quit_core(gpointer) {
    purple_core_quit();
    return FALSE;
}

// From the main loop, as a client's menu would, and after the result has been written.
Json quit(const Json&) {
    g_idle_add(quit_core, nullptr);
    return nullptr;
}

using Handler = Json (*)(const Json&);

const std::map<std::string, Handler, std::less<>>& handlers() {
    static const std::map<std::string, Handler, std::less<>> table{
        {"add_account", add_account},
        {"set_account_setting", set_account_setting},
        {"remove_account", remove_account},
        {"accounts", list_accounts},
        {"connect", connect_account},
        {"disconnect", disconnect_account},
        {"enable", enable_account},
        {"set_status", change_status},
        {"add_buddy", add_buddy},
        {"buddies", list_buddies},
        {"send", send_message},
        {"raw_serv_send_im", raw_serv_send_im},
        {"receive", receive_message},
        {"command", do_command},
        {"open_conversation", open_conversation},
        {"close_conversation", close_conversation},
        {"conversations", list_conversations},
        {"set_logging", set_logging},
        {"is_logging", is_logging},
        {"logs", read_logs},
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
        {"answer_request", answer},
        {"requests", list_requests},
        {"quit", quit},
    };
    return table;
}

Json run(const Json& command) {
    const auto found = handlers().find(text(command, "command"));
    if (found == handlers().end()) {
        throw std::invalid_argument("no such command");
    }
    return found->second(command);
}

} // namespace

void run_command_line(const std::string& line) {
    Json result{{"event", "result"}, {"id", nullptr}};
    try {
        const Json command = Json::parse(line);
        result["id"] = command.value("id", Json(nullptr));
        result["value"] = run(command);
        result["ok"] = true;
    } catch (const std::exception& error) {
        result["ok"] = false;
        result["error"] = error.what();
    }
    emit(std::move(result));
}

} // namespace otr_guard::headless
