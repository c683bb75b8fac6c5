// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The windows program behind its channel: opens the windows that the plugin asks for, hands what
// their users do to it, and ends when the plugin is gone. Holds no key and no session; nothing of
// it outlives the channel.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "ipc/channel.h"
#include "ipc/channel_dbus.h"
#include "ipc/codec.h"
#include "windows/verify_window.h"

namespace otr_guard::windows {

class Application {
public:
    /// `descriptor` is the channel's; `ended` is called once, when the plugin is gone.
    Application(int descriptor, std::function<void()> ended);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

private:
    void opened(GDBusConnection& connection);
    void show(const model::PeerId& peer, ipc::VerificationState state, guint64 parent,
              guint32 time);
    [[nodiscard]] std::unique_ptr<VerifyWindow> make_window(const model::PeerId& peer);
    [[nodiscard]] VerifyWindow* window_of(const model::PeerId& peer);
    /// After a call to the plugin: what it refused is said in the window.
    static void answered(GObject* source, GAsyncResult* result, gpointer data);
    static void code_compared(GObject* source, GAsyncResult* result, gpointer data);

    static gboolean handle_hello(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                 guint32 version, gpointer data);
    static gboolean handle_show(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                GVariant* peer, GVariant* state, guint64 parent, guint32 time,
                                gpointer data);
    static gboolean handle_update(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                  GVariant* peer, GVariant* state, gpointer data);
    static gboolean handle_tell(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                GVariant* peer, const char* kind, const char* text,
                                const char* detail, gpointer data);

    std::function<void()> m_ended;
    ipc::GObjectPtr<OtrGuardWindows> m_skeleton;
    ipc::GObjectPtr<OtrGuardClient> m_client;
    std::map<model::PeerId, std::unique_ptr<VerifyWindow>> m_windows;
    std::unique_ptr<ipc::Channel> m_channel;
};

} // namespace otr_guard::windows
