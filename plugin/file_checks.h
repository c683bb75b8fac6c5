// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is looked at before a file of the user's is offered to anybody: what it tells beside its
// content. The one place where a file can still be exchanged for a copy or held back.

#include <functional>
#include <memory>
#include <string>

#include "model/account.h"

namespace otr_guard::plugin {

class Plugin;

/// The file to send, and what must be kept until it is open: a copy goes with it.
using FileChecked =
    std::function<void(const std::string& path, const std::shared_ptr<const void>& keep)>;

/// Calls `go_on` now, or after the user was asked; not at all when the user does not want to send
/// it any more, or a copy without metadata could not be made. `path` is a whole one.
void check_file(Plugin& plugin, const model::PeerId& peer, const std::string& path,
                FileChecked go_on);

} // namespace otr_guard::plugin
