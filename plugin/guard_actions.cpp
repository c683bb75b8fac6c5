// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard_actions.h"

#include "account_bindings.h"
#include "guard_texts.h"
#include "i18n.h"
#include "network_guard.h"

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
        guard.release(account);
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
    case State::Absent:
    case State::Off:
        break;
    }
    return "off";
}

} // namespace otr_guard::plugin
