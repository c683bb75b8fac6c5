// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is measured of the process that the benchmark runs in.

#include <chrono>
#include <cstddef>
#include <functional>

#include <nlohmann/json.hpp>

namespace otr_guard::bench {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

[[nodiscard]] double milliseconds(Clock::duration duration);

/// callgrind (--instr-atstart=no) sees `action` and nothing else.
void measured(const std::function<void()>& action);

/// The main thread's time on a processor: what the clock shows beside it is others' work, and
/// waiting for the disk, of which the count of fsync speaks.
[[nodiscard]] Clock::duration processor_time();

/// In use, of malloc.
[[nodiscard]] std::size_t heap();

/// How long the main loop works between two moments in which it could do something else.
class Busy {
public:
    void reset();
    void begin();
    void end();
    [[nodiscard]] Json figures() const;

private:
    Clock::duration m_since{};
    Clock::duration m_longest{};
    Clock::time_point m_since_by_clock;
    Clock::duration m_longest_by_clock{};
};

/// What the process writes, into files for the most part.
class Written {
public:
    Written();
    /// Since the object was made.
    [[nodiscard]] Json figures() const;

private:
    unsigned long m_bytes;
    unsigned long m_fsyncs;
    unsigned long m_main_fsyncs;
};

} // namespace otr_guard::bench
