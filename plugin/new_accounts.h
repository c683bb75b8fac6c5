// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the preferences demand of accounts that are added: before they connect for the first time,
// they are bound to Tor, or kept offline until the user has been asked.

#include <vector>

#include "model/account.h"
#include "purple.h"

namespace otr_guard::plugin {

class Plugin;

class NewAccounts {
public:
    explicit NewAccounts(Plugin& plugin);
    ~NewAccounts();
    NewAccounts(const NewAccounts&) = delete;
    NewAccounts& operator=(const NewAccounts&) = delete;

private:
    static void account_added(PurpleAccount* account, NewAccounts* self);
    static gboolean ask(gpointer self);
    void treat(PurpleAccount* account);

    Plugin& m_plugin;
    std::vector<model::AccountId> m_to_ask;
    guint m_timer = 0;
};

} // namespace otr_guard::plugin
