// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard_check.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "account_facts.h"
#include "core/metadata_policy.h"
#include "guard_texts.h"
#include "i18n.h"
#include "names.h"
#include "network_guard.h"
#include "plugin.h"
#include "settings.h"

namespace otr_guard::plugin {

using State = core::Record::State;

namespace {

using Rows = std::vector<CheckRow>;

void add(Rows& rows, bool is_good, const std::string& good, const CheckRow& otherwise) {
    rows.push_back(is_good ? CheckRow{Finding::Good, good} : otherwise);
}

/// Whether the last attempt to connect has failed on the way, and not because of a setting.
bool did_not_get_through(const PurpleAccount* account) {
    const PurpleConnectionErrorInfo* error =
        purple_account_get_current_error(const_cast<PurpleAccount*>(account));
    return error != nullptr && error->type == PURPLE_CONNECTION_ERROR_NETWORK_ERROR;
}

void check_proxy(Rows& rows, const PurpleAccount* account, std::optional<TorAnswer> answer) {
    if (purple_account_is_connected(account) || answer == TorAnswer::Tor ||
        answer == TorAnswer::TorNotApart) {
        rows.push_back({Finding::Good, tr("The proxy answers.")});
    } else if (answer == TorAnswer::Unreachable || did_not_get_through(account)) {
        rows.push_back(
            {Finding::Problem,
             tr("The proxy, or the server behind it, did not answer the last time. Start "
                "the proxy."),
             Remedy::ConnectAnew});
    } else {
        rows.push_back({Finding::Attention,
                        tr("Whether the proxy answers shows when the account goes online."),
                        Remedy::ConnectAnew});
    }
}

void check_tor(Rows& rows, std::optional<TorAnswer> answer) {
    const bool is_apart = answer == TorAnswer::Tor;
    if (is_apart || answer == TorAnswer::TorNotApart) {
        rows.push_back({Finding::Good, tr("The proxy is Tor.")});
        add(rows, is_apart, tr("The account has circuits of its own."),
            {Finding::Attention,
             tr("Tor takes no user names there, so accounts share circuits. Remove "
                "PreferSOCKSNoAuth from Tor's settings."),
             Remedy::None});
    } else if (answer == TorAnswer::SomethingElse) {
        rows.push_back(
            {Finding::Problem, tr("The proxy is not Tor. Start Tor there."), Remedy::ConnectAnew});
    } else {
        rows.push_back({Finding::Attention,
                        tr("Whether the proxy is Tor, and keeps accounts apart, is asked when the "
                           "account goes online."),
                        Remedy::ConnectAnew});
    }
}

void check_way(Rows& rows, PurpleAccount* account) {
    NetworkGuard& guard = NetworkGuard::instance();
    const core::Record record = guard.record(account);
    if (!guard.is_bound(account)) {
        rows.push_back({Finding::Attention,
                        tr("The account is not bound to a proxy: the server, and whoever it lets, "
                           "can see your address. To change that: /guard require tor."),
                        Remedy::BindToTor});
        return;
    }
    const auto refused = guard.examine(account);
    add(rows, !refused,
        format(tr("The account uses the network only through {route}."),
               {{"route", way_of(account)}}),
        {Finding::Problem, refused ? text_of(*refused) : std::string(),
         record.state == State::Bound ? Remedy::SetWayAgain : Remedy::BindToTor});
    if (record.state != State::Bound) {
        return;
    }
    const bool is_tor = record.route.binding == core::Binding::Tor;
    const auto answer = is_tor ? guard.last_tor_answer(account) : std::nullopt;
    check_proxy(rows, account, answer);
    if (is_tor) {
        check_tor(rows, answer);
    }
}

/// An onion's connection never leaves Tor.
void check_server(Rows& rows, PurpleAccount* account, const core::ConnectFacts& facts) {
    const core::Record record = NetworkGuard::instance().record(account);
    if (record.state == State::Bound && record.route.binding == core::Binding::Tor) {
        add(rows, core::is_onion(facts.server),
            tr("The server has an onion address: the connection never leaves Tor."),
            {Finding::Attention,
             tr("The connection leaves Tor on its way to the server. If the server has an onion "
                "address (.onion), enter it in the account's settings."),
             Remedy::None});
    }
    add(rows, facts.requires_tls || core::is_onion(facts.server),
        tr("The connection to the server is always encrypted."),
        {Finding::Problem,
         tr("The connection to the server need not be encrypted. Require encryption in the "
            "account's settings."),
         Remedy::RequireEncryption});
    add(rows, !core::names_computer(facts.resource, facts.computer),
        tr("The account's name does not hold the name of this computer."),
        {Finding::Attention,
         tr("Others see the name of this computer, because it is in the account's resource. Empty "
            "that in the account's settings."),
         Remedy::None});
}

/// Whether `is_same` holds for one of the other accounts that are switched on.
template <typename IsSame> bool any_other(const PurpleAccount* account, IsSame is_same) {
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        auto* other = static_cast<PurpleAccount*>(item->data);
        if (other != account && purple_account_get_enabled(other, purple_core_get_ui()) &&
            is_same(other)) {
            return true;
        }
    }
    return false;
}

std::optional<model::Fingerprint> own_key(const PurpleAccount* account) {
    Plugin* plugin = Plugin::instance();
    return plugin != nullptr ? plugin->engine().identity().fingerprint_of(account_id(account))
                             : std::nullopt;
}

std::string status_text(const PurpleAccount* account) {
    const char* text =
        purple_status_get_attr_string(purple_account_get_active_status(account), "message");
    return text != nullptr ? text : "";
}

void check_what_links(Rows& rows, PurpleAccount* account) {
    const auto key = own_key(account);
    add(rows,
        !key || !any_other(account, [&](PurpleAccount* other) { return own_key(other) == key; }),
        tr("The account's code for private conversations is its own."),
        {Finding::Attention,
         tr("Another account of yours has the same code for private conversations, which shows "
            "that "
            "both are yours. Make a new one: \"My codes...\" in OTR Guard's menu."),
         Remedy::ShowOwnKeys});
    const std::string status = status_text(account);
    add(rows,
        status.empty() ||
            !any_other(account,
                       [&](const PurpleAccount* other) { return status_text(other) == status; }),
        tr("No other account of yours shows the same status text."),
        {Finding::Attention,
         tr("Another account of yours shows the same status text. Give this one another, or none."),
         Remedy::EmptyStatusText});
    add(rows, purple_account_get_bool(account, "use-global-buddyicon", TRUE) == FALSE,
        tr("The account does not share its picture with others."),
        {Finding::Attention,
         tr("The account shows the same picture as your others. Give it one of its own in the "
            "account's settings."),
         Remedy::OwnPicture});
    const auto has_same_server = [&](const PurpleAccount* other) {
        return domain_of(other) == domain_of(account);
    };
    add(rows, !any_other(account, has_same_server),
        tr("No other account of yours is on the same server."),
        {Finding::Attention,
         tr("Another account of yours is switched on at the same server, which sees them come and "
            "go together. Use another server, or not both at a time."),
         Remedy::SwitchOff});
}

void check_what_is_told(Rows& rows, PurpleAccount* account) {
    NetworkGuard& guard = NetworkGuard::instance();
    const bool is_bound = guard.is_bound(account);
    const std::string advice =
        is_bound ? std::string() : " " + tr("Bound accounts do not tell: /guard require tor.");
    const auto add_tale = [&](Tale tale, const std::string& untold, const std::string& told,
                              Remedy remedy) {
        add(rows, is_bound && !guard.may_tell(account, tale), untold,
            {Finding::Attention, told + advice, is_bound ? remedy : Remedy::None});
    };
    add_tale(Tale::Typing, tr("Others do not see when you type."), tr("Others see when you type."),
             Remedy::StopTellingTyping);
    add_tale(Tale::Idle, tr("Others do not see how long you have been away."),
             tr("Others see how long you have been away."), Remedy::StopTellingIdle);
    add_tale(Tale::Program, tr("Others are not told your program and what it can do."),
             tr("Others are told your program and what it can do."), Remedy::StopTellingProgram);
    add_tale(Tale::Clock, tr("Others are not told your time zone."),
             tr("Others are told your time zone."), Remedy::StopTellingClock);
    add(rows, purple_prefs_get_bool("/purple/logging/log_ims") == FALSE,
        tr("Conversations are not written to this computer's disk."),
        {Finding::Attention,
         tr("Conversations that are not private are written to this computer's disk. Switch that "
            "off in the program's preferences for logging."),
         Remedy::StopLogging});
}

void check_beginnings(Rows& rows, PurpleAccount* account) {
    const bool is_bound = NetworkGuard::instance().is_bound(account);
    const bool is_on = purple_account_get_enabled(account, purple_core_get_ui()) != FALSE;
    add(rows, is_bound || !is_on,
        is_on ? tr("When the program starts, the account goes online through its proxy alone.")
              : tr("The account is switched off and does not go online by itself."),
        {Finding::Attention,
         tr("The account goes online by itself when the program starts, from wherever you are."),
         Remedy::SwitchOff});
    if (Plugin* plugin = Plugin::instance()) {
        const model::Policy policy = plugin->settings()
                                         .account_policy(account_id(account))
                                         .value_or(plugin->settings().global_policy());
        add(rows, policy != model::Policy::Never && policy != model::Policy::Manual,
            tr("Conversations become private by themselves where both programs can."),
            {Finding::Attention,
             tr("Conversations do not become private by themselves. Choose otherwise in "
                "\"Account settings...\" of OTR Guard's menu."),
             Remedy::MakePrivate});
    }
}

std::string word_of(Finding finding) {
    switch (finding) {
    case Finding::Good:
        return tr("good");
    case Finding::Attention:
        return tr("attention");
    case Finding::Problem:
        return tr("problem");
    }
    return {};
}

} // namespace

std::vector<CheckRow> check_account(PurpleAccount* account) {
    Rows rows;
    check_way(rows, account);
    const core::ConnectFacts facts = facts_of(account);
    if (core::is_admitted_protocol(facts.protocol)) {
        check_server(rows, account, facts);
    }
    check_what_links(rows, account);
    check_what_is_told(rows, account);
    check_beginnings(rows, account);
    return rows;
}

std::string check_text(PurpleAccount* account) {
    std::string text;
    for (const CheckRow& row : check_account(account)) {
        text += (text.empty() ? "" : "\n") + word_of(row.finding) + ": " + row.text;
    }
    return text;
}

} // namespace otr_guard::plugin
