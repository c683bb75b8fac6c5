// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/channel.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "model/limits.h"
#include "util/guarded.h"
#include "util/log.h"

namespace otr_guard::ipc {

namespace {

using Strv = util::CPtr<gchar*, g_strfreev>;
using GlibText = util::CPtr<gchar, g_free>;

GObjectPtr<GSocketConnection> connection_on(int descriptor) {
    ErrorOut error;
    const GObjectPtr<GSocket> socket(g_socket_new_from_fd(descriptor, error));
    if (socket == nullptr) {
        util::log_warning("channel", error.text());
        ::close(descriptor);
        return nullptr;
    }
    return GObjectPtr<GSocketConnection>(
        g_socket_connection_factory_create_connection(socket.get()));
}

} // namespace

/// Looks at every message where it arrives, in GDBus' thread: one that only the main thread would
/// refuse waits in memory until then.
struct Channel::Meter {
    using Clock = std::chrono::steady_clock;

    // Main thread.
    Channel* owner = nullptr;

    // GDBus' thread.
    Clock::time_point since{};
    std::size_t messages = 0;
    std::size_t bytes = 0;
    bool is_flooded = false;

    /// Whether the message may pass.
    bool takes(GDBusMessage* message) {
        namespace limits = model::limits;
        const Clock::time_point now = Clock::now();
        if (now - since > limits::channel_interval) {
            since = now;
            messages = 0;
            bytes = 0;
        }
        ++messages;
        if (GVariant* body = g_dbus_message_get_body(message)) {
            bytes += g_variant_get_size(body);
        }
        return messages <= limits::channel_messages && bytes <= limits::channel_bytes;
    }

    static GDBusMessage* filter(GDBusConnection*, GDBusMessage* message, gboolean is_incoming,
                                gpointer data) {
        if (is_incoming == FALSE) {
            return message;
        }
        const bool passes = util::guarded("channel", false, [&] {
            const auto& meter = *static_cast<std::shared_ptr<Meter>*>(data);
            if (!meter->is_flooded && !meter->takes(message)) {
                meter->is_flooded = true;
                g_idle_add_full(G_PRIORITY_DEFAULT, flooded, held(meter), drop);
            }
            return !meter->is_flooded;
        });
        if (!passes) {
            g_object_unref(message);
        }
        return passes ? message : nullptr;
    }
    static gboolean flooded(gpointer data) {
        util::guarded("channel", [&] {
            if (Channel* channel = (*static_cast<std::shared_ptr<Meter>*>(data))->owner) {
                util::log_warning("channel", "flooded");
                channel->lost();
            }
        });
        return G_SOURCE_REMOVE;
    }

    static gpointer held(const std::shared_ptr<Meter>& meter) {
        return std::make_unique<std::shared_ptr<Meter>>(meter).release();
    }
    static void drop(gpointer data) {
        const std::unique_ptr<std::shared_ptr<Meter>> last(
            static_cast<std::shared_ptr<Meter>*>(data));
    }
};

void Channel::measure() {
    m_meter = std::make_shared<Meter>();
    m_meter->owner = this;
    g_dbus_connection_add_filter(m_connection.get(), Meter::filter, Meter::held(m_meter),
                                 Meter::drop);
}

Channel::Channel(int descriptor, Side side, Events events)
    : m_events(std::move(events)), m_cancellable(g_cancellable_new()) {
    const auto stream = connection_on(descriptor);
    if (stream == nullptr) {
        m_idle = g_idle_add(failed, this); // the owner does not have this object yet
        return;
    }
    const bool is_server = side == Side::Server;
    m_is_measured = is_server;
    const GlibText guid(is_server ? g_dbus_generate_guid() : nullptr);
    const int flags = G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING |
                      (is_server ? G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER |
                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER
                                 : G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT);
    g_dbus_connection_new(G_IO_STREAM(stream.get()), guid.get(),
                          static_cast<GDBusConnectionFlags>(flags), nullptr, m_cancellable.get(),
                          connected, this);
}

Channel::~Channel() {
    if (m_idle != 0) {
        g_source_remove(m_idle);
    }
    g_cancellable_cancel(m_cancellable.get());
    if (m_meter != nullptr) {
        m_meter->owner = nullptr;
    }
    if (m_connection != nullptr) {
        g_signal_handler_disconnect(m_connection.get(), m_closed_handler);
        g_dbus_connection_close(m_connection.get(), nullptr, nullptr, nullptr);
    }
}

gboolean Channel::failed(gpointer data) {
    util::guarded("channel", [&] {
        auto* channel = static_cast<Channel*>(data);
        channel->m_idle = 0;
        channel->lost();
    });
    return G_SOURCE_REMOVE;
}

void Channel::connected(GObject*, GAsyncResult* result, gpointer data) {
    ErrorOut error;
    GObjectPtr<GDBusConnection> connection(g_dbus_connection_new_finish(result, error));
    if (connection == nullptr && error.is_cancelled()) {
        return; // the channel is gone
    }
    util::guarded("channel", [&] {
        auto* channel = static_cast<Channel*>(data);
        if (connection == nullptr) {
            util::log_warning("channel", error.text());
            channel->lost();
            return;
        }
        channel->m_connection = std::move(connection);
        GDBusConnection& opened = *channel->m_connection;
        g_dbus_connection_set_exit_on_close(&opened, FALSE);
        channel->m_closed_handler =
            g_signal_connect(&opened, "closed", G_CALLBACK(connection_closed), channel);
        if (channel->m_is_measured) {
            channel->measure();
        }
        channel->m_events.opened(opened);
        g_dbus_connection_start_message_processing(&opened);
    });
}

void Channel::connection_closed(GDBusConnection*, gboolean, GError*, gpointer data) {
    util::guarded("channel", [&] { static_cast<Channel*>(data)->lost(); });
}

void Channel::lost() {
    // May destroy this object.
    const auto closed = std::exchange(m_events.closed, nullptr);
    if (closed) {
        closed();
    }
}

util::Expected<int> launch(const std::string& program) {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return util::failure(util::ErrorCode::Io, std::strerror(errno));
    }
    Strv environment(g_get_environ());
    for (const char* name : {"GTK_MODULES", "GTK2_RC_FILES", "GTK_IM_MODULE_FILE"}) {
        environment.reset(g_environ_unsetenv(environment.release(), name));
    }
    // Pidgin is an X client; the windows belong to its windows.
    environment.reset(g_environ_setenv(environment.release(), "GDK_BACKEND", "x11", TRUE));
    std::string path = program;
    const std::array<char*, 2> arguments{path.data(), nullptr};
    const std::array<int, 1> source{ends[1]};
    const std::array<int, 1> target{inherited_descriptor};
    ErrorOut error;
    const gboolean is_started = g_spawn_async_with_pipes_and_fds(
        nullptr, arguments.data(), environment.get(), G_SPAWN_DEFAULT, nullptr, nullptr, -1, -1, -1,
        source.data(), target.data(), 1, nullptr, nullptr, nullptr, nullptr, error);
    ::close(ends[1]);
    if (!is_started) {
        ::close(ends[0]);
        return util::failure(util::ErrorCode::Io, error.text());
    }
    return ends[0];
}

} // namespace otr_guard::ipc
