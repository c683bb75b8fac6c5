// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Between the channel and the window of accounts' networks.

#include <memory>

#include "ipc/channel_dbus.h"
#include "ipc/endpoint.h"
#include "windows/network_window.h"
#include "windows/window_controller.h"

namespace otr_guard::windows {

class NetworkController final : public WindowController {
public:
    [[nodiscard]] bool attach(GDBusConnection& connection) override;

private:
    struct Answers;

    /// Null unless it is open.
    [[nodiscard]] NetworkWindow* window() const;
    [[nodiscard]] std::unique_ptr<NetworkWindow> make_window();

    static gboolean handle_show(OtrGuardNetworkWindow* object, GDBusMethodInvocation* call,
                                GVariant* accounts, guint64 parent, guint32 time,
                                NetworkController* self);
    static gboolean handle_replace(OtrGuardNetworkWindow* object, GDBusMethodInvocation* call,
                                   GVariant* accounts, NetworkController* self);

    ipc::GObjectPtr<OtrGuardNetwork> m_plugin;
    std::unique_ptr<NetworkWindow> m_window;
    ipc::ExportedPtr<OtrGuardNetworkWindow> m_calls;
};

} // namespace otr_guard::windows
