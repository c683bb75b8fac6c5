// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/files_controller.h"

#include <utility>

#include "ipc/codec.h"
#include "ipc/transfer_codec.h"
#include "windows/placing.h"

namespace otr_guard::windows {

using ipc::Transfer;

/// What comes back from the plugin: why nothing was done, where that is so.
struct FilesController::Answers {
    using Finish = gboolean (*)(OtrGuardFiles*, char**, GAsyncResult*, GError**);

    template <Finish finish>
    static void done(GObject* source, GAsyncResult* result, gpointer controller) {
        ipc::ErrorOut error;
        char* problem = nullptr;
        finish(OTR_GUARD_FILES(source), &problem, result, error);
        const util::CPtr<char, g_free> owned(problem);
        util::guarded("done", [&] {
            const std::string text = problem != nullptr ? problem : error.text();
            FilesWindow* open = static_cast<FilesController*>(controller)->window();
            if (open != nullptr && !text.empty()) {
                open->say(text);
            }
        });
    }
};

bool FilesController::attach(GDBusConnection& connection) {
    m_plugin = ipc::make_proxy(connection, ipc::client_path, otr_guard_files_proxy_new_sync);
    OtrGuardFilesWindow* calls = otr_guard_files_window_skeleton_new();
    m_calls.reset(calls);
    g_signal_connect(calls, "handle-show", G_CALLBACK(handle_show), this);
    g_signal_connect(calls, "handle-replace", G_CALLBACK(handle_replace), this);
    return m_plugin != nullptr && ipc::export_on(connection, ipc::windows_path, calls);
}

FilesWindow* FilesController::window() const {
    return m_window != nullptr && m_window->get_visible() ? m_window.get() : nullptr;
}

std::unique_ptr<FilesWindow> FilesController::make_window() {
    FilesWindow::Actions actions;
    actions.accept = [this](const Transfer& transfer) {
        otr_guard_files_call_accept(m_plugin.get(), ipc::to_variant(transfer.peer), transfer.number,
                                    nullptr, Answers::done<otr_guard_files_call_accept_finish>,
                                    this);
    };
    actions.cancel = [this](const Transfer& transfer) {
        GVariant* peer = ipc::to_variant(transfer.peer);
        if (transfer.kind == ipc::TransferKind::Share) {
            otr_guard_files_call_stop_sharing(
                m_plugin.get(), peer, transfer.number, nullptr,
                Answers::done<otr_guard_files_call_stop_sharing_finish>, this);
        } else {
            otr_guard_files_call_cancel(m_plugin.get(), peer, transfer.number, nullptr,
                                        Answers::done<otr_guard_files_call_cancel_finish>, this);
        }
    };
    actions.closed = [this] {
        otr_guard_files_call_closed(m_plugin.get(), nullptr, ipc::log_failure, nullptr);
    };
    return std::make_unique<FilesWindow>(std::move(actions));
}

// --- Calls of the plugin -----------------------------------------------------------------------

gboolean FilesController::handle_show(OtrGuardFilesWindow* object, GDBusMethodInvocation* call,
                                      GVariant* transfers, guint64 parent, guint32 time,
                                      FilesController* self) {
    return ipc::handled("show", [&] {
        auto shown = ipc::transfers_from(transfers);
        if (!shown) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (self->window() == nullptr) {
            self->m_window = self->make_window();
            belong_to(*self->m_window, parent);
        }
        self->m_window->show_all_anew(std::move(*shown));
        bring_up(*self->m_window, time);
        otr_guard_files_window_complete_show(object, call);
    });
}

gboolean FilesController::handle_replace(OtrGuardFilesWindow* object, GDBusMethodInvocation* call,
                                         GVariant* transfers, FilesController* self) {
    return ipc::handled("replace", [&] {
        auto shown = ipc::transfers_from(transfers);
        if (!shown) {
            ipc::refuse(call, "beyond the limits");
            return;
        }
        if (FilesWindow* open = self->window()) {
            open->update(std::move(*shown));
        }
        otr_guard_files_window_complete_replace(object, call);
    });
}

} // namespace otr_guard::windows
