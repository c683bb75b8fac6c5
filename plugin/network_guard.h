// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Keeps accounts that are bound to a proxy on it, or offline. Unlike everything else of the plugin
// it begins when the module is probed, before accounts and network exist, and ends with the
// process: switching the plugin off must not open anything. Accounts that are not bound pass
// untouched.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "account_bindings.h"
#include "connection_gate.h"
#include "core/proxy_policy.h"
#include "guarded_protocols.h"
#include "purple.h"
#include "tor_check.h"

namespace otr_guard::plugin {

class NetworkGuard final : public GateKeeper, public ProtocolKeeper {
public:
    /// For instance() alone.
    NetworkGuard() = default;
    NetworkGuard(const NetworkGuard&) = delete;
    NetworkGuard& operator=(const NetworkGuard&) = delete;

    /// The only one; made and put in place by the first call, which the probe does.
    [[nodiscard]] static NetworkGuard& instance();

    [[nodiscard]] core::Record record(PurpleAccount* account) { return m_bindings.record(account); }
    /// Binds the account and makes its settings fit: proxy, encryption to the server.
    void bind(PurpleAccount* account, const core::Route& route);
    /// An account that is being added: Tor, at the account's own proxy if it can be one, else at
    /// the usual place. What the client writes into it until it returns to its main loop does not
    /// undo that.
    void bind_new(PurpleAccount* account);
    /// Keeps a new account offline until its user has chosen.
    void leave_undecided(PurpleAccount* account) { m_bindings.leave_undecided(account); }
    void release(PurpleAccount* account);
    /// A new Tor circuit from the next connection on.
    void renew_identity(PurpleAccount* account) { m_bindings.renew_isolation(account); }

    /// Bound accounts keep this to themselves from now on.
    static void stop_telling(Tale what);

    /// Connects an account that is switched on anew, soon.
    void reconnect(const PurpleAccount* account);

    /// Why the account could not connect now, as far as that is known without asking the proxy.
    [[nodiscard]] std::optional<core::Refused> examine(PurpleAccount* account);
    /// What Tor answered before the account's last log-in.
    [[nodiscard]] std::optional<TorAnswer> last_tor_answer(const PurpleAccount* account) const;
    /// What was blocked for this account; with nullptr, for no account in particular.
    [[nodiscard]] const core::BlockLog& blocked(const PurpleAccount* account);

    // GateKeeper
    bool allows(const GateRequest& request) override;
    bool allows_question(std::string_view query) override;
    // ProtocolKeeper
    bool may_begin(PurpleConnection* connection, Beginning what) override;
    void beginning(PurpleAccount* account, bool is_over) override;
    void forget(PurpleConnection* connection) override;
    void refused_transfer(PurpleConnection* connection, const std::string& who) override;

    // TaleKeeper
    bool is_bound(PurpleAccount* account) override;
    bool may_tell(PurpleAccount* account, Tale what) override;
    bool is_any_account_active() override;

private:
    void install();
    static void keep_network_prefs_off();
    /// Also before accounts are loaded.
    [[nodiscard]] bool is_any_bound();
    static gboolean reconnect_all(gpointer self);
    static gboolean settle_all(gpointer self);
    static void quitting(NetworkGuard* self);
    static void signed_off(PurpleConnection* connection, NetworkGuard* self);
    void settle_new();
    static void network_pref_changed(const char* name, PurplePrefType type, gconstpointer value,
                                     gpointer self);
    void refuse(PurpleConnection* connection, const core::Refused& refused);
    /// A log-in that waits, so that several accounts do not appear at the same moment.
    struct Wait {
        NetworkGuard& guard;
        PurpleConnection* connection;
        Beginning what;
        guint timer = 0;

        Wait(NetworkGuard& owner, PurpleConnection* waiting, Beginning step);
        ~Wait();
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
    };
    static gboolean waited(gpointer wait);
    /// 0 where no other account is switched on.
    [[nodiscard]] static std::uint32_t wait_before(const PurpleAccount* account);
    /// True when the protocol may begin at once; else it is refused, or Tor is asked first.
    bool go_on(PurpleConnection* connection, Beginning what);
    void check_tor(PurpleConnection* connection, const core::Route& route, Beginning what);
    void tor_answered(PurpleConnection* connection, const core::Route& route, Beginning what,
                      TorAnswer answer);
    void note_blocked(PurpleAccount* account, std::string_view host, int port,
                      core::BlockReason reason);
    [[nodiscard]] bool is_active(PurpleAccount* account);
    [[nodiscard]] bool is_about_active_account(std::string_view query);

    AccountBindings m_bindings;
    std::map<PurpleConnection*, std::unique_ptr<Wait>> m_waits;
    std::map<PurpleConnection*, std::unique_ptr<TorCheck>> m_checks;
    std::map<model::AccountId, TorAnswer> m_answers;
    std::map<model::AccountId, core::BlockLog> m_blocked; ///< nameless: no account
    PurpleAccount* m_beginning = nullptr; ///< whose protocol is at this moment beginning
    std::vector<model::AccountId> m_to_reconnect;
    std::vector<model::AccountId> m_new; ///< added since the main loop was last there
};

} // namespace otr_guard::plugin
