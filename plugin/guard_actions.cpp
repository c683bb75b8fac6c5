// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard_actions.h"

#include <algorithm>
#include <array>

#include "account_bindings.h"
#include "account_facts.h"
#include "guard_texts.h"
#include "i18n.h"
#include "names.h"
#include "network_guard.h"
#include "plugin.h"
#include "settings.h"
#include "ui.h"

namespace otr_guard::plugin {

using core::Binding;
using State = core::Record::State;

namespace {

std::string usage() {
    return format(tr("Write it like this: {example}"),
                  {{"example", "/guard require tor, /guard require tor 127.0.0.1 9150, "
                               "/guard require proxy, /guard require proxy socks5 10.0.0.1 1080, "
                               "/guard require proxy http 10.0.0.1 3128, /guard require off"}});
}

/// The route that was typed, else the one of the account's own proxy, else where Tor usually is.
tl::expected<core::Route, std::string> chosen_route(const PurpleAccount* account,
                                                    std::string_view words) {
    const core::Record typed = core::parse_record(words);
    if (typed.state == State::Bound) {
        return typed.route;
    }
    const bool is_tor = words == "tor";
    if (!is_tor && words != "proxy") {
        return tl::unexpected(usage());
    }
    const auto result = core::make_route(is_tor ? Binding::Tor : Binding::Proxy, proxy_of(account));
    if (result.route) {
        return *result.route;
    }
    if (is_tor) {
        return core::default_tor_route();
    }
    return tl::unexpected(text_of(*result.refused));
}

} // namespace

Answer require_way(PurpleAccount* account, std::string_view words) {
    NetworkGuard& guard = NetworkGuard::instance();
    if (words == "off") {
        const bool was_waiting = guard.record(account).state == State::Undecided;
        guard.release(account);
        if (was_waiting) {
            guard.reconnect(account);
        }
        return tr("This account connects as its settings say, and OTR Guard blocks nothing of it "
                  "any more.");
    }
    const std::string protocol = purple_account_get_protocol_id(account);
    if (!core::is_admitted_protocol(protocol)) {
        return tl::unexpected(
            text_of(core::Refused{core::Refusal::ProtocolOwnSockets, {protocol}}));
    }
    const auto route = chosen_route(account, words);
    if (!route) {
        return tl::unexpected(route.error());
    }
    guard.bind(account, *route);
    guard.reconnect(account);
    std::string answer =
        format(tr("This account uses the network only through {route}, or not at all. Its settings "
                  "were changed accordingly, and encryption to the server is required. If it is "
                  "online, it connects anew."),
               {{"route", core::to_text(*route)}});
    if (const auto refused = guard.examine(account)) {
        answer += "\n" + text_of(*refused);
    }
    return answer;
}

// --- Remedies ----------------------------------------------------------------------------------

namespace {

struct RemedyWords {
    Remedy remedy;
    std::string_view word;
    const char* label;
};

constexpr std::array remedy_words{
    RemedyWords{Remedy::None, "", ""},
    RemedyWords{Remedy::BindToTor, "tor", mark("Use only Tor")},
    RemedyWords{Remedy::SetWayAgain, "again", mark("Set it again")},
    RemedyWords{Remedy::ConnectAnew, "connect", mark("Connect anew")},
    RemedyWords{Remedy::RequireEncryption, "encryption", mark("Require encryption")},
    RemedyWords{Remedy::OwnPicture, "picture", mark("Do not show it")},
    RemedyWords{Remedy::StopLogging, "logging", mark("Stop writing")},
    RemedyWords{Remedy::StopTellingTyping, "typing", mark("Stop telling")},
    RemedyWords{Remedy::StopTellingIdle, "idle", mark("Stop telling")},
    RemedyWords{Remedy::StopTellingProgram, "program", mark("Stop telling")},
    RemedyWords{Remedy::StopTellingClock, "clock", mark("Stop telling")},
    RemedyWords{Remedy::EmptyStatusText, "status", mark("Remove it")},
    RemedyWords{Remedy::MakePrivate, "private", mark("Make them private")},
    RemedyWords{Remedy::ShowOwnKeys, "codes", mark("My codes...")},
    RemedyWords{Remedy::SwitchOff, "switch-off", mark("Switch it off")},
};

Answer stop_telling(PurpleAccount* account, Tale tale) {
    NetworkGuard::stop_telling(tale);
    return NetworkGuard::instance().may_tell(account, tale)
               ? Answer(tl::unexpected(
                     tr("Only accounts that are bound to Tor or a proxy keep that to themselves.")))
               : Answer(tr("Bound accounts do not tell that any more."));
}

void empty_status_text(PurpleAccount* account) {
    const char* status = purple_status_get_id(purple_account_get_active_status(account));
    purple_account_set_status(account, status, TRUE, "message", "", nullptr);
}

Answer make_private(const PurpleAccount* account) {
    Plugin* plugin = Plugin::instance();
    if (plugin == nullptr) {
        return tl::unexpected(tr("Nothing was changed."));
    }
    plugin->settings().set_account_policy(account_id(account), model::Policy::Opportunistic);
    plugin->engine().trust_changed();
    return tr("This account's conversations become private by themselves where both programs can.");
}

Answer show_own_keys() {
    Plugin* plugin = Plugin::instance();
    if (plugin == nullptr) {
        return tl::unexpected(tr("Nothing was changed."));
    }
    plugin->ui().show_own_keys();
    return tr("Choose a new code for one of the accounts in \"My codes\".");
}

} // namespace

std::string_view word_of(Remedy remedy) {
    return std::ranges::find(remedy_words, remedy, &RemedyWords::remedy)->word;
}

std::optional<Remedy> remedy_from_word(std::string_view word) {
    const auto found = std::ranges::find(remedy_words, word, &RemedyWords::word);
    return found == remedy_words.end() ? std::nullopt : std::optional(found->remedy);
}

std::string label_of(Remedy remedy) {
    return tr(std::ranges::find(remedy_words, remedy, &RemedyWords::remedy)->label);
}

Answer mend(PurpleAccount* account, Remedy remedy) {
    NetworkGuard& guard = NetworkGuard::instance();
    switch (remedy) {
    case Remedy::BindToTor:
        return require_way(account, "tor");
    case Remedy::SetWayAgain:
        return require_way(account, way_of(account));
    case Remedy::ConnectAnew:
        guard.reconnect(account);
        return tr("The account connects anew, if it is switched on.");
    case Remedy::RequireEncryption:
        require_encryption(account, guard.record(account).route);
        return tr("The account's settings demand encryption to the server now, from its next "
                  "connection on.");
    case Remedy::OwnPicture:
        keep_own_icon(account);
        return tr("The account no longer shows the picture of your other accounts.");
    case Remedy::StopLogging:
        purple_prefs_set_bool("/purple/logging/log_ims", FALSE);
        return tr("Conversations are not written to the disk any more, for any account. What was "
                  "written before is still there.");
    case Remedy::StopTellingTyping:
        return stop_telling(account, Tale::Typing);
    case Remedy::StopTellingIdle:
        return stop_telling(account, Tale::Idle);
    case Remedy::StopTellingProgram:
        return stop_telling(account, Tale::Program);
    case Remedy::StopTellingClock:
        return stop_telling(account, Tale::Clock);
    case Remedy::EmptyStatusText:
        empty_status_text(account);
        return tr("The account shows no status text any more.");
    case Remedy::MakePrivate:
        return make_private(account);
    case Remedy::ShowOwnKeys:
        return show_own_keys();
    case Remedy::SwitchOff:
        purple_account_set_enabled(account, purple_core_get_ui(), FALSE);
        return tr("The account is switched off.");
    case Remedy::None:
        break;
    }
    return tl::unexpected(tr("Nothing was changed."));
}

Answer new_identity(PurpleAccount* account) {
    NetworkGuard& guard = NetworkGuard::instance();
    const core::Record record = guard.record(account);
    if (record.state != State::Bound || record.route.binding != Binding::Tor) {
        return tl::unexpected(tr("This account is not bound to Tor: /guard require tor."));
    }
    guard.renew_identity(account);
    return tr("This account takes a new Tor circuit from its next connection on. To connect anew, "
              "switch it off and on.");
}

std::string way_of(PurpleAccount* account) {
    const core::Record record = NetworkGuard::instance().record(account);
    switch (record.state) {
    case State::Bound:
        return core::to_text(record.route);
    case State::Damaged:
        return "damaged";
    case State::Undecided:
        return "undecided";
    case State::Absent:
    case State::Off:
        break;
    }
    return "off";
}

} // namespace otr_guard::plugin
