// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The `/guard` command: what the account of a conversation may use of the network. The same in
// every client; `/guard status` has English keys in every language.

#include "purple.h"

namespace otr_guard::plugin {

class GuardCommands {
public:
    /// Registers the command; unregisters it when destroyed.
    GuardCommands();
    ~GuardCommands();
    GuardCommands(const GuardCommands&) = delete;
    GuardCommands& operator=(const GuardCommands&) = delete;

private:
    PurpleCmdId m_command;
};

} // namespace otr_guard::plugin
