// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is looked at before a file of the user's is offered to anybody, whatever way it goes. The
// one place where a file can still be exchanged for another or held back.

#include <functional>
#include <string>

#include "model/account.h"

namespace otr_guard::plugin {

class Plugin;

/// Calls `go_on` with the file to send, now or after the user was asked; not at all when the user
/// does not want it any more.
void check_file(Plugin& plugin, const model::PeerId& peer, const std::string& path,
                std::function<void(const std::string& path)> go_on);

} // namespace otr_guard::plugin
