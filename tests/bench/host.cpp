// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// One libpurple process with two accounts that write to each other, with a plugin or without one:
//   bench_host --profile DIR --scenario NAME [--plugin FILE] [--size BYTES] [--count N]
//              [--accounts N] [--sessions N] [--limit BYTES]
// Prints the figures of one scenario as JSON. The part that counts runs inside
// otr_guard_bench_measured(), for callgrind's --toggle-collect. tests/bench/run.py drives it.

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <dlfcn.h>
#include <malloc.h>
#include <nlohmann/json.hpp>
#include <purple.h>

#include "loopback.h"
#include "raw.h"
#include "util/glib_ptr.h"

extern "C" __attribute__((noinline)) void
otr_guard_bench_measured(const std::function<void()>& action) {
    action();
    asm volatile("");
}

namespace otr_guard::bench {

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

/// A client with this name is one that pidgin-otr agrees to run in.
constexpr const char* interface_id = "gtk-gaim";
constexpr auto patience = std::chrono::minutes(10);
/// Longer than OTR Guard waits before it writes what has changed.
constexpr guint quiet_milliseconds = 400;

struct Options {
    std::string profile;
    std::string scenario;
    std::string plugin;
    std::size_t size = 50;
    unsigned long count = 1;
    unsigned accounts = 0;
    unsigned sessions = 1;
    int limit = 0;
};

double milliseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

// --- the main loop ------------------------------------------------------------------------------

/// How long the main loop works between two moments in which it could do something else.
struct Busy {
    Clock::time_point since = Clock::now();
    Clock::duration longest{};

    void reset() {
        since = Clock::now();
        longest = {};
    }
} busy;

gint poll_and_measure(GPollFD* descriptors, guint count, gint timeout) {
    busy.longest = std::max(busy.longest, Clock::now() - busy.since);
    const gint ready = g_poll(descriptors, count, timeout);
    busy.since = Clock::now();
    return ready;
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

/// Until nobody has sent anything for a while.
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

// --- the client ---------------------------------------------------------------------------------

std::string expected_text;
unsigned long texts_shown = 0;

void on_line(PurpleConversation*, const char*, const char*, const char* message,
             PurpleMessageFlags flags, time_t) {
    if ((flags & PURPLE_MESSAGE_RECV) != 0 && expected_text == message) {
        ++texts_shown;
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

void start_purple(const std::string& profile) {
    static PurpleEventLoopUiOps loop_ops{};
    loop_ops.timeout_add = g_timeout_add;
    loop_ops.timeout_remove = g_source_remove;
    loop_ops.timeout_add_seconds = g_timeout_add_seconds;
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

// --- the plugin ---------------------------------------------------------------------------------

/// pidgin-otr without Pidgin: its windows do nothing.
class PidginOtr {
public:
    static bool is_in(const std::string& file) {
        return file.find("pidgin-otr") != std::string::npos;
    }
    /// Before the plugin is opened.
    static void provide_gtk() {
        if (dlopen("libgtk-x11-2.0.so.0", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
            throw std::runtime_error(dlerror());
        }
    }
    template <typename Function, typename... Arguments>
    std::invoke_result_t<Function*, Arguments...> call(const char* name,
                                                       Arguments... arguments) const {
        void* symbol = dlsym(m_library, name);
        if (symbol == nullptr) {
            throw std::runtime_error(std::string("pidgin-otr has no ") + name);
        }
        return reinterpret_cast<Function*>(symbol)(arguments...);
    }
    explicit PidginOtr(const std::string& file)
        : m_library(dlopen(file.c_str(), RTLD_NOW | RTLD_NOLOAD)) {
        static std::vector<void* (*)()> nothing(64, []() -> void* { return nullptr; });
        call<void(const void*)>("otrg_dialog_set_ui_ops", static_cast<const void*>(nothing.data()));
    }

private:
    void* m_library;
};

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

std::size_t heap() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

// --- people -------------------------------------------------------------------------------------

struct People {
    PurpleAccount* writer;
    PurpleAccount* reader;
};

People connect_people(const Options& options) {
    for (unsigned number = 0; number < options.accounts; ++number) {
        add_account("extra" + std::to_string(number), false);
    }
    const People people{add_account("ya", true), add_account("zb", true)};
    turn_until(
        [&people] {
            return purple_account_is_connected(people.writer) &&
                   purple_account_is_connected(people.reader);
        },
        "the accounts");
    return people;
}

std::string numbered(const char* name, unsigned number) {
    return number == 0 ? name : name + ("#" + std::to_string(number));
}

void start_private(const People& people, unsigned number) {
    constexpr unsigned long messages_of_exchange = 4;
    const unsigned long end = carried().messages + messages_of_exchange;
    deliver(people.writer, numbered("zb", number), "?OTRv3?");
    turn_until([end] { return carried().messages >= end; }, "a key exchange");
}

PurpleConversation* conversation(PurpleAccount* account, const std::string& with) {
    return purple_conversation_new(PURPLE_CONV_TYPE_IM, account, with.c_str());
}

void say(PurpleConversation* from, unsigned long count) {
    for (unsigned long number = 0; number < count; ++number) {
        const unsigned long before = texts_shown;
        purple_conv_im_send(PURPLE_CONV_IM(from), expected_text.c_str());
        turn_until([before] { return texts_shown > before; }, "a text");
    }
}

void must_be_private(const Carried& before) {
    const unsigned long messages = carried().messages - before.messages;
    const unsigned long bytes = carried().bytes - before.bytes;
    if (!carried().is_otr || bytes < messages * expected_text.size()) {
        throw std::runtime_error("what was sent is not private");
    }
}

// --- scenarios ----------------------------------------------------------------------------------

Json talk(const Options& options) {
    if (!options.plugin.empty()) {
        PurplePlugin* plugin = load(options.plugin);
        if (PidginOtr::is_in(options.plugin)) {
            const PidginOtr quiet(plugin->path);
        }
    }
    const People people = connect_people(options);
    turn_until_quiet();
    expected_text = std::string(options.size, 'x');
    for (unsigned number = 0; number < options.sessions && !options.plugin.empty(); ++number) {
        start_private(people, number);
    }
    turn_until_quiet();
    PurpleConversation* last = conversation(people.writer, numbered("zb", options.sessions - 1));
    say(last, 2);
    const Carried before = carried();
    const std::size_t heap_before = heap();
    otr_guard_bench_measured([&] { say(last, options.count); });
    if (!options.plugin.empty()) {
        must_be_private(before);
    }
    return {{"heap_per_message", (static_cast<double>(heap()) - static_cast<double>(heap_before)) /
                                     static_cast<double>(options.count)}};
}

Json load_time(const Options& options) {
    const std::size_t heap_before = heap();
    const auto start = Clock::now();
    load(options.plugin);
    const auto taken = Clock::now() - start;
    return {{"milliseconds", milliseconds(taken)}, {"heap", heap() - heap_before}};
}

Json exchange(const Options& options) {
    PurplePlugin* plugin = load(options.plugin);
    if (PidginOtr::is_in(options.plugin)) {
        const PidginOtr quiet(plugin->path);
    }
    const People people = connect_people(options);
    turn_until_quiet();
    busy.reset();
    start_private(people, 0);
    turn_until_quiet();
    return {{"longest_milliseconds", milliseconds(busy.longest)}};
}

std::size_t keys_in(const std::string& profile) {
    const std::string file = profile + "/otr.private_key";
    gchar* content = nullptr;
    const bool is_there = g_file_get_contents(file.c_str(), &content, nullptr, nullptr) != FALSE;
    const util::GlibPtr<gchar> owned(content);
    const std::string_view text = is_there ? content : "";
    std::size_t count = 0;
    for (std::size_t at = text.find("(name "); at != std::string::npos;
         at = text.find("(name ", at + 1)) {
        ++count;
    }
    return count;
}

/// From signing on to a private conversation, so to two keys.
Json keys(const Options& options) {
    PurplePlugin* plugin = load(options.plugin);
    const bool is_pidgin_otr = PidginOtr::is_in(options.plugin);
    if (is_pidgin_otr) {
        const PidginOtr quiet(plugin->path);
    }
    busy.reset();
    const People people = connect_people(options);
    if (is_pidgin_otr) {
        start_private(people, 0);
    }
    turn_until([&options] { return keys_in(options.profile) == 2; }, "two keys");
    turn_until_quiet();
    return {{"longest_milliseconds", milliseconds(busy.longest)}};
}

Json verify(const Options& options) {
    PurplePlugin* plugin = load(options.plugin);
    const People people = connect_people(options);
    std::function<void(PurpleConversation*)> ask;
    std::function<void(PurpleConversation*)> answer;
    static std::string secret = "a secret of both";
    if (PidginOtr::is_in(options.plugin)) {
        const PidginOtr pidgin_otr(plugin->path);
        const auto context = [pidgin_otr](PurpleConversation* of) {
            constexpr unsigned best = 1; // OTRL_INSTAG_BEST
            return pidgin_otr.call<void*(PurpleConversation*, unsigned, int)>(
                "otrg_plugin_conv_to_context", of, best, 0);
        };
        ask = [pidgin_otr, context](PurpleConversation* of) {
            pidgin_otr.call<void(void*, const char*, const char*, std::size_t)>(
                "otrg_plugin_start_smp", context(of), static_cast<const char*>(nullptr),
                secret.c_str(), secret.size());
        };
        answer = [pidgin_otr, context](PurpleConversation* of) {
            pidgin_otr.call<void(void*, const char*, std::size_t)>(
                "otrg_plugin_continue_smp", context(of), secret.c_str(), secret.size());
        };
    } else {
        const auto command = [](PurpleConversation* in, const std::string& words) {
            gchar* text = nullptr;
            purple_cmd_do_command(in, words.c_str(), words.c_str(), &text);
            const util::GlibPtr<gchar> error(text);
        };
        ask = [command](PurpleConversation* of) { command(of, "otr secret " + secret); };
        answer = [command](PurpleConversation* of) { command(of, "otr answer " + secret); };
    }
    turn_until_quiet();
    start_private(people, 0);
    turn_until_quiet();
    PurpleConversation* mine = conversation(people.writer, "zb");
    PurpleConversation* theirs = conversation(people.reader, "ya");
    const unsigned long before = carried().messages;
    busy.reset();
    ask(mine);
    turn_until_quiet();
    answer(theirs);
    turn_until_quiet();
    const unsigned long sent = carried().messages - before;
    if (sent < 4) {
        throw std::runtime_error("no verification has taken place");
    }
    return {{"longest_milliseconds", milliseconds(busy.longest)}, {"messages", sent}};
}

Json raw(const Options& options) {
    talk_raw(options.profile + "/otr.private_key",
             {.size = options.size, .count = options.count, .limit = options.limit},
             otr_guard_bench_measured);
    return Json::object();
}

const std::map<std::string, Json (*)(const Options&)> scenarios{
    {"talk", talk}, {"load", load_time}, {"exchange", exchange},
    {"keys", keys}, {"verify", verify},  {"raw", raw}};

Options parse(int count, char** arguments) {
    Options options;
    for (int index = 1; index + 1 < count; index += 2) {
        const std::string name = arguments[index];
        const std::string value = arguments[index + 1];
        if (name == "--profile") {
            options.profile = value;
        } else if (name == "--scenario") {
            options.scenario = value;
        } else if (name == "--plugin") {
            options.plugin = value;
        } else if (name == "--size") {
            options.size = std::stoul(value);
        } else if (name == "--count") {
            options.count = std::stoul(value);
        } else if (name == "--accounts") {
            options.accounts = static_cast<unsigned>(std::stoul(value));
        } else if (name == "--sessions") {
            options.sessions = static_cast<unsigned>(std::stoul(value));
        } else if (name == "--limit") {
            options.limit = std::stoi(value);
        } else {
            throw std::invalid_argument("unknown " + name);
        }
    }
    if (options.profile.empty() || !scenarios.contains(options.scenario)) {
        throw std::invalid_argument("--profile and --scenario are needed");
    }
    return options;
}

} // namespace

} // namespace otr_guard::bench

int main(int count, char** arguments) {
    using namespace otr_guard::bench;
    try {
        const Options options = parse(count, arguments);
        if (options.scenario != "raw") {
            start_purple(options.profile);
        }
        std::cout << scenarios.at(options.scenario)(options).dump() << '\n' << std::flush;
    } catch (const std::exception& error) {
        std::cerr << "bench_host: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    // Neither the plugin's end nor libpurple's is measured, and its files are thrown away.
    std::_Exit(EXIT_SUCCESS);
}
