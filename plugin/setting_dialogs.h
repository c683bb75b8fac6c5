// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Dialogs for what can be chosen for one buddy or one account. What is not chosen there comes from
// the next level.

#include "dialogs.h"
#include "model/account.h"

namespace otr_guard::plugin {

class Plugin;

void show_peer_settings(Plugin& plugin, Dialogs& dialogs, const model::PeerId& peer);
/// Asks for the account first when there are several.
void show_account_settings(Plugin& plugin, Dialogs& dialogs);

/// Calls `chosen` with the only account there is, else asks `question` first.
void choose_account(Plugin& plugin, Dialogs& dialogs, Dialogs::Kind kind,
                    const std::string& question,
                    std::function<void(const model::AccountId&)> chosen);

} // namespace otr_guard::plugin
