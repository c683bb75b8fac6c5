// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The windows program behind its channel: greets the plugin, has a controller for every kind of
// window, and ends when the plugin is gone. Holds no key and no session; nothing of it outlives the
// channel.

#include <functional>
#include <memory>
#include <vector>

#include "ipc/channel.h"
#include "ipc/channel_dbus.h"
#include "ipc/endpoint.h"
#include "windows/window_controller.h"

namespace otr_guard::windows {

class Application {
public:
    /// `descriptor` is the channel's; `ended` is called once, when the plugin is gone.
    Application(int descriptor, std::function<void()> ended);

private:
    void opened(GDBusConnection& connection);
    static gboolean handle_hello(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                 guint32 version, gpointer data);

    std::function<void()> m_ended;
    ipc::ExportedPtr<OtrGuardWindows> m_calls;
    std::vector<std::unique_ptr<WindowController>> m_controllers;
    std::unique_ptr<ipc::Channel> m_channel;
};

} // namespace otr_guard::windows
