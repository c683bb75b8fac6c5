// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/known_keys_controller.h"

#include <utility>

#include <gtkmm/filefilter.h>

#include "ipc/codec.h"
#include "ipc/user_files.h"
#include "util/i18n.h"
#include "windows/placing.h"

namespace otr_guard::windows {

using util::format;
using util::tr;
using util::tr_n;
using Names = KnownKeysWindow::Names;

namespace {

constexpr const char* json_format = "json";
constexpr const char* otr_format = "otr";

std::string counted(const char* one, const char* many, unsigned number) {
    return format(tr_n(one, many, number), {{"number", std::to_string(number)}});
}

/// What a call is to be answered with.
template <typename Data> Data* kept(Data data) {
    return std::make_unique<Data>(std::move(data)).release();
}

} // namespace

/// What comes back from the plugin, one function for each kind of answer.
struct KnownKeysController::Answers {
    struct About {
        KnownKeysController* controller;
        ipc::KeyName name;
    };
    struct Target {
        KnownKeysController* controller;
        Glib::RefPtr<Gio::File> file;
    };
    struct Source {
        KnownKeysController* controller;
        std::string text;
    };

    static KnownKeysController& of(gpointer data) {
        return *static_cast<KnownKeysController*>(data);
    }
    static void say_changed(KnownKeysController& controller) {
        controller.say(changed_meanwhile());
    }

    static void described(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<About> about(static_cast<About*>(data));
        ipc::ErrorOut error;
        char* words = nullptr;
        otr_guard_known_keys_call_describe_finish(OTR_GUARD_KNOWN_KEYS(source), &words, result,
                                                  error);
        const util::CPtr<char, g_free> owned(words);
        util::guarded("described", [&] {
            KnownKeysWindow* window = about->controller->window();
            if (window != nullptr && words != nullptr) {
                window->show_words(about->name, words);
            }
        });
    }
    static void verify_opened(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        otr_guard_known_keys_call_verify_finish(OTR_GUARD_KNOWN_KEYS(source), result, error);
        util::guarded("verify_opened", [&] {
            if (error.is_set()) {
                say_changed(of(data));
            }
        });
    }
    static void verified(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        guint changed = 0;
        guint undo = 0;
        otr_guard_known_keys_call_set_verified_finish(OTR_GUARD_KNOWN_KEYS(source), &changed, &undo,
                                                      result, error);
        util::guarded("verified", [&] {
            of(data).say(changed == 0 ? tr("Nothing was changed.")
                                      : counted("{number} code was updated.",
                                                "{number} codes were updated.", changed),
                         undo);
        });
    }
    static void forgotten(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        guint number = 0;
        guint in_use = 0;
        guint undo = 0;
        otr_guard_known_keys_call_forget_finish(OTR_GUARD_KNOWN_KEYS(source), &number, &in_use,
                                                &undo, result, error);
        util::guarded("forgotten", [&] {
            std::string text = number > 0 ? counted("{number} code was forgotten.",
                                                    "{number} codes were forgotten.", number)
                                          : tr("Nothing was forgotten.");
            if (in_use > 0) {
                text += " " + counted("{number} code is in use and was kept.",
                                      "{number} codes are in use and were kept.", in_use);
            }
            of(data).say(text, undo);
        });
    }
    static void undone(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        guint number = 0;
        otr_guard_known_keys_call_undo_finish(OTR_GUARD_KNOWN_KEYS(source), &number, result, error);
        util::guarded("undone", [&] {
            if (error.is_set()) {
                say_changed(of(data));
                return;
            }
            of(data).say(
                counted("{number} code is as it was.", "{number} codes are as they were.", number));
        });
    }
    static void exported(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Target> target(static_cast<Target*>(data));
        ipc::ErrorOut error;
        char* text = nullptr;
        otr_guard_known_keys_call_export_finish(OTR_GUARD_KNOWN_KEYS(source), &text, result, error);
        const util::CPtr<char, g_free> owned(text);
        util::guarded("exported", [&] {
            if (text == nullptr) {
                say_changed(*target->controller);
                return;
            }
            const std::string name = target->file->get_parse_name();
            ipc::write_user_file(
                target->file->gobj(), text,
                [controller = target->controller, name](const std::string& problem) {
                    controller->say(problem.empty()
                                        ? format(tr("Written to {file}."), {{"file", name}})
                                        : format(tr("Not written to {file}: {problem}"),
                                                 {{"file", name}, {"problem", problem}}));
                });
        });
    }
    static void list_read(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Source> list(static_cast<Source*>(data));
        ipc::ErrorOut error;
        GVariant* keys = nullptr;
        guint skipped = 0;
        char* problem = nullptr;
        const bool is_answered =
            otr_guard_known_keys_call_read_list_finish(OTR_GUARD_KNOWN_KEYS(source), &keys,
                                                       &skipped, &problem, result, error) != FALSE;
        const ipc::GVariantPtr owned_keys(keys);
        const util::CPtr<char, g_free> owned_problem(problem);
        util::guarded("list_read", [&] {
            auto importable = is_answered ? ipc::importable_keys_from(keys) : std::nullopt;
            if (!importable || *problem != '\0') {
                list->controller->say(is_answered ? std::string(problem) : error.text());
                return;
            }
            list->controller->offer(list->text, std::move(*importable), skipped);
        });
    }
    static void imported(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        guint taken = 0;
        guint undo = 0;
        otr_guard_known_keys_call_import_finish(OTR_GUARD_KNOWN_KEYS(source), &taken, &undo, result,
                                                error);
        util::guarded("imported", [&] {
            of(data).say(
                counted("{number} code was imported.", "{number} codes were imported.", taken),
                undo);
        });
    }
};

bool KnownKeysController::attach(GDBusConnection& connection) {
    m_plugin = ipc::make_proxy(connection, ipc::client_path, otr_guard_known_keys_proxy_new_sync);
    OtrGuardKnownKeysWindow* calls = otr_guard_known_keys_window_skeleton_new();
    m_calls.reset(calls);
    g_signal_connect(calls, "handle-show", G_CALLBACK(handle_show), this);
    g_signal_connect(calls, "handle-replace", G_CALLBACK(handle_replace), this);
    g_signal_connect(calls, "handle-update", G_CALLBACK(handle_update), this);
    return m_plugin != nullptr && ipc::export_on(connection, ipc::windows_path, calls);
}

// --- The window --------------------------------------------------------------------------------

KnownKeysWindow* KnownKeysController::window() const {
    return m_window != nullptr && m_window->get_visible() ? m_window.get() : nullptr;
}

std::unique_ptr<KnownKeysWindow> KnownKeysController::make_window() {
    KnownKeysWindow::Actions actions;
    actions.describe = [this](const ipc::KeyName& name) {
        otr_guard_known_keys_call_describe(m_plugin.get(), ipc::to_variant(name.peer),
                                           name.key.c_str(), nullptr, Answers::described,
                                           kept(Answers::About{this, name}));
    };
    actions.verify = [this](const ipc::KeyName& name) {
        otr_guard_known_keys_call_verify(m_plugin.get(), ipc::to_variant(name.peer),
                                         name.key.c_str(), gtk_get_current_event_time(), nullptr,
                                         Answers::verify_opened, this);
    };
    actions.set_verified = [this](const Names& names, bool is_verified) {
        otr_guard_known_keys_call_set_verified(m_plugin.get(), ipc::to_variant(names),
                                               static_cast<gboolean>(is_verified), nullptr,
                                               Answers::verified, this);
    };
    actions.forget = [this](const Names& names) {
        otr_guard_known_keys_call_forget(m_plugin.get(), ipc::to_variant(names), nullptr,
                                         Answers::forgotten, this);
    };
    actions.undo = [this](unsigned undo) {
        otr_guard_known_keys_call_undo(m_plugin.get(), undo, nullptr, Answers::undone, this);
    };
    actions.export_keys = [this](const Names& names) { choose_target(names); };
    actions.import_keys = [this] { choose_source(); };
    actions.import_from_program = [this] { m_import_from_program(gtk_get_current_event_time()); };
    actions.closed = [this] {
        otr_guard_known_keys_call_closed(m_plugin.get(), nullptr, ipc::log_failure, nullptr);
    };
    return std::make_unique<KnownKeysWindow>(std::move(actions));
}

void KnownKeysController::show(std::vector<ipc::KnownKey> keys, guint64 parent, guint32 time) {
    if (window() == nullptr) {
        m_window = make_window();
        belong_to(*m_window, parent);
    }
    m_window->model().replace(std::move(keys));
    m_window->refresh();
    bring_up(*m_window, time);
}

void KnownKeysController::say(const std::string& text, unsigned undo) {
    if (KnownKeysWindow* open = window()) {
        open->say(text, undo);
    }
}

// --- Files -------------------------------------------------------------------------------------

void KnownKeysController::choose_target(const Names& names) {
    m_chooser = std::make_unique<Gtk::FileChooserDialog>(*m_window, tr("Export codes"),
                                                         Gtk::FILE_CHOOSER_ACTION_SAVE);
    m_chooser->add_button(tr("_Cancel"), Gtk::RESPONSE_CANCEL);
    m_chooser->add_button(tr("_Export"), Gtk::RESPONSE_OK);
    m_chooser->set_default_response(Gtk::RESPONSE_OK);
    m_chooser->set_modal(true);
    m_chooser->set_do_overwrite_confirmation(true);
    const auto ours = Gtk::FileFilter::create();
    ours->set_name(tr("List of OTR Guard, with how and when codes were verified"));
    ours->add_pattern("*.json");
    const auto pidgin_otr = Gtk::FileFilter::create();
    pidgin_otr->set_name(tr("List of pidgin-otr (otr.fingerprints)"));
    pidgin_otr->add_pattern("*");
    m_chooser->add_filter(ours);
    m_chooser->add_filter(pidgin_otr);
    m_chooser->set_current_name("otr-guard-codes.json");
    m_chooser->property_filter().signal_changed().connect([this, ours] {
        m_chooser->set_current_name(m_chooser->get_filter() == ours ? "otr-guard-codes.json"
                                                                    : "otr.fingerprints");
    });
    m_chooser->signal_response().connect([this, names, ours](int response) {
        m_chooser->hide();
        const auto file = m_chooser->get_file();
        if (response == Gtk::RESPONSE_OK && file) {
            export_to(file, m_chooser->get_filter() == ours ? json_format : otr_format, names);
        }
    });
    m_chooser->show();
}

void KnownKeysController::export_to(const Glib::RefPtr<Gio::File>& file, const std::string& format,
                                    const Names& names) {
    otr_guard_known_keys_call_export(m_plugin.get(), ipc::to_variant(names), format.c_str(),
                                     nullptr, Answers::exported, kept(Answers::Target{this, file}));
}

void KnownKeysController::choose_source() {
    m_chooser = std::make_unique<Gtk::FileChooserDialog>(*m_window, tr("Import codes"),
                                                         Gtk::FILE_CHOOSER_ACTION_OPEN);
    m_chooser->add_button(tr("_Cancel"), Gtk::RESPONSE_CANCEL);
    m_chooser->add_button(tr("_Open"), Gtk::RESPONSE_OK);
    m_chooser->set_default_response(Gtk::RESPONSE_OK);
    m_chooser->set_modal(true);
    m_chooser->signal_response().connect([this](int response) {
        m_chooser->hide();
        const auto file = m_chooser->get_file();
        if (response != Gtk::RESPONSE_OK || !file) {
            return;
        }
        ipc::read_user_file(file->gobj(), ipc::list_bytes,
                            [this](const util::Expected<std::string>& text) {
                                if (!text) {
                                    say(format(tr("The file cannot be read: {problem}"),
                                               {{"problem", text.error().detail}}));
                                    return;
                                }
                                import_from(*text);
                            });
    });
    m_chooser->show();
}

void KnownKeysController::import_from(const std::string& text) {
    if (text.find('\0') != std::string::npos) {
        say(tr("The file cannot be read: it is no text."));
        return;
    }
    otr_guard_known_keys_call_read_list(m_plugin.get(), text.c_str(), nullptr, Answers::list_read,
                                        kept(Answers::Source{this, text}));
}

void KnownKeysController::offer(const std::string& text, std::vector<ipc::ImportableKey> keys,
                                unsigned skipped) {
    if (window() == nullptr) {
        return;
    }
    m_import = std::make_unique<ImportDialog>(
        *m_window, std::move(keys), skipped, [this, text](const std::vector<guint32>& chosen) {
            GVariant* places = g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, chosen.data(),
                                                         chosen.size(), sizeof(guint32));
            otr_guard_known_keys_call_import(m_plugin.get(), text.c_str(), places, nullptr,
                                             Answers::imported, this);
        });
    m_import->show();
}

// --- Calls of the plugin -----------------------------------------------------------------------

gboolean KnownKeysController::handle_show(OtrGuardKnownKeysWindow* object,
                                          GDBusMethodInvocation* call, GVariant* keys,
                                          guint64 parent, guint32 time, KnownKeysController* self) {
    return ipc::handled("show", [&] {
        auto known = ipc::known_keys_from(keys);
        if (!known) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        self->show(std::move(*known), parent, time);
        otr_guard_known_keys_window_complete_show(object, call);
    });
}

gboolean KnownKeysController::handle_replace(OtrGuardKnownKeysWindow* object,
                                             GDBusMethodInvocation* call, GVariant* keys,
                                             KnownKeysController* self) {
    return ipc::handled("replace", [&] {
        auto known = ipc::known_keys_from(keys);
        if (!known) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (KnownKeysWindow* open = self->window()) {
            open->model().replace(std::move(*known));
            open->refresh();
        }
        otr_guard_known_keys_window_complete_replace(object, call);
    });
}

gboolean KnownKeysController::handle_update(OtrGuardKnownKeysWindow* object,
                                            GDBusMethodInvocation* call, GVariant* peer,
                                            GVariant* keys, KnownKeysController* self) {
    return ipc::handled("update", [&] {
        const auto whom = ipc::peer_from(peer);
        auto known = ipc::known_keys_from(keys);
        if (!whom || !known) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (KnownKeysWindow* open = self->window()) {
            open->model().update(*whom, std::move(*known));
            open->refresh();
        }
        otr_guard_known_keys_window_complete_update(object, call);
    });
}

} // namespace otr_guard::windows
