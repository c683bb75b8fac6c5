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
#include "ipc/codec.h"
#include "ipc/endpoint.h"
#include "plugin.h"

namespace otr_guard::plugin {

class WindowProgram;

/// One kind of window. What was asked for is kept until the program says that it is shown.
class WindowBridge {
public:
    explicit WindowBridge(WindowProgram& program) : m_program(program) {}
    virtual ~WindowBridge() = default;
    WindowBridge(const WindowBridge&) = delete;
    WindowBridge& operator=(const WindowBridge&) = delete;

    /// Makes its objects on a new channel. False when it cannot.
    [[nodiscard]] virtual bool attach(GDBusConnection& connection) = 0;
    /// The program takes calls: send what was asked for meanwhile.
    virtual void ready() = 0;
    /// The program is of no use: show what was asked for otherwise.
    virtual void give_up() = 0;
    /// The program has ended, or does not answer any more, and its windows are of no use: show what
    /// was asked for last otherwise.
    virtual void lost() = 0;
    /// Drops what attach() has made; without a channel too.
    virtual void detach() = 0;

protected:
    [[nodiscard]] WindowProgram& program() { return m_program; }
    /// The oldest request that was sent is dealt with.
    virtual void shown() = 0;
    /// The program has taken what answered() was given for.
    virtual void taken() {}

    // What to call, with this object, when a call to the program has come back.
    static void show_answered(GObject* source, GAsyncResult* result, gpointer bridge);
    static void answered(GObject* source, GAsyncResult* result, gpointer bridge);

private:
    WindowProgram& m_program;
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
    /// It does not answer: from now on it is as good as ended. The next request starts a new one.
    void hangs();
    /// Its end of one kind of window, `make` as for ipc::make_proxy. It is not waited for without
    /// end.
    template <typename Make>
    [[nodiscard]] static auto window(GDBusConnection& connection, Make make) {
        auto proxy = ipc::make_proxy(connection, ipc::windows_path, make);
        if (proxy != nullptr) {
            g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(proxy.get()), answer_timeout_ms);
        }
        return proxy;
    }

private:
    /// A window with ten thousand codes opens in half a second.
    static constexpr int answer_timeout_ms = 15'000;

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
