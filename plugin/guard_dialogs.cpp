// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard_dialogs.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "guard_actions.h"
#include "guard_texts.h"
#include "i18n.h"
#include "names.h"
#include "network_guard.h"
#include "plugin.h"
#include "setting_dialogs.h"

namespace otr_guard::plugin {

using core::Binding;
using Kind = Dialogs::Kind;
using State = core::Record::State;

namespace {

/// The words of `/guard require`, in the order of the list; address and port follow where given.
constexpr std::array ways{"off", "tor", "proxy socks5", "proxy http"};

std::vector<std::string> way_labels() {
    return {tr("As the account's settings say"), tr("Only through Tor"),
            tr("Only through a SOCKS 5 proxy"), tr("Only through an HTTP proxy")};
}

std::size_t way_index(const core::Record& record) {
    if (record.state == State::Undecided) {
        return 1;
    }
    if (record.state != State::Bound) {
        return 0;
    }
    if (record.route.binding == Binding::Tor) {
        return 1;
    }
    return record.route.protocol == core::WireProtocol::Http ? 3 : 2;
}

std::string with_address(std::string words, std::string_view address, std::string_view port) {
    for (const std::string_view part : {address, port}) {
        if (!part.empty()) {
            words.append(" ").append(part);
        }
    }
    return words;
}

void network_chosen(Plugin& plugin, const model::AccountId& name, PurpleRequestFields& fields) {
    const auto selected = selected_indices(fields, "way");
    const util::SecretString address = take_text(fields, "address");
    const util::SecretString port = take_text(fields, "port");
    PurpleAccount* account = find_account(name);
    if (account == nullptr || selected.size() != 1 || selected.front() >= ways.size()) {
        inform(plugin, tr("This account no longer exists, so nothing was changed."), {});
        return;
    }
    const std::string way = ways.at(selected.front());
    const std::string words = way == "off" ? way : with_address(way, address.view(), port.view());
    if (way != "off" && words != "tor" &&
        core::parse_record(words).state != core::Record::State::Bound) {
        inform(plugin,
               tr("The address of the proxy has to be given in numbers, like 127.0.0.1, "
                  "with a port."),
               tr("Nothing was changed."));
        return;
    }
    const Answer answer = require_way(account, words);
    inform(plugin, account_label(name), answer ? *answer : answer.error());
}

} // namespace

void show_network_of(Plugin& plugin, Dialogs& dialogs, const model::AccountId& name) {
    PurpleAccount* account = find_account(name);
    if (account == nullptr) {
        return;
    }
    NetworkGuard& guard = NetworkGuard::instance();
    const core::Record record = guard.record(account);
    const core::ProxySettings proxy =
        record.state == State::Bound ? core::required_settings(record.route) : proxy_of(account);
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(fields.get(), group);
    add_list_field(group, "way", tr("This account uses the network"), way_labels(),
                   way_index(record));
    const std::string port = proxy.port > 0 ? std::to_string(proxy.port) : std::string();
    purple_request_field_group_add_field(
        group,
        purple_request_field_string_new("address", tr("Address of the proxy, in numbers").c_str(),
                                        proxy.host.c_str(), FALSE));
    purple_request_field_group_add_field(
        group, purple_request_field_string_new("port", tr("Port").c_str(), port.c_str(), FALSE));
    const auto refused = guard.examine(account);
    const Dialogs::Text text{
        format(tr("The way of {account} into the network"), {{"account", account_label(name)}}),
        refused ? text_of(*refused)
                : tr("What is bound to Tor or a proxy goes through it or stays offline. Tor "
                     "usually listens on 127.0.0.1 port 9050.")};
    check_shown(plugin, dialogs.ask_fields({Kind::NetworkSettings, std::nullopt}, text,
                                           std::move(fields), tr("Save"), tr("Cancel"),
                                           [&plugin, name](PurpleRequestFields& filled) {
                                               network_chosen(plugin, name, filled);
                                           }));
}

void show_network_settings(Plugin& plugin, Dialogs& dialogs) {
    choose_account(plugin, dialogs, Kind::NetworkSettings, tr("Network of which account?"),
                   [&plugin, &dialogs](const model::AccountId& name) {
                       show_network_of(plugin, dialogs, name);
                   });
}

} // namespace otr_guard::plugin
