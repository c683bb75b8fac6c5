// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One kind of window at its end of the channel: opens the windows that the plugin asks for and
// hands what their users do to it.

#include <string>

#include <gio/gio.h>

#include "util/i18n.h"

namespace otr_guard::windows {

/// What is said when the plugin answers with im.otrguard.Error.Changed.
[[nodiscard]] inline std::string changed_meanwhile() {
    return util::tr(
        "Something has changed in the meantime, so nothing was done. Have a look and try "
        "again.");
}

class WindowController {
public:
    virtual ~WindowController() = default;
    /// Makes its objects on the channel. False when it cannot.
    [[nodiscard]] virtual bool attach(GDBusConnection& connection) = 0;
};

} // namespace otr_guard::windows
