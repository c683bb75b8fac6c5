// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The `/otr` command, the same in every client: the interface that scripts and tests drive.
// Answers are system lines in the conversation, translated, except `/otr status`, whose keys are
// English in every language.

#include <memory>

#include "plugin.h"

namespace otr_guard::plugin {

class Commands {
public:
    /// Registers the command; unregisters it when destroyed.
    explicit Commands(Plugin& plugin);
    ~Commands();
    Commands(const Commands&) = delete;
    Commands& operator=(const Commands&) = delete;

private:
    Plugin& m_plugin;
    PurpleCmdId m_command = 0;
};

} // namespace otr_guard::plugin
