// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Dialogs about keys: comparing two codes, and the user's own. They keep names and fingerprints by
// value and look everything up again when answered.

#include <string>

#include "dialogs.h"
#include "model/account.h"
#include "model/fingerprint.h"

namespace otr_guard::plugin {

class Plugin;

/// Own code and `theirs` side by side; the user decides whether they match.
void show_codes(Plugin& plugin, Dialogs& dialogs, const model::PeerId& peer,
                const model::Fingerprint& theirs);
/// Starts making the missing ones.
void show_own_keys(Plugin& plugin);

} // namespace otr_guard::plugin
