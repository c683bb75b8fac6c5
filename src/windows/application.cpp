// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/application.h"

#include <utility>

#include "ipc/codec.h"
#include "windows/files_controller.h"
#include "windows/import_controller.h"
#include "windows/known_keys_controller.h"
#include "windows/network_controller.h"
#include "windows/own_keys_controller.h"
#include "windows/verify_controller.h"

namespace otr_guard::windows {

Application::Application(int descriptor, std::function<void()> ended) : m_ended(std::move(ended)) {
    auto import = std::make_unique<ImportController>();
    m_controllers.push_back(std::make_unique<VerifyController>());
    m_controllers.push_back(std::make_unique<KnownKeysController>(
        [&import = *import](guint32 time) { import.open({}, 0, time); }));
    m_controllers.push_back(std::make_unique<OwnKeysController>());
    m_controllers.push_back(std::make_unique<NetworkController>());
    m_controllers.push_back(std::make_unique<FilesController>());
    m_controllers.push_back(std::move(import));
    m_channel = std::make_unique<ipc::Channel>(
        descriptor, ipc::Channel::Side::Client,
        ipc::Channel::Events{[this](GDBusConnection& connection) { opened(connection); },
                             [this] { m_ended(); }});
}

void Application::opened(GDBusConnection& connection) {
    OtrGuardWindows* calls = otr_guard_windows_skeleton_new();
    m_calls.reset(calls);
    g_signal_connect(calls, "handle-hello", G_CALLBACK(handle_hello), this);
    bool is_complete = ipc::export_on(connection, ipc::windows_path, calls);
    for (const auto& controller : m_controllers) {
        is_complete = is_complete && controller->attach(connection);
    }
    if (!is_complete) {
        m_ended();
    }
}

gboolean Application::handle_hello(OtrGuardWindows* object, GDBusMethodInvocation* call,
                                   guint32 version, gpointer data) {
    otr_guard_windows_complete_hello(object, call, ipc::protocol_version);
    if (version != ipc::protocol_version) {
        static_cast<Application*>(data)->m_ended();
    }
    return TRUE;
}

} // namespace otr_guard::windows
