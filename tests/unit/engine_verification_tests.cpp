// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::core::Outgoing;
using otr_guard::core::VerificationStatus;
using otr_guard::model::HoldReason;
using otr_guard::model::VerificationMethod;
using otr_guard::util::SecretString;
namespace core = otr_guard::core;

namespace {

using Stage = VerificationStatus::Stage;

SecretString secret(std::string_view text) {
    return SecretString(text);
}

struct Private : TwoParties {
    Private() { make_private(); }

    bool alice_trusts() { return alice.engine().trust().is_verified(alice.peer("bob"), bob.key()); }
    bool bob_trusts() { return bob.engine().trust().is_verified(bob.peer("alice"), alice.key()); }
    const core::KnownKey& known() {
        return *alice.engine().trust().find(alice.peer("bob"), bob.key());
    }
    void ask(const char* right) {
        alice.session("bob").verify_by_question("where?", secret(right));
        world.settle();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(engine_verification_tests)

// --- Right and wrong ---------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_right_answer_verifies_for_the_asker_alone, Private) {
    ask("here");
    BOOST_TEST(alice.told() == "VerificationStarted");
    BOOST_TEST((alice.status("bob").verification.stage == Stage::WaitingForPeer));
    BOOST_TEST((bob.status("alice").verification.stage == Stage::Asked));
    BOOST_TEST(bob.status("alice").verification.question == "where?");
    BOOST_TEST(bob.take(NoticeKind::VerificationAsked).arguments == Lines{"where?"});
    bob.session("alice").answer(secret("here"));
    world.settle();
    BOOST_TEST(alice.take(NoticeKind::VerificationSucceeded).arguments == Lines{"question"});
    BOOST_TEST(bob.told() == "VerificationAnswered");
    BOOST_TEST(alice_trusts());
    BOOST_TEST(!bob_trusts());
    const core::KnownKey* at_bobs = bob.engine().trust().find(bob.peer("alice"), alice.key());
    BOOST_REQUIRE(at_bobs != nullptr);
    BOOST_TEST((at_bobs->verified_us == bob.host.wall_clock()));
    BOOST_TEST(!known().verified_us.has_value());
    BOOST_TEST(known().trust_word == "smp");
    BOOST_TEST((known().method == VerificationMethod::Question));
    BOOST_TEST((known().verified_at == alice.host.wall_clock()));
    BOOST_TEST((alice.status("bob").verification.stage == Stage::Idle));
    BOOST_TEST((bob.status("alice").verification.stage == Stage::Idle));
}

BOOST_FIXTURE_TEST_CASE(a_wrong_answer_verifies_nobody, Private) {
    ask("here");
    bob.session("alice").answer(secret("there"));
    world.settle();
    BOOST_TEST(alice.take(NoticeKind::VerificationFailed).arguments == Lines{"none"});
    BOOST_TEST(alice.told() == "VerificationStarted");
    BOOST_TEST(bob.told() == "VerificationAsked VerificationFailed");
    BOOST_TEST(!alice_trusts());
    BOOST_TEST(!bob_trusts());
}

BOOST_FIXTURE_TEST_CASE(a_shared_secret_verifies_both, Private) {
    alice.session("bob").verify_by_secret(secret("swordfish"));
    world.settle();
    BOOST_TEST(bob.told() == "VerificationAskedSecret");
    BOOST_TEST(!bob.status("alice").verification.has_question);
    bob.session("alice").answer(secret("swordfish"));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationSucceeded");
    BOOST_TEST(bob.take(NoticeKind::VerificationSucceeded).arguments == Lines{"secret"});
    BOOST_TEST(alice_trusts());
    BOOST_TEST(bob_trusts());
    // Each has verified the other, and knows that.
    BOOST_TEST((known().verified_us == alice.host.wall_clock()));
    const core::KnownKey* at_bobs = bob.engine().trust().find(bob.peer("alice"), alice.key());
    BOOST_TEST((at_bobs->verified_us == bob.host.wall_clock()));
}

BOOST_FIXTURE_TEST_CASE(a_wrong_secret_verifies_nobody, Private) {
    alice.session("bob").verify_by_secret(secret("swordfish"));
    world.settle();
    bob.session("alice").answer(secret("sardine"));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationFailed");
    BOOST_TEST(bob.told() == "VerificationAskedSecret VerificationFailed");
    BOOST_TEST(!alice_trusts());
    BOOST_TEST(!bob_trusts());
}

BOOST_FIXTURE_TEST_CASE(a_one_time_pin_verifies, Private) {
    alice.session("bob").verify_by_pin();
    const std::string pin = alice.take(NoticeKind::PinReady).arguments.front();
    BOOST_TEST(pin.size() == 6U);
    world.settle();
    BOOST_TEST(bob.take(NoticeKind::VerificationAsked).arguments ==
               Lines{"Type the number that I told you."});
    bob.session("alice").answer(secret(pin));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationSucceeded");
    BOOST_TEST(bob.told() == "VerificationAnswered");
    BOOST_TEST((known().method == VerificationMethod::Pin));
    BOOST_TEST(!world.was_on_the_wire(pin));
}

BOOST_FIXTURE_TEST_CASE(a_pin_expires, Private) {
    alice.session("bob").verify_by_pin();
    world.advance(11min);
    BOOST_TEST(alice.told() == "VerificationStarted PinReady VerificationNoReply PinExpired");
    BOOST_TEST(bob.told() == "VerificationAsked VerificationAborted");
    bob.session("alice").answer(secret("123456"));
    BOOST_TEST(bob.told() == "VerificationNothing");
    world.settle();
    BOOST_TEST(!alice_trusts());
}

BOOST_FIXTURE_TEST_CASE(verification_sends_what_waited_for_it, TwoParties) {
    alice.host.policy = Policy::Verified;
    make_private();
    alice.type("bob", "for bob's ears");
    alice.session("bob").verify_by_secret(secret("x"));
    world.settle();
    bob.session("alice").answer(secret("x"));
    world.settle();
    BOOST_TEST(alice.told() == "Waiting VerificationStarted VerificationSucceeded QueueSent");
    BOOST_TEST(bob.shown() == Lines{"private: for bob&#39;s ears"});
    bob.look_away();
}

// --- Ends --------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(either_side_aborts, Private) {
    ask("here");
    alice.session("bob").abort_verification();
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationCancelled");
    BOOST_TEST(bob.told() == "VerificationAsked VerificationAborted");
    ask("here");
    bob.session("alice").abort_verification();
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationAborted");
    BOOST_TEST(bob.told() == "VerificationAsked VerificationCancelled");
    ask("here");
    bob.session("alice").answer(secret("here"));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationSucceeded");
    alice.session("bob").abort_verification();
    BOOST_TEST(alice.told() == "VerificationNothing");
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(one_at_a_time, Private) {
    ask("here");
    alice.session("bob").verify_by_secret(secret("x"));
    bob.session("alice").verify_by_secret(secret("x"));
    BOOST_TEST(alice.told() == "VerificationStarted VerificationBusy");
    BOOST_TEST(bob.told() == "VerificationAsked VerificationBusy");
    bob.session("alice").answer(secret("here"));
    world.settle();
    BOOST_TEST(alice_trusts());
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(questions_that_cross_end_both_and_can_be_asked_again, Private) {
    alice.session("bob").verify_by_question("a?", secret("a"));
    bob.session("alice").verify_by_question("b?", secret("b"));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationAborted");
    BOOST_TEST(bob.told() == "VerificationStarted VerificationAborted");
    ask("here");
    bob.session("alice").answer(secret("here"));
    world.settle();
    BOOST_TEST(alice_trusts());
    alice.look_away();
    bob.look_away();
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_answers_is_explained_and_blocks_nothing) {
    AliceAndRaw pair("adium");
    pair.make_private();
    pair.alice.session("bob").verify_by_question("where?", secret("here"));
    pair.world.advance(89s);
    BOOST_TEST(pair.alice.told() == "VerificationStarted");
    pair.world.advance(2s);
    BOOST_TEST(pair.alice.told() == "VerificationNoReply");
    pair.world.advance(1h);
    BOOST_TEST(pair.alice.told() == "");
    // Another way does not need an abort first.
    pair.alice.session("bob").verify_by_secret(secret("x"));
    BOOST_TEST(pair.alice.told() == "VerificationStarted");
    pair.alice.session("bob").abort_verification();
    BOOST_TEST(pair.alice.told() == "VerificationCancelled");
}

BOOST_FIXTURE_TEST_CASE(a_late_answer_counts, Private) {
    ask("here");
    world.advance(5min);
    bob.session("alice").answer(secret("here"));
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationNoReply VerificationSucceeded");
    BOOST_TEST(bob.told() == "VerificationAsked VerificationAnswered");
}

BOOST_FIXTURE_TEST_CASE(a_session_that_ends_takes_its_verification_along, Private) {
    ask("here");
    alice.session("bob").end();
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationCancelled SessionEndedByUs");
    BOOST_TEST(bob.told() == "VerificationAsked VerificationAborted SessionEndedByPeer");
    BOOST_TEST((alice.status("bob").verification.stage == Stage::Idle));
    BOOST_TEST((bob.status("alice").verification.stage == Stage::Idle));
    bob.session("alice").answer(secret("here"));
    alice.session("bob").verify_by_secret(secret("x"));
    BOOST_TEST(bob.told() == "VerificationNothing");
    BOOST_TEST(alice.told() == "NotPrivate");
    world.advance(5min);
}

BOOST_FIXTURE_TEST_CASE(new_keys_end_a_verification_and_say_so, Private) {
    ask("here");
    bob.session("alice").start();
    world.settle();
    BOOST_TEST(alice.told() == "VerificationStarted VerificationAborted SessionRefreshed");
    BOOST_TEST(bob.told() ==
               "VerificationAsked RefreshRequested VerificationAborted SessionRefreshed");
    ask("here");
    bob.session("alice").answer(secret("here"));
    world.settle();
    BOOST_TEST(alice_trusts());
    alice.look_away();
    bob.look_away();
}

// --- Trust that stays --------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_failed_or_aborted_check_keeps_an_earlier_verification, Private) {
    alice.session("bob").trust(bob.key());
    ask("here");
    bob.session("alice").answer(secret("there"));
    world.settle();
    BOOST_TEST(alice.take(NoticeKind::VerificationFailed).arguments == Lines{"kept"});
    BOOST_TEST(alice_trusts());
    BOOST_TEST(alice.status("bob").is_verified);
    BOOST_TEST(known().trust_word == "verified");
    BOOST_TEST((known().last_failed_check == alice.host.wall_clock()));
    ask("here");
    bob.session("alice").abort_verification();
    world.settle();
    BOOST_TEST(alice.take(NoticeKind::VerificationAborted).arguments == Lines{"kept"});
    BOOST_TEST(alice_trusts());
    BOOST_TEST((alice.type("bob", "still") == Outgoing::Action::SendReplacement));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: still"});
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(three_failures_in_a_row_are_mentioned, Private) {
    for (int i = 0; i < 3; ++i) {
        ask("here");
        bob.session("alice").answer(secret("there"));
        world.settle();
    }
    BOOST_TEST(alice.told() ==
               "VerificationStarted VerificationFailed VerificationStarted VerificationFailed "
               "VerificationStarted VerificationFailed VerificationTooMany");
    alice.session("bob").verify_by_secret(secret("x"));
    BOOST_TEST(alice.told() == "VerificationTooMany");
    alice.session("bob").verify_by_secret(secret("x"));
    BOOST_TEST(alice.told() == "VerificationStarted");
    world.settle();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(odd_answers_are_pointed_out, Private) {
    alice.session("bob").verify_by_secret(secret(" padded"));
    BOOST_TEST(alice.told() == "VerificationStarted AnswerLooksOdd");
    alice.session("bob").abort_verification();
    world.settle();
    alice.look_away();
    bob.look_away();
}

BOOST_AUTO_TEST_CASE(a_question_is_cut_and_cleaned) {
    AliceAndRaw pair;
    pair.make_private();
    const std::string question = "<b>who</b>\n&amp; \x1b[31m" + std::string(5000, 'x');
    pair.bob.peer().smp_start("alice", question.c_str(), "me");
    pair.world.settle();
    const std::string shown = pair.alice.take(NoticeKind::VerificationAsked).arguments.front();
    BOOST_TEST(shown.size() <= 410U);
    BOOST_TEST(shown.find('\n') == std::string::npos);
    BOOST_TEST(shown.find('\x1b') == std::string::npos);
    BOOST_TEST(pair.alice.status("bob").verification.question == shown);
    pair.alice.session("bob").answer(secret("me"));
    pair.world.settle();
    BOOST_TEST(pair.alice.told() == "VerificationAnswered");
    BOOST_TEST(pair.bob.peer().status("alice")["trust"] == "smp");
    BOOST_TEST(!pair.alice.status("bob").is_verified);
}

BOOST_AUTO_TEST_CASE(programs_on_libotr_verify_both_ways) {
    for (const char* kind : {"libotr", "chatsecure-android", "tor-messenger"}) {
        BOOST_TEST_CONTEXT(kind) {
            AliceAndRaw pair(kind);
            pair.make_private();
            pair.alice.session("bob").verify_by_question("where?", secret("here"));
            pair.world.settle();
            pair.bob.peer().smp_answer("alice", "there");
            pair.world.settle();
            BOOST_TEST(pair.alice.told() == "VerificationStarted VerificationFailed");
            pair.alice.session("bob").verify_by_secret(secret("here"));
            pair.world.settle();
            pair.bob.peer().smp_answer("alice", "here");
            pair.world.settle();
            BOOST_TEST(pair.alice.told() == "VerificationStarted VerificationSucceeded");
            BOOST_TEST(pair.alice.status("bob").is_verified);
            pair.bob.peer().smp_start("alice", "who?", "me");
            pair.world.settle();
            pair.bob.peer().smp_abort("alice");
            pair.world.settle();
            BOOST_TEST(pair.alice.told() == "VerificationAsked VerificationAborted");
            BOOST_TEST(pair.alice.status("bob").is_verified);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_another_device_does_never_counts_for_this_one) {
    AliceAndTwoDevices people(2);
    auto& [world, alice, first, second, devices] = people;
    const auto current = [&alice] {
        for (const auto& instance : alice.status("bob").instances) {
            if (instance.is_current) {
                return instance;
            }
        }
        throw std::runtime_error("no current instance");
    };
    const auto key = current().key.value();
    const auto fingerprint_of = [](RawPeer& raw) {
        return otr_guard::model::Fingerprint::from_hex(raw.peer().fingerprint()).value();
    };
    RawPeer& right = fingerprint_of(first) == key ? first : second;
    RawPeer& other = &right == &first ? second : first;
    alice.session("bob").verify_by_secret(secret("x"));
    world.settle();
    alice.look_away();
    // The other device asks, is refused, and aborts: nothing of that concerns the first.
    other.peer().smp_start("alice", "easy?", "y");
    world.settle();
    other.peer().smp_abort("alice");
    world.settle();
    BOOST_TEST(alice.told() == "");
    right.peer().smp_answer("alice", "x");
    world.settle();
    BOOST_TEST(alice.told() == "VerificationSucceeded");
    BOOST_TEST(alice.engine().trust().is_verified(alice.peer("bob"), key));
    BOOST_TEST(!alice.engine().trust().is_verified(alice.peer("bob"), fingerprint_of(other)));
}

BOOST_AUTO_TEST_SUITE_END()
