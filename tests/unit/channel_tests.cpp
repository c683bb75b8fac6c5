// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <sys/socket.h>

#include "ipc/channel.h"
#include "model/limits.h"

using namespace otr_guard;
namespace limits = model::limits;

namespace {

constexpr const char* interface = "im.otrguard.Test";

/// Both ends of a channel in one main loop.
class Ends {
public:
    Ends() {
        std::array<int, 2> ends{};
        BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
        m_server = std::make_unique<ipc::Channel>(
            ends[0], ipc::Channel::Side::Server,
            ipc::Channel::Events{[this](GDBusConnection& connection) { listen(connection); },
                                 [this] {
                                     ++times_closed;
                                     m_server.reset();
                                 }});
        m_client = std::make_unique<ipc::Channel>(
            ends[1], ipc::Channel::Side::Client,
            ipc::Channel::Events{[](GDBusConnection&) {}, [this] { is_client_closed = true; }});
        run_until([this] { return m_client->connection() != nullptr; });
    }

    std::size_t arrived = 0;
    int times_closed = 0;
    bool is_client_closed = false;

    void say(const std::string& text) {
        ipc::ErrorOut error;
        g_dbus_connection_emit_signal(m_client->connection(), nullptr, "/test", interface, "Said",
                                      g_variant_new("(s)", text.c_str()), error);
    }
    /// Fails after half a minute.
    void run_until(const std::function<bool()>& condition) {
        bool is_late = false;
        const guint timer = g_timeout_add_seconds(
            30,
            [](gpointer late) {
                *static_cast<bool*>(late) = true;
                return gboolean{G_SOURCE_CONTINUE};
            },
            &is_late);
        while (!condition() && !is_late) {
            g_main_context_iteration(nullptr, TRUE);
        }
        g_source_remove(timer);
        BOOST_REQUIRE(condition());
    }

private:
    void listen(GDBusConnection& connection) {
        g_dbus_connection_signal_subscribe(
            &connection, nullptr, interface, "Said", nullptr, nullptr, G_DBUS_SIGNAL_FLAGS_NONE,
            [](GDBusConnection*, const char*, const char*, const char*, const char*, GVariant*,
               gpointer self) { ++static_cast<Ends*>(self)->arrived; },
            this, nullptr);
    }

    std::unique_ptr<ipc::Channel> m_server;
    std::unique_ptr<ipc::Channel> m_client;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(channel_tests, Ends)

BOOST_AUTO_TEST_CASE(carries_what_a_window_can_have_to_say) {
    for (std::size_t i = 0; i < limits::channel_messages; ++i) {
        say("x");
    }
    run_until([this] { return arrived == limits::channel_messages; });
    BOOST_TEST(times_closed == 0);
}

BOOST_AUTO_TEST_CASE(is_closed_by_a_flood_of_messages) {
    for (std::size_t i = 0; i < 20 * limits::channel_messages; ++i) {
        say("x");
    }
    run_until([this] { return times_closed > 0; });
    BOOST_TEST(times_closed == 1);
    BOOST_TEST(arrived <= limits::channel_messages);
    run_until([this] { return is_client_closed; });
}

BOOST_AUTO_TEST_CASE(is_closed_by_a_flood_of_bytes) {
    const std::string much(limits::channel_bytes / 8, 'x');
    for (int i = 0; i < 12 && times_closed == 0; ++i) {
        say(much);
        g_main_context_iteration(nullptr, FALSE);
    }
    run_until([this] { return times_closed > 0; });
    BOOST_TEST(times_closed == 1);
    BOOST_TEST(arrived < 8U);
}

BOOST_AUTO_TEST_SUITE_END()
