// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "events.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace otr_guard::headless {

namespace {

struct FlagName {
    PurpleMessageFlags flag;
    const char* name;
};

constexpr std::array<FlagName, 16> flag_table{{
    {PURPLE_MESSAGE_SEND, "send"},
    {PURPLE_MESSAGE_RECV, "recv"},
    {PURPLE_MESSAGE_SYSTEM, "system"},
    {PURPLE_MESSAGE_AUTO_RESP, "auto_resp"},
    {PURPLE_MESSAGE_ACTIVE_ONLY, "active_only"},
    {PURPLE_MESSAGE_NICK, "nick"},
    {PURPLE_MESSAGE_NO_LOG, "no_log"},
    {PURPLE_MESSAGE_WHISPER, "whisper"},
    {PURPLE_MESSAGE_ERROR, "error"},
    {PURPLE_MESSAGE_DELAYED, "delayed"},
    {PURPLE_MESSAGE_RAW, "raw"},
    {PURPLE_MESSAGE_IMAGES, "images"},
    {PURPLE_MESSAGE_NOTIFY, "notify"},
    {PURPLE_MESSAGE_NO_LINKIFY, "no_linkify"},
    {PURPLE_MESSAGE_INVISIBLE, "invisible"},
    {PURPLE_MESSAGE_REMOTE_SEND, "remote_send"},
}};

int event_descriptor = STDOUT_FILENO;

} // namespace

void take_standard_output() {
    event_descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (event_descriptor < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        std::perror("standard output");
        std::exit(EXIT_FAILURE);
    }
}

void emit(nlohmann::json event) {
    event["time"] = static_cast<double>(g_get_monotonic_time()) / G_USEC_PER_SEC;
    const std::string line =
        event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t written = write(event_descriptor, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return; // the test is gone; end of standard input makes us quit
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

nlohmann::json text_or_null(const char* text) {
    return text != nullptr ? nlohmann::json(text) : nlohmann::json(nullptr);
}

nlohmann::json flag_names(PurpleMessageFlags flags) {
    auto names = nlohmann::json::array();
    for (const auto& entry : flag_table) {
        if ((flags & entry.flag) != 0) {
            names.push_back(entry.name);
        }
    }
    return names;
}

PurpleMessageFlags flags_from_names(const nlohmann::json& names) {
    int flags = 0;
    for (const auto& name : names) {
        bool found = false;
        for (const auto& entry : flag_table) {
            if (name == entry.name) {
                flags |= entry.flag;
                found = true;
            }
        }
        if (!found) {
            throw std::invalid_argument("unknown message flag " + name.dump());
        }
    }
    return static_cast<PurpleMessageFlags>(flags);
}

void add_account_to(nlohmann::json& event, const PurpleAccount* account) {
    event["account"] = account != nullptr ? text_or_null(purple_account_get_username(account))
                                          : nlohmann::json(nullptr);
    event["protocol"] = account != nullptr ? text_or_null(purple_account_get_protocol_id(account))
                                           : nlohmann::json(nullptr);
}

} // namespace otr_guard::headless
