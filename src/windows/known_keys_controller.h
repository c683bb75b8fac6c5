// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The window of known keys, which there is once, and the files it exports to and imports from.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtkmm/filechooserdialog.h>

#include "ipc/channel_dbus.h"
#include "ipc/endpoint.h"
#include "windows/import_dialog.h"
#include "windows/known_keys_window.h"
#include "windows/window_controller.h"

namespace otr_guard::windows {

class KnownKeysController final : public WindowController {
public:
    /// `import_from_program` opens the window for that; it gets the X time of the user's act.
    explicit KnownKeysController(std::function<void(guint32 time)> import_from_program)
        : m_import_from_program(std::move(import_from_program)) {}

    [[nodiscard]] bool attach(GDBusConnection& connection) override;

private:
    struct Answers;

    [[nodiscard]] KnownKeysWindow* window() const;
    [[nodiscard]] std::unique_ptr<KnownKeysWindow> make_window();
    void show(std::vector<ipc::KnownKey> keys, guint64 parent, guint32 time);

    void choose_target(const KnownKeysWindow::Names& names);
    void export_to(const Glib::RefPtr<Gio::File>& file, const std::string& format,
                   const KnownKeysWindow::Names& names);
    void choose_source();
    void import_from(const std::string& text);
    void offer(const std::string& text, std::vector<ipc::ImportableKey> keys, unsigned skipped);
    void say(const std::string& text, unsigned undo = 0);

    static gboolean handle_show(OtrGuardKnownKeysWindow* object, GDBusMethodInvocation* call,
                                GVariant* keys, guint64 parent, guint32 time,
                                KnownKeysController* self);
    static gboolean handle_replace(OtrGuardKnownKeysWindow* object, GDBusMethodInvocation* call,
                                   GVariant* keys, KnownKeysController* self);
    static gboolean handle_update(OtrGuardKnownKeysWindow* object, GDBusMethodInvocation* call,
                                  GVariant* peer, GVariant* keys, KnownKeysController* self);

    std::function<void(guint32)> m_import_from_program;
    ipc::GObjectPtr<OtrGuardKnownKeys> m_plugin;
    std::unique_ptr<KnownKeysWindow> m_window;
    std::unique_ptr<Gtk::FileChooserDialog> m_chooser;
    std::unique_ptr<ImportDialog> m_import;
    ipc::ExportedPtr<OtrGuardKnownKeysWindow> m_calls;
};

} // namespace otr_guard::windows
