// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Asks a SOCKS proxy whether it is Tor, by an extension that only Tor has: it resolves a literal
// address and gets it back, at once and without any circuit. Nothing leaves the proxy. It proves
// that the proxy speaks Tor, not that it is honest: a program that wants to pass for Tor can.

#include <functional>
#include <string>

#include "core/proxy_policy.h"
#include "purple.h"

namespace otr_guard::plugin {

enum class TorAnswer {
    Tor,           ///< and it keeps users apart
    TorNotApart,   ///< Tor, but it takes no user name (PreferSOCKSNoAuth): circuits are shared
    SomethingElse, ///< answers, but not as Tor does, or not in time
    Unreachable,
};

class TorCheck {
public:
    /// Connects to the route's address, nowhere else, and calls `done` once from the main loop.
    TorCheck(const core::Route& route, std::function<void(TorAnswer)> done);
    /// Ends the check; `done` is not called any more.
    ~TorCheck();
    TorCheck(const TorCheck&) = delete;
    TorCheck& operator=(const TorCheck&) = delete;

private:
    enum class Stage { Connecting, Method, Password, Resolving };

    static void ready(gpointer self, gint socket, PurpleInputCondition condition);
    static gboolean too_late(gpointer self);
    [[nodiscard]] bool connect_to(const core::Route& route);
    void go_on();
    void take_answer();
    void say(const std::string& bytes);
    void watch(PurpleInputCondition condition);
    void stop();
    void finish(TorAnswer answer);

    std::function<void(TorAnswer)> m_done;
    Stage m_stage = Stage::Connecting;
    std::string m_received;
    std::string m_address; ///< the four bytes that must come back
    bool m_is_apart = false;
    int m_socket = -1;
    guint m_watch = 0;
    guint m_timer = 0;
};

} // namespace otr_guard::plugin
