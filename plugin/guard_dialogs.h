// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The way of an account into the network, chosen in libpurple's requests: Finch has no page for an
// account's proxy, and an account that has never been online has no conversation to type in.

#include "dialogs.h"

namespace otr_guard::plugin {

class Plugin;

/// Asks for the account first when there are several.
void show_network_settings(Plugin& plugin, Dialogs& dialogs);
void show_network_of(Plugin& plugin, Dialogs& dialogs, const model::AccountId& name);

} // namespace otr_guard::plugin
