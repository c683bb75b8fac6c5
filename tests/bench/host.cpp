// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// One libpurple process with two accounts that write to each other, with a plugin or without one:
//   bench_host --profile DIR --scenario NAME [--plugin FILE] [--size BYTES] [--count N]
//              [--accounts N] [--sessions N] [--limit BYTES]
// Prints the figures of one scenario as JSON. callgrind (--instr-atstart=no) sees the part that
// counts and nothing else. tests/bench/run.py drives it.

#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <purple.h>

#include "client.h"
#include "loopback.h"
#include "measures.h"
#include "raw.h"
#include "util/glib_ptr.h"

namespace otr_guard::bench {

namespace {

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
        const unsigned long before = texts_shown();
        purple_conv_im_send(PURPLE_CONV_IM(from), expected_text().c_str());
        turn_until([before] { return texts_shown() > before; }, "a text");
    }
}

void must_be_private(const Carried& before, unsigned long texts) {
    const unsigned long bytes = carried().bytes - before.bytes;
    if (!carried().is_otr || bytes < texts * expected_text().size()) {
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
    expect_text(std::string(options.size, 'x'));
    const std::size_t heap_without = heap();
    for (unsigned number = 0; number < options.sessions && !options.plugin.empty(); ++number) {
        start_private(people, number);
    }
    turn_until_quiet();
    const std::size_t heap_with = heap();
    PurpleConversation* last = conversation(people.writer, numbered("zb", options.sessions - 1));
    say(last, 2);
    const Carried before = carried();
    const std::size_t heap_before = heap();
    measured([&] { say(last, options.count); });
    if (!options.plugin.empty()) {
        must_be_private(before, options.count);
    }
    return {{"heap_per_session", static_cast<double>(heap_with - heap_without) / options.sessions},
            {"heap_per_message", (static_cast<double>(heap()) - static_cast<double>(heap_before)) /
                                     static_cast<double>(options.count)}};
}

Json load_time(const Options& options) {
    if (PidginOtr::is_in(options.plugin)) {
        PidginOtr::provide_gtk(); // which a client has
    }
    const std::size_t heap_before = heap();
    const auto start = processor_time();
    load(options.plugin);
    const auto taken = processor_time() - start;
    return {{"milliseconds", milliseconds(taken)}, {"heap", heap() - heap_before}};
}

Json exchange(const Options& options) {
    PurplePlugin* plugin = load(options.plugin);
    if (PidginOtr::is_in(options.plugin)) {
        const PidginOtr quiet(plugin->path);
    }
    const People people = connect_people(options);
    turn_until_quiet();
    const Written written;
    busy().reset();
    start_private(people, 0);
    turn_until_quiet();
    Json figures = busy().figures();
    figures.update(written.figures());
    return figures;
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
    busy().reset();
    const People people = connect_people(options);
    if (is_pidgin_otr) {
        start_private(people, 0);
    }
    turn_until([&options] { return keys_in(options.profile) == 2; }, "two keys");
    turn_until_quiet();
    return busy().figures();
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
    const auto turn_until_sent = [before](unsigned long count) {
        turn_until([before, count] { return carried().messages >= before + count; },
                   "a verification");
        turn_until_quiet();
    };
    busy().reset();
    ask(mine);
    turn_until_sent(1);
    answer(theirs);
    turn_until_sent(4); // computed in a thread, so there may be silence between them
    return busy().figures();
}

/// What people whom nobody knows leave in memory with what is no text.
Json strangers(const Options& options) {
    PurplePlugin* plugin = load(options.plugin);
    if (PidginOtr::is_in(options.plugin)) {
        const PidginOtr quiet(plugin->path);
    }
    const People people = connect_people(options);
    turn_until_quiet();
    const auto come = [&people](unsigned long first, unsigned long count) {
        static const std::vector<std::string> junk{
            "?OTR:AAMDJ+MVmSfjFZkAAAAAAQAAAAIAAADA1g5IjD1ZGLDVQEyCgCyn9hb==.",
            "?OTR:AAMCJ+MVmQAAAAAAAADE.",
            "?OTR|5a73a599|27e31597,00001,00003,?OTR:AAMD,",
            "?OTR,1,3,?OTR:AAMD,",
            "?OTR:AAIDAQAAAAEAAAABAAAAwNYOSIw9WRiw1UBMgoAsp/YW=.",
            "?OTR:",
            "?OTRv23?",
        };
        for (unsigned long number = first; number < first + count; ++number) {
            deliver(people.reader, "stranger" + std::to_string(number), junk[number % junk.size()]);
            g_main_context_iteration(nullptr, FALSE);
        }
        turn_until_quiet();
    };
    // So many that every limit is reached.
    constexpr unsigned long first_ones = 2000;
    come(0, first_ones);
    const std::size_t heap_before = heap();
    come(first_ones, options.count);
    return {{"bytes_for_each", (static_cast<double>(heap()) - static_cast<double>(heap_before)) /
                                   static_cast<double>(options.count)}};
}

Json raw(const Options& options) {
    talk_raw(options.profile + "/otr.private_key",
             {.size = options.size, .count = options.count, .limit = options.limit}, measured);
    return Json::object();
}

const std::map<std::string, Json (*)(const Options&)> scenarios{
    {"talk", talk}, {"load", load_time}, {"exchange", exchange},
    {"keys", keys}, {"verify", verify},  {"strangers", strangers},
    {"raw", raw}};

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
            start_purple(options.profile, options.scenario == "talk");
        }
        std::cout << scenarios.at(options.scenario)(options).dump() << '\n' << std::flush;
    } catch (const std::exception& error) {
        std::cerr << "bench_host: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    // Neither the plugin's end nor libpurple's is measured, and its files are thrown away.
    std::_Exit(EXIT_SUCCESS);
}
