// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "window_program.h"

#include <filesystem>

#include "purple_host.h"
#include "util/parts.h"

namespace otr_guard::plugin {

namespace {

constexpr auto start_timeout = std::chrono::seconds(10);
constexpr const char* program_name = "otr-guard-windows";

} // namespace

namespace {

enum class Reply { Done, Refused, Late, Closed, Cancelled };

Reply reply_of(GObject* source, GAsyncResult* result) {
    ipc::ErrorOut error;
    const ipc::GVariantPtr nothing(g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, error));
    if (!error.is_set()) {
        return Reply::Done;
    }
    if (error.is_cancelled()) {
        return Reply::Cancelled;
    }
    util::log_warning("windows", error.text());
    const auto is = [&error](GIOErrorEnum code) {
        const GError* reason = *static_cast<GError**>(error);
        return g_error_matches(reason, G_IO_ERROR, code) != FALSE;
    };
    return is(G_IO_ERROR_TIMED_OUT) ? Reply::Late
           : is(G_IO_ERROR_CLOSED)  ? Reply::Closed
                                    : Reply::Refused;
}

} // namespace

void WindowBridge::answered(GObject* source, GAsyncResult* result, gpointer bridge) {
    util::guarded("answered", [&] {
        // When it was cancelled, the bridge may be gone.
        const Reply reply = reply_of(source, result);
        if (reply == Reply::Late) {
            static_cast<WindowBridge*>(bridge)->m_program.hangs();
        } else if (reply == Reply::Done || reply == Reply::Refused) {
            static_cast<WindowBridge*>(bridge)->taken();
        }
    });
}

void WindowBridge::show_answered(GObject* source, GAsyncResult* result, gpointer bridge) {
    util::guarded("show_answered", [&] {
        const Reply reply = reply_of(source, result);
        if (reply == Reply::Late) {
            static_cast<WindowBridge*>(bridge)->m_program.hangs();
        } else if (reply == Reply::Done || reply == Reply::Refused) {
            static_cast<WindowBridge*>(bridge)->shown();
        }
    });
}

WindowProgram::~WindowProgram() {
    drop_channel();
}

void WindowProgram::drop_channel() {
    m_is_ready = false;
    m_start_timer.stop();
    if (m_cancellable != nullptr) {
        g_cancellable_cancel(m_cancellable.get());
    }
    for (WindowBridge* bridge : m_bridges) {
        bridge->detach();
    }
    m_windows.reset();
    m_channel.reset();
}

void WindowProgram::start() {
    if (m_channel != nullptr) {
        return;
    }
    const auto program =
        util::find_part(program_name, std::filesystem::path(OTR_GUARD_PROGRAM_DIR) / program_name);
    const auto descriptor = ipc::launch(program.string());
    if (!descriptor) {
        give_up(descriptor.error().detail);
        return;
    }
    m_cancellable.reset(g_cancellable_new());
    m_start_timer = core::Timer(m_plugin.host(), start_timeout, [this] { give_up("no answer"); });
    m_channel = std::make_unique<ipc::Channel>(
        *descriptor, ipc::Channel::Side::Server,
        ipc::Channel::Events{[this](GDBusConnection& connection) { opened(connection); },
                             [this] { lost(); }});
}

void WindowProgram::opened(GDBusConnection& connection) {
    m_windows = ipc::make_proxy(connection, ipc::windows_path, otr_guard_windows_proxy_new_sync);
    bool is_complete = m_windows != nullptr;
    for (WindowBridge* bridge : m_bridges) {
        is_complete = is_complete && bridge->attach(connection);
    }
    if (is_complete) { // else the start-up timeout ends it
        otr_guard_windows_call_hello(m_windows.get(), ipc::protocol_version, m_cancellable.get(),
                                     greeted, this);
    }
}

void WindowProgram::greeted(GObject* source, GAsyncResult* result, gpointer data) {
    guint32 version = 0;
    ipc::ErrorOut error;
    otr_guard_windows_call_hello_finish(OTR_GUARD_WINDOWS(source), &version, result, error);
    if (error.is_cancelled()) {
        return; // this object is gone
    }
    util::guarded("greeted", [&] {
        auto& program = *static_cast<WindowProgram*>(data);
        if (error.is_set() || version != ipc::protocol_version) {
            program.give_up(error.is_set() ? error.text() : "another version");
            return;
        }
        program.m_is_ready = true;
        program.m_start_timer.stop();
        for (WindowBridge* bridge : program.m_bridges) {
            bridge->ready();
        }
    });
}

void WindowProgram::give_up(const std::string& reason) {
    util::log_warning("windows", reason);
    drop_channel();
    for (WindowBridge* bridge : m_bridges) {
        bridge->give_up();
    }
}

void WindowProgram::hangs() {
    if (m_is_ready) {
        util::log_warning("windows", "the program does not answer");
        lost();
    }
}

void WindowProgram::lost() {
    if (!m_is_ready) {
        give_up("the program ended at once");
        return;
    }
    drop_channel();
    for (WindowBridge* bridge : m_bridges) {
        bridge->lost();
    }
}

} // namespace otr_guard::plugin
