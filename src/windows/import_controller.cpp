// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/import_controller.h"

#include <utility>

#include "ipc/codec.h"
#include "util/i18n.h"
#include "windows/placing.h"

namespace otr_guard::windows {

using util::format;
using util::tr;
using util::tr_n;

namespace {

GVariant* to_variant(const ImportWindow::Places& places) {
    return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, places.data(), places.size(),
                                     sizeof(guint32));
}

std::vector<std::string> to_vector(char** texts) {
    std::vector<std::string> result;
    for (char** text = texts; text != nullptr && *text != nullptr; ++text) {
        result.emplace_back(*text);
    }
    return result;
}

} // namespace

/// What comes back from the plugin, one function for each kind of answer. An answer about another
/// import than the present one is of no use any more.
struct ImportController::Answers {
    using Text = util::CPtr<char, g_free>;
    /// What was asked for.
    struct Call {
        ImportController* controller;
        guint32 number; ///< of the import
        std::string text;
        std::string detail;
    };
    using Finish = gboolean (*)(OtrGuardImport*, char**, char**, char**, GAsyncResult*, GError**);

    /// Null when nobody wants the answer.
    static ImportWindow* window_of(const Call& call) {
        return call.number == call.controller->m_number ? call.controller->window() : nullptr;
    }
    static std::string no_answer() { return tr("The plugin gave no answer that can be shown."); }

    template <Finish finish>
    static void step(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Call> call(static_cast<Call*>(data));
        ipc::ErrorOut error;
        char* step = nullptr;
        char* text = nullptr;
        char* detail = nullptr;
        finish(OTR_GUARD_IMPORT(source), &step, &text, &detail, result, error);
        const Text owned_step(step);
        const Text owned_text(text);
        const Text owned_detail(detail);
        util::guarded("step", [&] {
            ImportWindow* window = window_of(*call);
            if (window == nullptr) {
                return;
            }
            if (step == nullptr || !ipc::is_within(text, ipc::text_bytes) ||
                !ipc::is_within(detail, ipc::text_bytes)) {
                window->show_over(no_answer(), {});
            } else {
                call->controller->go_on(*window, step, text, detail);
            }
        });
    }
    static void accounts(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Call> call(static_cast<Call*>(data));
        ipc::ErrorOut error;
        char** theirs = nullptr;
        char** ours = nullptr;
        otr_guard_import_call_accounts_finish(OTR_GUARD_IMPORT(source), &theirs, &ours, result,
                                              error);
        const util::CPtr<char*, g_strfreev> owned_theirs(theirs);
        const util::CPtr<char*, g_strfreev> owned_ours(ours);
        util::guarded("accounts", [&] {
            ImportWindow* window = window_of(*call);
            if (window != nullptr && error.is_set()) {
                window->show_over(no_answer(), {});
            } else if (window != nullptr) {
                window->show_accounts(call->text, call->detail, to_vector(theirs), to_vector(ours));
            }
        });
    }
    static void choices(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Call> call(static_cast<Call*>(data));
        ipc::ErrorOut error;
        GVariant* keys = nullptr;
        GVariant* own = nullptr;
        otr_guard_import_call_choices_finish(OTR_GUARD_IMPORT(source), &keys, &own, result, error);
        const ipc::GVariantPtr owned_keys(keys);
        const ipc::GVariantPtr owned_own(own);
        util::guarded("choices", [&] {
            ImportWindow* window = window_of(*call);
            if (window == nullptr) {
                return;
            }
            auto listed = keys != nullptr ? ipc::importable_keys_from(keys) : std::nullopt;
            auto listed_own = own != nullptr ? ipc::importable_own_keys_from(own) : std::nullopt;
            if (!listed || !listed_own) {
                window->show_over(no_answer(), {});
            } else {
                window->show_choices(call->text, call->detail, std::move(*listed),
                                     std::move(*listed_own));
            }
        });
    }
    static void taken(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Call> call(static_cast<Call*>(data));
        ipc::ErrorOut error;
        char* text = nullptr;
        guint undo = 0;
        otr_guard_import_call_take_finish(OTR_GUARD_IMPORT(source), &text, &undo, result, error);
        const Text owned(text);
        util::guarded("taken", [&] {
            ImportWindow* window = window_of(*call);
            if (window != nullptr && text == nullptr) {
                window->show_over(changed_meanwhile(), {});
            } else if (window != nullptr) {
                window->show_result(text, undo);
            }
        });
    }
    static void undone(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Call> call(static_cast<Call*>(data));
        ipc::ErrorOut error;
        guint number = 0;
        otr_guard_known_keys_call_undo_finish(OTR_GUARD_KNOWN_KEYS(source), &number, result, error);
        util::guarded("undone", [&] {
            if (ImportWindow* window = window_of(*call)) {
                window->show_result(error.is_set()
                                        ? changed_meanwhile()
                                        : format(tr_n("{number} code is as it was.",
                                                      "{number} codes are as they were.", number),
                                                 {{"number", std::to_string(number)}}),
                                    0);
            }
        });
    }
};

bool ImportController::attach(GDBusConnection& connection) {
    m_plugin = ipc::make_proxy(connection, ipc::client_path, otr_guard_import_proxy_new_sync);
    m_known_keys =
        ipc::make_proxy(connection, ipc::client_path, otr_guard_known_keys_proxy_new_sync);
    if (m_plugin != nullptr) {
        ipc::wait_for_answers(m_plugin.get());
    }
    OtrGuardImportWindow* calls = otr_guard_import_window_skeleton_new();
    m_calls.reset(calls);
    g_signal_connect(calls, "handle-show", G_CALLBACK(handle_show), this);
    return m_plugin != nullptr && m_known_keys != nullptr &&
           ipc::export_on(connection, ipc::windows_path, calls);
}

ImportWindow* ImportController::window() const {
    return m_window != nullptr && m_window->get_visible() ? m_window.get() : nullptr;
}

void* ImportController::about_this(std::string text, std::string detail) {
    return std::make_unique<Answers::Call>(
               Answers::Call{this, m_number, std::move(text), std::move(detail)})
        .release();
}

std::unique_ptr<ImportWindow> ImportController::make_window() {
    ImportWindow::Actions actions;
    actions.read = [this](const std::string& path, const util::SecretString& passphrase) {
        ++m_number;
        std::string typed(passphrase.view());
        otr_guard_import_call_read(m_plugin.get(), m_number, path.c_str(), typed.c_str(), nullptr,
                                   Answers::step<otr_guard_import_call_read_finish>, about_this());
        util::wipe(typed.data(), typed.size());
    };
    actions.match = [this](const ImportWindow::Places& places) {
        otr_guard_import_call_match(m_plugin.get(), m_number, to_variant(places), nullptr,
                                    Answers::step<otr_guard_import_call_match_finish>,
                                    about_this());
    };
    actions.take = [this](const ImportWindow::Places& keys, const ImportWindow::Places& own) {
        otr_guard_import_call_take(m_plugin.get(), m_number, to_variant(keys), to_variant(own),
                                   nullptr, Answers::taken, about_this());
    };
    actions.undo = [this](unsigned undo) {
        otr_guard_known_keys_call_undo(m_known_keys.get(), undo, nullptr, Answers::undone,
                                       about_this());
    };
    actions.forget = [this] {
        ++m_number;
        otr_guard_import_call_forget(m_plugin.get(), nullptr, ipc::log_failure, nullptr);
    };
    actions.closed = [this] {
        ++m_number;
        otr_guard_import_call_closed(m_plugin.get(), nullptr, ipc::log_failure, nullptr);
    };
    return std::make_unique<ImportWindow>(std::move(actions));
}

void ImportController::open(const std::string& path, guint64 parent, guint32 time) {
    if (window() == nullptr) {
        m_window = make_window();
        belong_to(*m_window, parent);
    }
    bring_up(*m_window, time);
    if (!m_window->is_taking()) {
        m_window->start(path);
    }
}

void ImportController::go_on(ImportWindow& window, std::string_view step, const std::string& text,
                             const std::string& detail) {
    if (step == "passphrase") {
        window.show_passphrase(text, detail);
    } else if (step == "accounts") {
        otr_guard_import_call_accounts(m_plugin.get(), m_number, nullptr, Answers::accounts,
                                       about_this(text, detail));
    } else if (step == "choice") {
        otr_guard_import_call_choices(m_plugin.get(), m_number, nullptr, Answers::choices,
                                      about_this(text, detail));
    } else {
        window.show_over(text, detail);
    }
}

gboolean ImportController::handle_show(OtrGuardImportWindow* object, GDBusMethodInvocation* call,
                                       const char* path, guint64 parent, guint32 time,
                                       ImportController* self) {
    return ipc::handled("show", [&] {
        self->open(path, parent, time);
        otr_guard_import_window_complete_show(object, call);
    });
}

} // namespace otr_guard::windows
