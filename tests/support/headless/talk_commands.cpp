// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_tables.h"

#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command_members.h"
#include "events.h"

namespace otr_guard::headless {

namespace {

using GString_ptr = std::unique_ptr<char, decltype(&g_free)>;

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

Json send_typing(const Json& command) {
    serv_send_typing(connection_of(command), text(command, "to").c_str(), PURPLE_TYPING);
    return nullptr;
}

// As clients do when nobody has touched the keyboard for a while.
Json set_idle(const Json& command) {
    const int seconds = command.at("seconds").get<int>();
    purple_presence_set_idle(purple_account_get_presence(account_of(command)), seconds > 0,
                             std::time(nullptr) - seconds);
    return nullptr;
}

time_t seconds_without_a_touch = 0;

time_t time_idle() {
    return seconds_without_a_touch;
}

// What clients do to all accounts at once, after a while without a touch.
Json set_auto_away(const Json& command) {
    static PurpleIdleUiOps ops{};
    constexpr time_t a_day = 24 * 60 * 60;
    const bool is_away = command.at("away").get<bool>();
    seconds_without_a_touch = is_away ? a_day : 0;
    ops.get_time_idle = time_idle;
    purple_idle_set_ui_ops(&ops);
    purple_savedstatus_set_idleaway(is_away ? TRUE : FALSE);
    return nullptr;
}

Json raw_serv_send_im(const Json& command) {
    return serv_send_im(connection_of(command), text(command, "to").c_str(),
                        text(command, "text").c_str(),
                        flags_from_names(command.value("flags", Json::array())));
}

/// What another plugin sends from inside, once.
struct Inside {
    PurpleConnection* connection;
    std::string to;
    std::string text;
};

void send_inside_now(PurpleConnection*, xmlnode** stanza, Inside* inside) {
    if (stanza == nullptr || *stanza == nullptr || std::string_view((*stanza)->name) != "message" ||
        inside->connection == nullptr) {
        return;
    }
    serv_send_im(std::exchange(inside->connection, nullptr), inside->to.c_str(),
                 inside->text.c_str(), PurpleMessageFlags{});
}

void send_line_inside_now(PurpleConnection*, char** line, Inside* inside) {
    if (line == nullptr || *line == nullptr || !std::string_view(*line).starts_with("PRIVMSG ") ||
        inside->connection == nullptr) {
        return;
    }
    PurpleConnection* connection = std::exchange(inside->connection, nullptr);
    const std::string raw = "PRIVMSG " + inside->to + " :" + inside->text + "\r\n";
    PURPLE_PLUGIN_PROTOCOL_INFO(purple_connection_get_prpl(connection))
        ->send_raw(connection, raw.data(), static_cast<int>(raw.size()));
}

Json send_inside(const Json& command) {
    static Inside inside;
    inside = {connection_of(command), text(command, "to"), text(command, "text")};
    PurplePlugin* const protocol = purple_connection_get_prpl(inside.connection);
    const bool is_irc = std::string_view(purple_plugin_get_id(protocol)) == "prpl-irc";
    purple_signal_connect(protocol, is_irc ? "irc-sending-text" : "jabber-sending-xmlnode", &inside,
                          is_irc ? reinterpret_cast<PurpleCallback>(send_line_inside_now)
                                 : reinterpret_cast<PurpleCallback>(send_inside_now),
                          &inside);
    return nullptr;
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

} // namespace

CommandTable talk_commands() {
    return {
        {"send", send_message},
        {"typing", send_typing},
        {"idle", set_idle},
        {"auto_away", set_auto_away},
        {"raw_serv_send_im", raw_serv_send_im},
        {"send_inside", send_inside},
        {"receive", receive_message},
        {"command", do_command},
        {"open_conversation", open_conversation},
        {"close_conversation", close_conversation},
        {"conversations", list_conversations},
        {"set_logging", set_logging},
        {"is_logging", is_logging},
        {"logs", read_logs},
    };
}

} // namespace otr_guard::headless
