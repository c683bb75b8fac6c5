// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// At most `count` events in any `interval`: what bounds our answers to whatever a peer can send.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace otr_guard::core {

class RateLimiter {
public:
    using Clock = std::chrono::steady_clock;

    RateLimiter(std::size_t count, Clock::duration interval)
        : m_count(count), m_interval(interval) {}

    /// True, and the event counted, when it is allowed now.
    [[nodiscard]] bool allow(Clock::time_point now) {
        const auto first = std::ranges::find_if(
            m_events, [&](Clock::time_point event) { return now - event < m_interval; });
        m_events.erase(m_events.begin(), first);
        if (m_events.size() >= m_count) {
            return false;
        }
        m_events.push_back(now);
        return true;
    }

private:
    std::size_t m_count;
    Clock::duration m_interval;
    std::vector<Clock::time_point> m_events; ///< a session has a dozen of them, mostly empty
};

} // namespace otr_guard::core
