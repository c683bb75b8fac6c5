// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "clear_transfers.h"
#include "command_answers.h"
#include "command_line.h"
#include "core/code.h"
#include "core/markup.h"
#include "file_sharing.h"
#include "i18n.h"
#include "names.h"
#include "notices.h"
#include "onion_sharing.h"
#include "purple_host.h"
#include "settings.h"
#include "ui.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

using model::NoticeKind;

namespace {

/// One typed command.
struct Call {
    Plugin& plugin;
    model::PeerId peer;
    util::SecretString rest;

    [[nodiscard]] core::Session& session() const { return plugin.engine().session(peer); }
    [[nodiscard]] core::SessionStatus status() const { return plugin.engine().status(peer); }
    [[nodiscard]] std::string text_of(NoticeKind kind,
                                      std::vector<std::string> arguments = {}) const {
        return plugin::text_of({kind, std::move(arguments)}, display_name(peer));
    }
    void write(std::string_view text) const { plugin.host().write_text(peer, text); }
};

/// Why a command did nothing, in the user's language; nothing when it did.
using Refusal = std::optional<std::string>;

std::string usage(std::string_view example) {
    return format(tr("Write it like this: {example}"), {{"example", example}});
}

std::string error_text(CommandLineError error) {
    return error == CommandLineError::UnclosedQuote
               ? tr("A quotation mark opens, but none closes. Put the whole text in quotation "
                    "marks, and a backslash before those inside it.")
               : tr("There is text right after a closing quotation mark. Put the whole text in "
                    "quotation marks, and a backslash before those inside it.");
}

/// The code that was typed or pasted; the refusal otherwise.
tl::expected<model::Fingerprint, std::string> code_in(const Call& call) {
    const Parsed<util::SecretString> text = whole_text(call.rest.view());
    if (!text) {
        return tl::unexpected(error_text(text.error()));
    }
    const auto code = core::parse_code(text->view());
    if (!code) {
        return tl::unexpected(call.text_of(NoticeKind::CodeMalformed));
    }
    return *code;
}

// --- Showing -----------------------------------------------------------------------------------

template <std::string (*text)(Plugin&, const model::PeerId&)> Refusal show(const Call& call) {
    call.write(text(call.plugin, call.peer));
    return {};
}

Refusal help(const Call& call) {
    call.write(help_text() + "\n" +
               tr("/otr onionshare [PATH|stop|open]: share a file or folder with OnionShare, stop "
                  "that, or open the address that they sent in Tor Browser"));
    return {};
}

// --- Sessions ----------------------------------------------------------------------------------

Refusal start(const Call& call) {
    if (!call.plugin.host().is_connected(call.peer.account)) {
        return tr("This account is not online. Sign on first.");
    }
    call.session().start();
    return {};
}

Refusal end(const Call& call) {
    call.session().end();
    return {};
}

Refusal select_session(const Call& call) {
    const std::string_view text = call.rest.view();
    unsigned number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const core::SessionStatus status = call.status();
    const auto found = std::ranges::find(status.instances, number, &core::InstanceStatus::number);
    if (error != std::errc{} || rest != text.data() + text.size() ||
        found == status.instances.end()) {
        return usage("/otr session 2") + " " + tr("The numbers are shown by /otr sessions.");
    }
    if (found->state != model::SessionState::Private) {
        return tr("The private conversation with this device or program is over.");
    }
    call.session().select_instance(number);
    return {};
}

Refusal queue(const Call& call) {
    if (call.rest.empty()) {
        return show<queue_text>(call);
    }
    if (call.rest.view() == "release") {
        call.session().release_queue();
    } else if (call.rest.view() == "discard") {
        call.session().discard_queue();
    } else {
        return usage("/otr queue release, /otr queue discard");
    }
    return {};
}

// --- Verification ------------------------------------------------------------------------------

Refusal verify(const Call& call) {
    call.plugin.ui().show_verification(call.peer);
    return {};
}

Refusal pin(const Call& call) {
    call.session().verify_by_pin();
    return {};
}

Refusal question(const Call& call) {
    const auto words = split_words(call.rest.view());
    if (!words) {
        return error_text(words.error());
    }
    if (words->size() != 2 || words->front().empty() || words->back().empty()) {
        return usage(tr("/otr question \"Where did we meet first?\" \"the old library\""));
    }
    call.session().verify_by_question(words->front().view(), words->back());
    return {};
}

Refusal secret(const Call& call) {
    const auto text = whole_text(call.rest.view());
    if (!text) {
        return error_text(text.error());
    }
    if (text->empty()) {
        return usage(tr("/otr secret what only the two of you know"));
    }
    call.session().verify_by_secret(*text);
    return {};
}

Refusal answer(const Call& call) {
    const auto text = whole_text(call.rest.view());
    if (!text) {
        return error_text(text.error());
    }
    if (text->empty()) {
        return usage(tr("/otr answer the old library"));
    }
    call.session().answer(*text);
    return {};
}

Refusal abort_verification(const Call& call) {
    call.session().abort_verification();
    return {};
}

Refusal compare_code(const Call& call) {
    const auto code = code_in(call);
    if (!code) {
        return code.error();
    }
    call.session().compare_code(*code);
    return {};
}

// --- Keys --------------------------------------------------------------------------------------

/// What was typed, else the key in use.
tl::expected<model::Fingerprint, std::string> code_or_current(const Call& call) {
    if (!call.rest.empty()) {
        return code_in(call);
    }
    const core::SessionStatus status = call.status();
    if (status.state != model::SessionState::Private || !status.their_key) {
        return tl::unexpected(call.text_of(NoticeKind::NotPrivate));
    }
    return *status.their_key;
}

Refusal trust(const Call& call) {
    const auto code = code_or_current(call);
    if (!code) {
        return code.error();
    }
    if (*code == call.status().my_key) {
        return call.text_of(NoticeKind::CodeIsOurs);
    }
    call.session().trust(*code);
    return {};
}

Refusal untrust(const Call& call) {
    const auto code = code_or_current(call);
    if (!code) {
        return code.error();
    }
    if (call.plugin.engine().trust().find(call.peer, *code) == nullptr) {
        return tr("This code (fingerprint) is not known. The known ones: /otr keys.");
    }
    call.session().untrust(*code);
    return {};
}

Refusal expect(const Call& call) {
    if (call.rest.empty()) {
        return show<expected_code_text>(call);
    }
    if (call.rest.view() == "none") {
        call.session().expect(std::nullopt);
        return {};
    }
    const auto code = code_in(call);
    if (!code) {
        return code.error();
    }
    if (*code == call.status().my_key) {
        return call.text_of(NoticeKind::CodeIsOurs);
    }
    call.session().expect(*code);
    return {};
}

Refusal forget(const Call& call) {
    const auto code = code_in(call);
    if (!code) {
        return code.error();
    }
    const auto forgotten = call.plugin.engine().forget(call.peer, *code);
    if (!forgotten && forgotten.error().code == util::ErrorCode::Refused) {
        return tr("This code (fingerprint) is in use. End the private conversation first: /otr "
                  "end.");
    }
    if (!forgotten) {
        return tr("This code (fingerprint) is not known. The known ones: /otr keys.");
    }
    call.write(
        format(tr("The code (fingerprint) {code} is forgotten."), {{"code", code->to_groups()}}));
    return {};
}

Refusal import(const Call& call) {
    const auto path = whole_text(call.rest.view());
    if (!path) {
        return error_text(path.error());
    }
    call.plugin.ui().show_import(std::string(path->view()));
    return {};
}

Refusal export_keys(const Call& call) {
    const auto words = split_words(call.rest.view());
    if (!words) {
        return error_text(words.error());
    }
    const auto format =
        words->size() == 2 ? export_format_from_word(words->front().view()) : std::nullopt;
    if (!format || words->back().empty()) {
        return usage("/otr export coyim ~/accounts.json, /otr export pidgin ~/for-pidgin");
    }
    call.plugin.ui().show_export(*format, std::string(words->back().view()));
    return {};
}

// --- Files -------------------------------------------------------------------------------------

Refusal send_file(const Call& call) {
    const auto path = whole_text(call.rest.view());
    if (!path) {
        return error_text(path.error());
    }
    if (path->empty()) {
        call.plugin.file_sharing().choose_and_send(call.peer);
    } else {
        call.plugin.file_sharing().send(call.peer, std::string(path->view()));
    }
    return {};
}

/// False when what was typed is no number.
bool read_number(std::string_view text, std::optional<unsigned>& number) {
    if (text.empty()) {
        return true;
    }
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number.emplace());
    return error == std::errc{} && rest == end;
}

template <void (FileSharing::*decide)(const model::PeerId&, std::optional<unsigned>)>
Refusal decide_file(const Call& call) {
    std::optional<unsigned> number;
    if (!read_number(call.rest.view(), number)) {
        return usage("/otr accept 2, /otr decline 2") + " " +
               tr("The numbers are shown by /otr files.");
    }
    (call.plugin.file_sharing().*decide)(call.peer, number);
    return {};
}

Refusal files(const Call& call) {
    if (call.rest.view() == "allow") {
        call.plugin.clear_transfers().allow_once(call.peer);
        call.write(tr("The next file or call may pass in clear, if it comes within 10 minutes. "
                      "Begin it again."));
        return {};
    }
    return call.rest.empty() ? show<files_text>(call) : usage("/otr files, /otr files allow");
}

// --- Sharing -----------------------------------------------------------------------------------

Refusal onionshare(const Call& call) {
    OnionSharing& sharing = call.plugin.onion_sharing();
    if (call.rest.empty()) {
        call.write(sharing.state_text(call.peer));
        return {};
    }
    if (call.rest.view() == "stop") {
        return sharing.stop(call.peer);
    }
    if (call.rest.view() == "open") {
        return sharing.open(call.peer);
    }
    const auto path = whole_text(call.rest.view());
    if (!path) {
        return error_text(path.error());
    }
    return sharing.start(call.peer, std::string(path->view()));
}

// --- Settings ----------------------------------------------------------------------------------

Refusal policy(const Call& call) {
    const std::string_view word = call.rest.view();
    const auto chosen = model::policy_from_word(word);
    if (!word.empty() && word != "default" && !chosen) {
        return usage("/otr policy never | manual | opportunistic | known | always | verified | "
                     "default");
    }
    if (!word.empty()) {
        call.plugin.settings().set_buddy_policy(call.peer, chosen);
        call.plugin.engine().trust_changed();
    }
    return show<policy_text>(call);
}

Refusal logging(const Call& call) {
    const std::string_view word = call.rest.view();
    const auto chosen = model::logging_from_word(word);
    if (!word.empty() && word != "default" && !chosen) {
        return usage("/otr logging off | redacted | on | default");
    }
    if (!word.empty()) {
        if (find_buddy(call.peer) == nullptr) {
            return tr("This can only be chosen for somebody on the buddy list.");
        }
        call.plugin.settings().set_buddy_logging(call.peer, chosen);
    }
    return show<logging_text>(call);
}

// --- The table ---------------------------------------------------------------------------------

struct Verb {
    std::string_view word;
    Refusal (*run)(const Call& call);
};

constexpr std::array verbs{Verb{"", show<summary_text>},
                           Verb{"help", help},
                           Verb{"start", start},
                           Verb{"refresh", start},
                           Verb{"end", end},
                           Verb{"status", show<status_text>},
                           Verb{"myfp", show<own_code_text>},
                           Verb{"theirfp", show<their_code_text>},
                           Verb{"trust", trust},
                           Verb{"untrust", untrust},
                           Verb{"question", question},
                           Verb{"secret", secret},
                           Verb{"answer", answer},
                           Verb{"pin", pin},
                           Verb{"code", compare_code},
                           Verb{"abort", abort_verification},
                           Verb{"policy", policy},
                           Verb{"logging", logging},
                           Verb{"expect", expect},
                           Verb{"sessions", show<sessions_text>},
                           Verb{"session", select_session},
                           Verb{"queue", queue},
                           Verb{"send", send_file},
                           Verb{"accept", decide_file<&FileSharing::accept>},
                           Verb{"decline", decide_file<&FileSharing::cancel>},
                           Verb{"files", files},
                           Verb{"keys", show<keys_text>},
                           Verb{"forget", forget},
                           Verb{"import", import},
                           Verb{"export", export_keys},
                           Verb{"verify", verify},
                           Verb{"onionshare", onionshare}};

Refusal run(Plugin& plugin, const model::PeerId& peer, std::string_view typed) {
    CommandLine line = split_verb(typed);
    const auto verb = std::ranges::find(verbs, line.verb, &Verb::word);
    if (verb == verbs.end()) {
        return tr("There is no such /otr command. All commands: /otr help.");
    }
    return verb->run(Call{plugin, peer, std::move(line.rest)});
}

/// Never "continue": the client would then send the line, with whatever secret is in it, as text.
PurpleCmdRet otr_command(PurpleConversation* conversation, const gchar*, gchar** arguments,
                         gchar** error, void* data) {
    return util::guarded("otr_command", PURPLE_CMD_RET_FAILED, [&] {
        char* typed = arguments != nullptr ? arguments[0] : nullptr;
        const util::SecretString line(typed != nullptr ? std::string_view(typed)
                                                       : std::string_view());
        if (typed != nullptr) {
            util::wipe(typed, std::strlen(typed));
        }
        const auto peer = peer_of(conversation);
        if (!peer) {
            return PURPLE_CMD_RET_FAILED;
        }
        const Refusal refusal = run(*static_cast<Plugin*>(data), *peer, line.view());
        if (refusal) {
            *error = g_strdup(core::markup::escape(*refusal).c_str());
            return PURPLE_CMD_RET_FAILED;
        }
        return PURPLE_CMD_RET_OK;
    });
}

} // namespace

Commands::Commands(Plugin& plugin) : m_plugin(plugin) {
    const int flags = PURPLE_CMD_FLAG_IM | PURPLE_CMD_FLAG_ALLOW_WRONG_ARGS;
    const std::string help = tr("otr: private conversations. \"/otr help\" lists all commands.");
    m_command =
        purple_cmd_register("otr", "s", PURPLE_CMD_P_PLUGIN, static_cast<PurpleCmdFlag>(flags),
                            nullptr, otr_command, help.c_str(), &m_plugin);
}

Commands::~Commands() {
    purple_cmd_unregister(m_command);
}

} // namespace otr_guard::plugin
