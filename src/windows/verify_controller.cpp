// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/verify_controller.h"

#include <utility>

#include "util/i18n.h"
#include "windows/placing.h"

namespace otr_guard::windows {

namespace {

/// Whom a call to the plugin was about, kept until it is answered.
struct Pending {
    VerifyController* controller;
    model::PeerId peer;
};

/// As an argument of a call; the caller wipes it (of GLib's own copies nobody can).
std::string plain(const util::SecretString& secret) {
    return std::string(secret.view());
}

} // namespace

bool VerifyController::attach(GDBusConnection& connection) {
    m_plugin = ipc::make_proxy(connection, ipc::client_path, otr_guard_verification_proxy_new_sync);
    OtrGuardVerificationWindow* calls = otr_guard_verification_window_skeleton_new();
    m_calls.reset(calls);
    g_signal_connect(calls, "handle-show", G_CALLBACK(handle_show), this);
    g_signal_connect(calls, "handle-update", G_CALLBACK(handle_update), this);
    g_signal_connect(calls, "handle-tell", G_CALLBACK(handle_tell), this);
    return m_plugin != nullptr && ipc::export_on(connection, ipc::windows_path, calls);
}

// --- Windows -----------------------------------------------------------------------------------

VerifyWindow* VerifyController::window_of(const model::PeerId& peer) {
    const auto found = m_windows.find(peer);
    return found == m_windows.end() || !found->second->get_visible() ? nullptr
                                                                     : found->second.get();
}

std::unique_ptr<VerifyWindow> VerifyController::make_window(const model::PeerId& peer) {
    const auto key = [this, peer] { return m_windows.at(peer)->model().state().key; };
    const auto pending = [this, peer] {
        return std::make_unique<Pending>(Pending{this, peer}).release();
    };
    VerifyWindow::Actions actions;
    actions.start = [=, this] {
        otr_guard_verification_call_start(m_plugin.get(), ipc::to_variant(peer), nullptr, answered,
                                          pending());
    };
    actions.ask = [=, this](const std::string& question, const util::SecretString& secret) {
        std::string text = plain(secret);
        otr_guard_verification_call_ask(m_plugin.get(), ipc::to_variant(peer), key().c_str(),
                                        question.c_str(), text.c_str(), nullptr, answered,
                                        pending());
        util::wipe(text.data(), text.size());
    };
    actions.ask_for_pin = [=, this] {
        otr_guard_verification_call_ask_for_pin(m_plugin.get(), ipc::to_variant(peer),
                                                key().c_str(), nullptr, answered, pending());
    };
    actions.answer = [=, this](const util::SecretString& answer) {
        std::string text = plain(answer);
        otr_guard_verification_call_answer(m_plugin.get(), ipc::to_variant(peer),
                                           m_windows.at(peer)->model().state().question.c_str(),
                                           text.c_str(), nullptr, answered, pending());
        util::wipe(text.data(), text.size());
    };
    actions.abort = [=, this] {
        otr_guard_verification_call_abort(m_plugin.get(), ipc::to_variant(peer), nullptr, answered,
                                          pending());
    };
    actions.compare_code = [=, this](const std::string& code) {
        otr_guard_verification_call_compare_code(m_plugin.get(), ipc::to_variant(peer),
                                                 key().c_str(), code.c_str(), nullptr,
                                                 code_compared, pending());
    };
    actions.judge = [=, this](bool is_theirs) {
        otr_guard_verification_call_judge(m_plugin.get(), ipc::to_variant(peer), key().c_str(),
                                          static_cast<gboolean>(is_theirs), nullptr, answered,
                                          pending());
    };
    actions.revoke = [=, this] {
        otr_guard_verification_call_revoke(m_plugin.get(), ipc::to_variant(peer), key().c_str(),
                                           nullptr, answered, pending());
    };
    actions.closed = [=, this] {
        otr_guard_verification_call_closed(m_plugin.get(), ipc::to_variant(peer), nullptr, answered,
                                           pending());
    };
    return std::make_unique<VerifyWindow>(std::move(actions));
}

void VerifyController::show(const model::PeerId& peer, ipc::VerificationState state, guint64 parent,
                            guint32 time) {
    VerifyWindow* window = window_of(peer);
    if (window == nullptr) {
        std::erase_if(m_windows, [](const auto& one) { return !one.second->get_visible(); });
        window = (m_windows[peer] = make_window(peer)).get();
        belong_to(*window, parent);
    }
    window->model().update(std::move(state));
    if (time != 0) {
        window->model().raise();
    }
    window->refresh();
    bring_up(*window, time);
}

// --- Answers of the plugin ---------------------------------------------------------------------

void VerifyController::answered(GObject* source, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<Pending> pending(static_cast<Pending*>(data));
    ipc::ErrorOut error;
    const ipc::GVariantPtr nothing(g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, error));
    if (!error.is_set()) {
        return;
    }
    util::guarded("answered", [&] {
        if (VerifyWindow* window = pending->controller->window_of(pending->peer)) {
            window->model().tell(
                ipc::Told::Note,
                util::tr("The private conversation has changed in the meantime, so nothing was "
                         "done. Have a look and try again."),
                {});
            window->refresh();
        }
    });
}

void VerifyController::code_compared(GObject* source, GAsyncResult* result, gpointer data) {
    gboolean is_found = FALSE;
    ipc::ErrorOut error;
    const bool is_answered = otr_guard_verification_call_compare_code_finish(
                                 OTR_GUARD_VERIFICATION(source), &is_found, result, error) != FALSE;
    const std::unique_ptr<Pending> pending(static_cast<Pending*>(data));
    util::guarded("code_compared", [&] {
        VerifyWindow* window = pending->controller->window_of(pending->peer);
        if (window != nullptr && is_answered && is_found == FALSE) {
            window->say_not_a_code();
        }
    });
}

// --- Calls of the plugin -----------------------------------------------------------------------

gboolean VerifyController::handle_show(OtrGuardVerificationWindow* object,
                                       GDBusMethodInvocation* call, GVariant* peer, GVariant* state,
                                       guint64 parent, guint32 time, gpointer data) {
    return ipc::handled("show", [&] {
        const auto whom = ipc::peer_from(peer);
        auto how = ipc::state_from(state);
        if (!whom || !how) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        static_cast<VerifyController*>(data)->show(*whom, std::move(*how), parent, time);
        otr_guard_verification_window_complete_show(object, call);
    });
}

gboolean VerifyController::handle_update(OtrGuardVerificationWindow* object,
                                         GDBusMethodInvocation* call, GVariant* peer,
                                         GVariant* state, gpointer data) {
    return ipc::handled("update", [&] {
        const auto whom = ipc::peer_from(peer);
        auto how = ipc::state_from(state);
        if (!whom || !how) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (VerifyWindow* window = static_cast<VerifyController*>(data)->window_of(*whom)) {
            window->model().update(std::move(*how));
            window->refresh();
        }
        otr_guard_verification_window_complete_update(object, call);
    });
}

gboolean VerifyController::handle_tell(OtrGuardVerificationWindow* object,
                                       GDBusMethodInvocation* call, GVariant* peer,
                                       const char* kind, const char* text, const char* detail,
                                       gpointer data) {
    return ipc::handled("tell", [&] {
        const auto whom = ipc::peer_from(peer);
        const auto told = ipc::told_from_word(kind);
        if (!whom || !told || !ipc::is_within(text, ipc::text_bytes) ||
            !ipc::is_within(detail, ipc::name_bytes)) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (VerifyWindow* window = static_cast<VerifyController*>(data)->window_of(*whom)) {
            window->model().tell(*told, text, detail);
            window->refresh();
        }
        otr_guard_verification_window_complete_tell(object, call);
    });
}

} // namespace otr_guard::windows
