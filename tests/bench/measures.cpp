// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "measures.h"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>

#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

namespace {

std::atomic<unsigned long> all_fsyncs;
std::atomic<unsigned long> main_fsyncs;

} // namespace

// Takes libc's place for everybody in the process.
extern "C" __attribute__((visibility("default"))) int fsync(int descriptor) {
    ++all_fsyncs;
    main_fsyncs += ::gettid() == ::getpid() ? 1 : 0;
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace otr_guard::bench {

namespace {

unsigned long written_bytes() {
    std::ifstream file("/proc/self/io");
    std::string name;
    for (unsigned long value = 0; file >> name >> value;) {
        if (name == "wchar:") {
            return value;
        }
    }
    throw std::runtime_error("/proc/self/io says nothing about what is written");
}

} // namespace

double milliseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

void measured(const std::function<void()>& action) {
    CALLGRIND_START_INSTRUMENTATION;
    action();
    CALLGRIND_STOP_INSTRUMENTATION;
}

Clock::duration processor_time() {
    timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

std::size_t heap() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

void Busy::reset() {
    m_longest = m_longest_by_clock = {};
    begin();
}

void Busy::begin() {
    m_since = processor_time();
    m_since_by_clock = Clock::now();
}

void Busy::end() {
    m_longest = std::max(m_longest, processor_time() - m_since);
    m_longest_by_clock = std::max(m_longest_by_clock, Clock::now() - m_since_by_clock);
}

Json Busy::figures() const {
    return {{"longest_milliseconds", milliseconds(m_longest)},
            {"longest_by_clock", milliseconds(m_longest_by_clock)}};
}

Written::Written() : m_bytes(written_bytes()), m_fsyncs(all_fsyncs), m_main_fsyncs(main_fsyncs) {}

Json Written::figures() const {
    return {{"written", written_bytes() - m_bytes},
            {"fsyncs", all_fsyncs - m_fsyncs},
            {"main_fsyncs", main_fsyncs - m_main_fsyncs}};
}

} // namespace otr_guard::bench
