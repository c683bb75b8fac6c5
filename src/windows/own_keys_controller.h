// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The window of the user's own keys, which there is once, and the files of keys that go out and
// come in. Sees no private key: only sealed texts.

#include <memory>
#include <string>

#include <gtkmm/filechooserdialog.h>

#include "ipc/channel_dbus.h"
#include "ipc/endpoint.h"
#include "util/expected.h"
#include "windows/own_key_dialogs.h"
#include "windows/own_keys_window.h"
#include "windows/window_controller.h"

namespace otr_guard::windows {

class OwnKeysController final : public WindowController {
public:
    [[nodiscard]] bool attach(GDBusConnection& connection) override;

private:
    struct Answers;

    [[nodiscard]] OwnKeysWindow* window() const;
    [[nodiscard]] std::unique_ptr<OwnKeysWindow> make_window();
    void say(const std::string& text);
    /// What a change came to; `success` when there is no problem.
    void say_result(const ipc::ErrorOut& error, const char* problem, const std::string& success);

    using FileChosen = std::function<void(const Glib::RefPtr<Gio::File>&)>;
    void choose_file(const std::string& title, const std::string& suggestion, FileChosen chosen);
    void write(const Glib::RefPtr<Gio::File>& file, const std::string& text);
    void ask_passphrase(const ipc::OwnKey& key);
    void seal(const ipc::OwnKey& key, const std::shared_ptr<util::SecretString>& passphrase);
    void save_card(const ipc::OwnKey& key);
    void choose_sealed();
    void read(const util::Expected<std::string>& text);
    void offer(const OpenDialog::Sealed& sealed);

    static gboolean handle_show(OtrGuardOwnKeysWindow* object, GDBusMethodInvocation* call,
                                GVariant* keys, guint64 parent, guint32 time,
                                OwnKeysController* self);
    static gboolean handle_replace(OtrGuardOwnKeysWindow* object, GDBusMethodInvocation* call,
                                   GVariant* keys, OwnKeysController* self);
    static gboolean handle_import(OtrGuardOwnKeysWindow* object, GDBusMethodInvocation* call,
                                  const char* text, OwnKeysController* self);

    ipc::GObjectPtr<OtrGuardOwnKeys> m_plugin;
    std::unique_ptr<OwnKeysWindow> m_window;
    std::unique_ptr<Gtk::FileChooserDialog> m_chooser;
    std::unique_ptr<SealDialog> m_seal;
    std::unique_ptr<OpenDialog> m_open;
    ipc::ExportedPtr<OtrGuardOwnKeysWindow> m_calls;
};

} // namespace otr_guard::windows
