// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/own_keys_controller.h"

#include <utility>

#include "ipc/codec.h"
#include "ipc/user_files.h"
#include "model/limits.h"
#include "util/i18n.h"
#include "windows/own_key_card.h"
#include "windows/placing.h"

namespace otr_guard::windows {

using util::format;
using util::tr;

namespace {

/// What a call is to be answered with.
template <typename Data> Data* kept(Data data) {
    return std::make_unique<Data>(std::move(data)).release();
}

/// As an argument of a call; the caller wipes it (of GLib's own copies nobody can).
std::string plain(const util::SecretString& secret) {
    return std::string(secret.view());
}

} // namespace

/// What comes back from the plugin, one function for each kind of answer.
struct OwnKeysController::Answers {
    struct Target {
        OwnKeysController* controller;
        Glib::RefPtr<Gio::File> file;
    };
    struct Source {
        OwnKeysController* controller;
        std::string text;
    };
    using Text = util::CPtr<char, g_free>;

    static OwnKeysController& of(gpointer data) { return *static_cast<OwnKeysController*>(data); }

    static void made(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        char* problem = nullptr;
        otr_guard_own_keys_call_make_finish(OTR_GUARD_OWN_KEYS(source), &problem, result, error);
        const Text owned(problem);
        util::guarded("made",
                      [&] { of(data).say_result(error, problem, tr("A new key was made.")); });
    }
    static void deleted(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        char* problem = nullptr;
        otr_guard_own_keys_call_delete_finish(OTR_GUARD_OWN_KEYS(source), &problem, result, error);
        const Text owned(problem);
        util::guarded("deleted",
                      [&] { of(data).say_result(error, problem, tr("The key was deleted.")); });
    }
    static void sealed(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Target> target(static_cast<Target*>(data));
        ipc::ErrorOut error;
        char* text = nullptr;
        char* problem = nullptr;
        otr_guard_own_keys_call_seal_finish(OTR_GUARD_OWN_KEYS(source), &text, &problem, result,
                                            error);
        const Text owned_text(text);
        const Text owned_problem(problem);
        util::guarded("sealed", [&] {
            if (text == nullptr || *text == '\0') {
                target->controller->say_result(error, problem, {});
            } else {
                target->controller->write(target->file, text);
            }
        });
    }
    static void read(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Source> file(static_cast<Source*>(data));
        ipc::ErrorOut error;
        GVariant* account = nullptr;
        char* label = nullptr;
        char* key = nullptr;
        char* problem = nullptr;
        otr_guard_own_keys_call_read_sealed_finish(OTR_GUARD_OWN_KEYS(source), &account, &label,
                                                   &key, &problem, result, error);
        const ipc::GVariantPtr owned_account(account);
        const Text owned_label(label);
        const Text owned_key(key);
        const Text owned_problem(problem);
        util::guarded("read", [&] {
            const auto whose = account != nullptr ? ipc::account_from(account) : std::nullopt;
            if (!whose || *problem != '\0' || *key == '\0' || !ipc::is_key(key) ||
                !ipc::is_within(label, ipc::text_bytes)) {
                file->controller->say_result(error, problem, tr("The file cannot be read."));
                return;
            }
            file->controller->offer({*whose, label, key, file->text});
        });
    }
    static void imported(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        char* problem = nullptr;
        gboolean try_again = FALSE;
        otr_guard_own_keys_call_import_finish(OTR_GUARD_OWN_KEYS(source), &problem, &try_again,
                                              result, error);
        const Text owned(problem);
        util::guarded("imported", [&] {
            OwnKeysController& controller = of(data);
            if (try_again != FALSE && controller.m_open != nullptr &&
                controller.window() != nullptr) {
                controller.m_open->say(problem);
            } else {
                controller.say_result(error, problem, tr("The key was imported."));
            }
        });
    }
};

bool OwnKeysController::attach(GDBusConnection& connection) {
    m_plugin = ipc::make_proxy(connection, ipc::client_path, otr_guard_own_keys_proxy_new_sync);
    if (m_plugin != nullptr) {
        ipc::wait_for_answers(m_plugin.get());
    }
    OtrGuardOwnKeysWindow* calls = otr_guard_own_keys_window_skeleton_new();
    m_calls.reset(calls);
    g_signal_connect(calls, "handle-show", G_CALLBACK(handle_show), this);
    g_signal_connect(calls, "handle-replace", G_CALLBACK(handle_replace), this);
    g_signal_connect(calls, "handle-import", G_CALLBACK(handle_import), this);
    return m_plugin != nullptr && ipc::export_on(connection, ipc::windows_path, calls);
}

// --- The window --------------------------------------------------------------------------------

OwnKeysWindow* OwnKeysController::window() const {
    return m_window != nullptr && m_window->get_visible() ? m_window.get() : nullptr;
}

std::unique_ptr<OwnKeysWindow> OwnKeysController::make_window() {
    OwnKeysWindow::Actions actions;
    actions.make = [this](const ipc::OwnKey& key) {
        otr_guard_own_keys_call_make(m_plugin.get(), ipc::to_variant(key.account), key.key.c_str(),
                                     nullptr, Answers::made, this);
    };
    actions.remove = [this](const ipc::OwnKey& key) {
        otr_guard_own_keys_call_delete(m_plugin.get(), ipc::to_variant(key.account),
                                       key.key.c_str(), nullptr, Answers::deleted, this);
    };
    actions.seal = [this](const ipc::OwnKey& key) { ask_passphrase(key); };
    actions.import = [this] { choose_sealed(); };
    actions.save_card = [this](const ipc::OwnKey& key) { save_card(key); };
    actions.closed = [this] {
        otr_guard_own_keys_call_closed(m_plugin.get(), nullptr, ipc::log_failure, nullptr);
    };
    return std::make_unique<OwnKeysWindow>(std::move(actions));
}

void OwnKeysController::say(const std::string& text) {
    if (OwnKeysWindow* open = window()) {
        open->say(text);
    }
}

void OwnKeysController::say_result(const ipc::ErrorOut& error, const char* problem,
                                   const std::string& success) {
    say(error.is_set() || problem == nullptr ? error.text()
        : *problem != '\0'                   ? std::string(problem)
                                             : success);
}

// --- Files -------------------------------------------------------------------------------------

/// Without a suggestion, to read from.
void OwnKeysController::choose_file(const std::string& title, const std::string& suggestion,
                                    FileChosen chosen) {
    const bool is_saving = !suggestion.empty();
    m_chooser = std::make_unique<Gtk::FileChooserDialog>(*m_window, title,
                                                         is_saving ? Gtk::FILE_CHOOSER_ACTION_SAVE
                                                                   : Gtk::FILE_CHOOSER_ACTION_OPEN);
    m_chooser->add_button(tr("_Cancel"), Gtk::RESPONSE_CANCEL);
    m_chooser->add_button(is_saving ? tr("_Save") : tr("_Open"), Gtk::RESPONSE_OK);
    m_chooser->set_default_response(Gtk::RESPONSE_OK);
    m_chooser->set_modal(true);
    if (is_saving) {
        m_chooser->set_do_overwrite_confirmation(true);
        m_chooser->set_current_name(suggestion);
    }
    m_chooser->signal_response().connect([this, chosen = std::move(chosen)](int response) {
        m_chooser->hide();
        const auto file = m_chooser->get_file();
        if (response == Gtk::RESPONSE_OK && file) {
            chosen(file);
        }
    });
    m_chooser->show();
}

void OwnKeysController::write(const Glib::RefPtr<Gio::File>& file, const std::string& text) {
    const std::string name = file->get_parse_name();
    ipc::write_user_file(file->gobj(), text, [this, name](const std::string& problem) {
        say(problem.empty() ? format(tr("Written to {file}."), {{"file", name}})
                            : format(tr("Not written to {file}: {problem}"),
                                     {{"file", name}, {"problem", problem}}));
    });
}

void OwnKeysController::save_card(const ipc::OwnKey& key) {
    choose_file(tr("Save as card"), card_file_name(key),
                [this, key](const Glib::RefPtr<Gio::File>& file) { write(file, card_of(key)); });
}

void OwnKeysController::ask_passphrase(const ipc::OwnKey& key) {
    m_seal =
        std::make_unique<SealDialog>(*m_window, key, [this, key](util::SecretString passphrase) {
            seal(key, std::make_shared<util::SecretString>(std::move(passphrase)));
        });
    m_seal->show();
}

void OwnKeysController::seal(const ipc::OwnKey& key,
                             const std::shared_ptr<util::SecretString>& passphrase) {
    choose_file(tr("Export a key"), sealed_file_name(key),
                [this, key, passphrase](const Glib::RefPtr<Gio::File>& file) {
                    std::string typed = plain(*passphrase);
                    otr_guard_own_keys_call_seal(
                        m_plugin.get(), ipc::to_variant(key.account), key.key.c_str(),
                        typed.c_str(), nullptr, Answers::sealed, kept(Answers::Target{this, file}));
                    util::wipe(typed.data(), typed.size());
                });
}

void OwnKeysController::choose_sealed() {
    choose_file(tr("Import a key"), {}, [this](const Glib::RefPtr<Gio::File>& file) {
        ipc::read_user_file(file->gobj(), model::limits::key_backup_bytes,
                            [this](const util::Expected<std::string>& text) { read(text); });
    });
}

void OwnKeysController::read(const util::Expected<std::string>& text) {
    if (!text || text->find('\0') != std::string::npos) {
        say(text ? tr("The file cannot be read: it is no text.")
                 : format(tr("The file cannot be read: {problem}"),
                          {{"problem", text.error().detail}}));
        return;
    }
    otr_guard_own_keys_call_read_sealed(m_plugin.get(), text->c_str(), nullptr, Answers::read,
                                        kept(Answers::Source{this, *text}));
}

void OwnKeysController::offer(const OpenDialog::Sealed& sealed) {
    if (window() == nullptr) {
        return;
    }
    std::vector<ipc::OwnKey> targets;
    for (const ipc::OwnKey& key : m_window->model().keys()) {
        if (key.has_account) {
            targets.push_back(key);
        }
    }
    m_open = std::make_unique<OpenDialog>(
        *m_window, sealed, std::move(targets),
        [this, text = sealed.text](const ipc::OwnKey& target,
                                   const util::SecretString& passphrase) {
            std::string typed = plain(passphrase);
            otr_guard_own_keys_call_import(m_plugin.get(), ipc::to_variant(target.account),
                                           target.key.c_str(), text.c_str(), typed.c_str(), nullptr,
                                           Answers::imported, this);
            util::wipe(typed.data(), typed.size());
        });
    m_open->show();
}

// --- Calls of the plugin -----------------------------------------------------------------------

gboolean OwnKeysController::handle_show(OtrGuardOwnKeysWindow* object, GDBusMethodInvocation* call,
                                        GVariant* keys, guint64 parent, guint32 time,
                                        OwnKeysController* self) {
    return ipc::handled("show", [&] {
        auto own = ipc::own_keys_from(keys);
        if (!own) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (self->window() == nullptr) {
            self->m_window = self->make_window();
            belong_to(*self->m_window, parent);
        }
        self->m_window->model().replace(std::move(*own));
        self->m_window->refresh();
        bring_up(*self->m_window, time);
        otr_guard_own_keys_window_complete_show(object, call);
    });
}

gboolean OwnKeysController::handle_replace(OtrGuardOwnKeysWindow* object,
                                           GDBusMethodInvocation* call, GVariant* keys,
                                           OwnKeysController* self) {
    return ipc::handled("replace", [&] {
        auto own = ipc::own_keys_from(keys);
        if (!own) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (OwnKeysWindow* open = self->window()) {
            open->model().replace(std::move(*own));
            open->refresh();
        }
        otr_guard_own_keys_window_complete_replace(object, call);
    });
}

gboolean OwnKeysController::handle_import(OtrGuardOwnKeysWindow* object,
                                          GDBusMethodInvocation* call, const char* text,
                                          OwnKeysController* self) {
    return ipc::handled("import", [&] {
        if (self->window() != nullptr) {
            self->read(std::string(text));
        }
        otr_guard_own_keys_window_complete_import(object, call);
    });
}

} // namespace otr_guard::windows
