// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Between the channel and the window of files.

#include <memory>

#include "ipc/channel_dbus.h"
#include "ipc/endpoint.h"
#include "windows/files_window.h"
#include "windows/window_controller.h"

namespace otr_guard::windows {

class FilesController final : public WindowController {
public:
    [[nodiscard]] bool attach(GDBusConnection& connection) override;

private:
    struct Answers;

    /// Null unless it is open.
    [[nodiscard]] FilesWindow* window() const;
    [[nodiscard]] std::unique_ptr<FilesWindow> make_window();

    static gboolean handle_show(OtrGuardFilesWindow* object, GDBusMethodInvocation* call,
                                GVariant* transfers, guint64 parent, guint32 time,
                                FilesController* self);
    static gboolean handle_replace(OtrGuardFilesWindow* object, GDBusMethodInvocation* call,
                                   GVariant* transfers, FilesController* self);

    ipc::GObjectPtr<OtrGuardFiles> m_plugin;
    std::unique_ptr<FilesWindow> m_window;
    ipc::ExportedPtr<OtrGuardFilesWindow> m_calls;
};

} // namespace otr_guard::windows
