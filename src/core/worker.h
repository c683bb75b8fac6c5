// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One thread that runs jobs in order, so that the main loop never waits for a disk.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace otr_guard::core {

class Worker {
public:
    Worker() = default;
    /// Runs what is still queued, then ends.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Jobs must not throw. The thread starts with the first job, without signals; when there is no
    /// thread to be had this throws std::system_error and the job will never run.
    void submit(std::function<void()> job);
    /// Waits until everything submitted so far is done.
    void drain();

private:
    void run();

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_jobs;
    bool m_is_busy = false;
    bool m_is_stopping = false;
    std::thread m_thread;
};

} // namespace otr_guard::core
