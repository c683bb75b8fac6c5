// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The plugin's end of the window of files. It does nothing that could not be typed after /otr, and
// only to a transfer that is still what its user saw. While files run, the window hears of it some
// times a second and never before it has answered the last time.

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "ipc/endpoint.h"
#include "ipc/transfer_codec.h"
#include "window_program.h"

namespace otr_guard::plugin {

class FilesBridge final : public WindowBridge {
public:
    /// `show_plainly` is called when the program cannot show the window.
    FilesBridge(Plugin& plugin, WindowProgram& program, std::function<void()> show_plainly);
    ~FilesBridge() override;
    FilesBridge(const FilesBridge&) = delete;
    FilesBridge& operator=(const FilesBridge&) = delete;

    void show();
    /// Something about a file, or what is shared, may have changed.
    void changed_soon();

    [[nodiscard]] bool attach(GDBusConnection& connection) override;
    void ready() override;
    void give_up() override;
    void lost() override;
    void detach() override;

protected:
    void shown() override;
    void taken() override;

private:
    struct Calls;

    void send();
    void changed();

    Plugin& m_plugin;
    std::function<void()> m_show_plainly;
    std::optional<guint32> m_waiting; ///< the time of the user's act
    bool m_is_open = false;
    bool m_is_answered = true;          ///< the last update
    std::vector<ipc::Transfer> m_shown; ///< what the window was told last
    guint m_update = 0;                 ///< of changed_soon()
    ipc::ExportedPtr<OtrGuardFiles> m_calls;
    ipc::GObjectPtr<OtrGuardFilesWindow> m_window;
};

} // namespace otr_guard::plugin
