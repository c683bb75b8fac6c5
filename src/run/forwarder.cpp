// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/forwarder.h"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "model/limits.h"

namespace otr_guard::run {

using util::Descriptor;

namespace {

bool is_passing(int reason) {
    return reason == EAGAIN || reason == EINTR;
}

} // namespace

bool Stream::take(int from) {
    const ssize_t count = ::recv(from, m_bytes.data(), m_bytes.size(), 0);
    if (count < 0) {
        return is_passing(errno);
    }
    m_begin = 0;
    m_end = static_cast<std::size_t>(count);
    m_is_ending = count == 0;
    return true;
}

bool Stream::give(int to) {
    if (can_give()) {
        const ssize_t count = ::send(to, m_bytes.data() + m_begin, m_end - m_begin, MSG_NOSIGNAL);
        if (count < 0) {
            return is_passing(errno);
        }
        m_begin += static_cast<std::size_t>(count);
    }
    if (m_is_ending && !can_give() && !m_is_over) {
        m_is_over = true;
        return ::shutdown(to, SHUT_WR) == 0;
    }
    return true;
}

Link::Link(Descriptor client, const Endpoint& proxy)
    : m_client(std::move(client)),
      m_proxy(::socket(proxy.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    if (::connect(m_proxy.get(), proxy.get(), proxy.size) != 0 && errno != EINPROGRESS) {
        static_cast<void>(m_proxy.close());
    }
}

std::array<pollfd, 2> Link::wishes() const {
    const auto wish = [](const Descriptor& end, bool reads, bool writes) {
        const auto events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
        // A descriptor that is waited for is told about hang-ups again and again.
        return pollfd{events != 0 ? end.get() : -1, events, 0};
    };
    if (!m_is_connected) {
        return {wish(m_client, false, false), wish(m_proxy, false, true)};
    }
    return {wish(m_client, m_outward.can_take(), m_inward.can_give()),
            wish(m_proxy, m_inward.can_take(), m_outward.can_give())};
}

bool Link::finish_connecting() {
    int reason = 0;
    socklen_t size = sizeof reason;
    m_is_connected =
        ::getsockopt(m_proxy.get(), SOL_SOCKET, SO_ERROR, &reason, &size) == 0 && reason == 0;
    return m_is_connected;
}

bool Link::proceed(short client_events, short proxy_events) {
    if (!m_is_connected) {
        return proxy_events == 0 || finish_connecting();
    }
    if (client_events != 0 && m_outward.can_take() && !m_outward.take(m_client.get())) {
        return false;
    }
    if (proxy_events != 0 && m_inward.can_take() && !m_inward.take(m_proxy.get())) {
        return false;
    }
    return m_outward.give(m_proxy.get()) && m_inward.give(m_client.get()) &&
           !(m_outward.is_over() && m_inward.is_over());
}

void Forwarder::accept_new() {
    Descriptor client(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client.is_open()) {
        return;
    }
    if (!m_links.emplace_back(std::move(client), m_proxy).has_begun()) {
        m_links.pop_back();
    }
}

void Forwarder::proceed(std::vector<pollfd>::const_iterator events) {
    for (auto link = m_links.begin(); link != m_links.end(); events += 2) {
        const bool goes_on = link->proceed(events[0].revents, events[1].revents);
        link = goes_on ? std::next(link) : m_links.erase(link);
    }
}

void Forwarder::run_until(const Descriptor& alarm) {
    std::vector<pollfd> waits;
    while (true) {
        const bool has_room = m_links.size() < model::limits::forwarded_connections;
        waits = {pollfd{alarm.get(), POLLIN, 0},
                 pollfd{has_room ? m_listener.get() : -1, POLLIN, 0}};
        for (const Link& link : m_links) {
            const auto wishes = link.wishes();
            waits.insert(waits.end(), wishes.begin(), wishes.end());
        }
        if (::poll(waits.data(), waits.size(), -1) < 0) {
            continue; // nothing was there
        }
        proceed(waits.begin() + 2);
        if (waits[1].revents != 0) {
            accept_new();
        }
        if (waits[0].revents != 0) {
            return;
        }
    }
}

} // namespace otr_guard::run
