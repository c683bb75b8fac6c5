// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_answers.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/markup.h"
#include "core/wire.h"
#include "core/words.h"
#include "file_texts.h"
#include "i18n.h"
#include "labels.h"
#include "names.h"
#include "notices.h"
#include "plugin.h"
#include "settings.h"

namespace otr_guard::plugin {

namespace {

/// A waiting text is shown on one line up to here; it is the user's own.
constexpr std::size_t shown_characters = 200;

std::string groups_or_none(const std::optional<model::Fingerprint>& fingerprint) {
    return fingerprint ? fingerprint->to_groups() : std::string("none");
}

std::string_view stage_word(core::VerificationStatus::Stage stage) {
    switch (stage) {
    case core::VerificationStatus::Stage::Idle:
        return "none";
    case core::VerificationStatus::Stage::WaitingForPeer:
        return "waiting";
    case core::VerificationStatus::Stage::Asked:
        return "asked";
    case core::VerificationStatus::Stage::Answering:
        return "answering";
    }
    return "none";
}

std::ptrdiff_t private_instances(const core::SessionStatus& status) {
    return std::ranges::count(status.instances, model::SessionState::Private,
                              &core::InstanceStatus::state);
}

std::string name_of(const model::PeerId& peer) {
    return isolated(display_name(peer));
}

/// The code as every client shows it, and as words for the telephone.
std::string both_forms(const model::Fingerprint& fingerprint) {
    return "\n  " + fingerprint.to_groups() + "\n  " +
           format(tr("in words: {words}"), {{"words", core::to_words(fingerprint)}});
}

/// One indented line for each waiting text.
std::string queued_lines(const core::Session& session) {
    std::string lines;
    for (const core::QueuedMessage& message : session.queue()) {
        lines += "\n  " + core::markup::to_single_line(core::markup::to_plain(message.html),
                                                       shown_characters);
    }
    return lines;
}

} // namespace

std::string status_text(Plugin& plugin, const model::PeerId& peer) {
    const core::SessionStatus status = plugin.engine().status(peer);
    std::string text;
    const auto line = [&text](std::string_view key, std::string_view value) {
        text.append(text.empty() ? "" : "\n").append(key).append(": ").append(value);
    };
    line("state", model::to_word(status.state));
    line("verified", status.is_verified ? "yes" : "no");
    line("protocol version", status.protocol_version == 0
                                 ? std::string("none")
                                 : std::to_string(status.protocol_version));
    line("their fingerprint", groups_or_none(status.their_key));
    line("my fingerprint", groups_or_none(status.my_key));
    line("policy", model::to_word(status.policy));
    line("sessions", std::to_string(private_instances(status)));
    line("queued", std::to_string(status.queued));
    line("hold", core::hold_word(status.hold));
    line("expected", groups_or_none(status.expected_key));
    line("logging", model::to_word(plugin.settings().logging(peer)));
    line("verification", stage_word(status.verification.stage));
    return text;
}

std::string summary_text(Plugin& plugin, const model::PeerId& peer) {
    const core::SessionStatus status = plugin.engine().status(peer);
    std::string text;
    switch (status.state) {
    case model::SessionState::Plaintext:
        text = tr("This conversation with {name} is not private. To start: /otr start.");
        break;
    case model::SessionState::Private:
        text = status.is_verified
                   ? tr("This conversation with {name} is private and verified.")
                   : tr("This conversation with {name} is private, but not verified: it could be "
                        "somebody else. To verify: /otr verify.");
        break;
    case model::SessionState::Finished:
        text = tr("The private conversation with {name} is over. To start again: /otr start. To go "
                  "on without privacy: /otr end.");
        break;
    }
    return format(text, {{"name", name_of(peer)}}) + " " + tr("All commands: /otr help.");
}

std::string help_text() {
    return tr(
        "/otr start | refresh | end: begin, renew or end the private conversation\n"
        "/otr status: what there is to know about this conversation\n"
        "/otr myfp | theirfp: your code (fingerprint), or theirs\n"
        "/otr verify: find out whether it is really them, step by step\n"
        "/otr pin: verify with a one-time PIN that you tell them in person or by phone\n"
        "/otr code CODE: compare a code that they sent or published\n"
        "/otr question \"QUESTION\" \"ANSWER\": verify with a question that only they can "
        "answer\n"
        "/otr secret SECRET: verify with a secret that only the two of you know\n"
        "/otr answer TEXT: answer their question, or give the secret\n"
        "/otr abort: refuse or cancel a check\n"
        "/otr trust [CODE] | untrust [CODE]: say yourself that a code is theirs, or is not\n"
        "/otr expect [CODE|none]: accept only this code, even before the first contact\n"
        "/otr policy [never|manual|opportunistic|known|always|verified|default]: when it is "
        "private with this buddy\n"
        "/otr logging [off|redacted|on|default]: whether private conversations with this "
        "buddy are logged\n"
        "/otr sessions | session NUMBER: their devices and programs; choose where to send\n"
        "/otr queue [release|discard]: what waits; send it after all, or throw it away\n"
        "/otr send PATH: send a file privately; without a path you choose one\n"
        "/otr files: the files on their way; /otr files allow: let one file or call pass in "
        "clear\n"
        "/otr accept [NUMBER] | decline [NUMBER]: take a file or not; stop one on its way\n"
        "/otr keys | forget CODE: their known codes; forget one\n"
        "/otr import [PATH]: take keys and codes of another OTR program over, from its file or "
        "folder\n"
        "/otr export pidgin FOLDER | coyim FILE: write codes and keys for another OTR program");
}

std::string own_code_text(Plugin& plugin, const model::PeerId& peer) {
    const auto key = plugin.engine().status(peer).my_key;
    if (!key) {
        plugin.engine().make_key(peer.account);
        return tr("There is no key for this account yet. It is being made now; ask again in a "
                  "moment.");
    }
    return format(tr("Your code (fingerprint) for {account}:"),
                  {{"account", isolated(peer.account.username)}}) +
           both_forms(*key);
}

std::string their_code_text(Plugin& plugin, const model::PeerId& peer) {
    const core::SessionStatus status = plugin.engine().status(peer);
    if (!status.their_key) {
        return format(tr("The code (fingerprint) of {name} shows when the conversation is private: "
                         "/otr start. What is known from before: /otr keys."),
                      {{"name", name_of(peer)}});
    }
    const bool is_verified = plugin.engine().trust().is_verified(peer, *status.their_key);
    const std::string pattern = is_verified ? tr("The code (fingerprint) of {name}, verified:")
                                            : tr("The code (fingerprint) of {name}, not verified:");
    return format(pattern, {{"name", name_of(peer)}}) + both_forms(*status.their_key);
}

std::string expected_code_text(Plugin& plugin, const model::PeerId& peer) {
    const auto expected = plugin.engine().status(peer).expected_key;
    if (!expected) {
        return format(tr("No particular code (fingerprint) is expected of {name}. To expect one: "
                         "/otr expect CODE."),
                      {{"name", name_of(peer)}});
    }
    return format(tr("Only this code (fingerprint) will do for {name}:"),
                  {{"name", name_of(peer)}}) +
           both_forms(*expected);
}

std::string files_text(Plugin& plugin, const model::PeerId& peer) {
    return list_of_files(plugin.engine().files().files_of(peer));
}

std::string policy_text(Plugin& plugin, const model::PeerId& peer) {
    const Settings& settings = plugin.settings();
    const model::Policy applies = settings.policy(peer);
    const auto word_of = [](const std::optional<model::Policy>& policy) {
        return policy ? std::string(model::to_word(*policy)) : tr("no choice");
    };
    return format(tr("For {name} applies: {word} ({meaning})."), {{"name", name_of(peer)},
                                                                  {"word", model::to_word(applies)},
                                                                  {"meaning", label_of(applies)}}) +
           "\n" +
           format(tr("Chosen for this buddy: {buddy}; for this account: {account}; for everybody: "
                     "{everybody}. The first one counts. To choose: /otr policy WORD."),
                  {{"buddy", word_of(settings.buddy_policy(peer))},
                   {"account", word_of(settings.account_policy(peer.account))},
                   {"everybody", word_of(settings.global_policy())}});
}

std::string logging_text(Plugin& plugin, const model::PeerId& peer) {
    const Settings& settings = plugin.settings();
    const auto word_of = [](const std::optional<model::Logging>& logging) {
        return logging ? std::string(model::to_word(*logging)) : tr("no choice");
    };
    const model::Logging applies = settings.logging(peer);
    return format(tr("Private conversations with {name}: {word} ({meaning})."),
                  {{"name", name_of(peer)},
                   {"word", model::to_word(applies)},
                   {"meaning", label_of(applies)}}) +
           "\n" +
           format(tr("Chosen for this buddy: {buddy}; for this account: {account}; for everybody: "
                     "{everybody}. The first one counts. To choose: /otr logging WORD."),
                  {{"buddy", word_of(settings.buddy_logging(peer))},
                   {"account", word_of(settings.account_logging(peer.account))},
                   {"everybody", word_of(settings.global_logging())}});
}

std::string sessions_text(Plugin& plugin, const model::PeerId& peer) {
    const core::SessionStatus status = plugin.engine().status(peer);
    if (status.instances.empty()) {
        return format(tr("There is no private conversation with {name}. To start: /otr start."),
                      {{"name", name_of(peer)}});
    }
    std::string text;
    for (const core::InstanceStatus& instance : status.instances) {
        const std::string state = instance.state != model::SessionState::Private ? tr("over")
                                  : instance.is_verified ? tr("private, verified")
                                                         : tr("private, not verified");
        text.append(text.empty() ? "" : "\n");
        text += format(tr("{number}: {state}"),
                       {{"number", std::to_string(instance.number)}, {"state", state}});
        if (instance.key) {
            text.append(", ").append(isolated(instance.key->to_groups()));
        }
        if (instance.is_current) {
            text.append(" ").append(tr("(what you type goes here)"));
        }
    }
    return text;
}

std::string queue_text(Plugin& plugin, const model::PeerId& peer) {
    const core::SessionStatus status = plugin.engine().status(peer);
    if (status.queued == 0) {
        return format(tr("Nothing waits for {name}."), {{"name", name_of(peer)}});
    }
    std::string text =
        format(tr_n("{number} message waits for {name} and is not sent yet:",
                    "{number} messages wait for {name} and are not sent yet:", status.queued),
               {{"number", std::to_string(status.queued)}, {"name", name_of(peer)}});
    if (const core::Session* session = plugin.engine().find_session(peer)) {
        text += queued_lines(*session);
    }
    if (status.hold != model::HoldReason::None) {
        text += "\n" + hold_text(core::hold_word(status.hold), display_name(peer));
    }
    return text + "\n" + tr("To send now: /otr queue release. To throw away: /otr queue discard.");
}

std::string keys_text(Plugin& plugin, const model::PeerId& peer) {
    const auto& keys = plugin.engine().trust().keys_of(peer);
    if (keys.empty()) {
        return format(tr("No code (fingerprint) of {name} is known yet."),
                      {{"name", name_of(peer)}});
    }
    std::string text =
        format(tr("Known codes (fingerprints) of {name}:"), {{"name", name_of(peer)}});
    for (const core::KnownKey& key : keys) {
        text.append("\n  ").append(key.fingerprint.to_groups());
        text.append(": ").append(verification_of(key));
        if (key.first_seen) {
            text.append(", ").append(
                format(tr("first seen on {date}"), {{"date", date_of(*key.first_seen)}}));
        }
    }
    return text;
}

} // namespace otr_guard::plugin
