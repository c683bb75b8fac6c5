// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <atomic>
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
    worker.drain();
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
    worker.drain();
    BOOST_TEST(is_done.load());
    worker.drain();
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
