// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <optional>
#include <string>

#include "core/key_backup.h"
#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::core::Outgoing;
using otr_guard::core::OwnKeyNote;
using otr_guard::util::ErrorCode;
using otr_guard::util::Expected;
using otr_guard::util::SecretString;
namespace core = otr_guard::core;
namespace model = otr_guard::model;

namespace {

struct TheirKeys : TwoParties {
    core::OwnKeys& keys() { return alice.engine().own_keys(); }
    [[nodiscard]] std::optional<model::Fingerprint> key_now() {
        return alice.engine().identity().fingerprint_of(alice.account());
    }
    /// What `begin` is given must be called; returns the error.
    template <typename Begin> std::optional<ErrorCode> result_of(Begin begin) {
        std::optional<Expected<void>> result;
        begin([&result](const Expected<void>& reported) { result = reported; });
        world.wait_until([&result] { return result.has_value(); });
        return *result ? std::nullopt : std::optional(result->error().code);
    }
    std::optional<ErrorCode> replace() {
        return result_of([this](core::OwnKeys::Done done) {
            keys().make(alice.account(), key_now(), std::move(done));
        });
    }
    std::optional<ErrorCode> remove() {
        return result_of([this](core::OwnKeys::Done done) {
            keys().remove(alice.account(), key_now().value(), std::move(done));
        });
    }
    std::optional<ErrorCode> import(const std::string& backup) {
        return result_of([&](core::OwnKeys::Done done) {
            keys().import(alice.account(), key_now(), backup, SecretString("passphrase"),
                          std::move(done));
        });
    }
    std::string seal() {
        std::optional<std::string> text;
        keys().seal(alice.account(), key_now().value(), SecretString("passphrase"),
                    [&text](const Expected<std::string>& sealed) { text = sealed.value(); });
        world.wait_until([&text] { return text.has_value(); });
        return *text;
    }
    [[nodiscard]] std::optional<OwnKeyNote> note() {
        return alice.engine().trust().own_key(alice.account(), key_now().value());
    }
};

constexpr const char* typed = "this must never be sent in clear";

} // namespace

BOOST_AUTO_TEST_SUITE(engine_keys)

BOOST_FIXTURE_TEST_CASE(a_new_key_ends_private_conversations_with_a_goodbye_first, TheirKeys) {
    make_private();
    const model::Fingerprint old = alice.key();
    BOOST_TEST((replace() == std::nullopt));
    world.settle();
    BOOST_TEST((alice.key() != old));
    BOOST_TEST(alice.told() == "SessionEndedForKey KeyMade");
    // Said under the old key: so Bob knows that it came from Alice.
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
    BOOST_TEST((alice.state("bob") == SessionState::Finished));
    BOOST_TEST((alice.status("bob").my_key == alice.key()));

    BOOST_TEST((alice.type("bob", typed) == Outgoing::Action::Held));
    world.settle();
    BOOST_TEST(!world.was_on_the_wire(typed));
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST((bob.status("alice").their_key == alice.key()));
    BOOST_TEST(bob.shown() == Lines{std::string("private: ") + typed},
               boost::test_tools::per_element());
    BOOST_TEST(bob.told() == "AdditionalKey");
    alice.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_peer_who_verified_the_old_key_is_warned_of_the_new_one, TheirKeys) {
    make_verified();
    BOOST_TEST((replace() == std::nullopt));
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(bob.told() == "SessionEndedByPeer KeyChanged");
    BOOST_TEST((bob.status("alice").hold == model::HoldReason::KeyChanged));
    alice.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_deleted_key_ends_them_too_and_text_waits_for_the_next_key, TheirKeys) {
    make_private();
    const model::Fingerprint old = alice.key();
    BOOST_TEST((remove() == std::nullopt));
    world.settle();
    BOOST_TEST(alice.told() == "SessionEndedForKey KeyDeleted");
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
    BOOST_TEST(!key_now().has_value());
    BOOST_TEST(!alice.status("bob").my_key.has_value());

    BOOST_TEST((alice.type("bob", typed) == Outgoing::Action::Held));
    world.wait_until([this] { return alice.state("bob") == SessionState::Private; });
    BOOST_TEST(!world.was_on_the_wire(typed));
    BOOST_TEST((key_now() != old));
    BOOST_TEST(bob.shown() == Lines{std::string("private: ") + typed},
               boost::test_tools::per_element());
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(nothing_ends_when_the_key_file_cannot_be_written, TheirKeys) {
    make_private();
    const model::Fingerprint old = alice.key();
    const auto file = alice.folder() / "otr.private_key";
    const auto moved = alice.folder() / "moved";
    std::filesystem::rename(file, moved);
    std::filesystem::create_directory(file);
    BOOST_TEST((replace() == ErrorCode::Io));
    BOOST_TEST((remove() == ErrorCode::Io));
    std::filesystem::remove(file);
    std::filesystem::rename(moved, file);
    BOOST_TEST((alice.key() == old));
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST((alice.type("bob", "hello") == Outgoing::Action::SendReplacement));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: hello"}, boost::test_tools::per_element());
    alice.restart();
    BOOST_TEST((alice.key() == old));
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_goodbye_is_said_even_by_those_who_say_none_when_they_leave, TheirKeys) {
    make_private();
    alice.host.goodbyes = false;
    BOOST_TEST((replace() == std::nullopt));
    world.settle();
    BOOST_TEST(alice.told() == "SessionEndedForKey KeyMade");
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
}

BOOST_FIXTURE_TEST_CASE(text_is_held_when_the_goodbye_does_not_get_through, TheirKeys) {
    make_private();
    world.network.passes = [](const Packet&) { return false; };
    BOOST_TEST((replace() == std::nullopt));
    BOOST_TEST((alice.type("bob", typed) == Outgoing::Action::Held));
    world.settle();
    BOOST_TEST((alice.state("bob") == SessionState::Finished));
    world.network.passes = {};
    // Bob still writes under the keys that Alice no longer has: she cannot read it, and says so.
    BOOST_TEST((bob.type("alice", "still there?") == Outgoing::Action::SendReplacement));
    world.advance(120s);
    BOOST_TEST(!world.was_on_the_wire(typed));
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST((bob.status("alice").their_key == alice.key()));
    bool is_typed_text_there = false;
    for (const std::string& line : bob.shown()) {
        is_typed_text_there = is_typed_text_there || line == std::string("private: ") + typed;
    }
    BOOST_TEST(is_typed_text_there);
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(an_exchange_under_way_ends_with_the_new_key_or_not_at_all, TheirKeys) {
    const model::Fingerprint old = alice.key();
    for (int delivered = 1; delivered < 6; ++delivered) {
        TheirKeys fresh;
        fresh.alice.session("bob").start();
        for (int i = 0; i < delivered; ++i) {
            fresh.world.network.deliver_one();
        }
        const auto before = fresh.key_now();
        std::optional<Expected<void>> result;
        fresh.keys().make(fresh.alice.account(), before,
                          [&result](const Expected<void>& reported) { result = reported; });
        while (!result) {
            fresh.alice.host.run_posted(); // and nothing is delivered meanwhile
        }
        BOOST_REQUIRE(result->has_value());
        BOOST_TEST((fresh.alice.state("bob") != SessionState::Private));
        fresh.world.advance(120s);
        if (fresh.alice.state("bob") == SessionState::Private) {
            BOOST_TEST((fresh.bob.status("alice").their_key == fresh.key_now()));
        }
        fresh.alice.session("bob").start();
        fresh.world.advance(120s);
        BOOST_TEST((fresh.alice.state("bob") == SessionState::Private));
        BOOST_TEST((fresh.bob.status("alice").their_key == fresh.key_now()));
        fresh.alice.look_away();
        fresh.bob.look_away();
    }
    BOOST_TEST((alice.key() == old));
}

BOOST_FIXTURE_TEST_CASE(other_accounts_go_on_undisturbed, TheirKeys) {
    World busy;
    Party owner{busy, {{"alice", 0}, {"alice2", 2}}};
    Party peer{busy, {{"bob", 1}}};
    owner.session("bob").start();
    busy.settle();
    owner.look_away();
    peer.look_away();
    bool is_done = false;
    owner.engine().own_keys().make(
        owner.account(1), owner.key(1),
        [&is_done](const Expected<void>& result) { is_done = result.has_value(); });
    busy.wait_until([&is_done] { return is_done; });
    BOOST_TEST(owner.told() == "KeyMade");
    BOOST_TEST((owner.state("bob") == SessionState::Private));
    BOOST_TEST(peer.told().empty());
}

// --- What is remembered about them -------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(remembers_when_a_key_was_made_and_imported, TheirKeys) {
    BOOST_TEST(!note().has_value()); // it was there before
    BOOST_TEST((replace() == std::nullopt));
    BOOST_REQUIRE(note().has_value());
    BOOST_TEST((note()->origin == OwnKeyNote::Origin::Made));
    BOOST_TEST((*note()->when == alice.host.wall_clock()));
    const std::string backup = seal();
    const auto made = key_now();
    world.advance(1h);
    BOOST_TEST((replace() == std::nullopt));
    world.advance(1h);
    BOOST_TEST((import(backup) == std::nullopt));
    BOOST_TEST((key_now() == made));
    BOOST_REQUIRE(note().has_value());
    BOOST_TEST((note()->origin == OwnKeyNote::Origin::Imported));
    const auto imported_at = *note()->when;
    BOOST_TEST((imported_at == alice.host.wall_clock()));
    world.advance(1s);
    alice.engine().shut_down();
    alice.restart();
    BOOST_TEST((key_now() == made));
    BOOST_REQUIRE(note().has_value());
    BOOST_TEST((note()->origin == OwnKeyNote::Origin::Imported));
    BOOST_TEST((*note()->when == imported_at));
    BOOST_TEST((remove() == std::nullopt));
    BOOST_TEST(!alice.engine().trust().own_key(alice.account(), *made).has_value());
    BOOST_TEST(alice.told() == "KeyMade KeyMade KeyImported KeyDeleted");
}

BOOST_FIXTURE_TEST_CASE(counts_the_people_who_have_met_a_key, TheirKeys) {
    core::TrustStore& trust = alice.engine().trust();
    BOOST_TEST(trust.people_on(alice.account()) == 0U);
    make_private();
    BOOST_TEST(trust.people_on(alice.account()) == 1U);
    trust.add(alice.peer("bob"), model::Fingerprint(), alice.host.wall_clock());
    BOOST_TEST(trust.people_on(alice.account()) == 1U);
    trust.add(alice.peer("carol"), model::Fingerprint(), alice.host.wall_clock());
    BOOST_TEST(trust.people_on(alice.account()) == 2U);
    BOOST_TEST(trust.people_on({"alice", "prpl-irc"}) == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_engine_that_ends_meanwhile_leaves_whole_files, TheirKeys) {
    const model::Fingerprint old = alice.key();
    bool is_called = false;
    keys().make(alice.account(), old, [&is_called](const Expected<void>&) { is_called = true; });
    alice.engine().shut_down();
    alice.restart();
    BOOST_TEST(!is_called);
    BOOST_TEST((alice.key() == old));
    world.settle();
}

BOOST_AUTO_TEST_SUITE_END()
