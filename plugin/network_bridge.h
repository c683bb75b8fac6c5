// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The plugin's end of the window of accounts' networks. It does nothing that could not be typed
// after /guard or chosen in the client's own settings.

#include <functional>
#include <optional>
#include <utility>

#include "ipc/endpoint.h"
#include "window_program.h"

namespace otr_guard::plugin {

class NetworkBridge final : public WindowBridge {
public:
    /// `show_plainly` is called when the program cannot show the window.
    NetworkBridge(Plugin& plugin, WindowProgram& program, std::function<void()> show_plainly);
    ~NetworkBridge() override;
    NetworkBridge(const NetworkBridge&) = delete;
    NetworkBridge& operator=(const NetworkBridge&) = delete;

    void show();

    [[nodiscard]] bool attach(GDBusConnection& connection) override;
    void ready() override;
    void give_up() override;
    void lost() override;
    void detach() override;

protected:
    void shown() override;

private:
    struct Calls;

    void send();
    /// Sends everything anew once the main loop is idle.
    void changed_soon();
    void changed();

    Plugin& m_plugin;
    std::function<void()> m_show_plainly;
    std::optional<std::pair<guint64, guint32>> m_waiting; ///< parent and time
    bool m_is_open = false;
    guint m_update = 0; ///< of changed_soon()
    ipc::ExportedPtr<OtrGuardNetwork> m_calls;
    ipc::GObjectPtr<OtrGuardNetworkWindow> m_window;
};

} // namespace otr_guard::plugin
