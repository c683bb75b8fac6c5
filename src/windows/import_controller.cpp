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

/// What comes back from the plugin, one function for each kind of answer.
struct ImportController::Answers {
    using Text = util::CPtr<char, g_free>;
    /// A page for which something is still to be fetched.
    struct Page {
        ImportController* controller;
        std::string text;
        std::string detail;
    };
    using Finish = gboolean (*)(OtrGuardImport*, char**, char**, char**, GAsyncResult*, GError**);

    static ImportController& of(gpointer data) { return *static_cast<ImportController*>(data); }

    template <Finish finish>
    static void step(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        char* step = nullptr;
        char* text = nullptr;
        char* detail = nullptr;
        finish(OTR_GUARD_IMPORT(source), &step, &text, &detail, result, error);
        const Text owned_step(step);
        const Text owned_text(text);
        const Text owned_detail(detail);
        util::guarded("step", [&] {
            if (step == nullptr) {
                of(data).go_on({}, error.text(), {});
            } else {
                of(data).go_on(step, text, detail);
            }
        });
    }
    static void accounts(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Page> page(static_cast<Page*>(data));
        ipc::ErrorOut error;
        char** theirs = nullptr;
        char** ours = nullptr;
        otr_guard_import_call_accounts_finish(OTR_GUARD_IMPORT(source), &theirs, &ours, result,
                                              error);
        const util::CPtr<char*, g_strfreev> owned_theirs(theirs);
        const util::CPtr<char*, g_strfreev> owned_ours(ours);
        util::guarded("accounts", [&] {
            ImportWindow* window = page->controller->window();
            if (error.is_set()) {
                page->controller->go_on({}, error.text(), {});
            } else if (window != nullptr) {
                window->show_accounts(page->text, page->detail, to_vector(theirs), to_vector(ours));
            }
        });
    }
    static void choices(GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Page> page(static_cast<Page*>(data));
        ipc::ErrorOut error;
        GVariant* keys = nullptr;
        GVariant* own = nullptr;
        otr_guard_import_call_choices_finish(OTR_GUARD_IMPORT(source), &keys, &own, result, error);
        const ipc::GVariantPtr owned_keys(keys);
        const ipc::GVariantPtr owned_own(own);
        util::guarded("choices", [&] {
            auto listed = keys != nullptr ? ipc::importable_keys_from(keys) : std::nullopt;
            auto listed_own = own != nullptr ? ipc::importable_own_keys_from(own) : std::nullopt;
            ImportWindow* window = page->controller->window();
            if (!listed || !listed_own) {
                page->controller->go_on({}, error.text(), {});
            } else if (window != nullptr) {
                window->show_choices(page->text, page->detail, std::move(*listed),
                                     std::move(*listed_own));
            }
        });
    }
    static void taken(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        char* text = nullptr;
        guint undo = 0;
        otr_guard_import_call_take_finish(OTR_GUARD_IMPORT(source), &text, &undo, result, error);
        const Text owned(text);
        util::guarded("taken", [&] {
            if (ImportWindow* window = of(data).window()) {
                window->show_result(text != nullptr ? text : error.text(), undo);
            }
        });
    }
    static void undone(GObject* source, GAsyncResult* result, gpointer data) {
        ipc::ErrorOut error;
        guint number = 0;
        otr_guard_known_keys_call_undo_finish(OTR_GUARD_KNOWN_KEYS(source), &number, result, error);
        util::guarded("undone", [&] {
            if (ImportWindow* window = of(data).window()) {
                window->show_result(
                    error.is_set()
                        ? tr("Something has changed in the meantime, so nothing was done. Have a "
                             "look and try again.")
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
    OtrGuardImportWindow* calls = otr_guard_import_window_skeleton_new();
    m_calls.reset(calls);
    g_signal_connect(calls, "handle-show", G_CALLBACK(handle_show), this);
    return m_plugin != nullptr && m_known_keys != nullptr &&
           ipc::export_on(connection, ipc::windows_path, calls);
}

ImportWindow* ImportController::window() const {
    return m_window != nullptr && m_window->get_visible() ? m_window.get() : nullptr;
}

std::unique_ptr<ImportWindow> ImportController::make_window() {
    ImportWindow::Actions actions;
    actions.read = [this](const std::string& path, const util::SecretString& passphrase) {
        std::string typed(passphrase.view());
        otr_guard_import_call_read(m_plugin.get(), path.c_str(), typed.c_str(), nullptr,
                                   Answers::step<otr_guard_import_call_read_finish>, this);
        util::wipe(typed.data(), typed.size());
    };
    actions.match = [this](const ImportWindow::Places& places) {
        otr_guard_import_call_match(m_plugin.get(), to_variant(places), nullptr,
                                    Answers::step<otr_guard_import_call_match_finish>, this);
    };
    actions.take = [this](const ImportWindow::Places& keys, const ImportWindow::Places& own) {
        otr_guard_import_call_take(m_plugin.get(), to_variant(keys), to_variant(own), nullptr,
                                   Answers::taken, this);
    };
    actions.undo = [this](unsigned undo) {
        otr_guard_known_keys_call_undo(m_known_keys.get(), undo, nullptr, Answers::undone, this);
    };
    actions.forget = [this] {
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
    m_window->start(path);
}

void ImportController::go_on(const std::string& step, const std::string& text,
                             const std::string& detail) {
    ImportWindow* open = window();
    if (open == nullptr) {
        return;
    }
    if (step == "passphrase") {
        open->show_passphrase(text, detail);
    } else if (step == "accounts") {
        otr_guard_import_call_accounts(
            m_plugin.get(), nullptr, Answers::accounts,
            std::make_unique<Answers::Page>(Answers::Page{this, text, detail}).release());
    } else if (step == "choice") {
        otr_guard_import_call_choices(
            m_plugin.get(), nullptr, Answers::choices,
            std::make_unique<Answers::Page>(Answers::Page{this, text, detail}).release());
    } else {
        open->show_over(text, detail);
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
