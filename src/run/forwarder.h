// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Carries bytes between connections from inside the enclosure and the one proxy. It reads nothing
// of what passes, and connects to nobody but the proxy. One thread, never waits by itself.

#include <array>
#include <cstddef>
#include <list>
#include <poll.h>
#include <utility>
#include <vector>

#include "run/arguments.h"
#include "util/descriptor.h"

namespace otr_guard::run {

/// Bytes on their way in one direction.
class Stream {
public:
    [[nodiscard]] bool can_take() const { return !m_is_ending && m_begin == m_end; }
    [[nodiscard]] bool can_give() const { return m_begin < m_end; }
    [[nodiscard]] bool is_over() const { return m_is_over; }
    /// False when the connection has broken.
    [[nodiscard]] bool take(int from);
    [[nodiscard]] bool give(int to);

private:
    std::array<char, 16384> m_bytes{};
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    bool m_is_ending = false; ///< the source sends no more
    bool m_is_over = false;   ///< and the target knows
};

/// One connection from inside, and the one to the proxy that belongs to it.
class Link {
public:
    /// Begins to connect to the proxy.
    Link(util::Descriptor client, const Endpoint& proxy);
    /// False when the system has refused at once.
    [[nodiscard]] bool has_begun() const { return m_proxy.is_open(); }

    /// What to wait for: the inside's end and the proxy's.
    [[nodiscard]] std::array<pollfd, 2> wishes() const;
    /// Does what is possible; false when it is over.
    [[nodiscard]] bool proceed(short client_events, short proxy_events);

private:
    [[nodiscard]] bool finish_connecting();

    util::Descriptor m_client;
    util::Descriptor m_proxy;
    bool m_is_connected = false;
    Stream m_outward;
    Stream m_inward;
};

class Forwarder {
public:
    /// `listener` is what enclose() returned.
    Forwarder(util::Descriptor listener, const Endpoint& proxy)
        : m_listener(std::move(listener)), m_proxy(proxy) {}

    /// Waits until `alarm` can be read, and carries bytes in the meantime.
    void run_until(const util::Descriptor& alarm);

private:
    void accept_new();
    void proceed(std::vector<pollfd>::const_iterator events);

    util::Descriptor m_listener;
    Endpoint m_proxy;
    std::list<Link> m_links;
};

} // namespace otr_guard::run
