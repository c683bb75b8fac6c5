// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The plugin's end of the window in which a profile of another program is imported. What was read
// stays here until the window is closed or another is read.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ipc/endpoint.h"
#include "key_changes.h"
#include "profile_import.h"
#include "window_program.h"

namespace otr_guard::plugin {

class ImportBridge final : public WindowBridge {
public:
    struct Others {
        /// Called with the path when the program cannot show the window.
        std::function<void(const std::string&)> show_plainly;
        std::function<KeyChanges::Done(const core::KeyList&)> take_keys;
        /// With a text of core/key_backup.h.
        std::function<void(const std::string&)> open_backup;
    };

    ImportBridge(Plugin& plugin, WindowProgram& program, Others others);

    /// Asks for the path when it is empty.
    void show(const std::string& path);

    [[nodiscard]] bool attach(GDBusConnection& connection) override;
    void ready() override;
    void give_up() override;
    void lost() override;
    void detach() override;

protected:
    void shown() override;

private:
    struct Calls;
    struct Waiting {
        std::string path;
        guint32 time; ///< of the user's act
    };

    void send();

    Plugin& m_plugin;
    Others m_others;
    std::optional<Waiting> m_waiting;
    bool m_is_open = false;
    std::shared_ptr<ProfileImport> m_import;
    guint32 m_number = 0;                                   ///< the window's, of the import
    ProfileImport::Step m_step = ProfileImport::Step::Over; ///< that is due
    bool m_is_listed = false;                               ///< what is to choose in this step
    /// Keys are written while this object may go away.
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    ipc::ExportedPtr<OtrGuardImport> m_calls;
    ipc::GObjectPtr<OtrGuardImportWindow> m_window;
    ProfileReader m_reader;
};

} // namespace otr_guard::plugin
