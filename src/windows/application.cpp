// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/application.h"

#include <gdk/gdkx.h>
#include <gtkmm/settings.h>
#include <utility>

#include "util/guarded.h"
#include "util/i18n.h"

namespace otr_guard::windows {

namespace {

/// Whom a call to the plugin was about, kept until it is answered.
struct Pending {
    Application* application;
    model::PeerId peer;
};

gboolean refuse(GDBusMethodInvocation* call) {
    g_dbus_method_invocation_return_dbus_error(call, ipc::invalid_error, "beyond the limits");
    return TRUE;
}

/// Puts the window in front of the one that it belongs to, which is another program's.
void belong_to(Gtk::Window& window, guint64 parent) {
    gtk_widget_realize(GTK_WIDGET(window.gobj()));
    GdkDisplay* display = gdk_display_get_default();
    if (parent == 0 || !GDK_IS_X11_DISPLAY(display)) {
        return;
    }
    const ipc::GObjectPtr<GdkWindow> owner(
        gdk_x11_window_foreign_new_for_display(display, static_cast<Window>(parent)));
    if (owner != nullptr) {
        gdk_window_set_transient_for(window.get_window()->gobj(), owner.get());
    }
}

} // namespace

Application::Application(int descriptor, std::function<void()> ended)
    : m_ended(std::move(ended)), m_skeleton(otr_guard_windows_skeleton_new()) {
    g_signal_connect(m_skeleton.get(), "handle-hello", G_CALLBACK(handle_hello), this);
    g_signal_connect(m_skeleton.get(), "handle-show-verification", G_CALLBACK(handle_show), this);
    g_signal_connect(m_skeleton.get(), "handle-update-verification", G_CALLBACK(handle_update),
                     this);
    g_signal_connect(m_skeleton.get(), "handle-tell", G_CALLBACK(handle_tell), this);
    m_channel = std::make_unique<ipc::Channel>(
        descriptor, ipc::Channel::Side::Client,
        ipc::Channel::Events{[this](GDBusConnection& connection) { opened(connection); },
                             [this] { m_ended(); }});
}

Application::~Application() {
    m_windows.clear();
    g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(m_skeleton.get()));
}

void Application::opened(GDBusConnection& connection) {
    ipc::ErrorOut error;
    m_client.reset(otr_guard_client_proxy_new_sync(
        &connection,
        static_cast<GDBusProxyFlags>(G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES |
                                     G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS),
        nullptr, ipc::client_path, nullptr, error));
    const bool is_exported =
        g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(m_skeleton.get()), &connection,
                                         ipc::windows_path, error) != FALSE;
    if (m_client == nullptr || !is_exported) {
        util::log_error("windows", error.text());
        m_ended();
    }
}

// --- Windows -----------------------------------------------------------------------------------

VerifyWindow* Application::window_of(const model::PeerId& peer) {
    const auto found = m_windows.find(peer);
    return found == m_windows.end() || !found->second->get_visible() ? nullptr
                                                                     : found->second.get();
}

std::unique_ptr<VerifyWindow> Application::make_window(const model::PeerId& peer) {
    const auto key = [this, peer] { return m_windows.at(peer)->model().state().key; };
    const auto pending = [this, peer] {
        return std::make_unique<Pending>(Pending{this, peer}).release();
    };
    VerifyWindow::Actions actions;
    actions.start = [=, this] {
        otr_guard_client_call_start(m_client.get(), ipc::to_variant(peer), nullptr, answered,
                                    pending());
    };
    actions.ask = [=, this](const std::string& question, const std::string& secret) {
        otr_guard_client_call_ask(m_client.get(), ipc::to_variant(peer), key().c_str(),
                                  question.c_str(), secret.c_str(), nullptr, answered, pending());
    };
    actions.ask_for_pin = [=, this] {
        otr_guard_client_call_ask_for_pin(m_client.get(), ipc::to_variant(peer), key().c_str(),
                                          nullptr, answered, pending());
    };
    actions.answer = [=, this](const std::string& answer) {
        otr_guard_client_call_answer(m_client.get(), ipc::to_variant(peer),
                                     m_windows.at(peer)->model().state().question.c_str(),
                                     answer.c_str(), nullptr, answered, pending());
    };
    actions.abort = [=, this] {
        otr_guard_client_call_abort(m_client.get(), ipc::to_variant(peer), nullptr, answered,
                                    pending());
    };
    actions.compare_code = [=, this](const std::string& code) {
        otr_guard_client_call_compare_code(m_client.get(), ipc::to_variant(peer), key().c_str(),
                                           code.c_str(), nullptr, code_compared, pending());
    };
    actions.judge = [=, this](bool is_theirs) {
        otr_guard_client_call_judge(m_client.get(), ipc::to_variant(peer), key().c_str(),
                                    static_cast<gboolean>(is_theirs), nullptr, answered, pending());
    };
    actions.revoke = [=, this] {
        otr_guard_client_call_revoke(m_client.get(), ipc::to_variant(peer), key().c_str(), nullptr,
                                     answered, pending());
    };
    actions.closed = [=, this] {
        otr_guard_client_call_closed(m_client.get(), ipc::to_variant(peer), nullptr, answered,
                                     pending());
    };
    return std::make_unique<VerifyWindow>(std::move(actions));
}

void Application::show(const model::PeerId& peer, ipc::VerificationState state, guint64 parent,
                       guint32 time) {
    VerifyWindow* window = window_of(peer);
    if (window == nullptr) {
        window = (m_windows[peer] = make_window(peer)).get();
        belong_to(*window, parent);
    }
    window->model().update(std::move(state));
    window->refresh();
    window->set_focus_on_map(time != 0);
    if (time != 0) {
        window->present(time);
    } else {
        window->show();
    }
}

// --- Answers of the plugin ---------------------------------------------------------------------

void Application::answered(GObject* source, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<Pending> pending(static_cast<Pending*>(data));
    ipc::ErrorOut error;
    const ipc::GVariantPtr nothing(g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, error));
    if (!error.is_set()) {
        return;
    }
    util::guarded("answered", [&] {
        if (VerifyWindow* window = pending->application->window_of(pending->peer)) {
            window->model().tell(
                ipc::Told::Note,
                util::tr("The private conversation has changed in the meantime, so nothing was "
                         "done. Have a look and try again."),
                {});
            window->refresh();
        }
    });
}

void Application::code_compared(GObject* source, GAsyncResult* result, gpointer data) {
    gboolean is_found = FALSE;
    ipc::ErrorOut error;
    const bool is_answered = otr_guard_client_call_compare_code_finish(
                                 OTR_GUARD_CLIENT(source), &is_found, result, error) != FALSE;
    const std::unique_ptr<Pending> pending(static_cast<Pending*>(data));
    util::guarded("code_compared", [&] {
        VerifyWindow* window = pending->application->window_of(pending->peer);
        if (window != nullptr && is_answered && is_found == FALSE) {
            window->say_not_a_code();
        }
    });
}

// --- Calls of the plugin -----------------------------------------------------------------------

gboolean Application::handle_hello(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                   guint32 version, gpointer data) {
    otr_guard_windows_complete_hello(object, call, ipc::protocol_version);
    if (version != ipc::protocol_version) {
        static_cast<Application*>(data)->m_ended();
    }
    return TRUE;
}

gboolean Application::handle_show(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                  GVariant* peer, GVariant* state, guint64 parent, guint32 time,
                                  gpointer data) {
    return util::guarded("show", gboolean{TRUE}, [&] {
        const auto whom = ipc::peer_from(peer);
        auto how = ipc::state_from(state);
        if (!whom || !how) {
            return refuse(call);
        }
        static_cast<Application*>(data)->show(*whom, std::move(*how), parent, time);
        otr_guard_windows_complete_show_verification(object, call);
        return gboolean{TRUE};
    });
}

gboolean Application::handle_update(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                    GVariant* peer, GVariant* state, gpointer data) {
    return util::guarded("update", gboolean{TRUE}, [&] {
        const auto whom = ipc::peer_from(peer);
        auto how = ipc::state_from(state);
        if (!whom || !how) {
            return refuse(call);
        }
        if (VerifyWindow* window = static_cast<Application*>(data)->window_of(*whom)) {
            window->model().update(std::move(*how));
            window->refresh();
        }
        otr_guard_windows_complete_update_verification(object, call);
        return gboolean{TRUE};
    });
}

gboolean Application::handle_tell(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                  GVariant* peer, const char* kind, const char* text,
                                  const char* detail, gpointer data) {
    return util::guarded("tell", gboolean{TRUE}, [&] {
        const auto whom = ipc::peer_from(peer);
        const auto told = ipc::told_from_word(kind);
        if (!whom || !told || !ipc::is_within(text, ipc::text_bytes) ||
            !ipc::is_within(detail, ipc::name_bytes)) {
            return refuse(call);
        }
        if (VerifyWindow* window = static_cast<Application*>(data)->window_of(*whom)) {
            window->model().tell(*told, text, detail);
            window->refresh();
        }
        otr_guard_windows_complete_tell(object, call);
        return gboolean{TRUE};
    });
}

} // namespace otr_guard::windows
