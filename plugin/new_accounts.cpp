// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "new_accounts.h"

#include <utility>

#include "names.h"
#include "network_guard.h"
#include "plugin.h"
#include "settings.h"
#include "ui.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

NewAccounts::NewAccounts(Plugin& plugin) : m_plugin(plugin) {
    purple_signal_connect(purple_accounts_get_handle(), "account-added", this,
                          as_callback(account_added), this);
}

NewAccounts::~NewAccounts() {
    purple_signals_disconnect_by_handle(this);
    if (m_timer != 0) {
        purple_timeout_remove(m_timer);
    }
}

void NewAccounts::account_added(PurpleAccount* account, NewAccounts* self) {
    util::guarded("account_added", [&] { self->treat(account); });
}

void NewAccounts::treat(PurpleAccount* account) {
    const NewAccountWay way = m_plugin.settings().new_account_way();
    NetworkGuard& guard = NetworkGuard::instance();
    // A choice that is there already was made for this very name.
    if (way == NewAccountWay::AsItSays ||
        guard.record(account).state != core::Record::State::Absent) {
        return;
    }
    if (way == NewAccountWay::Tor) {
        guard.bind_new(account);
        return;
    }
    guard.leave_undecided(account);
    m_to_ask.push_back(account_id(account));
    if (m_timer == 0) { // the client is not done with the account yet
        m_timer = purple_timeout_add(0, ask, this);
    }
}

gboolean NewAccounts::ask(gpointer self) {
    util::guarded("ask", [&] {
        auto& accounts = *static_cast<NewAccounts*>(self);
        accounts.m_timer = 0;
        for (const model::AccountId& name : std::exchange(accounts.m_to_ask, {})) {
            accounts.m_plugin.ui().show_network_of(name);
        }
    });
    return FALSE;
}

} // namespace otr_guard::plugin
