// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "network_guard.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <thread>
#include <utility>

#include "account_facts.h"
#include "guard_texts.h"
#include "i18n.h"
#include "names.h"
#include "network_prefs.h"
#include "own_lookups.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

using core::Binding;
using core::BlockReason;
using core::Refusal;
using core::Refused;
using State = core::Record::State;

namespace {

std::thread::id g_main_thread;

/// Asks the network for this computer's address, or opens ports on a router, when switched on.
constexpr std::array network_switches{"/purple/network/auto_ip", "/purple/network/map_ports"};
constexpr std::array network_servers{"/purple/network/stun_server", "/purple/network/turn_server"};

bool is_closed(const core::Record& record) {
    return record.state != State::Absent && record.state != State::Off;
}

constexpr int default_shortest_wait = 1;
constexpr int default_longest_wait = 20;

/// Whether `account` is one of the client's, and so can be looked at.
bool exists(PurpleAccount* account) {
    return account != nullptr && g_list_find(purple_accounts_get_all(), account) != nullptr;
}

bool must_not_look_up() {
    return std::this_thread::get_id() != g_main_thread ||
           NetworkGuard::instance().is_any_account_active();
}

} // namespace

// --- Life -------------------------------------------------------------------------------------

NetworkGuard& NetworkGuard::instance() {
    static NetworkGuard* const only = [] {
        auto* made = std::make_unique<NetworkGuard>().release();
        made->install();
        return made;
    }();
    return *only;
}

void NetworkGuard::install() {
    g_main_thread = std::this_thread::get_id();
    if (const auto installed = install_gate(*this); !installed) {
        util::log_error("network_guard", installed.error().detail);
    }
    for (const auto& [tale, pref] : tale_prefs) {
        purple_prefs_add_bool(pref, FALSE);
    }
    purple_prefs_add_int(shortest_wait_pref, default_shortest_wait);
    purple_prefs_add_int(longest_wait_pref, default_longest_wait);
    guard_protocols(*this);
    purple_signal_connect(purple_get_core(), "quitting", this, as_callback(quitting), this);
    if (is_any_bound()) {
        keep_network_prefs_off();
    }
    purple_prefs_connect_callback(this, "/purple", network_pref_changed, this);
}

bool NetworkGuard::is_any_bound() {
    GList* accounts = purple_accounts_get_all();
    if (m_bindings.is_any_bound() || (accounts == nullptr && AccountBindings::is_any_in_file())) {
        return true;
    }
    for (GList* item = accounts; item != nullptr; item = item->next) {
        if (is_bound(static_cast<PurpleAccount*>(item->data))) {
            return true;
        }
    }
    return false;
}

void NetworkGuard::keep_network_prefs_off() {
    for (const char* name : network_switches) {
        if (purple_prefs_get_type(name) == PURPLE_PREF_BOOLEAN) {
            purple_prefs_set_bool(name, FALSE);
        }
    }
    for (const char* name : network_servers) {
        if (purple_prefs_get_type(name) == PURPLE_PREF_STRING) {
            purple_prefs_set_string(name, "");
        }
    }
}

void NetworkGuard::network_pref_changed(const char* name, PurplePrefType, gconstpointer,
                                        gpointer self) {
    util::guarded("network_pref_changed", [&] {
        auto& guard = *static_cast<NetworkGuard*>(self);
        if (std::string_view(name).starts_with("/purple/network/") && guard.is_any_bound()) {
            guard.keep_network_prefs_off();
        }
    });
}

// --- Bindings ---------------------------------------------------------------------------------

void NetworkGuard::bind(PurpleAccount* account, const core::Route& route) {
    m_bindings.bind(account, route);
    if (core::is_admitted_protocol(purple_account_get_protocol_id(account))) {
        require_encryption(account, route);
        tell_nothing_shared(account);
    }
    keep_network_prefs_off();
}

void NetworkGuard::bind_new(PurpleAccount* account) {
    bind(account, core::default_tor_route());
    if (m_new.empty()) {
        purple_timeout_add(0, settle_all, this);
    }
    m_new.push_back(account_id(account));
}

gboolean NetworkGuard::settle_all(gpointer self) {
    util::guarded("settle_all", [&] { static_cast<NetworkGuard*>(self)->settle_new(); });
    return FALSE;
}

void NetworkGuard::settle_new() {
    for (const model::AccountId& name : std::exchange(m_new, {})) {
        PurpleAccount* account = find_account(name);
        if (account != nullptr && m_bindings.record(account).state == State::Bound) {
            const auto own = core::make_route(Binding::Tor, proxy_of(account));
            bind(account, own.route.value_or(core::default_tor_route()));
        }
    }
}

/// Those that are still connected follow when they are not.
void NetworkGuard::quitting(NetworkGuard* self) {
    util::guarded("quitting", [&] {
        purple_prefs_disconnect_by_handle(self);
        purple_signal_connect(purple_connections_get_handle(), "signed-off", self,
                              as_callback(signed_off), self);
        for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
            auto* account = static_cast<PurpleAccount*>(item->data);
            if (purple_account_get_connection(account) == nullptr) {
                self->m_bindings.park(account);
            }
        }
    });
}

void NetworkGuard::signed_off(PurpleConnection* connection, NetworkGuard* self) {
    util::guarded("signed_off",
                  [&] { self->m_bindings.park(purple_connection_get_account(connection)); });
}

void NetworkGuard::release(PurpleAccount* account) {
    m_bindings.release(account);
}

void NetworkGuard::reconnect(const PurpleAccount* account) {
    if (m_to_reconnect.empty()) {
        purple_timeout_add(0, reconnect_all, this);
    }
    m_to_reconnect.push_back(account_id(account));
}

void NetworkGuard::stop_telling(Tale what) {
    for (const auto& [tale, pref] : tale_prefs) {
        if (tale == what) {
            purple_prefs_set_bool(pref, FALSE);
        }
    }
}

gboolean NetworkGuard::reconnect_all(gpointer self) {
    util::guarded("reconnect_all", [&] {
        auto& guard = *static_cast<NetworkGuard*>(self);
        for (const model::AccountId& name : std::exchange(guard.m_to_reconnect, {})) {
            PurpleAccount* account = find_account(name);
            // An account whose owner has taken it offline stays there.
            if (account == nullptr || !purple_account_get_enabled(account, purple_core_get_ui()) ||
                !purple_presence_is_online(purple_account_get_presence(account))) {
                continue;
            }
            if (!purple_account_is_disconnected(account)) {
                purple_account_disconnect(account);
            }
            purple_account_connect(account);
        }
    });
    return FALSE;
}

bool NetworkGuard::is_bound(PurpleAccount* account) {
    return is_closed(m_bindings.record(account));
}

bool NetworkGuard::is_active(PurpleAccount* account) {
    return is_bound(account) && (!purple_account_is_disconnected(account) ||
                                 purple_account_get_enabled(account, purple_core_get_ui()));
}

/// Before accounts are loaded the profile tells.
bool NetworkGuard::is_any_account_active() {
    GList* accounts = purple_accounts_get_all();
    for (GList* item = accounts; item != nullptr; item = item->next) {
        if (is_active(static_cast<PurpleAccount*>(item->data))) {
            return true;
        }
    }
    return accounts == nullptr && is_any_bound();
}

bool NetworkGuard::may_tell(PurpleAccount*, Tale what) {
    return std::ranges::any_of(tale_prefs, [&](const auto& tale) {
        return tale.first == what && purple_prefs_get_bool(tale.second) != FALSE;
    });
}

std::optional<TorAnswer> NetworkGuard::last_tor_answer(const PurpleAccount* account) const {
    const auto found = m_answers.find(account_id(account));
    return found == m_answers.end() ? std::nullopt : std::optional(found->second);
}

const core::BlockLog& NetworkGuard::blocked(const PurpleAccount* account) {
    return m_blocked[account != nullptr ? account_id(account) : model::AccountId{}];
}

// --- Log-ins ----------------------------------------------------------------------------------

std::optional<Refused> NetworkGuard::examine(PurpleAccount* account) {
    const core::Record record = m_bindings.record(account);
    if (!is_closed(record)) {
        return std::nullopt;
    }
    if (const auto gate = check_gate(); !gate) {
        return Refused{Refusal::NoGate, {gate.error().detail}};
    }
    if (!is_guarded(account)) {
        return Refused{Refusal::NoGate, {"the protocol cannot be checked"}};
    }
    if (record.state != State::Bound) {
        return Refused{
            record.state == State::Undecided ? Refusal::Undecided : Refusal::RecordDamaged, {}};
    }
    core::ConnectFacts facts = facts_of(account);
    facts.names_program = goes_over_http(account) && !may_tell(account, Tale::Program);
    return core::vet(record.route, facts);
}

void NetworkGuard::refuse(PurpleConnection* connection, const Refused& refused) {
    // Only what can come back by itself is tried again by the client.
    const auto reason = refused.reason == Refusal::ProxyDown
                            ? PURPLE_CONNECTION_ERROR_NETWORK_ERROR
                            : PURPLE_CONNECTION_ERROR_INVALID_SETTINGS;
    purple_connection_error_reason(connection, reason, error_text(refused).c_str());
}

bool NetworkGuard::may_begin(PurpleConnection* connection, Beginning what) {
    PurpleAccount* account = purple_connection_get_account(connection);
    settle_new();
    if (!is_bound(account)) {
        return true;
    }
    keep_network_prefs_off();
    if (core::is_admitted_protocol(purple_account_get_protocol_id(account)) &&
        !keeps_to_itself(account)) { // clients wipe an account's settings with its protocol
        tell_nothing_shared(account);
    }
    // What will be refused is refused at once.
    const std::uint32_t wait = examine(account) ? 0 : wait_before(account);
    if (wait == 0) {
        return go_on(connection, what);
    }
    auto waiting = std::make_unique<Wait>(*this, connection, what);
    waiting->timer = purple_timeout_add(wait, waited, waiting.get());
    m_waits[connection] = std::move(waiting);
    return false;
}

NetworkGuard::Wait::Wait(NetworkGuard& owner, PurpleConnection* waiting, Beginning step)
    : guard(owner), connection(waiting), what(step) {}

NetworkGuard::Wait::~Wait() {
    if (timer != 0) {
        purple_timeout_remove(timer);
    }
}

std::uint32_t NetworkGuard::wait_before(const PurpleAccount* account) {
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        auto* other = static_cast<PurpleAccount*>(item->data);
        if (other != account && purple_account_get_enabled(other, purple_core_get_ui())) {
            return core::stagger_milliseconds(purple_prefs_get_int(shortest_wait_pref),
                                              purple_prefs_get_int(longest_wait_pref),
                                              core::random_bits());
        }
    }
    return 0;
}

gboolean NetworkGuard::waited(gpointer wait) {
    util::guarded("waited", [&] {
        auto& waiting = *static_cast<Wait*>(wait);
        waiting.timer = 0;
        NetworkGuard& guard = waiting.guard;
        const auto taken = guard.m_waits.extract(waiting.connection);
        if (guard.go_on(waiting.connection, waiting.what)) {
            begin(waiting.connection, waiting.what);
        }
    });
    return FALSE;
}

bool NetworkGuard::go_on(PurpleConnection* connection, Beginning what) {
    PurpleAccount* account = purple_connection_get_account(connection);
    if (const auto refused = examine(account)) {
        refuse(connection, *refused);
        return false;
    }
    if (const auto taken = take_own_lookups(must_not_look_up); !taken) {
        refuse(connection, {Refusal::NoGate, {taken.error().detail}});
        return false;
    }
    const core::Record record = m_bindings.record(account);
    if (record.state == State::Bound && record.route.binding == Binding::Tor) {
        check_tor(connection, record.route, what);
        return false;
    }
    return true;
}

void NetworkGuard::check_tor(PurpleConnection* connection, const core::Route& route,
                             Beginning what) {
    m_checks[connection] =
        std::make_unique<TorCheck>(route, [this, connection, route, what](TorAnswer answer) {
            tor_answered(connection, route, what, answer);
        });
}

void NetworkGuard::tor_answered(PurpleConnection* connection, const core::Route& route,
                                Beginning what, TorAnswer answer) {
    // The check ends with this function; until then it is not destroyed.
    const auto check = m_checks.extract(connection);
    PurpleAccount* account = purple_connection_get_account(connection);
    m_answers[account_id(account)] = answer;
    const std::vector<std::string> address{route.host, std::to_string(route.port)};
    if (answer == TorAnswer::Unreachable) {
        refuse(connection, {Refusal::ProxyDown, address});
        return;
    }
    if (answer == TorAnswer::SomethingElse) {
        refuse(connection, {Refusal::NotTor, address});
        return;
    }
    // The settings can have been changed while Tor was asked.
    const core::Record record = m_bindings.record(account);
    if (const auto refused = examine(account)) {
        refuse(connection, *refused);
    } else if (record.state != State::Bound || record.route != route) {
        refuse(connection, {Refusal::RecordDamaged, {}});
    } else {
        m_bindings.isolate(account);
        begin(connection, what);
    }
}

void NetworkGuard::beginning(PurpleAccount* account, bool is_over) {
    m_beginning = is_over ? nullptr : account;
}

void NetworkGuard::forget(PurpleConnection* connection) {
    m_waits.erase(connection);
    m_checks.erase(connection);
}

// --- The gate ---------------------------------------------------------------------------------

void NetworkGuard::note_blocked(PurpleAccount* account, std::string_view host, int port,
                                BlockReason reason) {
    const model::AccountId name = account != nullptr ? account_id(account) : model::AccountId{};
    m_blocked[name].add(std::time(nullptr), host, port, reason);
}

bool NetworkGuard::allows(const GateRequest& request) {
    PurpleAccount* account = exists(request.account) ? request.account : nullptr;
    const core::Record record = account != nullptr ? m_bindings.record(account) : core::Record{};
    const auto blocked = core::judge({
        .host = request.host,
        .port = request.port,
        .route = record.state == State::Bound ? &record.route : nullptr,
        .has_account = account != nullptr,
        .is_damaged = record.state == State::Damaged || record.state == State::Undecided,
        .is_any_account_bound = account == nullptr && is_any_account_active(),
    });
    if (!blocked) {
        return true;
    }
    note_blocked(account, request.host, request.port, *blocked);
    PurpleConnection* connection =
        account != nullptr ? purple_account_get_connection(account) : nullptr;
    if (connection != nullptr && purple_connection_get_state(connection) == PURPLE_CONNECTING) {
        const std::string text =
            format(tr("OTR Guard refused to connect: a connection to {host} would have bypassed "
                      "the proxy. If the environment variable no_proxy is set, start this program "
                      "without it."),
                   {{"host", isolated(request.host)}});
        purple_connection_error_reason(connection, PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
                                       text.c_str());
    }
    return false;
}

bool NetworkGuard::is_about_active_account(std::string_view query) {
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        auto* account = static_cast<PurpleAccount*>(item->data);
        if (is_active(account) && (core::is_about_server(query, domain_of(account)) ||
                                   core::is_about_server(query, server_of(account)))) {
            return true;
        }
    }
    return false;
}

bool NetworkGuard::allows_question(std::string_view query) {
    const bool is_blocked =
        m_beginning != nullptr ? is_bound(m_beginning) : is_about_active_account(query);
    if (is_blocked) {
        note_blocked(m_beginning, query, 0, BlockReason::NameLookup);
    }
    return !is_blocked;
}

void NetworkGuard::refused_transfer(PurpleConnection* connection, const std::string& who) {
    PurpleAccount* account = purple_connection_get_account(connection);
    const std::string text =
        tr("This would open a direct connection past the account's proxy, so it was not done.");
    if (who.empty()) {
        purple_connection_error_reason(connection, PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
                                       text.c_str());
        return;
    }
    const std::string title =
        format(tr("Nothing was sent to {name}."),
               {{"name", isolated(display_name(peer_id(account, who.c_str())))}});
    purple_notify_warning(connection, "OTR Guard", title.c_str(), text.c_str());
}

} // namespace otr_guard::plugin
