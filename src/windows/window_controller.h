// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One kind of window at its end of the channel: opens the windows that the plugin asks for and
// hands what their users do to it.

#include <gio/gio.h>

namespace otr_guard::windows {

class WindowController {
public:
    virtual ~WindowController() = default;
    /// Makes its objects on the channel. False when it cannot.
    [[nodiscard]] virtual bool attach(GDBusConnection& connection) = 0;
};

} // namespace otr_guard::windows
