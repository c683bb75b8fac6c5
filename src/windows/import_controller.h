// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Between the channel and the window in which a profile of another program is imported.

#include <memory>
#include <string>
#include <string_view>

#include "ipc/channel_dbus.h"
#include "ipc/endpoint.h"
#include "windows/import_window.h"
#include "windows/window_controller.h"

namespace otr_guard::windows {

class ImportController final : public WindowController {
public:
    [[nodiscard]] bool attach(GDBusConnection& connection) override;
    /// See ImportWindow::start, belong_to and bring_up.
    void open(const std::string& path, guint64 parent, guint32 time);

private:
    struct Answers;

    /// Null unless it is open.
    [[nodiscard]] ImportWindow* window() const;
    [[nodiscard]] std::unique_ptr<ImportWindow> make_window();
    /// The step that comes next, with what to say.
    void go_on(ImportWindow& window, std::string_view step, const std::string& text,
               const std::string& detail);
    /// For the answer to a call about the present import.
    [[nodiscard]] void* about_this(std::string text = {}, std::string detail = {});

    static gboolean handle_show(OtrGuardImportWindow* object, GDBusMethodInvocation* call,
                                const char* path, guint64 parent, guint32 time,
                                ImportController* self);

    ipc::GObjectPtr<OtrGuardImport> m_plugin;
    ipc::GObjectPtr<OtrGuardKnownKeys> m_known_keys;
    std::unique_ptr<ImportWindow> m_window;
    guint32 m_number = 0; ///< of the present import
    ipc::ExportedPtr<OtrGuardImportWindow> m_calls;
};

} // namespace otr_guard::windows
