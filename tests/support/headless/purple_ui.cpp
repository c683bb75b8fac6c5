// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "purple_ui.h"

#include <array>
#include <filesystem>
#include <memory>

#include "events.h"
#include "requests.h"

namespace otr_guard::headless {

namespace {

using Json = nlohmann::json;

GMainLoop* main_loop = nullptr;
std::string interface_id;
std::FILE* debug_stream = nullptr;
int signal_handle = 0;

// --- event loop -------------------------------------------------------------------------------

struct Watch {
    PurpleInputFunction function;
    gpointer data;
};

gboolean on_input(GIOChannel* channel, GIOCondition condition, gpointer data) {
    const auto* watch = static_cast<Watch*>(data);
    int ready = 0;
    if ((condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) != 0) {
        ready |= PURPLE_INPUT_READ;
    }
    if ((condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL)) != 0) {
        ready |= PURPLE_INPUT_WRITE;
    }
    watch->function(watch->data, g_io_channel_unix_get_fd(channel),
                    static_cast<PurpleInputCondition>(ready));
    return TRUE;
}

void free_watch(gpointer data) {
    std::unique_ptr<Watch>(static_cast<Watch*>(data));
}

guint add_input(int descriptor, PurpleInputCondition condition, PurpleInputFunction function,
                gpointer data) {
    int events = 0;
    if ((condition & PURPLE_INPUT_READ) != 0) {
        events |= G_IO_IN | G_IO_HUP | G_IO_ERR;
    }
    if ((condition & PURPLE_INPUT_WRITE) != 0) {
        events |= G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL;
    }
    GIOChannel* channel = g_io_channel_unix_new(descriptor);
    auto watch = std::make_unique<Watch>(Watch{function, data});
    const guint source =
        g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, static_cast<GIOCondition>(events),
                            on_input, watch.release(), free_watch);
    g_io_channel_unref(channel);
    return source;
}

PurpleEventLoopUiOps* event_loop_ops() {
    static PurpleEventLoopUiOps ops{};
    ops.timeout_add = g_timeout_add;
    ops.timeout_remove = g_source_remove;
    ops.input_add = add_input;
    ops.input_remove = g_source_remove;
    ops.timeout_add_seconds = g_timeout_add_seconds;
    return &ops;
}

// --- conversations ----------------------------------------------------------------------------

const char* kind_of(PurpleConversation* conversation) {
    return purple_conversation_get_type(conversation) == PURPLE_CONV_TYPE_CHAT ? "chat" : "im";
}

Json about(const char* event_name, PurpleConversation* conversation) {
    Json event{{"event", event_name},
               {"kind", kind_of(conversation)},
               {"conversation", text_or_null(purple_conversation_get_name(conversation))}};
    add_account_to(event, purple_conversation_get_account(conversation));
    return event;
}

void on_conversation_created(PurpleConversation* conversation) {
    emit(about("conversation_created", conversation));
}

void on_conversation_destroyed(PurpleConversation* conversation) {
    emit(about("conversation_destroyed", conversation));
}

void on_line_written(PurpleConversation* conversation, const char* name, const char* alias,
                     const char* message, PurpleMessageFlags flags, time_t when) {
    Json event = about("message", conversation);
    const std::unique_ptr<char, decltype(&g_free)> plain(purple_markup_strip_html(message), g_free);
    event["who"] = text_or_null(name);
    event["alias"] = text_or_null(alias);
    event["html"] = text_or_null(message);
    event["text"] = text_or_null(plain.get());
    event["flags"] = flag_names(flags);
    event["when"] = when;
    emit(std::move(event));
}

PurpleConversationUiOps* conversation_ops() {
    static PurpleConversationUiOps ops{};
    ops.create_conversation = on_conversation_created;
    ops.destroy_conversation = on_conversation_destroyed;
    ops.write_conv = on_line_written;
    return &ops;
}

// --- notifications ----------------------------------------------------------------------------

// A null handle tells libpurple that the user closed the notice at once.

void* on_notice(PurpleNotifyMsgType type, const char* title, const char* primary,
                const char* secondary) {
    static constexpr std::array levels{"error", "warning", "info"};
    emit({{"event", "notify"},
          {"type", "message"},
          {"level", levels.at(static_cast<std::size_t>(type))},
          {"title", text_or_null(title)},
          {"primary", text_or_null(primary)},
          {"secondary", text_or_null(secondary)}});
    return nullptr;
}

void* on_formatted(const char* title, const char* primary, const char* secondary,
                   const char* text) {
    emit({{"event", "notify"},
          {"type", "formatted"},
          {"title", text_or_null(title)},
          {"primary", text_or_null(primary)},
          {"secondary", text_or_null(secondary)},
          {"html", text_or_null(text)}});
    return nullptr;
}

void* on_uri(const char* uri) {
    emit({{"event", "notify"}, {"type", "uri"}, {"uri", text_or_null(uri)}});
    return nullptr;
}

PurpleNotifyUiOps* notify_ops() {
    static PurpleNotifyUiOps ops{};
    ops.notify_message = on_notice;
    ops.notify_formatted = on_formatted;
    ops.notify_uri = on_uri;
    return &ops;
}

// --- accounts, connections, buddies -----------------------------------------------------------

void on_connection_error(PurpleConnection* connection, PurpleConnectionError reason,
                         const char* text) {
    Json event{{"event", "connection_error"},
               {"reason", static_cast<int>(reason)},
               {"text", text_or_null(text)}};
    add_account_to(event, purple_connection_get_account(connection));
    emit(std::move(event));
}

PurpleConnectionUiOps* connection_ops() {
    static PurpleConnectionUiOps ops{};
    ops.report_disconnect_reason = on_connection_error;
    return &ops;
}

// Answering at once is what "always allow" does; rosters are not what is tested here.
void* on_authorization_asked(PurpleAccount* account, const char* remote_user, const char*,
                             const char*, const char*, gboolean,
                             PurpleAccountRequestAuthorizationCb authorize,
                             PurpleAccountRequestAuthorizationCb, void* user_data) {
    Json event{{"event", "authorized"}, {"who", text_or_null(remote_user)}};
    add_account_to(event, account);
    emit(std::move(event));
    authorize(user_data);
    return nullptr;
}

PurpleAccountUiOps* account_ops() {
    static PurpleAccountUiOps ops{};
    ops.request_authorize = on_authorization_asked;
    return &ops;
}

// None of its own: libpurple fills in what saves the list, and saves nothing for a client without.
void on_row_drawn(PurpleBuddyList*, PurpleBlistNode* node) {
    if (purple_blist_node_get_type(node) == PURPLE_BLIST_BUDDY_NODE) {
        auto* buddy = reinterpret_cast<PurpleBuddy*>(node);
        emit({{"event", "row"}, {"who", text_or_null(purple_buddy_get_name(buddy))}});
    }
}

PurpleBlistUiOps* buddy_list_ops() {
    static PurpleBlistUiOps ops{};
    ops.update = on_row_drawn;
    return &ops;
}

void on_connection_signal(PurpleConnection* connection, gpointer event_name) {
    Json event{{"event", static_cast<const char*>(event_name)}};
    add_account_to(event, purple_connection_get_account(connection));
    emit(std::move(event));
}

void emit_buddy(PurpleBuddy* buddy) {
    const PurplePresence* presence = purple_buddy_get_presence(buddy);
    PurpleStatus* status = purple_presence_get_active_status(presence);
    Json event{{"event", "buddy"},
               {"who", text_or_null(purple_buddy_get_name(buddy))},
               {"online", purple_presence_is_online(presence) != FALSE},
               {"status", text_or_null(purple_status_get_id(status))}};
    add_account_to(event, purple_buddy_get_account(buddy));
    emit(std::move(event));
}

void on_buddy_signal(PurpleBuddy* buddy, gpointer) {
    emit_buddy(buddy);
}

void on_buddy_status(PurpleBuddy* buddy, PurpleStatus*, PurpleStatus*, gpointer) {
    emit_buddy(buddy);
}

// As a plugin that shows notifications, or a sound.
void on_announced(PurpleAccount* account, char* who, char* message, PurpleConversation*,
                  PurpleMessageFlags flags, gpointer) {
    Json event{{"event", "announced"},
               {"who", text_or_null(who)},
               {"html", text_or_null(message)},
               {"flags", flag_names(flags)}};
    add_account_to(event, account);
    emit(std::move(event));
}

template <typename Function>
void connect_signal(void* instance, const char* name, Function* function, gpointer data) {
    purple_signal_connect(instance, name, &signal_handle,
                          reinterpret_cast<PurpleCallback>(function), data);
}

void connect_signals() {
    static std::string signed_on = "signed-on";
    static std::string signed_off = "signed-off";
    void* connections = purple_connections_get_handle();
    void* buddies = purple_blist_get_handle();
    connect_signal(connections, "signed-on", on_connection_signal, signed_on.data());
    connect_signal(connections, "signed-off", on_connection_signal, signed_off.data());
    connect_signal(purple_conversations_get_handle(), "received-im-msg", on_announced, nullptr);
    connect_signal(buddies, "buddy-signed-on", on_buddy_signal, nullptr);
    connect_signal(buddies, "buddy-signed-off", on_buddy_signal, nullptr);
    connect_signal(buddies, "buddy-status-changed", on_buddy_status, nullptr);
}

// --- core -------------------------------------------------------------------------------------

void print_debug(PurpleDebugLevel, const char* category, const char* text) {
    std::fprintf(debug_stream, "%s: %s", category != nullptr ? category : "", text);
    std::fflush(debug_stream);
}

gboolean is_debug_enabled(PurpleDebugLevel, const char*) {
    return debug_stream != nullptr ? TRUE : FALSE;
}

void init_debug() {
    static PurpleDebugUiOps ops{};
    ops.print = print_debug;
    ops.is_enabled = is_debug_enabled;
    purple_debug_set_ui_ops(&ops);
}

void init_interface() {
    purple_accounts_set_ui_ops(account_ops());
    purple_blist_set_ui_ops(buddy_list_ops());
    purple_connections_set_ui_ops(connection_ops());
    purple_conversations_set_ui_ops(conversation_ops());
    purple_notify_set_ui_ops(notify_ops());
    purple_request_set_ui_ops(request_ui_ops());
}

void leave() {
    emit({{"event", "quit"}});
    if (debug_stream != nullptr) {
        std::fclose(debug_stream);
        debug_stream = nullptr;
    }
    g_main_loop_quit(main_loop);
}

PurpleCoreUiOps* core_ops() {
    static PurpleCoreUiOps ops{};
    ops.debug_ui_init = init_debug;
    ops.ui_init = init_interface;
    ops.quit = leave;
    return &ops;
}

PurplePlugin* find_plugin(const std::string& path) {
    if (PurplePlugin* plugin = purple_plugins_find_with_filename(path.c_str())) {
        return plugin;
    }
    return purple_plugin_probe(path.c_str());
}

} // namespace

const char* ui_id() {
    return interface_id.c_str();
}

std::string load_plugin(const std::string& path) {
    PurplePlugin* plugin = find_plugin(path);
    if (plugin == nullptr) {
        return "cannot be opened as a plugin";
    }
    if (purple_plugin_is_loaded(plugin)) {
        return "is already loaded";
    }
    if (!purple_plugin_load(plugin)) {
        return plugin->error != nullptr ? plugin->error : "refused to load";
    }
    return {};
}

bool start_core(const Options& options, GMainLoop* loop) {
    main_loop = loop;
    interface_id = options.ui_id;
    if (!options.debug_file.empty()) {
        debug_stream = std::fopen(options.debug_file.c_str(), "we");
    }
    std::filesystem::create_directories(options.profile);
    purple_util_set_user_dir(options.profile.c_str());
    purple_debug_set_enabled(FALSE);
    purple_core_set_ui_ops(core_ops());
    purple_eventloop_set_ui_ops(event_loop_ops());
    for (const auto& path : options.plugins) {
        const std::string folder = std::filesystem::path(path).parent_path();
        purple_plugins_add_search_path(folder.c_str());
    }
    for (const auto& folder : options.probed) {
        purple_plugins_add_search_path(folder.c_str());
    }
    if (!purple_core_init(options.ui_id.c_str())) {
        return false;
    }
    purple_set_blist(purple_blist_new());
    purple_blist_load();
    purple_prefs_load();
    purple_pounces_load();
    connect_signals();
    for (const auto& path : options.plugins) {
        const std::string error = load_plugin(path);
        emit({{"event", "plugin"}, {"file", path}, {"loaded", error.empty()}, {"error", error}});
    }
    emit({{"event", "ready"}, {"ui", options.ui_id}});
    return true;
}

} // namespace otr_guard::headless
