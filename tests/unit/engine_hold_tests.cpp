// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <libotr/context_priv.h>

#include "core/wire.h"
#include "model/limits.h"
#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::core::Outgoing;
using otr_guard::model::HoldReason;
namespace core = otr_guard::core;
namespace limits = otr_guard::model::limits;

namespace {

/// A query and a D-H Key Message in the peer's name, without any of the peer's keys: libotr would
/// drop the live session of `victim` to plaintext and say nothing.
void forge_exchange(World& world, Party& victim, const std::string& peer) {
    const auto tag = victim.status(peer).instances.front().tag;
    const std::size_t before = world.network.log.size();
    world.network.inject({peer, "alice", "?OTRv3?"});
    world.network.deliver_one();
    BOOST_REQUIRE(world.network.log.size() == before + 1);
    const std::string commit = world.network.log.back().text;
    world.network.in_flight.clear();
    const std::string answer = forge_dh_key(commit, tag);
    BOOST_REQUIRE(!answer.empty());
    world.network.inject({peer, "alice", answer});
    world.network.deliver_one();
    world.network.in_flight.clear();
    // The keys are still good for reading what the peer has sent.
    BOOST_REQUIRE(victim.context(peer, tag)->msgstate == OTRL_MSGSTATE_ENCRYPTED);
}

constexpr Policy policies_with_otr[] = {Policy::Manual, Policy::Opportunistic, Policy::Known,
                                        Policy::Always, Policy::Verified};

} // namespace

BOOST_AUTO_TEST_SUITE(engine_hold_tests)

// --- The silent downgrade ----------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(nothing_typed_leaves_in_clear_after_a_silent_downgrade) {
    for (const Policy policy : policies_with_otr) {
        BOOST_TEST_CONTEXT(otr_guard::model::to_word(policy)) {
            TwoParties pair;
            pair.make_verified();
            pair.alice.host.policy = policy;
            forge_exchange(pair.world, pair.alice, "bob");
            BOOST_TEST((pair.alice.state("bob") == SessionState::Private));
            BOOST_TEST((pair.alice.status("bob").hold == HoldReason::Interrupted));
            BOOST_TEST(pair.alice.engine().forbids_clear_text(pair.alice.peer("bob")));
            BOOST_TEST((pair.alice.type("bob", "very secret") == Outgoing::Action::Held));
            BOOST_TEST((pair.alice.type("bob", "even more") == Outgoing::Action::Held));
            pair.world.advance(30s);
            BOOST_TEST(!pair.world.was_on_the_wire("secret"));
            BOOST_TEST(pair.bob.shown() == (Lines{"private: very secret", "private: even more"}));
            BOOST_TEST(pair.alice.host.sent_later == (Lines{"very secret", "even more"}));
            BOOST_TEST(pair.alice.told() ==
                       "Waiting SessionInterrupted SessionRefreshed QueueSent");
            BOOST_TEST(pair.bob.told() == "SessionRefreshed");
            pair.alice.type("bob", "as before");
            pair.world.settle();
            BOOST_TEST(pair.bob.shown() == Lines{"private: as before"});
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_downgrade_between_query_and_answer_holds_at_once, TwoParties) {
    make_private();
    world.network.passes = [](const Packet& packet) { return packet.from != "alice"; };
    forge_exchange(world, alice, "bob");
    BOOST_TEST((alice.type("bob", "secret", Origin::Automatic) == Outgoing::Action::Refused));
    BOOST_TEST((alice.type("bob", "secret") == Outgoing::Action::Held));
    world.advance(10min);
    BOOST_TEST(!world.was_on_the_wire("secret"));
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST(alice.told() == "AutomaticReplyHeld Waiting SessionInterrupted SessionLost");
    world.network.passes = nullptr;
    bob.type("alice", "still there");
    world.advance(1min);
    BOOST_TEST(bob.shown() == Lines{"private: secret"});
    BOOST_TEST(alice.shown() == Lines{"private: still there"});
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(the_user_can_end_an_interrupted_session, TwoParties) {
    make_private();
    forge_exchange(world, alice, "bob");
    alice.type("bob", "secret");
    alice.session("bob").end();
    BOOST_TEST(alice.told() == "Waiting SessionEndedByUs");
    BOOST_TEST((alice.state("bob") == SessionState::Plaintext));
    BOOST_TEST(alice.status("bob").queued == 1U);
    BOOST_TEST((alice.type("bob", "open") == Outgoing::Action::SendAsIs));
    world.advance(5min);
    BOOST_TEST(!world.was_on_the_wire("secret"));
    BOOST_TEST(bob.shown() == Lines{"unencrypted: open"});
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
}

// --- Before, after, without a session ----------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(three_messages_typed_under_always_arrive_in_order_once, TwoParties) {
    alice.host.policy = Policy::Always;
    for (const char* text : {"one", "two", "three"}) {
        BOOST_TEST((alice.type("bob", text) == Outgoing::Action::Held));
    }
    BOOST_TEST(alice.host.waiting == (Lines{"one", "two", "three"}));
    BOOST_TEST(alice.status("bob").queued == 3U);
    BOOST_TEST((alice.status("bob").hold == HoldReason::NoSession));
    world.advance(5min);
    BOOST_TEST(bob.shown() == (Lines{"private: one", "private: two", "private: three"}));
    BOOST_TEST(alice.told() == "Waiting SessionStartedUnverified QueueSent");
    BOOST_TEST(bob.told() == "SessionStartedUnverified");
    BOOST_TEST(alice.status("bob").queued == 0U);
    for (const Packet& packet : world.network.log) {
        BOOST_TEST(core::is_protocol_message(packet.text));
    }
}

BOOST_FIXTURE_TEST_CASE(nobody_there_keeps_text_until_somebody_comes, TwoParties) {
    alice.host.policy = Policy::Always;
    world.network.passes = [](const Packet&) { return false; };
    alice.type("bob", "are you there");
    world.advance(2min);
    BOOST_TEST(alice.told() == "Waiting NoAnswer");
    world.network.passes = nullptr;
    alice.engine().peer_online(alice.peer("bob"));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: are you there"});
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(text_typed_when_finished_waits_for_the_users_restart, TwoParties) {
    make_private();
    bob.session("alice").end();
    world.settle();
    alice.look_away();
    bob.look_away();
    BOOST_TEST((alice.type("bob", "wait") == Outgoing::Action::Held));
    BOOST_TEST((alice.type("bob", "for me") == Outgoing::Action::Held));
    world.advance(5min);
    BOOST_TEST(alice.told() == "Waiting");
    BOOST_TEST(bob.shown() == Lines{});
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(bob.shown() == (Lines{"private: wait", "private: for me"}));
    BOOST_TEST(alice.told() == "StartRequested SessionStartedUnverified QueueSent");
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(waiting_text_does_not_go_to_another_unverified_key, TwoParties) {
    make_private();
    bob.session("alice").end();
    world.settle();
    alice.look_away();
    bob.look_away();
    alice.type("bob", "for the old key");
    bob.restart_with_key(3);
    alice.session("bob").start();
    world.settle();
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST((alice.status("bob").hold == HoldReason::KeyChanged));
    BOOST_TEST((alice.type("bob", "behind it") == Outgoing::Action::Held));
    world.advance(2min);
    BOOST_TEST(bob.shown() == Lines{});
    BOOST_TEST(alice.told() == "Waiting StartRequested AdditionalKey Waiting");
    alice.session("bob").release_queue();
    world.settle();
    BOOST_TEST(bob.shown() == (Lines{"private: for the old key", "private: behind it"}));
    BOOST_TEST(alice.told() == "QueueSent");
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(waiting_text_goes_to_another_key_once_it_is_verified, TwoParties) {
    make_private();
    bob.session("alice").end();
    world.settle();
    alice.type("bob", "for a friend");
    bob.restart_with_key(3);
    alice.session("bob").start();
    world.settle();
    alice.look_away();
    bob.look_away();
    BOOST_TEST(alice.status("bob").queued == 1U);
    alice.session("bob").trust(bob.key());
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: for a friend"});
    BOOST_TEST(alice.told() == "Trusted QueueSent");
}

BOOST_FIXTURE_TEST_CASE(the_user_discards_what_waits, TwoParties) {
    alice.host.policy = Policy::Always;
    world.network.passes = [](const Packet&) { return false; };
    alice.type("bob", "no, better not");
    alice.session("bob").release_queue();
    BOOST_TEST(alice.told() == "Waiting NotPrivate");
    alice.session("bob").discard_queue();
    BOOST_TEST(alice.take(NoticeKind::QueueDiscarded).arguments == Lines{"1"});
    world.advance(5min);
    world.network.passes = nullptr;
    alice.look_away();
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(bob.shown() == Lines{});
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_full_queue_refuses_and_says_so, TwoParties) {
    alice.host.policy = Policy::Always;
    world.network.passes = [](const Packet&) { return false; };
    for (std::size_t i = 0; i < limits::queued_messages_per_peer; ++i) {
        BOOST_REQUIRE((alice.type("bob", "x") == Outgoing::Action::Held));
    }
    BOOST_TEST((alice.type("bob", "one too many") == Outgoing::Action::Refused));
    BOOST_TEST(alice.told() == "Waiting QueueFull");
    BOOST_TEST(alice.status("bob").queued == limits::queued_messages_per_peer);
    alice.session("bob").discard_queue();
    const std::string large(limits::queued_bytes_per_peer + 1, 'x');
    BOOST_TEST((alice.type("bob", large) == Outgoing::Action::Refused));
    BOOST_TEST(alice.told() == "QueueDiscarded QueueFull");
}

BOOST_FIXTURE_TEST_CASE(automatic_replies_are_private_or_refused, TwoParties) {
    alice.host.policy = Policy::Always;
    BOOST_TEST((alice.type("bob", "I am away", Origin::Automatic) == Outgoing::Action::Refused));
    BOOST_TEST(alice.told() == "AutomaticReplyHeld");
    BOOST_TEST(alice.status("bob").queued == 0U);
    make_private();
    BOOST_TEST(
        (alice.type("bob", "I am away", Origin::Automatic) == Outgoing::Action::SendReplacement));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: I am away"});
    BOOST_TEST(!world.was_on_the_wire("away"));
}

BOOST_FIXTURE_TEST_CASE(known_means_private_for_whoever_has_a_known_key, TwoParties) {
    alice.host.policy = Policy::Known;
    bob.host.policy = Policy::Manual;
    BOOST_TEST((alice.type("bob", "before") == Outgoing::Action::SendReplacement));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"clear: before"});
    make_private();
    alice.session("bob").end();
    world.settle();
    alice.look_away();
    bob.look_away();
    BOOST_TEST((alice.type("bob", "after") == Outgoing::Action::Held));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: after"});
    BOOST_TEST(!world.was_on_the_wire("after"));
    alice.look_away();
    bob.look_away();
}

// --- Sending that fails ------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_send_that_fails_never_falls_back_to_clear, TwoParties) {
    make_private();
    alice.host.max_size = 200;
    alice.host.network_takes = false;
    BOOST_TEST((alice.type("bob", "hello secret") == Outgoing::Action::Held));
    BOOST_TEST((alice.type("bob", "more secrets") == Outgoing::Action::Held));
    world.advance(30s);
    BOOST_TEST(alice.told() == "SendFailed Waiting");
    BOOST_TEST(!world.was_on_the_wire("secret"));
    alice.host.network_takes = true;
    world.advance(2min);
    BOOST_TEST(bob.shown() == (Lines{"private: hello secret", "private: more secrets"}));
    BOOST_TEST(alice.told() == "QueueSent");
}

BOOST_FIXTURE_TEST_CASE(a_send_that_fails_half_way_arrives_once_and_whole, TwoParties) {
    make_private();
    alice.host.max_size = 200;
    std::size_t taken = 0;
    alice.type("bob", "first");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: first"});
    // The network takes one piece and loses the rest.
    world.network.passes = [&taken](const Packet& packet) {
        return packet.from != "alice" || ++taken <= 1;
    };
    alice.type("bob", "second");
    world.settle();
    world.network.passes = nullptr;
    alice.type("bob", "third");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: third"});
}

BOOST_FIXTURE_TEST_CASE(a_message_that_cannot_be_encrypted_waits, TwoParties) {
    make_private();
    const auto tag = alice.status("bob").instances.front().tag;
    auto* hidden = alice.context("bob", tag)->context_priv;
    const unsigned key_id = std::exchange(hidden->their_keyid, 0U);
    BOOST_TEST((alice.type("bob", "secret") == Outgoing::Action::Held));
    BOOST_TEST(alice.told() == "SendFailed Waiting");
    hidden->their_keyid = key_id;
    world.advance(2min);
    BOOST_TEST(bob.shown() == Lines{"private: secret"});
    BOOST_TEST(!world.was_on_the_wire("secret"));
    BOOST_TEST(alice.told() == "QueueSent");
}

BOOST_FIXTURE_TEST_CASE(text_waits_while_the_account_is_offline, TwoParties) {
    make_private();
    alice.host.connected = false;
    BOOST_TEST((alice.type("bob", "offline") == Outgoing::Action::Held));
    BOOST_TEST((alice.status("bob").hold == HoldReason::NotConnected));
    world.advance(1min);
    BOOST_TEST(alice.told() == "Waiting");
    alice.host.connected = true;
    alice.engine().peer_online(alice.peer("bob"));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: offline"});
    BOOST_TEST(alice.told() == "QueueSent");
}

// --- Keys --------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_changed_key_is_read_with_a_mark_and_not_written_to, TwoParties) {
    make_verified();
    bob.restart_with_key(3);
    bob.session("alice").start();
    world.settle();
    BOOST_TEST(alice.told() == "KeyChanged");
    bob.look_away();
    bob.type("alice", "it is me, really");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"suspect: it is me, really"});
    BOOST_TEST((alice.status("bob").hold == HoldReason::KeyChanged));
    BOOST_TEST((alice.type("bob", "are you") == Outgoing::Action::Held));
    BOOST_TEST((alice.type("bob", "auto", Origin::Automatic) == Outgoing::Action::Refused));
    world.advance(2min);
    BOOST_TEST(bob.shown() == Lines{});
    BOOST_TEST(alice.told() == "Waiting AutomaticReplyHeld");
    alice.session("bob").release_queue();
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: are you"});
    BOOST_TEST(alice.told() == "QueueSent");
    BOOST_TEST((alice.type("bob", "go on") == Outgoing::Action::SendReplacement));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: go on"});
}

BOOST_FIXTURE_TEST_CASE(a_changed_key_is_written_to_once_it_is_trusted, TwoParties) {
    make_verified();
    bob.restart_with_key(3);
    bob.session("alice").start();
    world.settle();
    alice.type("bob", "are you");
    alice.look_away();
    bob.look_away();
    alice.session("bob").trust(bob.key());
    world.settle();
    BOOST_TEST(alice.told() == "Trusted QueueSent");
    BOOST_TEST(bob.shown() == Lines{"private: are you"});
}

// --- What is kept of settings and trust between two messages -------------------------------------

BOOST_FIXTURE_TEST_CASE(every_change_of_trust_counts_for_the_next_message, TwoParties) {
    alice.host.announced_version = 1;
    alice.host.policy = Policy::Verified;
    make_private();
    alice.look_away();
    const auto bob_peer = alice.peer("bob");
    core::TrustStore& trust = alice.engine().trust();
    const auto kept = *trust.find(bob_peer, bob.key());
    const auto goes = [this] {
        const bool is_sent = alice.type("bob", "text") == Outgoing::Action::SendReplacement;
        alice.session("bob").discard_queue();
        return is_sent;
    };
    const auto verify = [&](const otr_guard::model::Fingerprint& key) {
        trust.set_verified(bob_peer, key, otr_guard::model::VerificationMethod::ByHand,
                           alice.host.wall_clock());
    };
    BOOST_TEST(!goes());
    verify(bob.key());
    BOOST_TEST(goes());
    trust.revoke(bob_peer, bob.key());
    BOOST_TEST(!goes());
    verify(bob.key());
    BOOST_TEST(goes());
    BOOST_TEST(trust.forget(bob_peer, bob.key()));
    BOOST_TEST(!goes());
    trust.put(bob_peer, kept);
    BOOST_TEST(!goes());
    trust.set_expected(bob_peer, bob.key());
    BOOST_TEST(goes());
    trust.set_expected(bob_peer, alice.key());
    BOOST_TEST(!goes());
    trust.set_expected(bob_peer, std::nullopt);
    BOOST_TEST(!goes());
    // A verified key beside the one in use.
    alice.host.announced_version = 2;
    alice.host.policy = Policy::Manual;
    BOOST_TEST(goes());
    trust.add(bob_peer, alice.key(), alice.host.wall_clock());
    BOOST_TEST(goes());
    verify(alice.key());
    BOOST_TEST(!goes());
    BOOST_TEST(trust.forget(bob_peer, alice.key()));
    BOOST_TEST(goes());
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(an_announced_choice_counts_for_the_next_message, TwoParties) {
    alice.host.announced_version = 1;
    make_private();
    alice.look_away();
    BOOST_TEST((alice.type("bob", "as usual") == Outgoing::Action::SendReplacement));
    alice.host.policy = Policy::Verified;
    alice.host.announced_version = 2;
    BOOST_TEST((alice.type("bob", "only for bob") == Outgoing::Action::Held));
    alice.look_away();
    bob.look_away();
}

// Other plugins and the client write settings, too.
BOOST_FIXTURE_TEST_CASE(a_choice_that_nobody_announced_counts_soon, TwoParties) {
    alice.host.announced_version = 1;
    make_private();
    alice.look_away();
    BOOST_TEST((alice.type("bob", "as usual") == Outgoing::Action::SendReplacement));
    alice.host.policy = Policy::Verified;
    world.advance(limits::known_age + 1ms);
    BOOST_TEST((alice.type("bob", "only for bob") == Outgoing::Action::Held));
    // Nothing leaves in clear even before that.
    alice.session("bob").end();
    alice.host.policy = Policy::Manual;
    world.advance(limits::known_age + 1ms);
    BOOST_TEST((alice.type("bob", "in clear") == Outgoing::Action::SendAsIs));
    alice.host.policy = Policy::Always;
    BOOST_TEST(alice.engine().forbids_clear_text(alice.peer("bob")));
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(verified_policy_waits_for_verification, TwoParties) {
    alice.host.policy = Policy::Verified;
    BOOST_TEST((alice.type("bob", "only for bob") == Outgoing::Action::Held));
    world.settle();
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST((alice.status("bob").hold == HoldReason::NotVerified));
    alice.session("bob").release_queue();
    world.settle();
    BOOST_TEST(bob.shown() == Lines{});
    BOOST_TEST(alice.told() == "Waiting SessionStartedUnverified Waiting");
    alice.session("bob").trust(bob.key());
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: only for bob"});
    BOOST_TEST(alice.told() == "Trusted QueueSent");
    alice.session("bob").untrust(bob.key());
    BOOST_TEST((alice.type("bob", "and now") == Outgoing::Action::Held));
    BOOST_TEST(alice.told() == "Untrusted Waiting");
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_key_other_than_the_expected_one_ends_the_session, TwoParties) {
    const auto right = bob.key();
    alice.session("bob").expect(right);
    BOOST_TEST(alice.told() == "ExpectationSet");
    BOOST_TEST((alice.type("bob", "for bob alone") == Outgoing::Action::Held));
    bob.restart_with_key(3);
    world.settle();
    BOOST_TEST(alice.told() == "Waiting WrongKey");
    BOOST_TEST((alice.state("bob") == SessionState::Plaintext));
    BOOST_TEST(alice.engine().forbids_clear_text(alice.peer("bob")));
    world.advance(5min);
    BOOST_TEST(bob.shown() == Lines{});
    BOOST_TEST(alice.told() == "");
    bob.restart_with_key(1);
    bob.look_away();
    alice.type("bob", "again");
    world.settle();
    BOOST_TEST(bob.shown() == (Lines{"private: for bob alone", "private: again"}));
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(an_expectation_that_the_live_key_fails_ends_and_holds, TwoParties) {
    make_private();
    alice.session("bob").expect(alice.key());
    world.settle();
    BOOST_TEST(alice.told() == "ExpectationSet WrongKey");
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
    BOOST_TEST((alice.state("bob") == SessionState::Finished));
    BOOST_TEST((alice.type("bob", "secret") == Outgoing::Action::Held));
    world.advance(5min);
    BOOST_TEST(alice.told() == "Waiting");
    alice.session("bob").expect(std::nullopt);
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: secret"});
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_wrong_key_in_a_live_session_ends_it, TwoParties) {
    alice.session("bob").expect(bob.key());
    make_private();
    bob.restart_with_key(3);
    bob.session("alice").start();
    world.settle();
    BOOST_TEST(alice.told() == "WrongKey");
    world.advance(10min);
    BOOST_TEST((alice.type("bob", "secret") == Outgoing::Action::Held));
    world.advance(10min);
    BOOST_TEST(bob.shown() == Lines{});
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_code_that_differs_blocks_whatever_key_comes_next, TwoParties) {
    make_private();
    alice.session("bob").compare_code(otr_guard::model::Fingerprint{});
    BOOST_TEST(alice.told() == "CodeDiffers");
    BOOST_TEST((alice.type("bob", "secret") == Outgoing::Action::Held));
    BOOST_TEST((alice.status("bob").hold == HoldReason::WrongKey));
    bob.type("alice", "trust me");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"suspect: trust me"});
    alice.session("bob").release_queue();
    BOOST_TEST(alice.told() == "Waiting Waiting");
    bob.restart_with_key(3);
    bob.session("alice").start();
    world.settle();
    alice.type("bob", "more secrets");
    world.advance(5min);
    BOOST_TEST(bob.shown() == Lines{});
    alice.look_away();
    bob.look_away();
    alice.session("bob").compare_code(bob.key());
    world.settle();
    BOOST_TEST(alice.told() == "CodeMatches QueueSent");
    BOOST_TEST(bob.shown() == (Lines{"private: secret", "private: more secrets"}));
    BOOST_TEST(alice.status("bob").is_verified);
}

BOOST_FIXTURE_TEST_CASE(a_code_that_the_user_found_to_differ_blocks_until_they_decide, TwoParties) {
    make_verified();
    alice.session("bob").reject(bob.key());
    BOOST_TEST(alice.told() == "KeyRejected");
    BOOST_TEST(!alice.engine().trust().is_verified(alice.peer("bob"), bob.key()));
    BOOST_TEST((alice.type("bob", "secret") == Outgoing::Action::Held));
    alice.session("bob").start();
    world.advance(5min);
    BOOST_TEST(bob.shown() == Lines{});
    bob.type("alice", "trust me");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"suspect: trust me"});
    alice.look_away();
    bob.look_away();
    alice.session("bob").trust(bob.key());
    world.settle();
    BOOST_TEST(alice.told() == "Trusted QueueSent");
    BOOST_TEST(bob.shown() == Lines{"private: secret"});
}

BOOST_FIXTURE_TEST_CASE(a_code_is_compared_by_the_machine, TwoParties) {
    make_private();
    alice.session("bob").compare_code(alice.key());
    BOOST_TEST(alice.told() == "CodeIsOurs");
    alice.session("bob").compare_code(bob.key());
    BOOST_TEST(alice.told() == "CodeMatches");
    const auto* known = alice.engine().trust().find(alice.peer("bob"), bob.key());
    BOOST_REQUIRE(known != nullptr);
    BOOST_TEST((known->method == otr_guard::model::VerificationMethod::Code));
    BOOST_TEST(known->trust_word == "verified");
    BOOST_TEST(!bob.status("alice").is_verified);
    alice.session("bob").end();
    world.settle();
    alice.session("bob").compare_code(bob.key());
    BOOST_TEST(alice.told() == "SessionEndedByUs NotPrivate");
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_key_in_use_is_not_forgotten, TwoParties) {
    make_private();
    BOOST_TEST(!alice.engine().forget(alice.peer("bob"), bob.key()));
    alice.session("bob").end();
    BOOST_TEST(alice.engine().forget(alice.peer("bob"), bob.key()).has_value());
    BOOST_TEST(!alice.engine().forget(alice.peer("bob"), bob.key()));
    world.settle();
    alice.look_away();
    bob.look_away();
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(alice.told() == "StartRequested SessionStartedUnverified");
    bob.look_away();
}

BOOST_AUTO_TEST_SUITE_END()
