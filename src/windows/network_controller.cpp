// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/network_controller.h"

#include <utility>

#include "ipc/codec.h"
#include "ipc/own_key_codec.h"
#include "windows/placing.h"

namespace otr_guard::windows {

/// What comes back from the plugin: a sentence, whatever was asked for.
struct NetworkController::Answers {
    using Finish = gboolean (*)(OtrGuardNetwork*, char**, GAsyncResult*, GError**);

    template <Finish finish>
    static void said(GObject* source, GAsyncResult* result, gpointer controller) {
        ipc::ErrorOut error;
        char* answer = nullptr;
        finish(OTR_GUARD_NETWORK(source), &answer, result, error);
        const util::CPtr<char, g_free> owned(answer);
        util::guarded("said", [&] {
            if (NetworkWindow* open = static_cast<NetworkController*>(controller)->window()) {
                open->say(answer != nullptr ? answer : error.text());
            }
        });
    }
};

bool NetworkController::attach(GDBusConnection& connection) {
    m_plugin = ipc::make_proxy(connection, ipc::client_path, otr_guard_network_proxy_new_sync);
    OtrGuardNetworkWindow* calls = otr_guard_network_window_skeleton_new();
    m_calls.reset(calls);
    g_signal_connect(calls, "handle-show", G_CALLBACK(handle_show), this);
    g_signal_connect(calls, "handle-replace", G_CALLBACK(handle_replace), this);
    return m_plugin != nullptr && ipc::export_on(connection, ipc::windows_path, calls);
}

NetworkWindow* NetworkController::window() const {
    return m_window != nullptr && m_window->get_visible() ? m_window.get() : nullptr;
}

std::unique_ptr<NetworkWindow> NetworkController::make_window() {
    NetworkWindow::Actions actions;
    actions.require = [this](const model::AccountId& account, const std::string& way) {
        otr_guard_network_call_require(m_plugin.get(), ipc::to_variant(account), way.c_str(),
                                       nullptr,
                                       Answers::said<otr_guard_network_call_require_finish>, this);
    };
    actions.new_identity = [this](const model::AccountId& account) {
        otr_guard_network_call_new_identity(
            m_plugin.get(), ipc::to_variant(account), nullptr,
            Answers::said<otr_guard_network_call_new_identity_finish>, this);
    };
    actions.mend = [this](const model::AccountId& account, const std::string& remedy) {
        otr_guard_network_call_mend(m_plugin.get(), ipc::to_variant(account), remedy.c_str(),
                                    nullptr, Answers::said<otr_guard_network_call_mend_finish>,
                                    this);
    };
    actions.closed = [this] {
        otr_guard_network_call_closed(m_plugin.get(), nullptr, ipc::log_failure, nullptr);
    };
    return std::make_unique<NetworkWindow>(std::move(actions));
}

// --- Calls of the plugin -----------------------------------------------------------------------

gboolean NetworkController::handle_show(OtrGuardNetworkWindow* object, GDBusMethodInvocation* call,
                                        GVariant* accounts, guint64 parent, guint32 time,
                                        NetworkController* self) {
    return ipc::handled("show", [&] {
        auto shown = ipc::network_accounts_from(accounts);
        if (!shown) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (self->window() == nullptr) {
            self->m_window = self->make_window();
            belong_to(*self->m_window, parent);
        }
        self->m_window->model().replace(std::move(*shown));
        self->m_window->refresh();
        bring_up(*self->m_window, time);
        otr_guard_network_window_complete_show(object, call);
    });
}

gboolean NetworkController::handle_replace(OtrGuardNetworkWindow* object,
                                           GDBusMethodInvocation* call, GVariant* accounts,
                                           NetworkController* self) {
    return ipc::handled("replace", [&] {
        auto shown = ipc::network_accounts_from(accounts);
        if (!shown) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (NetworkWindow* open = self->window()) {
            open->model().replace(std::move(*shown));
            open->refresh();
        }
        otr_guard_network_window_complete_replace(object, call);
    });
}

} // namespace otr_guard::windows
