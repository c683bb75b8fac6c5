// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "core/rate_limiter.h"
#include "core/worker.h"

using namespace otr_guard::core;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(worker_tests)

BOOST_AUTO_TEST_CASE(jobs_run_in_order_and_elsewhere) {
    Worker worker;
    std::vector<int> order;
    std::thread::id where;
    for (int i = 0; i < 100; ++i) {
        worker.submit([&order, &where, i] {
            order.push_back(i);
            where = std::this_thread::get_id();
        });
    }
    BOOST_TEST(worker.drain());
    BOOST_REQUIRE(order.size() == 100U);
    for (int i = 0; i < 100; ++i) {
        BOOST_TEST(order[static_cast<std::size_t>(i)] == i);
    }
    BOOST_TEST((where != std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(draining_waits_for_the_running_job) {
    Worker worker;
    std::atomic<bool> is_done = false;
    worker.submit([&is_done] {
        std::this_thread::sleep_for(20ms);
        is_done = true;
    });
    BOOST_TEST(worker.drain());
    BOOST_TEST(is_done.load());
    BOOST_TEST(worker.drain());
}

BOOST_AUTO_TEST_CASE(what_was_submitted_runs_before_the_end) {
    std::atomic<int> count = 0;
    {
        Worker worker;
        for (int i = 0; i < 50; ++i) {
            worker.submit([&count] { ++count; });
        }
    }
    BOOST_TEST(count.load() == 50);
    const Worker unused;
}

BOOST_AUTO_TEST_CASE(what_is_delivered_comes_after_the_job_from_its_thread) {
    Worker worker;
    std::vector<int> order;
    std::thread::id where;
    for (int i = 0; i < 10; ++i) {
        worker.submit([&order, i] { order.push_back(2 * i); },
                      [&order, &where, i] {
                          order.push_back(2 * i + 1);
                          where = std::this_thread::get_id();
                      });
    }
    BOOST_TEST(worker.drain());
    BOOST_TEST(order.size() == 20U);
    BOOST_TEST(std::ranges::is_sorted(order));
    BOOST_TEST((where != std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(a_job_that_never_ends_is_left_alone) {
    std::promise<void> end;
    const auto has_ended = end.get_future().share();
    std::promise<void> is_running;
    const auto hold = std::make_shared<int>(0);
    const std::weak_ptr<int> of_first = hold;
    std::weak_ptr<int> of_second;
    std::atomic<int> delivered = 0;
    {
        Worker worker(50ms);
        worker.submit(
            [&is_running, has_ended, hold = std::make_shared<std::shared_ptr<int>>(hold)] {
                is_running.set_value();
                has_ended.wait();
            },
            [&delivered] { ++delivered; });
        const auto queued = std::make_shared<int>(0);
        of_second = queued;
        worker.submit([queued, &delivered] { ++delivered; }, [&delivered] { ++delivered; });
        is_running.get_future().wait();
        BOOST_TEST(!worker.drain());
    }
    BOOST_TEST(of_second.expired(), "what would never have run is kept");
    end.set_value();
    // The thread is alone now: the last that it does is to let go of what its job holds.
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (of_first.use_count() > 1 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    BOOST_TEST(of_first.use_count() == 1);
    BOOST_TEST(delivered.load() == 0);
}

BOOST_AUTO_TEST_CASE(a_limiter_allows_so_many_in_any_interval) {
    RateLimiter limiter(2, 10s);
    const RateLimiter::Clock::time_point start{1000h};
    BOOST_TEST(limiter.allow(start));
    BOOST_TEST(limiter.allow(start + 5s));
    BOOST_TEST(!limiter.allow(start + 9s));
    BOOST_TEST(limiter.allow(start + 10s));
    BOOST_TEST(!limiter.allow(start + 14s));
    BOOST_TEST(limiter.allow(start + 15s));
}

BOOST_AUTO_TEST_SUITE_END()
