// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The dialogs drawn with libpurple's requests, for every client (Finch, Pidgin without the windows
// program, headless). Text from peers is escaped and never a dialog's only content.

#include <memory>

#include "plugin.h"
#include "ui.h"

namespace otr_guard::plugin {

/// Closes what is open when destroyed.
[[nodiscard]] std::unique_ptr<Ui> make_purple_ui(Plugin& plugin);

} // namespace otr_guard::plugin
