// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One end of the private channel: D-Bus over a socket that nobody else has. Opens without waiting,
// hands out the connection before the first message is worked on, and says once that the other
// end is gone. Main thread only.

#include <functional>
#include <memory>

#include <gio/gio.h>

#include "ipc/gobject_ptr.h"
#include "util/expected.h"

namespace otr_guard::ipc {

class Channel {
public:
    /// The plugin authenticates as the server, the windows program as the client.
    enum class Side { Server, Client };
    struct Events {
        /// Export objects and make proxies now; messages flow after it has returned.
        std::function<void(GDBusConnection&)> opened;
        /// Never opened, closed by the other end or by a broken message, or flooded. The channel is
        /// of no use any more and may be destroyed here.
        std::function<void()> closed;
    };

    /// Takes the descriptor. What the client end says is measured: see limits::channel_messages.
    Channel(int descriptor, Side side, Events events);
    /// Closes it; `closed` is not called.
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// Null until opened.
    [[nodiscard]] GDBusConnection* connection() const { return m_connection.get(); }

private:
    struct Meter;

    void measure();
    static gboolean failed(gpointer data);
    static void connected(GObject* source, GAsyncResult* result, gpointer data);
    static void connection_closed(GDBusConnection* connection, gboolean remote, GError* error,
                                  gpointer data);
    void lost();

    Events m_events;
    GObjectPtr<GCancellable> m_cancellable;
    GObjectPtr<GDBusConnection> m_connection;
    std::shared_ptr<Meter> m_meter; ///< shared with GDBus' thread
    bool m_is_measured = false;
    gulong m_closed_handler = 0;
    guint m_idle = 0;
};

/// Starts a program with one end of a new socket pair as its descriptor 3, and GTK 2's own settings
/// taken out of its environment. Returns the other end. The program is nobody's child: a watch
/// would take SIGCHLD away from the chat client.
[[nodiscard]] util::Expected<int> launch(const std::string& program);

/// The descriptor that launch() gives to the program.
inline constexpr int inherited_descriptor = 3;

} // namespace otr_guard::ipc
