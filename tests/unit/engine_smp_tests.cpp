// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// What happens to a verification while one of its steps is being computed. A step comes back with
// what the host runs, so until a test has that run, it is between the two.

#include <algorithm>
#include <functional>
#include <string>

#include <boost/test/unit_test.hpp>

#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::core::VerificationStatus;
using otr_guard::util::SecretString;
namespace core = otr_guard::core;
namespace limits = otr_guard::model::limits;

namespace {

using Stage = VerificationStatus::Stage;

SecretString secret(std::string_view text) {
    return SecretString(text);
}

/// Whatever is on its way, and what that causes at once.
void deliver(World& world) {
    while (world.network.deliver_one()) {
    }
}

/// The steps of one person, and what they send; nothing is delivered.
void compute(Party& party) {
    party.engine().finish_proofs();
    while (party.host.run_posted()) {
    }
}

std::size_t sent_by(const World& world, const std::string& name) {
    return static_cast<std::size_t>(
        std::ranges::count_if(world.network.log, [&name](const Packet& packet) {
            return packet.from == name && is_encoded(packet, 'D');
        }));
}

struct Private : TwoParties {
    Private() { make_private(); }

    bool alice_trusts() { return alice.engine().trust().is_verified(alice.peer("bob"), bob.key()); }
    /// Bob has the question, and has answered; his program computes.
    void answer_is_computed() {
        alice.session("bob").verify_by_question("where?", secret("here"));
        world.settle();
        bob.session("alice").answer(secret("here"));
        sent = sent_by(world, "bob");
    }
    /// Alice's question is with Bob's program, and not yet with him.
    void question_is_computed() {
        alice.session("bob").verify_by_question("where?", secret("here"));
        compute(alice);
        deliver(world);
        sent = sent_by(world, "bob");
        BOOST_TEST(bob.told() == "");
    }
    void both_can_verify() {
        alice.look_away();
        bob.look_away();
        alice.session("bob").verify_by_question("where?", secret("here"));
        world.settle();
        bob.session("alice").answer(secret("here"));
        world.settle();
        BOOST_TEST(alice.told() == "VerificationStarted VerificationSucceeded");
        BOOST_TEST(bob.told() == "VerificationAsked VerificationAnswered");
        BOOST_TEST(alice_trusts());
    }

    std::size_t sent = 0;
};

struct PrivateWithRaw : AliceAndRaw {
    PrivateWithRaw() { make_private(); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(engine_smp_tests)

BOOST_FIXTURE_TEST_CASE(libotr_takes_no_step_for_us, PrivateWithRaw) {
    const auto has_computed = [this] {
        const core::Contexts& contexts = alice.session("bob").contexts();
        bool is_one = false;
        for (const ConnContext* context = contexts.first(); context != nullptr;
             context = context->next) {
            is_one = is_one || context->smstate->g1 != nullptr;
        }
        return is_one;
    };
    for (int session = 0; session < 2; ++session) {
        alice.session("bob").verify_by_question("where?", secret("here"));
        world.settle();
        bob.peer().smp_answer("alice", "here");
        world.settle();
        bob.peer().smp_start("alice", "who?", "me");
        world.settle();
        alice.session("bob").answer(secret("me"));
        world.settle();
        bob.peer().smp_abort("alice");
        world.settle();
        bob.peer().smp_start("alice", nullptr, "me");
        world.settle();
        BOOST_TEST(alice.told() == "VerificationStarted VerificationSucceeded VerificationAsked "
                                   "VerificationAnswered VerificationAskedSecret");
        BOOST_TEST(!has_computed());
        bob.peer().smp_abort("alice");
        world.settle();
        bob.restart(); // another instance, and another context
        make_private();
    }
}

// --- Cancelled ---------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(what_the_asker_cancels_is_not_sent, Private) {
    sent = sent_by(world, "alice");
    alice.session("bob").verify_by_question("where?", secret("here"));
    alice.session("bob").abort_verification();
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationCancelled");
    BOOST_TEST(bob.told() == "");
    BOOST_TEST(sent_by(world, "alice") == sent + 1); // that it is cancelled
    both_can_verify();
}

BOOST_FIXTURE_TEST_CASE(what_the_answerer_cancels_is_not_sent, Private) {
    answer_is_computed();
    bob.session("alice").abort_verification();
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationAborted");
    BOOST_TEST(bob.told() == "VerificationAsked VerificationCancelled");
    BOOST_TEST(sent_by(world, "bob") == sent + 1);
    both_can_verify();
}

BOOST_FIXTURE_TEST_CASE(a_question_that_is_taken_back_is_never_shown, Private) {
    question_is_computed();
    alice.session("bob").abort_verification();
    deliver(world);
    world.settle();
    BOOST_TEST(bob.told() == "");
    BOOST_TEST((bob.status("alice").verification.stage == Stage::Idle));
    BOOST_TEST(sent_by(world, "bob") == sent);
    both_can_verify();
}

BOOST_FIXTURE_TEST_CASE(an_answer_to_what_is_taken_back_is_not_sent, Private) {
    answer_is_computed();
    alice.session("bob").abort_verification();
    deliver(world);
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationCancelled");
    BOOST_TEST(bob.told() == "VerificationAsked VerificationAborted");
    BOOST_TEST(sent_by(world, "bob") == sent);
    both_can_verify();
}

// --- The session goes --------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(new_keys_end_what_is_computed, Private) {
    answer_is_computed();
    bob.session("alice").start();
    deliver(world);
    BOOST_TEST(bob.told() ==
               "VerificationAsked RefreshRequested VerificationAborted SessionRefreshed");
    world.settle();
    BOOST_TEST(bob.told() == "");
    BOOST_TEST(alice.told() == "VerificationStarted VerificationAborted SessionRefreshed");
    both_can_verify();
}

BOOST_FIXTURE_TEST_CASE(new_keys_end_a_question_that_nobody_has_seen, Private) {
    question_is_computed();
    alice.session("bob").start();
    deliver(world);
    world.settle();
    BOOST_TEST(bob.told() == "SessionRefreshed");
    BOOST_TEST(alice.told() ==
               "VerificationStarted RefreshRequested VerificationAborted SessionRefreshed");
    both_can_verify();
}

BOOST_FIXTURE_TEST_CASE(the_end_of_the_session_ends_what_is_computed, Private) {
    for (Party* who : {&alice, &bob}) {
        answer_is_computed();
        who->session(who == &alice ? "bob" : "alice").end();
        deliver(world);
        world.settle();
        const bool is_asker = who == &alice;
        BOOST_TEST(alice.told() ==
                   (is_asker ? "VerificationStarted VerificationCancelled SessionEndedByUs"
                             : "VerificationStarted VerificationAborted SessionEndedByPeer"));
        BOOST_TEST(bob.told() ==
                   (is_asker ? "VerificationAsked VerificationAborted SessionEndedByPeer"
                             : "VerificationAsked VerificationCancelled SessionEndedByUs"));
        BOOST_TEST(!alice_trusts());
        make_private();
    }
    both_can_verify();
}

BOOST_FIXTURE_TEST_CASE(the_end_of_the_client_ends_what_is_computed, Private) {
    answer_is_computed();
    bob.restart();
    world.settle(); // whatever was posted for the engine that is gone
    BOOST_TEST(bob.told() == "VerificationAsked VerificationCancelled SessionStopped");
    BOOST_TEST(alice.told() == "VerificationStarted VerificationAborted SessionEndedByPeer");
    make_private();
    both_can_verify();
}

BOOST_FIXTURE_TEST_CASE(a_step_of_a_session_that_libotr_has_lost_is_not_sent, Private) {
    answer_is_computed();
    const auto tag = bob.status("alice").instances.front().tag;
    bob.context("alice", tag)->msgstate = OTRL_MSGSTATE_PLAINTEXT;
    compute(bob);
    BOOST_TEST(bob.told() == "VerificationAsked VerificationAborted");
    BOOST_TEST(sent_by(world, "bob") == sent);
    bob.context("alice", tag)->msgstate = OTRL_MSGSTATE_ENCRYPTED;
    alice.session("bob").abort_verification();
    world.settle();
    both_can_verify();
}

// --- More comes --------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_question_right_behind_the_last_message_is_asked, PrivateWithRaw) {
    alice.session("bob").verify_by_question("where?", secret("here"));
    world.settle();
    bob.peer().smp_answer("alice", "here");
    deliver(world);
    compute(alice);
    deliver(world); // the third message, and the fourth
    bob.peer().smp_start("alice", "and you?", "me");
    deliver(world);
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationSucceeded VerificationAsked");
    alice.session("bob").answer(secret("me"));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationAnswered");
    BOOST_TEST(bob.peer().status("alice")["trust"] == "smp");
}

BOOST_FIXTURE_TEST_CASE(nobody_answers_a_question_that_is_on_its_way_out, PrivateWithRaw) {
    bob.peer().smp_start("alice", "one?", "1");
    world.settle();
    BOOST_TEST(alice.told() == "VerificationAsked");
    bob.peer().smp_start("alice", "two?", "2");
    deliver(world);
    alice.session("bob").answer(secret("1"));
    BOOST_TEST(alice.told() == "VerificationNothing");
    world.settle();
    BOOST_TEST(alice.take(NoticeKind::VerificationAsked).arguments == Lines{"two?"});
    alice.session("bob").answer(secret("2"));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationAnswered");
    BOOST_TEST(bob.peer().status("alice")["trust"] == "smp");
}

BOOST_FIXTURE_TEST_CASE(a_question_that_is_read_comes_before_one_of_ours, Private) {
    question_is_computed();
    bob.session("alice").verify_by_secret(secret("x"));
    BOOST_TEST(bob.told() == "VerificationBusy");
    world.settle();
    BOOST_TEST(bob.told() == "VerificationAsked");
    bob.session("alice").answer(secret("here"));
    world.settle();
    BOOST_TEST(alice_trusts());
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(questions_that_cross_end_both_whatever_is_computed, Private) {
    alice.session("bob").verify_by_question("a?", secret("a"));
    compute(alice);
    bob.session("alice").verify_by_question("b?", secret("b"));
    deliver(world); // Alice's, while Bob's is computed
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationAborted");
    BOOST_TEST(bob.told() == "VerificationStarted VerificationAborted");
    both_can_verify();
}

BOOST_FIXTURE_TEST_CASE(a_flood_of_steps_is_cut_short, PrivateWithRaw) {
    for (std::size_t count = 0; count < 20 * limits::waiting_smp_records; ++count) {
        bob.peer().send_tlv("alice", OTRL_TLV_SMP1, "junk");
    }
    deliver(world);
    world.settle();
    BOOST_TEST(alice.told() == "");
    BOOST_TEST((alice.status("bob").verification.stage == Stage::Idle));
    world.advance(1min); // see questions_per_minute
    bob.peer().smp_start("alice", "who?", "me");
    world.settle();
    alice.session("bob").answer(secret("me"));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationAsked VerificationAnswered");
}

BOOST_FIXTURE_TEST_CASE(questions_are_taken_so_many_a_minute, PrivateWithRaw) {
    const auto ask = [this](std::size_t times) {
        for (std::size_t count = 0; count < times; ++count) {
            bob.peer().smp_start("alice", "who?", "me");
            world.settle();
            bob.peer().smp_abort("alice");
            world.settle();
        }
    };
    ask(3 * limits::questions_per_minute);
    for (std::size_t count = 0; count < limits::questions_per_minute; ++count) {
        alice.take(NoticeKind::VerificationAsked);
    }
    BOOST_TEST(alice.told().find("VerificationAsked") == std::string::npos);
    world.advance(1min);
    ask(1);
    BOOST_TEST(alice.told().starts_with("VerificationAsked"));
}

BOOST_FIXTURE_TEST_CASE(a_flood_in_one_message_is_answered_once, PrivateWithRaw) {
    const std::size_t before = sent_by(world, "alice");
    bob.peer().send_tlvs("alice", {1000, {OTRL_TLV_SMP2, ""}});
    world.settle();
    BOOST_TEST(alice.told() == "");
    BOOST_TEST(sent_by(world, "alice") == before + 1);
}

// libotr computes then, whatever we do. It must not be had again and again.
BOOST_FIXTURE_TEST_CASE(who_asks_and_says_goodbye_in_one_message_is_left_alone, PrivateWithRaw) {
    bob.peer().send_tlvs("alice", {{OTRL_TLV_DISCONNECTED, ""},
                                   {OTRL_TLV_SMP1, std::string("\0\0\0\6\0\0\0\1\2", 9)}});
    world.settle();
    BOOST_TEST(alice.told() == "SessionEndedByPeer");
    bob.peer().start("alice");
    world.settle();
    BOOST_TEST(alice.told() == "");
    BOOST_TEST((alice.state("bob") == SessionState::Finished));
    world.advance(limits::shunning);
    bob.peer().start("alice");
    world.settle();
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    alice.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_broken_question_is_aborted_without_a_word, PrivateWithRaw) {
    for (const std::string& value :
         {std::string(), std::string("no zero"), std::string("cut\0", 4), std::string(5000, 'x')}) {
        const std::size_t before = sent_by(world, "alice");
        bob.peer().send_tlv("alice", OTRL_TLV_SMP1Q, value);
        world.settle();
        BOOST_TEST(alice.told() == "");
        BOOST_TEST(sent_by(world, "alice") == before + 1);
    }
    // In the place of one that the user has seen it is told.
    bob.peer().smp_start("alice", "who?", "me");
    world.settle();
    bob.peer().send_tlv("alice", OTRL_TLV_SMP1Q, "no zero");
    world.settle();
    BOOST_TEST(alice.told() == "VerificationAsked VerificationCheated");
}

BOOST_AUTO_TEST_CASE(a_question_of_another_device_does_not_come_between) {
    AliceAndTwoDevices people(2);
    auto& [world, alice, first, second, devices] = people;
    first.peer().smp_start("alice", "who?", "me");
    deliver(world);
    second.peer().smp_start("alice", "easy?", "y");
    deliver(world);
    world.settle();
    BOOST_TEST(alice.take(NoticeKind::VerificationAsked).arguments == Lines{"who?"});
    alice.session("bob").answer(secret("me"));
    second.peer().smp_abort("alice");
    deliver(world);
    world.settle();
    BOOST_TEST(alice.told() == "VerificationAnswered");
    BOOST_TEST(first.peer().status("alice")["trust"] == "smp");
}

BOOST_FIXTURE_TEST_CASE(the_device_that_asks_is_not_the_one_to_be_forgotten, PrivateWithRaw) {
    bob.peer().smp_start("alice", "who?", "me");
    world.settle();
    BOOST_TEST(alice.take(NoticeKind::VerificationAsked).arguments == Lines{"who?"});
    for (std::size_t other = 0; other < limits::instances_per_peer; ++other) {
        world.advance(10s); // every one is heard after it
        RawPeer device(world, {"bob", 1});
        world.network.attach("bob", device);
        device.peer().start("alice");
        world.settle();
        BOOST_TEST(device.peer().status("alice")["state"] == "private");
    }
    world.network.attach("bob", bob);
    alice.look_away();
    alice.session("bob").answer(secret("me"));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationAnswered");
    BOOST_TEST(bob.peer().status("alice")["trust"] == "smp");
}

BOOST_AUTO_TEST_SUITE_END()
