// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_tables.h"

#include <memory>
#include <utility>

#include "command_members.h"
#include "events.h"
#include "purple_ui.h"

namespace otr_guard::headless {

namespace {

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

PurpleProxyType proxy_type(const std::string& name) {
    static const std::map<std::string, PurpleProxyType, std::less<>> types{
        {"global", PURPLE_PROXY_USE_GLOBAL},
        {"none", PURPLE_PROXY_NONE},
        {"http", PURPLE_PROXY_HTTP},
        {"socks4", PURPLE_PROXY_SOCKS4},
        {"socks5", PURPLE_PROXY_SOCKS5},
        {"environment", PURPLE_PROXY_USE_ENVVAR},
        {"tor", PURPLE_PROXY_TOR}};
    return types.at(name);
}

// As Pidgin's account window does it: in place, without any signal.
Json set_proxy(const Json& command) {
    PurpleAccount* account = account_of(command);
    if (purple_account_get_proxy_info(account) == nullptr) {
        purple_account_set_proxy_info(account, purple_proxy_info_new());
    }
    PurpleProxyInfo* info = purple_account_get_proxy_info(account);
    purple_proxy_info_set_type(info, proxy_type(text(command, "type")));
    purple_proxy_info_set_host(info, command.value("host", std::string()).c_str());
    purple_proxy_info_set_port(info, command.value("port", 0));
    const auto user = command.value("user", std::string());
    purple_proxy_info_set_username(info, user.empty() ? nullptr : user.c_str());
    return nullptr;
}

Json get_proxy(const Json& command) {
    PurpleProxyInfo* info = purple_account_get_proxy_info(account_of(command));
    if (info == nullptr) {
        return nullptr;
    }
    return {{"type", static_cast<int>(purple_proxy_info_get_type(info))},
            {"host", text_or_null(purple_proxy_info_get_host(info))},
            {"port", purple_proxy_info_get_port(info)},
            {"user", text_or_null(purple_proxy_info_get_username(info))}};
}

// As Pidgin's account window does it when another protocol is chosen.
Json change_protocol(const Json& command) {
    PurpleAccount* account = account_of(command);
    purple_account_clear_settings(account);
    purple_account_set_protocol_id(account, text(command, "protocol").c_str());
    return nullptr;
}

Json fetch_url(const Json& command) {
    const auto tell = [](PurpleUtilFetchUrlData*, gpointer, const gchar* text, gsize,
                         const gchar*) {
        emit({{"event", "fetched"}, {"text", text_or_null(text)}});
    };
    purple_util_fetch_url(text(command, "url").c_str(), TRUE, nullptr, FALSE, tell, nullptr);
    return nullptr;
}

/// As a click on a link does.
Json open_uri(const Json& command) {
    purple_notify_uri(nullptr, text(command, "uri").c_str());
    return nullptr;
}

Json send_file(const Json& command) {
    // As a client does with what was dragged: all of it before the main loop is back.
    const Json& files = command.at("file");
    for (const Json& file : files.is_array() ? files : Json::array({files})) {
        serv_send_file(connection_of(command), text(command, "to").c_str(),
                       file.get<std::string>().c_str());
    }
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

// As Pidgin's account window does it where "Create this new account on the server" is ticked.
Json register_account(const Json& command) {
    purple_account_register(account_of(command));
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

// As a client's menu does it: from the server's list, then from this one.
Json remove_buddy(const Json& command) {
    PurpleBuddy* buddy = buddy_of(command);
    if (command.value("server", true) && purple_account_is_connected(account_of(command))) {
        purple_account_remove_buddy(account_of(command), buddy, purple_buddy_get_group(buddy));
    }
    purple_blist_remove_buddy(buddy);
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

// What a client with a list of buddies asks the protocol about one of them.
Json describe_buddy(const Json& command) {
    PurpleBuddy* buddy = buddy_of(command);
    const PurplePlugin* protocol =
        purple_find_prpl(purple_account_get_protocol_id(purple_buddy_get_account(buddy)));
    const PurplePluginProtocolInfo* info = PURPLE_PLUGIN_PROTOCOL_INFO(protocol);
    PurpleNotifyUserInfo* lines = purple_notify_user_info_new();
    if (info->tooltip_text != nullptr) {
        info->tooltip_text(buddy, lines, TRUE);
    }
    const std::unique_ptr<char, decltype(&g_free)> tooltip(
        purple_notify_user_info_get_text_with_newline(lines, "\n"), g_free);
    const char* emblem = info->list_emblem != nullptr ? info->list_emblem(buddy) : nullptr;
    Json description{{"tooltip", text_or_null(tooltip.get())}, {"emblem", text_or_null(emblem)}};
    purple_notify_user_info_destroy(lines);
    return description;
}

void (*g_wrapped_tooltip)(PurpleBuddy*, PurpleNotifyUserInfo*, gboolean) = nullptr;

void wrapping_tooltip(PurpleBuddy* buddy, PurpleNotifyUserInfo* lines, gboolean is_full) {
    g_wrapped_tooltip(buddy, lines, is_full);
}

// As a plugin does that puts itself in front of whoever was there, and stays.
Json wrap_tooltips(const Json& command) {
    const PurplePlugin* protocol = purple_find_prpl(
        purple_account_get_protocol_id(purple_buddy_get_account(buddy_of(command))));
    g_wrapped_tooltip =
        std::exchange(PURPLE_PLUGIN_PROTOCOL_INFO(protocol)->tooltip_text, wrapping_tooltip);
    return nullptr;
}

} // namespace

CommandTable account_commands() {
    return {
        {"add_account", add_account},
        {"set_account_setting", set_account_setting},
        {"remove_account", remove_account},
        {"accounts", list_accounts},
        {"connect", connect_account},
        {"disconnect", disconnect_account},
        {"enable", enable_account},
        {"set_status", change_status},
        {"add_buddy", add_buddy},
        {"remove_buddy", remove_buddy},
        {"buddies", list_buddies},
        {"set_proxy", set_proxy},
        {"get_proxy", get_proxy},
        {"change_protocol", change_protocol},
        {"fetch_url", fetch_url},
        {"send_file", send_file},
        {"register", register_account},
        {"describe_buddy", describe_buddy},
        {"open_uri", open_uri},
        {"wrap_tooltips", wrap_tooltips},
    };
}

} // namespace otr_guard::headless
