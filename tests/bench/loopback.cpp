// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "loopback.h"

#include <ctime>
#include <memory>
#include <utility>

namespace otr_guard::bench {

namespace {

struct Message {
    PurpleAccount* receiver;
    std::string from;
    std::string text;
};

Carried all_carried;

GList* status_types(PurpleAccount*) {
    GList* types = nullptr;
    for (const PurpleStatusPrimitive primitive : {PURPLE_STATUS_AVAILABLE, PURPLE_STATUS_OFFLINE}) {
        types = g_list_append(
            types, purple_status_type_new_full(primitive, nullptr, nullptr, TRUE, TRUE, FALSE));
    }
    return types;
}

void log_in(PurpleAccount* account) {
    PurpleConnection* connection = purple_account_get_connection(account);
    purple_connection_set_state(connection, PURPLE_CONNECTED);
}

void close_connection(PurpleConnection*) {}

const char* icon_name(PurpleAccount*, PurpleBuddy*) {
    return "loopback";
}

gboolean arrive(gpointer data) {
    const std::unique_ptr<Message> message(static_cast<Message*>(data));
    deliver(message->receiver, message->from, message->text);
    return FALSE;
}

int send_im(PurpleConnection* connection, const char* to, const char* text, PurpleMessageFlags) {
    const std::string address = to;
    const std::size_t mark = address.find('#');
    const std::string number = mark != std::string::npos ? address.substr(mark) : std::string();
    PurpleAccount* receiver = purple_accounts_find(address.substr(0, mark).c_str(), loopback);
    if (receiver == nullptr) {
        return -1;
    }
    ++all_carried.messages;
    std::string body = text;
    all_carried.bytes += body.size();
    all_carried.is_otr = body.starts_with("?OTR");
    const char* sender = purple_account_get_username(purple_connection_get_account(connection));
    auto message = std::make_unique<Message>(Message{receiver, sender + number, std::move(body)});
    // As from a socket: no timer of the client's, which a plugin may look at.
    g_timeout_add(0, arrive, message.release()); // which it owns
    return 1;
}

PurplePluginProtocolInfo* protocol() {
    static PurplePluginProtocolInfo info{};
    info.options = OPT_PROTO_NO_PASSWORD;
    info.list_icon = icon_name;
    info.status_types = status_types;
    info.login = log_in;
    info.close = close_connection;
    info.send_im = send_im;
    info.struct_size = sizeof(PurplePluginProtocolInfo);
    return &info;
}

PurplePluginInfo* plugin_info() {
    static PurplePluginInfo info{};
    info.magic = PURPLE_PLUGIN_MAGIC;
    info.major_version = PURPLE_MAJOR_VERSION;
    info.minor_version = PURPLE_MINOR_VERSION;
    info.type = PURPLE_PLUGIN_PROTOCOL;
    info.id = const_cast<char*>(loopback);
    info.name = const_cast<char*>("Loopback");
    info.version = const_cast<char*>("1");
    info.extra_info = protocol();
    return &info;
}

} // namespace

void add_loopback() {
    PurplePlugin* plugin = purple_plugin_new(TRUE, nullptr);
    plugin->info = plugin_info();
    purple_plugin_register(plugin);
    purple_plugins_probe(G_MODULE_SUFFIX); // which is what makes a protocol of it
}

PurpleAccount* add_account(const std::string& name, bool is_enabled) {
    PurpleAccount* account = purple_account_new(name.c_str(), loopback);
    purple_accounts_add(account);
    if (is_enabled) {
        purple_account_set_enabled(account, purple_core_get_ui(), TRUE);
        purple_account_set_status(account, "available", TRUE, nullptr);
    }
    return account;
}

void deliver(PurpleAccount* account, const std::string& from, const std::string& text) {
    serv_got_im(purple_account_get_connection(account), from.c_str(), text.c_str(),
                PURPLE_MESSAGE_RECV, std::time(nullptr));
}

const Carried& carried() {
    return all_carried;
}

} // namespace otr_guard::bench
