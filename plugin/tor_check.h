// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Asks a SOCKS proxy whether it is Tor. Nothing leaves the proxy. It proves that the proxy speaks
// Tor, not that it is honest: a program that wants to pass for Tor can.

#include <functional>
#include <string>

#include "core/proxy_policy.h"
#include "core/tor_talk.h"
#include "purple.h"

namespace otr_guard::plugin {

using core::TorAnswer;

class TorCheck {
public:
    /// Connects to the route's address, nowhere else, and calls `done` once from the main loop.
    TorCheck(const core::Route& route, std::function<void(TorAnswer)> done);
    /// Ends the check; `done` is not called any more.
    ~TorCheck();
    TorCheck(const TorCheck&) = delete;
    TorCheck& operator=(const TorCheck&) = delete;

private:
    static void ready(gpointer self, gint socket, PurpleInputCondition condition);
    static gboolean too_late(gpointer self);
    [[nodiscard]] bool connect_to(const core::Route& route);
    void go_on();
    void say(const std::string& bytes) const;
    void watch(PurpleInputCondition condition);
    void stop();
    void finish(TorAnswer answer);

    std::function<void(TorAnswer)> m_done;
    bool m_is_connected = false;
    core::TorTalk m_talk;
    int m_socket = -1;
    guint m_watch = 0;
    guint m_timer = 0;
};

} // namespace otr_guard::plugin
