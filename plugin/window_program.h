// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The windows program as the plugin sees it: started for the first window, greeted, and gone with
// the client. Each kind of window has a bridge, which holds what was asked for until the program is
// ready and shows it otherwise when the program is of no use.

#include <memory>
#include <string>
#include <vector>

#include "core/host.h"
#include "ipc/channel.h"
#include "ipc/channel_dbus.h"
#include "plugin.h"

namespace otr_guard::plugin {

/// One kind of window.
class WindowBridge {
public:
    virtual ~WindowBridge() = default;
    /// Makes its objects on a new channel. False when it cannot.
    [[nodiscard]] virtual bool attach(GDBusConnection& connection) = 0;
    /// The program takes calls: send what was asked for meanwhile.
    virtual void ready() = 0;
    /// The program is of no use: show what was asked for otherwise.
    virtual void give_up() = 0;
    /// The program has ended, and its windows with it.
    virtual void lost() = 0;
    /// Drops what attach() has made; without a channel too.
    virtual void detach() = 0;
};

class WindowProgram {
public:
    explicit WindowProgram(Plugin& plugin) : m_plugin(plugin) {}
    ~WindowProgram();
    WindowProgram(const WindowProgram&) = delete;
    WindowProgram& operator=(const WindowProgram&) = delete;

    /// Before the first start; the bridge lives as long as this object.
    void add(WindowBridge& bridge) { m_bridges.push_back(&bridge); }
    /// Nothing when it runs already. May call WindowBridge::give_up at once.
    void start();
    [[nodiscard]] bool is_ready() const { return m_is_ready; }
    /// Of calls to the program: cancelled when it is gone.
    [[nodiscard]] GCancellable* cancellable() const { return m_cancellable.get(); }

private:
    void opened(GDBusConnection& connection);
    void give_up(const std::string& reason);
    void lost();
    void drop_channel();
    static void greeted(GObject* source, GAsyncResult* result, gpointer data);

    Plugin& m_plugin;
    std::vector<WindowBridge*> m_bridges;
    bool m_is_ready = false;
    ipc::GObjectPtr<GCancellable> m_cancellable;
    ipc::GObjectPtr<OtrGuardWindows> m_windows;
    std::unique_ptr<ipc::Channel> m_channel;
    core::Timer m_start_timer;
};

} // namespace otr_guard::plugin
