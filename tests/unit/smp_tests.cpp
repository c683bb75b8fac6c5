// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "core/smp.h"

using otr_guard::core::Verification;
using otr_guard::model::VerificationMethod;
using Event = Verification::Event;
using Effect = Verification::Effect;
using Stage = Verification::Stage;

BOOST_AUTO_TEST_SUITE(smp_tests)

BOOST_AUTO_TEST_CASE(the_asker_gains_trust) {
    for (const auto method :
         {VerificationMethod::Question, VerificationMethod::Secret, VerificationMethod::Pin}) {
        Verification verification;
        verification.start(method);
        BOOST_TEST((verification.stage() == Stage::WaitingForPeer));
        BOOST_TEST((verification.handle(Event::InProgress, "") == Effect::Nothing));
        BOOST_TEST((verification.handle(Event::Success, "") == Effect::TrustPeer));
        BOOST_TEST((verification.method() == method));
    }
}

BOOST_AUTO_TEST_CASE(who_answers_a_question_gains_nothing) {
    Verification verification;
    BOOST_TEST((verification.handle(Event::AskedQuestion, "where?") == Effect::ShowQuestion));
    BOOST_TEST(verification.status().question == "where?");
    verification.answer();
    BOOST_TEST((verification.handle(Event::Success, "") == Effect::PeerTrustsUs));
}

BOOST_AUTO_TEST_CASE(an_empty_question_is_a_question_still) {
    Verification verification;
    BOOST_TEST((verification.handle(Event::AskedQuestion, "") == Effect::ShowQuestion));
    verification.answer();
    BOOST_TEST((verification.handle(Event::Success, "") == Effect::PeerTrustsUs));
}

BOOST_AUTO_TEST_CASE(a_shared_secret_proves_both_sides) {
    Verification verification;
    BOOST_TEST((verification.handle(Event::AskedSecret, "") == Effect::ShowQuestion));
    verification.answer();
    BOOST_TEST((verification.method() == VerificationMethod::Secret));
    BOOST_TEST((verification.handle(Event::Success, "") == Effect::TrustPeer));
}

BOOST_AUTO_TEST_CASE(success_without_our_doing_is_nothing) {
    Verification verification;
    BOOST_TEST((verification.handle(Event::Success, "") == Effect::Nothing));
    BOOST_TEST((verification.handle(Event::AskedQuestion, "x") == Effect::ShowQuestion));
    BOOST_TEST((verification.handle(Event::Success, "") == Effect::Nothing));
}

BOOST_AUTO_TEST_CASE(a_second_question_replaces_the_first_until_it_is_answered) {
    Verification verification;
    BOOST_TEST((verification.handle(Event::AskedQuestion, "first") == Effect::ShowQuestion));
    BOOST_TEST((verification.handle(Event::AskedSecret, "") == Effect::ShowQuestion));
    BOOST_TEST(!verification.status().has_question);
    verification.answer();
    BOOST_TEST((verification.handle(Event::AskedQuestion, "late") == Effect::AbortRun));
}

BOOST_AUTO_TEST_CASE(what_breaks_the_rules_is_aborted_and_told_when_it_matters) {
    Verification verification;
    BOOST_TEST((verification.handle(Event::Violation, "") == Effect::AbortSilently));
    BOOST_TEST((verification.handle(Event::OutOfOrder, "") == Effect::AbortSilently));
    BOOST_TEST((verification.handle(Event::Abort, "") == Effect::Nothing));
    BOOST_TEST((verification.handle(Event::Failure, "") == Effect::Nothing));
    verification.start(VerificationMethod::Secret);
    BOOST_TEST((verification.handle(Event::Violation, "") == Effect::AbortAndReport));
    BOOST_TEST((verification.handle(Event::OutOfOrder, "") == Effect::AbortRun));
    BOOST_TEST((verification.handle(Event::Abort, "") == Effect::ReportAbort));
}

BOOST_AUTO_TEST_CASE(failures_in_a_row_are_counted) {
    Verification verification;
    for (int i = 1; i <= 3; ++i) {
        verification.start(VerificationMethod::Question);
        BOOST_TEST((verification.handle(Event::Failure, "") == Effect::ReportFailure));
        verification.reset();
        BOOST_TEST(verification.failures() == i);
    }
    verification.start(VerificationMethod::Question);
    BOOST_TEST((verification.handle(Event::Success, "") == Effect::TrustPeer));
    BOOST_TEST(verification.failures() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
