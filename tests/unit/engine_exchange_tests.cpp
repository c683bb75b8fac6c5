// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <random>

#include <libotr/context_priv.h>
#include <malloc.h>

#include "core/wire.h"
#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::core::Outgoing;
using otr_guard::core::VerificationStatus;
namespace core = otr_guard::core;

namespace {

/// Both begin again and again, at moments of all kinds; `steps` of them.
void begin_at_random(TwoParties& people, std::mt19937& random, int steps) {
    for (int step = 0; step < steps; ++step) {
        switch (random() % 4) {
        case 0:
            people.alice.session("bob").start();
            break;
        case 1:
            people.bob.session("alice").start();
            break;
        case 2:
            people.world.advance(std::chrono::milliseconds(random() % 3000));
            break;
        default:
            static_cast<void>(people.world.network.deliver_one());
        }
    }
    people.world.settle();
    people.alice.look_away();
    people.bob.look_away();
    people.world.network.log = {};
}

/// Bytes; 0 under a sanitizer, which finds what nobody holds by itself.
std::size_t memory_in_use() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

} // namespace

BOOST_AUTO_TEST_SUITE(engine_exchange_tests)

// --- Starting ----------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_query_starts_a_private_conversation, TwoParties) {
    alice.session("bob").start();
    BOOST_TEST(world.network.log.back().text.starts_with("?OTRv23? "));
    BOOST_TEST(!world.was_on_the_wire("alice"));
    world.settle();
    BOOST_TEST(alice.told() == "StartRequested SessionStartedUnverified");
    BOOST_TEST(bob.told() == "SessionStartedUnverified");
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST((bob.state("alice") == SessionState::Private));
    BOOST_TEST(alice.status("bob").protocol_version == 3U);
    BOOST_TEST((alice.status("bob").their_key == bob.key()));
    BOOST_TEST((bob.status("alice").their_key == alice.key()));
    BOOST_TEST(!alice.status("bob").is_verified);
    BOOST_TEST((alice.type("bob", "hello") == Outgoing::Action::SendReplacement));
    bob.type("alice", "good evening");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: hello"});
    BOOST_TEST(alice.shown() == Lines{"private: good evening"});
    BOOST_TEST(!world.was_on_the_wire("hello"));
}

BOOST_FIXTURE_TEST_CASE(a_verified_key_is_announced_as_such, TwoParties) {
    make_verified();
    alice.session("bob").end();
    world.settle();
    alice.look_away();
    bob.look_away();
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(alice.told() == "StartRequested SessionStarted");
    BOOST_TEST(bob.told() == "SessionStarted");
    BOOST_TEST(alice.status("bob").is_verified);
}

BOOST_AUTO_TEST_CASE(a_peer_that_speaks_version_2_alone_gets_it) {
    AliceAndRaw pair("adium");
    pair.make_private();
    BOOST_TEST(pair.alice.status("bob").protocol_version == 2U);
    pair.alice.type("bob", "hello");
    pair.bob.peer().send("alice", "hi");
    pair.world.settle();
    BOOST_TEST(pair.bob.shown() == Lines{"private: hello"});
    BOOST_TEST(pair.alice.shown() == Lines{"private: hi"});
    pair.alice.session("bob").end();
    pair.world.settle();
    BOOST_TEST(pair.alice.told() == "SessionEndedByUs");
    BOOST_TEST(pair.bob.peer().status("alice")["state"] == "finished");
}

BOOST_AUTO_TEST_CASE(programs_of_every_kind_start_and_end_from_their_side) {
    for (const char* kind :
         {"libotr", "adium", "chatsecure-ios", "chatsecure-android", "tor-messenger"}) {
        BOOST_TEST_CONTEXT(kind) {
            AliceAndRaw pair(kind);
            pair.bob.peer().start("alice");
            pair.world.settle();
            BOOST_TEST(pair.alice.told() == "SessionStartedUnverified");
            pair.bob.peer().send("alice", "hi");
            pair.alice.type("bob", "hello");
            pair.world.settle();
            BOOST_TEST(pair.alice.shown() == Lines{"private: hi"});
            BOOST_TEST(pair.bob.shown() == Lines{"private: hello"});
            pair.bob.peer().end("alice");
            pair.world.settle();
            BOOST_TEST(pair.alice.told() == "SessionEndedByPeer");
            BOOST_TEST((pair.alice.state("bob") == SessionState::Finished));
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_whitespace_tag_starts_when_both_offer, TwoParties) {
    alice.host.policy = bob.host.policy = Policy::Opportunistic;
    BOOST_TEST((alice.type("bob", "first") == Outgoing::Action::SendReplacement));
    BOOST_TEST(core::has_whitespace_tag(world.network.log.back().text));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"clear: first"});
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST(alice.told() == "SessionStartedUnverified");
    BOOST_TEST(bob.told() == "SessionStartedUnverified");
}

BOOST_FIXTURE_TEST_CASE(a_tag_is_not_answered_under_manual, TwoParties) {
    alice.host.policy = Policy::Opportunistic;
    alice.type("bob", "first");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"clear: first"});
    BOOST_TEST((bob.state("alice") == SessionState::Plaintext));
    bob.type("alice", "plain answer");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"clear: plain answer"});
    BOOST_TEST((alice.type("bob", "second") == Outgoing::Action::SendAsIs));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"clear: second"});
}

BOOST_AUTO_TEST_CASE(an_offer_and_a_tag_meet_programs_on_libotr) {
    AliceAndRaw pair;
    pair.alice.host.policy = Policy::Opportunistic;
    pair.alice.type("bob", "first");
    pair.world.settle();
    BOOST_TEST(pair.bob.shown() == Lines{"clear: first"});
    BOOST_TEST(pair.alice.told() == "SessionStartedUnverified");

    AliceAndRaw other;
    other.alice.host.policy = Policy::Opportunistic;
    other.bob.peer().send("alice", "first");
    other.world.settle();
    BOOST_TEST(other.alice.shown() == Lines{"clear: first"});
    BOOST_TEST(other.alice.told() == "SessionStartedUnverified");
}

BOOST_FIXTURE_TEST_CASE(crossing_starts_end_private, TwoParties) {
    alice.session("bob").start();
    bob.session("alice").start();
    world.settle();
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST((bob.state("alice") == SessionState::Private));
    alice.look_away();
    bob.look_away();
    alice.type("bob", "hello");
    bob.type("alice", "hi");
    world.advance(20s);
    BOOST_TEST(bob.shown() == Lines{"private: hello"});
    BOOST_TEST(alice.shown() == Lines{"private: hi"});
    alice.look_away();
    bob.look_away();
}

BOOST_AUTO_TEST_CASE(crossing_starts_with_libotr_end_private) {
    // Which of the two commits has the higher hash is by chance.
    for (int round = 0; round < 8; ++round) {
        AliceAndRaw pair;
        pair.alice.session("bob").start();
        pair.bob.peer().start("alice");
        pair.world.settle();
        BOOST_TEST((pair.alice.state("bob") == SessionState::Private));
        pair.alice.look_away();
        pair.alice.type("bob", "hello");
        pair.world.settle();
        BOOST_TEST(pair.bob.shown() == Lines{"private: hello"});
    }
}

BOOST_FIXTURE_TEST_CASE(an_old_commit_of_ours_stops_no_new_one_of_theirs, TwoParties) {
    for (int round = 0; round < 8; ++round) {
        world.network.passes = [](const Packet& packet) { return packet.from == "bob"; };
        bob.session("alice").start(); // alice commits, and nobody hears of it
        world.settle();
        world.advance(100s);
        world.network.passes = nullptr;
        alice.session("bob").start();
        world.settle();
        BOOST_TEST((alice.state("bob") == SessionState::Private));
        alice.session("bob").end();
        world.advance(5s);
        bob.session("alice").end();
        alice.look_away();
        bob.look_away();
    }
}

BOOST_FIXTURE_TEST_CASE(an_unanswered_start_is_tried_twice_and_then_told, TwoParties) {
    world.network.passes = [](const Packet&) { return false; };
    alice.session("bob").start();
    world.advance(7s);
    BOOST_TEST(world.network.log.size() == 1U);
    world.advance(2s);
    BOOST_TEST(world.network.log.size() == 2U);
    BOOST_TEST(alice.told() == "StartRequested");
    world.advance(60s);
    BOOST_TEST(world.network.log.size() == 2U);
    BOOST_TEST(alice.told() == "NoAnswer");
    BOOST_TEST(alice.host.timers() == 0U);
}

BOOST_FIXTURE_TEST_CASE(nothing_starts_under_never, TwoParties) {
    alice.host.policy = Policy::Never;
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(alice.told() == "PolicyChanged");
    BOOST_TEST(world.network.log.empty());
    bob.session("alice").start();
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"clear: ?OTRv23? A private conversation was asked for."});
    BOOST_TEST(bob.told() == "StartRequested");
    BOOST_TEST((alice.type("bob", "<b>&amp; </b>\t") == Outgoing::Action::SendAsIs));
    BOOST_TEST(world.network.log.back().text == "<b>&amp; </b>\t");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"clear: <b>&amp; </b>\t"});
    const std::string tagged = "x" + std::string(core::whitespace_tag());
    world.network.inject({"bob", "alice", tagged});
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"clear: " + tagged});
}

// --- Refreshing and ending ---------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(either_side_refreshes, TwoParties) {
    make_private();
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(alice.told() == "RefreshRequested SessionRefreshed");
    BOOST_TEST(bob.told() == "SessionRefreshed");
    bob.session("alice").start();
    world.settle();
    BOOST_TEST(bob.told() == "RefreshRequested SessionRefreshed");
    BOOST_TEST(alice.told() == "SessionRefreshed");
    alice.type("bob", "hello");
    bob.type("alice", "hi");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: hello"});
    BOOST_TEST(alice.shown() == Lines{"private: hi"});
    BOOST_TEST(alice.status("bob").instances.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(text_typed_during_a_refresh_arrives_once_and_in_order, TwoParties) {
    make_private();
    alice.session("bob").start();
    int typed = 0;
    while (!world.network.in_flight.empty()) {
        alice.type("bob", "from alice " + std::to_string(typed));
        bob.type("alice", "from bob " + std::to_string(typed));
        ++typed;
        BOOST_REQUIRE(typed < 30);
        const std::size_t there = world.network.in_flight.size();
        for (std::size_t i = 0; i < there; ++i) {
            world.network.deliver_one();
        }
        if (typed >= 6) {
            world.settle();
        }
    }
    world.advance(90s);
    BOOST_TEST(!world.was_on_the_wire("from alice 0"));
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    Lines expected_a;
    Lines expected_b;
    for (int i = 0; i < typed; ++i) {
        expected_a.push_back("private: from alice " + std::to_string(i));
        expected_b.push_back("private: from bob " + std::to_string(i));
    }
    BOOST_TEST(bob.shown() == expected_a, boost::test_tools::per_element());
    BOOST_TEST(alice.shown() == expected_b, boost::test_tools::per_element());
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(either_side_ends_with_a_goodbye, TwoParties) {
    make_private();
    alice.session("bob").end();
    world.settle();
    BOOST_TEST(alice.told() == "SessionEndedByUs");
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
    BOOST_TEST((alice.state("bob") == SessionState::Plaintext));
    BOOST_TEST((bob.state("alice") == SessionState::Finished));
    bob.session("alice").end();
    world.settle();
    BOOST_TEST(bob.told() == "SessionEndedByUs");
    BOOST_TEST((bob.state("alice") == SessionState::Plaintext));
    make_private();
    bob.session("alice").end();
    world.settle();
    BOOST_TEST(alice.told() == "SessionEndedByPeer");
    BOOST_TEST(bob.told() == "SessionEndedByUs");
    alice.session("bob").end();
    alice.session("bob").end();
    BOOST_TEST(alice.told() == "SessionEndedByUs NotPrivate");
}

BOOST_FIXTURE_TEST_CASE(ends_that_cross_start_nothing_new, TwoParties) {
    make_private();
    alice.session("bob").end();
    bob.session("alice").end();
    world.advance(120s);
    BOOST_TEST(alice.told() == "SessionEndedByUs");
    BOOST_TEST(bob.told() == "SessionEndedByUs");
    BOOST_TEST((alice.state("bob") == SessionState::Plaintext));
    BOOST_TEST((bob.state("alice") == SessionState::Plaintext));
    BOOST_TEST(world.network.in_flight.empty());
}

BOOST_FIXTURE_TEST_CASE(the_goodbye_goes_out_when_an_account_leaves_and_at_the_end, TwoParties) {
    make_private();
    alice.engine().account_leaving(alice.account());
    world.settle();
    BOOST_TEST(alice.told() == "SessionSuspended");
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
    bob.session("alice").start();
    world.settle();
    alice.look_away();
    bob.look_away();
    BOOST_REQUIRE((alice.state("bob") == SessionState::Private));
    alice.engine().shut_down();
    world.settle();
    BOOST_TEST(alice.told() == "SessionStopped");
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
}

BOOST_FIXTURE_TEST_CASE(who_stops_is_told_that_nothing_holds_text_any_more, TwoParties) {
    make_private();
    bob.session("alice").end();
    world.settle();
    bob.look_away();
    alice.look_away();
    alice.type("bob", "one");
    alice.type("bob", "two");
    alice.look_away();
    alice.engine().shut_down();
    BOOST_TEST(alice.take(NoticeKind::QueueDiscarded).arguments == Lines{"2"});
    BOOST_TEST(alice.told() == "SessionStopped");
    BOOST_TEST(alice.status("bob").queued == 0U);
    world.settle();
    BOOST_TEST(!world.was_on_the_wire("one"));
}

BOOST_FIXTURE_TEST_CASE(who_stops_without_a_goodbye_is_told_as_well, TwoParties) {
    make_private();
    alice.host.goodbyes = false;
    alice.engine().shut_down();
    world.settle();
    BOOST_TEST(alice.told() == "SessionStopped");
    BOOST_TEST(bob.told().empty());
    BOOST_TEST((alice.type("bob", "between the end and the end") != Outgoing::Action::SendAsIs));
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(no_goodbye_when_the_user_switched_it_off, TwoParties) {
    make_private();
    alice.host.goodbyes = false;
    alice.engine().account_leaving(alice.account());
    world.settle();
    BOOST_TEST(bob.told().empty());
    BOOST_TEST((alice.state("bob") == SessionState::Private));
}

BOOST_FIXTURE_TEST_CASE(after_the_account_left_text_waits_for_a_new_session, TwoParties) {
    make_private();
    alice.engine().account_leaving(alice.account());
    world.settle();
    alice.look_away();
    bob.look_away();
    BOOST_TEST((alice.state("bob") == SessionState::Finished));
    BOOST_TEST((alice.type("bob", "later") == Outgoing::Action::Held));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: later"});
    BOOST_TEST(alice.host.sent_later == Lines{"later"});
    BOOST_TEST(alice.told() == "Waiting SessionStartedUnverified QueueSent");
    BOOST_TEST(bob.told() == "SessionStartedUnverified");
}

BOOST_FIXTURE_TEST_CASE(switching_to_never_ends_a_live_session_first, TwoParties) {
    make_private();
    alice.host.policy = Policy::Never;
    BOOST_TEST((alice.type("bob", "secret") != Outgoing::Action::SendAsIs));
    alice.engine().settings_changed();
    world.settle();
    BOOST_TEST(alice.told() == "SessionEndedByUs");
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
    BOOST_TEST(bob.shown() == Lines{"private: secret"});
    BOOST_TEST((alice.type("bob", "open") == Outgoing::Action::SendAsIs));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"unencrypted: open"});
}

BOOST_FIXTURE_TEST_CASE(switching_to_never_stops_a_start_under_way, TwoParties) {
    world.network.passes = [](const Packet&) { return false; };
    alice.session("bob").start();
    alice.host.policy = Policy::Never;
    alice.engine().settings_changed();
    world.advance(120s);
    BOOST_TEST(world.network.log.size() == 1U);
    BOOST_TEST(alice.told() == "StartRequested");
}

BOOST_FIXTURE_TEST_CASE(a_heartbeat_answers_a_talkative_peer, TwoParties) {
    make_private();
    const auto tag = alice.status("bob").instances.front().tag;
    alice.context("bob", tag)->context_priv->lastsent = 0;
    bob.type("alice", "are you there");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"private: are you there"});
    BOOST_TEST(world.network.log.back().from == "alice");
    BOOST_TEST(core::is_data_message(world.network.log.back().text));
    BOOST_TEST(bob.shown() == Lines{});
    BOOST_TEST(bob.told().empty());
}

// --- One machine -------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(two_accounts_of_one_client_talk_privately) {
    World world;
    Party both(world, {{"alice", 0}, {"bob", 1}});
    both.engine().session({both.account(0), "bob"}).start();
    world.settle();
    BOOST_TEST(both.told() == "StartRequested SessionStartedUnverified "
                              "SessionStartedUnverified");
    both.type("bob", "from alice", Origin::User, 0);
    both.type("alice", "from bob", Origin::User, 1);
    world.settle();
    BOOST_TEST(both.shown() == (Lines{"private: from alice", "private: from bob"}));
    both.engine().session({both.account(1), "alice"}).end();
    world.advance(5s); // it waits for the receipt
    BOOST_TEST(both.told() == "SessionEndedByUs SessionEndedByPeer");
}

// --- The own key is missing --------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_start_without_a_key_continues_once_there_is_one) {
    World world;
    Party alice(world, {{"alice", -1}});
    Party bob(world, {{"bob", 1}});
    alice.session("bob").start();
    BOOST_TEST(alice.told() == "KeyBeingMade");
    world.wait_until([&] { return alice.state("bob") == SessionState::Private; });
    BOOST_TEST(alice.told() == "KeyMade StartRequested SessionStartedUnverified");
    BOOST_TEST(bob.told() == "SessionStartedUnverified");
}

BOOST_AUTO_TEST_CASE(the_one_who_is_asked_may_have_no_key_yet) {
    World world;
    Party alice(world, {{"alice", 0}});
    Party bob(world, {{"bob", -1}});
    alice.session("bob").start();
    world.wait_until([&] { return alice.state("bob") == SessionState::Private; });
    BOOST_TEST((bob.state("alice") == SessionState::Private));
    BOOST_TEST(alice.told() == "StartRequested SessionStartedUnverified");
    BOOST_TEST(bob.told() == "KeyMade SessionStartedUnverified");
}

BOOST_AUTO_TEST_CASE(a_program_on_libotr_meets_an_account_without_a_key) {
    for (const char* kind : {"libotr", "adium"}) {
        BOOST_TEST_CONTEXT(kind) {
            World world;
            Party alice(world, {{"alice", -1}});
            RawPeer bob(world, {"bob", 1}, kind);
            bob.peer().start("alice");
            world.wait_until([&] { return alice.state("bob") == SessionState::Private; });
            BOOST_TEST(bob.peer().status("alice")["state"] == "private");
            BOOST_TEST(alice.told() == "KeyMade SessionStartedUnverified");
        }
    }
}

BOOST_AUTO_TEST_CASE(the_answering_side_gets_its_key_late) {
    // Bob's program commits first when it is asked by a tag, so alice's key is missing at the
    // Reveal Signature Message.
    World world;
    Party alice(world, {{"alice", -1}});
    RawPeer bob(world, {"bob", 1});
    const std::string tagged = "hi" + std::string(core::whitespace_tag());
    world.network.inject({"alice", "bob", tagged});
    world.wait_until([&] { return alice.state("bob") == SessionState::Private; });
    BOOST_TEST(bob.shown() == Lines{"clear: hi"});
    BOOST_TEST(alice.told() == "KeyMade SessionStartedUnverified");
}

// --- Memory ------------------------------------------------------------------------------------

// libotr writes keys over those of the exchange before.
BOOST_FIXTURE_TEST_CASE(nothing_is_left_of_earlier_exchanges, TwoParties) {
    constexpr int steps = 300;
    std::mt19937 random(1); // NOLINT(cert-msc51-cpp): the same every time
    begin_at_random(*this, random, steps);
    const std::size_t before = memory_in_use();
    begin_at_random(*this, random, steps);
    BOOST_TEST(memory_in_use() < before + (std::size_t{64} << 10));
}

BOOST_AUTO_TEST_SUITE_END()
