// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a disk does to a client that is running: it is full, or it does not answer any more. The
// linker puts fsync() below in place of the one of the system (see CMakeLists.txt).

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <unistd.h>

#include "core/trust_store.h"
#include "model/limits.h"
#include "two_party.h"

using namespace otr_guard;
using namespace otr_guard::tests;

namespace {

/// A disk that answers nobody, until it does.
class DeadDisk {
public:
    void die() {
        const std::scoped_lock lock(m_mutex);
        m_is_dead = true;
    }
    void come_back() {
        {
            const std::scoped_lock lock(m_mutex);
            m_is_dead = false;
        }
        m_changed.notify_all();
    }
    [[nodiscard]] bool is_waited_for() {
        const std::scoped_lock lock(m_mutex);
        return m_waiting > 0;
    }
    void wait_until_nobody_waits() {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_waiting == 0; });
    }
    [[nodiscard]] int attempts() {
        const std::scoped_lock lock(m_mutex);
        return m_attempts;
    }
    void pass() {
        std::unique_lock lock(m_mutex);
        ++m_attempts;
        ++m_waiting;
        m_changed.notify_all();
        m_changed.wait(lock, [this] { return !m_is_dead; });
        --m_waiting;
        m_changed.notify_all();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_is_dead = false;
    int m_waiting = 0;
    int m_attempts = 0;
};

DeadDisk disk;

} // namespace

// NOLINTBEGIN: the linker's names
extern "C" {
int __real_fsync(int file);
int __wrap_fsync(int file) {
    disk.pass();
    return __real_fsync(file);
}
}
// NOLINTEND

namespace {

/// Both know each other's key, and that is written.
struct Acquainted : TwoParties {
    Acquainted() {
        alice.host.is_disk_watched = true;
        make_private();
        world.advance(1s);
        wait_until_written();
        alice.look_away();
    }
    void wait_until_written() {
        world.wait_until([this] { return std::filesystem::exists(file()); });
    }
    [[nodiscard]] std::filesystem::path file() const { return alice.folder() / "otr.fingerprints"; }
    void verify() { alice.engine().set_verified(alice.peer("bob"), bob.key(), true); }
    void wait_until_told() {
        world.wait_until([this] {
            world.advance(1s);
            return times_told() == 1;
        });
    }
    [[nodiscard]] bool is_verified_on_disk() {
        core::TrustStore store(alice.folder());
        static_cast<void>(store.load());
        return store.is_verified(alice.peer("bob"), bob.key());
    }
    [[nodiscard]] std::size_t times_told() {
        return static_cast<std::size_t>(
            std::ranges::count_if(alice.host.told, [](const FakeHost::Told& told) {
                return told.notice.kind == NoticeKind::FileNotWritten;
            }));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(engine_disk_tests, Acquainted)

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_once_and_what_was_decided_is_written_later) {
    // A folder of that name is refused as a full disk is: each time.
    std::filesystem::remove(file());
    std::filesystem::create_directories(file() / "in the way");
    verify();
    wait_until_told();
    const int before = disk.attempts();
    world.wait_until([this, before] {
        world.advance(1min);
        return disk.attempts() >= before + 5;
    });
    BOOST_TEST(times_told() == 1U);
    std::filesystem::remove_all(file());
    world.wait_until([this] {
        world.advance(1min);
        return std::filesystem::exists(file());
    });
    BOOST_TEST(is_verified_on_disk());
    alice.look_away();

    // Another time is told again.
    std::filesystem::remove(file());
    std::filesystem::create_directories(file() / "in the way");
    alice.engine().set_verified(alice.peer("bob"), bob.key(), false);
    wait_until_told();
    std::filesystem::remove_all(file());
    alice.look_away();
}

BOOST_AUTO_TEST_CASE(a_disk_that_does_not_answer_is_told_and_stops_neither_chat_nor_the_end) {
    disk.die();
    verify();
    // A save that was under way comes to its end first, in its own time.
    world.wait_until([this] {
        world.advance(50ms);
        return disk.is_waited_for();
    });
    alice.look_away();
    world.advance(model::limits::slow_write + 1s);
    BOOST_TEST(times_told() == 1U);
    alice.host.told.clear();
    alice.type("bob", "the conversation goes on");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: the conversation goes on"},
               boost::test_tools::per_element());
    const auto start = std::chrono::steady_clock::now();
    alice.restart();
    BOOST_TEST((std::chrono::steady_clock::now() - start < 2 * model::limits::worker_patience));
    BOOST_TEST(!is_verified_on_disk());
    disk.come_back();
    disk.wait_until_nobody_waits();
    // What the old one wrote, whenever that is, is whole; what is decided now is written after it.
    verify();
    world.wait_until([this] {
        world.advance(1s);
        return is_verified_on_disk();
    });
    alice.look_away();
    bob.look_away(); // it is his disk, too
}

BOOST_AUTO_TEST_SUITE_END()
