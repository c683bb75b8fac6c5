// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The plugin's end of the window of the user's own keys. What it hands out of a private key is
// sealed under a passphrase; what is asked for names the key that the user saw.

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ipc/endpoint.h"
#include "ipc/own_key_codec.h"
#include "window_program.h"

namespace otr_guard::plugin {

class OwnKeysBridge final : public WindowBridge {
public:
    /// `show_plainly` is called when the program cannot show the window.
    OwnKeysBridge(Plugin& plugin, WindowProgram& program, std::function<void()> show_plainly);

    void show();
    /// The same, to import a text of core/key_backup.h.
    void show_import(const std::string& sealed);
    void changed();

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
    [[nodiscard]] std::vector<ipc::OwnKey> rows() const;

    Plugin& m_plugin;
    std::function<void()> m_show_plainly;
    std::optional<std::pair<guint64, guint32>> m_waiting; ///< parent and time
    bool m_is_open = false;
    ipc::ExportedPtr<OtrGuardOwnKeys> m_calls;
    ipc::GObjectPtr<OtrGuardOwnKeysWindow> m_window;
};

} // namespace otr_guard::plugin
