// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard_texts.h"

#include <algorithm>
#include <array>

#include "i18n.h"

namespace otr_guard::plugin {

using core::Refusal;

namespace {

/// What a reason reads as. Its arguments come in at the places named so, in this order.
struct Sentence {
    Refusal reason{};
    const char* text = nullptr;
    bool is_settled_by_choosing = false; ///< a new choice of the proxy puts it right
    std::array<std::string_view, 2> places{};
};

const std::array sentences{
    Sentence{Refusal::Undecided,
             mark("Choose first how this new account uses the network: \"Network of accounts...\" "
                  "in OTR Guard's menu."),
             false},
    Sentence{Refusal::NoGate,
             mark("Connections cannot be checked in this program ({reason}), so an account that "
                  "must use a proxy stays offline."),
             false,
             {"reason"}},
    Sentence{Refusal::ProtocolOwnSockets,
             mark("This protocol ({protocol}) opens connections of its own, past any check. Only "
                  "XMPP and IRC accounts can be bound to a proxy."),
             false,
             {"protocol"}},
    Sentence{Refusal::RecordDamaged,
             mark("What is stored about this account's proxy is damaged or contradicts itself."),
             true},
    Sentence{Refusal::ProxyMissing, mark("The account has no proxy of its own."), true},
    Sentence{Refusal::ProxyGlobal,
             mark("The account uses the global proxy, which can change unnoticed."), true},
    Sentence{Refusal::ProxyEnvironment,
             mark("The account takes its proxy from the environment, which can change unnoticed."),
             true},
    Sentence{Refusal::ProxyNone, mark("The account's proxy is switched off."), true},
    Sentence{Refusal::ProxySocks4,
             mark("A SOCKS 4 proxy does not look names up itself, so they would be asked for in "
                  "clear. Use SOCKS 5."),
             true},
    Sentence{Refusal::ProxyByName,
             mark("The proxy is given by name ({name}), which would have to be looked up. Give its "
                  "address in numbers."),
             true,
             {"name"}},
    Sentence{Refusal::ProxyPortMissing, mark("The proxy has no port."), true},
    Sentence{Refusal::ProxyChanged,
             mark("The account's proxy is no longer the one that you chose ({chosen}, now "
                  "{found})."),
             true,
             {"chosen", "found"}},
    Sentence{Refusal::ProxyTellsHostName,
             mark("An HTTP proxy with a user name is told the name of this computer at the log-in. "
                  "Use a SOCKS 5 proxy."),
             true},
    Sentence{Refusal::NotTor,
             mark("What listens on {host} port {port} is not Tor. Start Tor there, or choose "
                  "another way: \"Network of accounts...\" in OTR Guard's menu."),
             false,
             {"host", "port"}},
    Sentence{
        Refusal::ProxyDown,
        mark("The proxy on {host} port {port} does not answer. The account goes online once it "
             "does."),
        false,
        {"host", "port"}},
    Sentence{Refusal::ClearText,
             mark("The connection to the server need not be encrypted. Require encryption in the "
                  "account's settings (XMPP: \"Require encryption\"; IRC: \"Use SSL\")."),
             true},
    Sentence{Refusal::ClearPassword,
             mark("The account allows its password to be sent without encryption. Switch that off "
                  "in the account's settings."),
             true},
    Sentence{Refusal::ProgramNamed,
             mark("The account goes to its server over HTTP, which names your program in every "
                  "request. Empty \"BOSH URL\" in the account's settings, or let bound accounts "
                  "tell your program, in OTR Guard's preferences."),
             false},
    Sentence{Refusal::ResourceNamesHost,
             mark("The account's resource contains the name of this computer. Give it another one, "
                  "or none."),
             false},
};

std::string argument(const core::Refused& refused, std::size_t index) {
    return index < refused.arguments.size() ? isolated(refused.arguments[index]) : std::string();
}

} // namespace

std::string text_of(const core::Refused& refused) {
    const auto* sentence = std::ranges::find(sentences, refused.reason, &Sentence::reason);
    if (sentence == sentences.end()) {
        return {};
    }
    std::string text = format(tr(sentence->text), {{sentence->places[0], argument(refused, 0)},
                                                   {sentence->places[1], argument(refused, 1)}});
    if (sentence->is_settled_by_choosing) {
        text +=
            " " +
            tr("Choose the way again: \"Network of accounts...\" in OTR Guard's menu, or /guard "
               "require.");
    }
    return text;
}

std::string error_text(const core::Refused& refused) {
    return format(tr("OTR Guard refused to connect: {reason}"), {{"reason", text_of(refused)}});
}

std::string text_of(core::BlockReason reason) {
    switch (reason) {
    case core::BlockReason::Bypass:
        return tr("would have bypassed the proxy");
    case core::BlockReason::NoAccount:
        return tr("belonged to no account");
    case core::BlockReason::NameLookup:
        return tr("would have asked a name server");
    }
    return {};
}

std::string_view word_of(core::Binding binding) {
    switch (binding) {
    case core::Binding::Off:
        return "off";
    case core::Binding::Proxy:
        return "proxy";
    case core::Binding::Tor:
        return "tor";
    }
    return "off";
}

} // namespace otr_guard::plugin
