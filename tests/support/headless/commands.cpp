// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <malloc.h>
#include <stdexcept>

#include <glib.h>
#include <purple.h>

#include "command_members.h"
#include "command_tables.h"
#include "events.h"
#include "requests.h"

namespace otr_guard::headless {

namespace {

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

/// Bytes that are in use, unlike what the process has: a heap keeps what it once needed.
Json heap(const Json&) {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

const CommandTable& handlers() {
    static const CommandTable table = [] {
        CommandTable all{{"answer_request", answer},
                         {"requests", list_requests},
                         {"heap", heap},
                         {"quit", quit}};
        all.merge(account_commands());
        all.merge(talk_commands());
        all.merge(plugin_commands());
        return all;
    }();
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
