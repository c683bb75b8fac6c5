// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard_commands.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "address_hint.h"
#include "command_line.h"
#include "core/markup.h"
#include "core/proxy_policy.h"
#include "guard_actions.h"
#include "guard_check.h"
#include "guard_texts.h"
#include "i18n.h"
#include "names.h"
#include "network_guard.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

using core::Binding;
using State = core::Record::State;

namespace {

/// One typed command.
struct Call {
    PurpleConversation* conversation;
    PurpleAccount* account;
    std::string rest;

    [[nodiscard]] static NetworkGuard& guard() { return NetworkGuard::instance(); }

    void write(const std::string& text) const {
        std::string html = core::markup::escape(text);
        for (std::size_t at = html.find('\n'); at != std::string::npos; at = html.find('\n', at)) {
            html.replace(at, 1, "<br>");
        }
        purple_conversation_write(
            conversation, nullptr, html.c_str(),
            static_cast<PurpleMessageFlags>(PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_NO_LOG),
            std::time(nullptr));
    }
};

/// Why a command did nothing, in the user's language; nothing when it did.
using Refusal = std::optional<std::string>;

// --- Showing -----------------------------------------------------------------------------------

std::string connection_text(const PurpleAccount* account) {
    if (purple_account_is_disconnected(account)) {
        return "offline";
    }
    return purple_account_is_connected(account) ? "online" : "connecting";
}

std::string tor_text(std::optional<TorAnswer> answer) {
    if (!answer) {
        return "not asked yet";
    }
    switch (*answer) {
    case TorAnswer::Tor:
        return "yes";
    case TorAnswer::TorNotApart:
        return "yes, but circuits are shared";
    case TorAnswer::SomethingElse:
        return "no";
    case TorAnswer::Unreachable:
        return "no answer";
    }
    return {};
}

std::string blocked_lines(const core::BlockLog& log) {
    std::string lines;
    for (const core::Blocked& entry : log.entries()) {
        const std::time_t when = entry.when;
        const std::string time = purple_utf8_strftime("%Y-%m-%d %H:%M:%S", std::localtime(&when));
        lines += "\n  " + time + " " + isolated(core::markup::to_single_line(entry.host, 255));
        lines += entry.port != 0 ? " " + std::to_string(entry.port) : std::string();
        lines += " (" + text_of(entry.reason) + "), " + std::to_string(entry.times) + "x";
    }
    return lines;
}

Refusal status(const Call& call) {
    NetworkGuard& guard = Call::guard();
    const core::Record record = guard.record(call.account);
    const auto gate = check_gate();
    std::string text = "account: " + isolated(purple_account_get_username(call.account));
    text += "\nroute: " + way_of(call.account);
    text += "\nconnection: " + connection_text(call.account);
    text += "\ngate: " + (gate ? std::string("in place") : "missing, " + gate.error().detail);
    if (guard.is_bound(call.account)) {
        const auto refused = guard.examine(call.account);
        text += "\nready: " + (refused ? text_of(*refused) : std::string("yes"));
    }
    if (record.state == State::Bound && record.route.binding == Binding::Tor) {
        text += "\ntor: " + tor_text(guard.last_tor_answer(call.account));
    }
    const core::BlockLog& own = guard.blocked(call.account);
    const core::BlockLog& nobodys = guard.blocked(nullptr);
    text += "\nblocked: " + std::to_string(own.total()) + blocked_lines(own);
    text +=
        "\nblocked without account: " + std::to_string(nobodys.total()) + blocked_lines(nobodys);
    call.write(text);
    return {};
}

Refusal check(const Call& call) {
    call.write(check_text(call.account));
    return {};
}

Refusal help(const Call& call) {
    call.write(
        tr("/guard status: how this account reaches the network, and what was blocked\n"
           "/guard require tor [ADDRESS PORT]: only through Tor, or not at all\n"
           "/guard require proxy [socks5|http ADDRESS PORT]: only through this proxy, without "
           "words the one in the account's settings\n"
           "/guard require off: as the account's settings say\n"
           "/guard check: what about this account gives you away, and what to do about it\n"
           "/guard identity: a new Tor circuit for this account from the next connection on\n"
           "/guard hint on or off: whether you are reminded that your address can be seen"));
    return {};
}

// --- Choosing ----------------------------------------------------------------------------------

Refusal answer(const Call& call, const Answer& result) {
    if (!result) {
        return result.error();
    }
    call.write(*result);
    return {};
}

Refusal require(const Call& call) {
    return answer(call, require_way(call.account, call.rest));
}

Refusal identity(const Call& call) {
    return answer(call, new_identity(call.account));
}

Refusal hint(const Call& call) {
    if (call.rest != "on" && call.rest != "off") {
        return format(tr("Write it like this: {example}"), {{"example", "/guard hint off"}});
    }
    show_address_hints(call.rest == "on");
    call.write(call.rest == "on"
                   ? tr("You will be reminded, once for each buddy, when your address can be seen.")
                   : tr("You will not be reminded any more that your address can be seen."));
    return {};
}

struct Verb {
    std::string_view word;
    Refusal (*run)(const Call& call);
};

constexpr std::array verbs{Verb{"", status},           Verb{"status", status},
                           Verb{"check", check},       Verb{"require", require},
                           Verb{"identity", identity}, Verb{"hint", hint},
                           Verb{"help", help}};

PurpleCmdRet guard_command(PurpleConversation* conversation, const gchar*, gchar** arguments,
                           gchar** error, void*) {
    return util::guarded("guard_command", PURPLE_CMD_RET_FAILED, [&] {
        PurpleAccount* account = purple_conversation_get_account(conversation);
        if (account == nullptr) {
            return PURPLE_CMD_RET_FAILED;
        }
        const bool has_words = arguments != nullptr && arguments[0] != nullptr;
        const CommandLine line = split_verb(has_words ? arguments[0] : "");
        const auto verb = std::ranges::find(verbs, line.verb, &Verb::word);
        const Refusal refusal =
            verb == verbs.end()
                ? tr("There is no such /guard command. All commands: /guard help.")
                : verb->run(Call{conversation, account, std::string(line.rest.view())});
        if (refusal) {
            *error = g_strdup(core::markup::escape(*refusal).c_str());
            return PURPLE_CMD_RET_FAILED;
        }
        return PURPLE_CMD_RET_OK;
    });
}

} // namespace

GuardCommands::GuardCommands() {
    const int flags = PURPLE_CMD_FLAG_IM | PURPLE_CMD_FLAG_CHAT | PURPLE_CMD_FLAG_ALLOW_WRONG_ARGS;
    const std::string about =
        tr("guard: which way this account takes into the network. \"/guard help\" lists all "
           "commands.");
    m_command =
        purple_cmd_register("guard", "s", PURPLE_CMD_P_PLUGIN, static_cast<PurpleCmdFlag>(flags),
                            nullptr, guard_command, about.c_str(), nullptr);
}

GuardCommands::~GuardCommands() {
    purple_cmd_unregister(m_command);
}

} // namespace otr_guard::plugin
