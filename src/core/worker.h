// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One thread that runs jobs in order, so that the main loop never waits for a disk. A disk can stop
// answering for good: then this lets go of its thread, and the client still comes to its end.

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "model/limits.h"

namespace otr_guard::core {

class Worker {
public:
    explicit Worker(std::chrono::milliseconds patience = model::limits::worker_patience);
    /// Runs what is still queued, then ends. When the thread does not come back within `patience`,
    /// or has not when drain() waited for it, it is left alone with the job that holds it up, and
    /// what is queued is dropped.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// `job` runs in the thread and touches nothing but what it owns; then `deliver` does, unless
    /// this object is gone, and must neither wait nor call this object. Neither may throw. The
    /// thread starts with the first job, without
    /// signals; when there is no thread to be had this throws std::system_error and the job will
    /// never run.
    void submit(std::function<void()> job, std::function<void()> deliver = nullptr);
    /// Waits until everything submitted so far is done; false when that takes longer than
    /// `patience`.
    [[nodiscard]] bool drain();

private:
    struct Shared;

    std::chrono::milliseconds m_patience;
    bool m_is_stuck = false;
    std::shared_ptr<Shared> m_shared; ///< outlives this object when the thread does
    std::thread m_thread;
};

} // namespace otr_guard::core
