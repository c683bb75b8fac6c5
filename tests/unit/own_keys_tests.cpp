// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <array>
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

#include "core/own_keys.h"
#include "temporary_folder.h"

using namespace otr_guard;
using core::Identity;
using core::OwnKeys;
using model::AccountId;
using tests::content_of;
using util::ErrorCode;
using util::SecretString;
using namespace std::chrono_literals;

namespace {

const std::string passphrase = "correct horse battery staple";
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
        own_keys = std::make_unique<OwnKeys>(
            *identity,
            OwnKeys::Hooks{
                .post = [this](std::function<void()> action) { loop.post(std::move(action)); },
                .key_leaves =
                    [this](const AccountId& account) {
                        events.push_back("leaves " + account.username);
                        key_that_left = identity->fingerprint_of(account);
                    },
                .key_changed =
                    [this](const AccountId& account, OwnKeys::Change change) {
                        constexpr std::array words{"made ", "imported ", "deleted "};
                        events.push_back(words.at(static_cast<std::size_t>(change)) +
                                         account.username);
                    },
            });
    }
    OwnKeys::Done note(const AccountId& account) {
        return [this, account](const util::Expected<void>& result) {
            results.push_back(
                {account, result ? std::nullopt : std::optional(result.error().code)});
            if (when_done) {
                when_done();
            }
        };
    }
    void make(const AccountId& account) { own_keys->make(account, key_of(account), note(account)); }
    /// What was reported for the request that came last.
    [[nodiscard]] std::optional<ErrorCode> last_error() const {
        BOOST_REQUIRE(!results.empty());
        return results.back().error;
    }
    void run_until(std::size_t number_of_results) {
        while (results.size() < number_of_results) {
            loop.run_one();
        }
    }
    /// Makes a key, and forgets that.
    void have_key(const AccountId& account) {
        make(account);
        run_until(1);
        BOOST_REQUIRE(!last_error().has_value());
        results.clear();
        events.clear();
    }
    [[nodiscard]] std::optional<model::Fingerprint> key_of(const AccountId& account) const {
        return identity->fingerprint_of(account);
    }
    [[nodiscard]] bool has_key(const AccountId& account) const {
        return key_of(account).has_value();
    }
    [[nodiscard]] std::string sealed_key_of(const AccountId& account) {
        std::optional<std::string> sealed;
        own_keys->seal(
            account, key_of(account).value(), SecretString(passphrase),
            [&sealed](const util::Expected<std::string>& text) { sealed = text.value(); });
        while (!sealed) {
            loop.run_one();
        }
        return *sealed;
    }
    void take_folder_away() const {
        std::filesystem::rename(folder, path() / "moved");
        tests::put_file(folder, "");
    }
    void bring_folder_back() const {
        std::filesystem::remove(folder);
        std::filesystem::rename(path() / "moved", folder);
    }

    const std::filesystem::path folder = path() / "profile";
    const std::filesystem::path keys = folder / "otr.private_key";
    MainLoop loop;
    std::vector<Result> results;
    std::vector<std::string> events;
    std::optional<model::Fingerprint> key_that_left;
    std::function<void()> when_done;
    std::unique_ptr<Identity> identity;
    std::unique_ptr<OwnKeys> own_keys;
};

using Events = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(own_keys, Fixture)

BOOST_AUTO_TEST_CASE(makes_a_key_in_another_thread_and_writes_it_there) {
    make(alice);
    BOOST_TEST(own_keys->is_under_way(alice));
    BOOST_TEST(!own_keys->is_under_way(nick));
    loop.wait_for(1);
    BOOST_TEST(!std::filesystem::exists(keys));
    loop.run_one(); // made
    loop.wait_for(1);
    BOOST_TEST(std::filesystem::exists(keys));
    BOOST_TEST(!has_key(alice));
    BOOST_TEST(results.empty());
    loop.run_one(); // written
    BOOST_REQUIRE(results.size() == 1U);
    BOOST_TEST((results[0].account == alice));
    BOOST_TEST(!results[0].error.has_value());
    BOOST_TEST(has_key(alice));
    BOOST_TEST(!own_keys->is_under_way(alice));
    for (const std::thread::id poster : loop.posters()) {
        BOOST_TEST((poster != std::this_thread::get_id()));
    }
    BOOST_TEST(loop.waiting() == 0U);
    BOOST_TEST(events == Events{"made alice@example.org/"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(makes_no_key_twice) {
    make(alice);
    make(alice);
    BOOST_TEST((last_error() == ErrorCode::Busy));
    run_until(2);
    BOOST_TEST(!last_error().has_value());
    own_keys->make(alice, std::nullopt, note(alice));
    BOOST_TEST((last_error() == ErrorCode::Refused));
    BOOST_TEST(loop.waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(makes_the_keys_of_several_accounts_and_keeps_all) {
    std::vector<AccountId> accounts;
    for (int i = 0; i < 4; ++i) {
        accounts.push_back({"account" + std::to_string(i), "prpl-irc"});
        make(accounts.back());
    }
    run_until(accounts.size());
    make(alice);
    accounts.push_back(alice);
    run_until(accounts.size());
    Identity again(folder);
    BOOST_TEST(again.load().empty());
    for (const AccountId& account : accounts) {
        BOOST_TEST(has_key(account));
        BOOST_TEST((again.fingerprint_of(account) == key_of(account)));
    }
}

BOOST_AUTO_TEST_CASE(reports_a_key_that_could_not_be_written_and_tries_again_when_asked) {
    have_key(alice);
    const std::string before = content_of(keys);
    make(nick);
    loop.wait_for(1);
    take_folder_away();
    run_until(1);
    BOOST_TEST((results[0].account == nick));
    BOOST_TEST((last_error() == ErrorCode::Io));
    BOOST_TEST(!own_keys->is_under_way(nick));
    BOOST_TEST(has_key(alice));
    BOOST_TEST(!has_key(nick));
    BOOST_TEST(events.empty());
    bring_folder_back();
    BOOST_TEST(content_of(keys) == before);

    make(nick);
    run_until(2);
    BOOST_TEST(!last_error().has_value());
    BOOST_TEST(has_key(nick));
    BOOST_TEST(has_key(alice));
}

// --- Replacing and deleting --------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(replaces_the_key_that_is_named_and_says_when_it_leaves) {
    have_key(alice);
    have_key(nick);
    const auto old = key_of(alice);
    const auto other = key_of(nick);
    make(alice);
    run_until(1);
    BOOST_TEST(!last_error().has_value());
    BOOST_TEST(has_key(alice));
    BOOST_TEST((key_of(alice) != old));
    BOOST_TEST((key_of(nick) == other));
    BOOST_TEST(events == (Events{"leaves alice@example.org/", "made alice@example.org/"}),
               boost::test_tools::per_element());
    BOOST_TEST((key_that_left == old));
    Identity again(folder);
    BOOST_TEST(again.load().empty());
    BOOST_TEST((again.fingerprint_of(alice) == key_of(alice)));
}

BOOST_AUTO_TEST_CASE(touches_no_key_that_is_not_named) {
    have_key(alice);
    have_key(nick);
    const std::string before = content_of(keys);
    const std::string backup = sealed_key_of(nick);
    for (const auto& wrong : {std::optional<model::Fingerprint>(), key_of(nick)}) {
        own_keys->make(alice, wrong, note(alice));
        BOOST_TEST((last_error() == ErrorCode::Refused));
        own_keys->remove(alice, wrong.value_or(model::Fingerprint()), note(alice));
        BOOST_TEST((last_error() == ErrorCode::Refused));
    }
    own_keys->import(alice, std::nullopt, backup, SecretString(passphrase), note(alice));
    BOOST_TEST((last_error() == ErrorCode::Refused));
    own_keys->import(alice, model::Fingerprint(), backup, SecretString(passphrase), note(alice));
    BOOST_TEST((last_error() == ErrorCode::Refused));
    BOOST_TEST(loop.waiting() == 0U);
    BOOST_TEST(events.empty());
    BOOST_TEST(content_of(keys) == before);
}

BOOST_AUTO_TEST_CASE(keeps_the_old_key_when_its_successor_cannot_be_written) {
    have_key(alice);
    const auto old = key_of(alice);
    const std::string before = content_of(keys);
    for (const bool is_removed : {false, true}) {
        take_folder_away();
        results.clear();
        if (is_removed) {
            own_keys->remove(alice, *old, note(alice));
        } else {
            make(alice);
        }
        run_until(1);
        BOOST_TEST((last_error() == ErrorCode::Io));
        BOOST_TEST((key_of(alice) == old));
        BOOST_TEST(events.empty()); // so no conversation has ended either
        bring_folder_back();
        BOOST_TEST(content_of(keys) == before);
    }
}

BOOST_AUTO_TEST_CASE(deletes_a_key_once) {
    have_key(alice);
    have_key(nick);
    const auto old = key_of(alice).value();
    own_keys->remove(alice, old, note(alice));
    own_keys->remove(alice, old, note(alice));
    BOOST_TEST((last_error() == ErrorCode::Busy));
    run_until(2);
    BOOST_TEST(!last_error().has_value());
    BOOST_TEST(!has_key(alice));
    BOOST_TEST(has_key(nick));
    own_keys->remove(alice, old, note(alice));
    BOOST_TEST((last_error() == ErrorCode::NotFound));
    BOOST_TEST(events == (Events{"leaves alice@example.org/", "deleted alice@example.org/"}),
               boost::test_tools::per_element());
    Identity again(folder);
    BOOST_TEST(again.load().empty());
    BOOST_TEST((again.accounts_with_keys() == std::vector{nick}));
}

// --- Sealing and importing ---------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(imports_what_it_has_sealed) {
    have_key(alice);
    const auto old = key_of(alice);
    const std::string backup = sealed_key_of(alice);
    BOOST_TEST((core::read_backup_names(backup).value() == core::BackupNames{alice, *old}));
    own_keys->import(alice, old, backup, SecretString(passphrase), note(alice));
    BOOST_TEST((last_error() == ErrorCode::Refused)); // it is there already
    own_keys->remove(alice, *old, note(alice));
    run_until(2);
    own_keys->import(alice, std::nullopt, backup, SecretString(passphrase), note(alice));
    run_until(3);
    BOOST_TEST(!last_error().has_value());
    BOOST_TEST((key_of(alice) == old));
    BOOST_TEST(events.back() == "imported alice@example.org/");
    // For another account, and instead of its key.
    make(nick);
    run_until(4);
    own_keys->import(nick, key_of(nick), backup, SecretString(passphrase), note(nick));
    run_until(5);
    BOOST_TEST(!last_error().has_value());
    BOOST_TEST((key_of(nick) == old));
    Identity again(folder);
    BOOST_TEST(again.load().empty());
    BOOST_TEST((again.fingerprint_of(nick) == old));
    BOOST_TEST((again.fingerprint_of(alice) == old));
}

BOOST_AUTO_TEST_CASE(imports_nothing_under_a_wrong_passphrase_or_from_a_damaged_text) {
    have_key(alice);
    std::string backup = sealed_key_of(alice);
    own_keys->import(nick, std::nullopt, backup, SecretString("wrong"), note(nick));
    BOOST_TEST(own_keys->is_under_way(nick));
    run_until(1);
    BOOST_TEST((last_error() == ErrorCode::WrongPassphrase));
    BOOST_TEST(!own_keys->is_under_way(nick));
    backup[backup.size() / 2] = '!';
    own_keys->import(nick, std::nullopt, backup, SecretString(passphrase), note(nick));
    BOOST_TEST((last_error() == ErrorCode::Malformed));
    BOOST_TEST(!has_key(nick));
    BOOST_TEST(events.empty());
}

BOOST_AUTO_TEST_CASE(seals_no_other_key_than_the_one_named) {
    have_key(alice);
    std::optional<ErrorCode> error;
    const auto note_error = [&error](const util::Expected<std::string>& text) {
        error = text ? std::nullopt : std::optional(text.error().code);
    };
    own_keys->seal(alice, model::Fingerprint(), SecretString(passphrase), note_error);
    BOOST_TEST((error == ErrorCode::Refused));
    own_keys->seal(nick, *key_of(alice), SecretString(passphrase), note_error);
    BOOST_TEST((error == ErrorCode::Refused));
    BOOST_TEST(loop.waiting() == 0U);
}

// --- Ends --------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(ends_while_a_key_is_being_made) {
    make(alice);
    make(nick);
    own_keys.reset();
    BOOST_TEST(loop.waiting() == 2U);
    loop.run_one();
    BOOST_TEST(results.empty());
    BOOST_TEST(!has_key(alice));
    BOOST_TEST(!std::filesystem::exists(keys));

    restart();
    make(alice);
    loop.run_one(); // of the one that is gone
    BOOST_TEST(results.empty());
    run_until(1);
    BOOST_TEST(has_key(alice));
}

BOOST_AUTO_TEST_CASE(lets_posted_functions_run_after_everything_is_gone) {
    make(alice);
    loop.wait_for(1);
    own_keys.reset();
    identity.reset();
    loop.run_one();
    BOOST_TEST(results.empty());
    BOOST_TEST(!std::filesystem::exists(keys));
}

BOOST_AUTO_TEST_CASE(may_be_asked_again_or_ended_when_a_key_is_done) {
    when_done = [this] {
        if (results.size() == 1) {
            make(nick);
        } else {
            own_keys.reset();
        }
    };
    make(alice);
    run_until(1);
    BOOST_TEST(own_keys->is_under_way(nick));
    run_until(2);
    BOOST_TEST((own_keys == nullptr));
    BOOST_TEST(has_key(alice));
    BOOST_TEST(has_key(nick));
}

BOOST_AUTO_TEST_CASE(ends_quickly_when_nothing_was_asked) {
    own_keys.reset();
    BOOST_TEST(loop.waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(a_key_of_another_program_is_taken_only_in_place_of_the_one_named) {
    have_key(alice);
    const auto old = key_of(alice);
    const auto take = [this](const std::optional<model::Fingerprint>& replaces) {
        auto key = core::make_key();
        BOOST_REQUIRE(key.has_value());
        const model::Fingerprint fingerprint = key->fingerprint;
        own_keys->take(alice, replaces, std::move(*key), note(alice));
        return fingerprint;
    };
    take(std::nullopt);
    BOOST_TEST((last_error() == ErrorCode::Refused));
    BOOST_TEST((key_of(alice) == old));
    const model::Fingerprint taken = take(old);
    run_until(2);
    BOOST_TEST(!last_error().has_value());
    BOOST_TEST((key_of(alice) == taken));
    BOOST_TEST(events == (std::vector<std::string>{"leaves alice@example.org/",
                                                   "imported alice@example.org/"}),
               boost::test_tools::per_element());
    Identity again(folder);
    BOOST_TEST(again.load().empty());
    BOOST_TEST((again.fingerprint_of(alice) == taken));
}

BOOST_AUTO_TEST_SUITE_END()
