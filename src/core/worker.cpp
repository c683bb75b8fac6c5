// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/worker.h"

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
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

struct Worker::Shared {
    struct Task {
        std::function<void()> job;
        std::function<void()> deliver;
    };

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Task> tasks;
    bool is_busy = false;
    bool is_stopping = false;
    bool is_abandoned = false;

    void run();
};

Worker::Worker(std::chrono::milliseconds patience)
    : m_patience(patience), m_shared(std::make_shared<Shared>()) {}

Worker::~Worker() {
    if (!m_thread.joinable()) {
        return;
    }
    if (!m_is_stuck && drain()) {
        {
            const std::scoped_lock lock(m_shared->mutex);
            m_shared->is_stopping = true;
        }
        m_shared->changed.notify_all();
        m_thread.join();
        return;
    }
    std::deque<Shared::Task> never_run;
    {
        const std::scoped_lock lock(m_shared->mutex);
        m_shared->is_abandoned = true;
        m_shared->is_stopping = true;
        never_run.swap(m_shared->tasks);
    }
    m_thread.detach();
}

void Worker::submit(std::function<void()> job, std::function<void()> deliver) {
    {
        const std::scoped_lock lock(m_shared->mutex);
        if (!m_thread.joinable()) {
            const SignalsBlocked guard;
            m_thread = std::thread([shared = m_shared] { shared->run(); });
        }
        m_shared->tasks.push_back({std::move(job), std::move(deliver)});
    }
    m_shared->changed.notify_all();
}

bool Worker::drain() {
    std::unique_lock lock(m_shared->mutex);
    m_is_stuck = !m_shared->changed.wait_for(
        lock, m_patience, [this] { return m_shared->tasks.empty() && !m_shared->is_busy; });
    return !m_is_stuck;
}

void Worker::Shared::run() {
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [this] { return !tasks.empty() || is_stopping; });
        if (tasks.empty()) {
            return;
        }
        is_busy = true;
        {
            const Task task = std::move(tasks.front());
            tasks.pop_front();
            lock.unlock();
            task.job();
            lock.lock();
            // Under the lock: whoever abandons this thread can be sure that nothing comes any more.
            if (task.deliver && !is_abandoned) {
                task.deliver();
            }
            lock.unlock();
        } // what the task holds goes before anybody is told that it is done
        lock.lock();
        is_busy = false;
        changed.notify_all();
    }
}

} // namespace otr_guard::core
