// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Comparing two codes. Names and fingerprints are kept by value, and everything is looked up again
// when answered.

#include <string>

#include "dialogs.h"
#include "model/account.h"
#include "model/fingerprint.h"

namespace otr_guard::plugin {

class Plugin;

/// Own code and `theirs` side by side; the user decides whether they match.
void show_codes(Plugin& plugin, Dialogs& dialogs, const model::PeerId& peer,
                const model::Fingerprint& theirs);

} // namespace otr_guard::plugin
