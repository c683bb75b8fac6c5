// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Dialogs drawn by the windows program, which is started for the first of them and ends with the
// client. Where it is missing, too slow or of another version, libpurple's own dialogs take its
// place, and its end takes nothing but its windows along. What it asks for is checked against the
// conversation as it is now: it only ever does what its user could have typed as a command.

#include <memory>

#include "plugin.h"
#include "ui.h"

namespace otr_guard::plugin {

/// `plain` draws what the windows program does not.
[[nodiscard]] std::unique_ptr<Ui> make_window_ui(Plugin& plugin, std::unique_ptr<Ui> plain);

} // namespace otr_guard::plugin
