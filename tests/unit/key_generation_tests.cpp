// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/key_generation.h"
#include "temporary_folder.h"

using namespace otr_guard;
using core::Identity;
using core::KeyGeneration;
using model::AccountId;
using tests::content_of;
using util::ErrorCode;
using namespace std::chrono_literals;

namespace {

const AccountId alice{"alice@example.org/", "prpl-jabber"};
const AccountId nick{"nick@irc.example.org", "prpl-irc"};

/// Stands for the client's main loop: what is posted waits until the test runs it.
class MainLoop {
public:
    void post(std::function<void()> action) {
        {
            const std::scoped_lock lock(m_mutex);
            m_actions.push_back(std::move(action));
            m_posters.push_back(std::this_thread::get_id());
        }
        m_changed.notify_all();
    }
    /// Waits for the next action and runs it.
    void run_one() {
        std::unique_lock lock(m_mutex);
        BOOST_REQUIRE(m_changed.wait_for(lock, 60s, [this] { return !m_actions.empty(); }));
        const std::function<void()> action = std::move(m_actions.front());
        m_actions.pop_front();
        lock.unlock();
        action();
    }
    void wait_for(std::size_t actions) {
        std::unique_lock lock(m_mutex);
        BOOST_REQUIRE(m_changed.wait_for(lock, 60s, [&] { return m_actions.size() >= actions; }));
    }
    [[nodiscard]] std::size_t waiting() {
        const std::scoped_lock lock(m_mutex);
        return m_actions.size();
    }
    [[nodiscard]] std::vector<std::thread::id> posters() {
        const std::scoped_lock lock(m_mutex);
        return m_posters;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_actions;
    std::vector<std::thread::id> m_posters;
};

struct Fixture : tests::TemporaryFolder {
    struct Result {
        AccountId account;
        std::optional<ErrorCode> error;
    };

    Fixture() {
        BOOST_REQUIRE(core::initialise_libotr().has_value());
        std::filesystem::create_directory(folder);
        identity = std::make_unique<Identity>(folder);
        BOOST_REQUIRE(identity->load().empty());
        restart();
    }
    void restart() {
        generation = std::make_unique<KeyGeneration>(
            *identity, [this](std::function<void()> action) { loop.post(std::move(action)); },
            [this](const AccountId& account, const util::Expected<void>& result) {
                results.push_back(
                    {account, result ? std::nullopt : std::optional(result.error().code)});
                if (when_done) {
                    when_done();
                }
            });
    }
    [[nodiscard]] std::optional<ErrorCode> refusal_of(const AccountId& account) const {
        const auto requested = generation->request(account);
        return requested ? std::nullopt : std::optional(requested.error().code);
    }
    [[nodiscard]] bool has_key(const AccountId& account) const {
        return identity->fingerprint_of(account).has_value();
    }
    [[nodiscard]] bool is_pending() const {
        return identity->user_state()->pending_root != nullptr;
    }

    const std::filesystem::path folder = path() / "profile";
    const std::filesystem::path keys = folder / "otr.private_key";
    MainLoop loop;
    std::vector<Result> results;
    std::function<void()> when_done;
    std::unique_ptr<Identity> identity;
    std::unique_ptr<KeyGeneration> generation;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(key_generation, Fixture)

BOOST_AUTO_TEST_CASE(makes_a_key_in_another_thread_and_writes_it) {
    BOOST_REQUIRE(generation->request(alice));
    BOOST_TEST(generation->is_under_way(alice));
    BOOST_TEST(!generation->is_under_way(nick));
    BOOST_TEST(!has_key(alice));
    loop.wait_for(1);
    BOOST_TEST(!has_key(alice));
    BOOST_TEST(!std::filesystem::exists(keys));
    BOOST_TEST((loop.posters().front() != std::this_thread::get_id()));
    loop.run_one();
    BOOST_REQUIRE(results.size() == 1U);
    BOOST_TEST((results[0].account == alice));
    BOOST_TEST(!results[0].error.has_value());
    BOOST_TEST(has_key(alice));
    BOOST_TEST(!generation->is_under_way(alice));
    BOOST_TEST(std::filesystem::exists(keys));
    BOOST_TEST(loop.waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(makes_no_key_twice) {
    BOOST_REQUIRE(generation->request(alice));
    BOOST_TEST((refusal_of(alice) == ErrorCode::Busy));
    loop.wait_for(1);
    BOOST_TEST((refusal_of(alice) == ErrorCode::Busy));
    loop.run_one();
    BOOST_TEST((refusal_of(alice) == ErrorCode::Refused));
    BOOST_TEST(results.size() == 1U);
    BOOST_TEST(!is_pending());
}

BOOST_AUTO_TEST_CASE(is_busy_when_libotr_is_making_that_key_already) {
    void* key = nullptr;
    BOOST_REQUIRE(otrl_privkey_generate_start(identity->user_state(), alice.username.c_str(),
                                              alice.protocol.c_str(), &key) == 0);
    BOOST_TEST((refusal_of(alice) == ErrorCode::Busy));
    BOOST_TEST(!generation->is_under_way(alice));
    otrl_privkey_generate_cancelled(identity->user_state(), key);
    BOOST_REQUIRE(generation->request(alice));
    loop.run_one();
    BOOST_TEST(has_key(alice));
}

BOOST_AUTO_TEST_CASE(makes_the_keys_of_several_accounts_and_keeps_all) {
    std::vector<AccountId> accounts;
    for (int i = 0; i < 4; ++i) {
        accounts.push_back({"account" + std::to_string(i), "prpl-irc"});
        BOOST_REQUIRE(generation->request(accounts.back()));
    }
    for (std::size_t i = 0; i < accounts.size(); ++i) {
        loop.run_one();
        BOOST_TEST(identity->accounts_with_keys().size() == i + 1);
    }
    BOOST_REQUIRE(generation->request(alice));
    loop.run_one();
    accounts.push_back(alice);
    Identity again(folder);
    BOOST_TEST(again.load().empty());
    for (const AccountId& account : accounts) {
        BOOST_TEST(has_key(account));
        BOOST_TEST((again.fingerprint_of(account) == identity->fingerprint_of(account)));
    }
    BOOST_TEST(results.size() == accounts.size());
}

BOOST_AUTO_TEST_CASE(reports_a_key_that_could_not_be_written_and_tries_again_when_asked) {
    BOOST_REQUIRE(generation->request(alice));
    loop.run_one();
    const std::string before = content_of(keys);
    BOOST_REQUIRE(generation->request(nick));
    loop.wait_for(1);
    std::filesystem::rename(folder, path() / "moved");
    tests::put_file(folder, "");
    loop.run_one();
    BOOST_REQUIRE(results.size() == 2U);
    BOOST_TEST((results[1].account == nick));
    BOOST_TEST((results[1].error == ErrorCode::Io));
    BOOST_TEST(!generation->is_under_way(nick));
    BOOST_TEST(has_key(alice));
    BOOST_TEST(!has_key(nick));
    BOOST_TEST(!is_pending());
    std::filesystem::remove(folder);
    std::filesystem::rename(path() / "moved", folder);
    BOOST_TEST(content_of(keys) == before);

    BOOST_REQUIRE(generation->request(nick));
    loop.run_one();
    BOOST_TEST(!results[2].error.has_value());
    BOOST_TEST(has_key(nick));
    BOOST_TEST(has_key(alice));
}

BOOST_AUTO_TEST_CASE(ends_while_a_key_is_being_made) {
    BOOST_REQUIRE(generation->request(alice));
    BOOST_REQUIRE(generation->request(nick));
    generation.reset();
    BOOST_TEST(!is_pending());
    BOOST_TEST(loop.waiting() == 2U);
    loop.run_one();
    BOOST_TEST(results.empty());
    BOOST_TEST(!has_key(alice));
    BOOST_TEST(!std::filesystem::exists(keys));

    restart();
    BOOST_REQUIRE(generation->request(alice));
    loop.run_one(); // of the one that is gone
    BOOST_TEST(results.empty());
    loop.run_one();
    BOOST_TEST(results.size() == 1U);
    BOOST_TEST(has_key(alice));
}

BOOST_AUTO_TEST_CASE(lets_posted_functions_run_after_everything_is_gone) {
    BOOST_REQUIRE(generation->request(alice));
    loop.wait_for(1);
    generation.reset();
    identity.reset();
    loop.run_one();
    BOOST_TEST(results.empty());
    BOOST_TEST(!std::filesystem::exists(keys));
}

BOOST_AUTO_TEST_CASE(may_be_asked_again_or_ended_when_a_key_is_done) {
    when_done = [this] {
        if (results.size() == 1) {
            BOOST_REQUIRE(generation->request(nick));
        } else {
            generation.reset();
        }
    };
    BOOST_REQUIRE(generation->request(alice));
    loop.run_one();
    BOOST_TEST(generation->is_under_way(nick));
    loop.run_one();
    BOOST_TEST((generation == nullptr));
    BOOST_TEST(has_key(alice));
    BOOST_TEST(has_key(nick));
}

BOOST_AUTO_TEST_CASE(ends_quickly_when_nothing_was_asked) {
    generation.reset();
    BOOST_TEST(loop.waiting() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
