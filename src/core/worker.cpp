// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/worker.h"

#include <csignal>
#include <utility>

namespace otr_guard::core {

namespace {

/// While it lives, new threads are started with all signals blocked: the client's signal handlers
/// expect to run on its main thread.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &m_before);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t m_before{};
};

} // namespace

Worker::~Worker() {
    {
        const std::scoped_lock lock(m_mutex);
        m_is_stopping = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void Worker::submit(std::function<void()> job) {
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_thread.joinable()) {
            const SignalsBlocked guard;
            m_thread = std::thread([this] { run(); });
        }
        m_jobs.push_back(std::move(job));
    }
    m_changed.notify_all();
}

void Worker::drain() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_jobs.empty() && !m_is_busy; });
}

void Worker::run() {
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_changed.wait(lock, [this] { return !m_jobs.empty() || m_is_stopping; });
        if (m_jobs.empty()) {
            return;
        }
        const std::function<void()> job = std::move(m_jobs.front());
        m_jobs.pop_front();
        m_is_busy = true;
        lock.unlock();
        job();
        lock.lock();
        m_is_busy = false;
        m_changed.notify_all();
    }
}

} // namespace otr_guard::core
