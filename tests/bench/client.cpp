// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "client.h"

#include <chrono>
#include <memory>
#include <utility>

#include "loopback.h"

namespace otr_guard::bench {

namespace {

/// A client with this name is one that pidgin-otr agrees to run in.
constexpr const char* interface_id = "gtk-gaim";
constexpr auto patience = std::chrono::minutes(10);
/// Longer than OTR Guard waits before it writes what has changed.
constexpr guint quiet_milliseconds = 400;

gint poll_and_measure(GPollFD* descriptors, guint count, gint timeout) {
    busy().end();
    const gint ready = g_poll(descriptors, count, timeout);
    busy().begin();
    return ready;
}

std::string the_text;
unsigned long times_shown = 0;

void on_line(PurpleConversation*, const char*, const char*, const char* message,
             PurpleMessageFlags flags, time_t) {
    if ((flags & PURPLE_MESSAGE_RECV) != 0 && the_text == message) {
        ++times_shown;
    }
}

struct InputWatch {
    PurpleInputFunction function;
    gpointer data;
};

gboolean on_input(GIOChannel* channel, GIOCondition condition, gpointer data) {
    const auto* watch = static_cast<InputWatch*>(data);
    const bool is_readable = (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) != 0;
    watch->function(watch->data, g_io_channel_unix_get_fd(channel),
                    is_readable ? PURPLE_INPUT_READ : PURPLE_INPUT_WRITE);
    return TRUE;
}

void free_watch(gpointer data) {
    std::unique_ptr<InputWatch>(static_cast<InputWatch*>(data));
}

guint add_input(int descriptor, PurpleInputCondition condition, PurpleInputFunction function,
                gpointer data) {
    GIOChannel* channel = g_io_channel_unix_new(descriptor);
    const auto wanted = (condition & PURPLE_INPUT_READ) != 0 ? G_IO_IN : G_IO_OUT;
    auto watch = std::make_unique<InputWatch>(InputWatch{function, data});
    const guint source = g_io_add_watch_full(
        channel, G_PRIORITY_DEFAULT, static_cast<GIOCondition>(wanted | G_IO_HUP | G_IO_ERR),
        on_input, watch.release(), free_watch);
    g_io_channel_unref(channel);
    return source;
}

bool is_time_still = false;

guint add_timeout(guint milliseconds, GSourceFunc function, gpointer data) {
    constexpr guint long_time = 1000;
    constexpr guint never = 24 * 60 * 60 * 1000;
    return g_timeout_add(is_time_still && milliseconds > long_time ? never : milliseconds, function,
                         data);
}

guint add_timeout_seconds(guint seconds, GSourceFunc function, gpointer data) {
    return add_timeout(seconds * 1000, function, data);
}

} // namespace

Busy& busy() {
    static Busy instance;
    return instance;
}

void expect_text(std::string text) {
    the_text = std::move(text);
}

const std::string& expected_text() {
    return the_text;
}

unsigned long texts_shown() {
    return times_shown;
}

void turn_until(const std::function<bool()>& is_done, const char* what) {
    const auto deadline = Clock::now() + patience;
    while (!is_done()) {
        if (Clock::now() > deadline) {
            throw std::runtime_error(std::string("waited in vain for ") + what);
        }
        g_main_context_iteration(nullptr, TRUE);
    }
}

void turn_until_quiet() {
    struct Watch {
        unsigned long seen;
        bool is_quiet;
    } watch{carried().messages, false};
    const guint timer = g_timeout_add(
        quiet_milliseconds,
        [](gpointer data) -> gboolean {
            auto* state = static_cast<Watch*>(data);
            state->is_quiet = state->seen == carried().messages;
            state->seen = carried().messages;
            return TRUE;
        },
        &watch);
    turn_until([&watch] { return watch.is_quiet; }, "silence");
    g_source_remove(timer);
}

void start_purple(const std::string& profile, bool does_time_stand_still) {
    is_time_still = does_time_stand_still;
    static PurpleEventLoopUiOps loop_ops{};
    loop_ops.timeout_add = add_timeout;
    loop_ops.timeout_remove = g_source_remove;
    loop_ops.timeout_add_seconds = add_timeout_seconds;
    loop_ops.input_add = add_input;
    loop_ops.input_remove = g_source_remove;
    static PurpleConversationUiOps conversation_ops{};
    conversation_ops.write_conv = on_line;
    static PurpleBlistUiOps blist_ops{};
    static PurpleCoreUiOps core_ops{};
    core_ops.ui_init = [] {
        purple_conversations_set_ui_ops(&conversation_ops);
        purple_blist_set_ui_ops(&blist_ops);
    };
    purple_util_set_user_dir(profile.c_str());
    purple_core_set_ui_ops(&core_ops);
    purple_eventloop_set_ui_ops(&loop_ops);
    g_main_context_set_poll_func(nullptr, poll_and_measure);
    if (!purple_core_init(interface_id)) {
        throw std::runtime_error("libpurple does not start");
    }
    purple_set_blist(purple_blist_new());
    purple_prefs_load();
    purple_prefs_set_bool("/purple/away/away_when_idle", FALSE);
    purple_prefs_set_bool("/purple/logging/log_ims", FALSE);
    add_loopback();
}

PurplePlugin* load(const std::string& file) {
    if (PidginOtr::is_in(file)) {
        PidginOtr::provide_gtk();
    }
    PurplePlugin* plugin = purple_plugin_probe(file.c_str());
    if (plugin == nullptr || !purple_plugin_load(plugin)) {
        throw std::runtime_error(
            file + " does not load: " +
            (plugin != nullptr && plugin->error != nullptr ? plugin->error : "not a plugin"));
    }
    return plugin;
}

} // namespace otr_guard::bench
