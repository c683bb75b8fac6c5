// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Verification windows, one for each peer.

#include <map>
#include <memory>

#include "ipc/channel_dbus.h"
#include "ipc/codec.h"
#include "ipc/endpoint.h"
#include "windows/verify_window.h"
#include "windows/window_controller.h"

namespace otr_guard::windows {

class VerifyController final : public WindowController {
public:
    [[nodiscard]] bool attach(GDBusConnection& connection) override;

private:
    void show(const model::PeerId& peer, ipc::VerificationState state, guint64 parent,
              guint32 time);
    [[nodiscard]] std::unique_ptr<VerifyWindow> make_window(const model::PeerId& peer);
    [[nodiscard]] VerifyWindow* window_of(const model::PeerId& peer);
    /// After a call to the plugin: what it refused is said in the window.
    static void answered(GObject* source, GAsyncResult* result, gpointer data);
    static void code_compared(GObject* source, GAsyncResult* result, gpointer data);

    static gboolean handle_show(OtrGuardVerificationWindow* object, GDBusMethodInvocation* call,
                                GVariant* peer, GVariant* state, guint64 parent, guint32 time,
                                gpointer data);
    static gboolean handle_update(OtrGuardVerificationWindow* object, GDBusMethodInvocation* call,
                                  GVariant* peer, GVariant* state, gpointer data);
    static gboolean handle_tell(OtrGuardVerificationWindow* object, GDBusMethodInvocation* call,
                                GVariant* peer, const char* kind, const char* text,
                                const char* detail, gpointer data);

    ipc::GObjectPtr<OtrGuardVerification> m_plugin;
    std::map<model::PeerId, std::unique_ptr<VerifyWindow>> m_windows;
    ipc::ExportedPtr<OtrGuardVerificationWindow> m_calls;
};

} // namespace otr_guard::windows
