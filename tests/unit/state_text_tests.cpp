// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <set>

#include <boost/test/unit_test.hpp>

#include "state_text.h"

namespace plugin = otr_guard::plugin;
namespace core = otr_guard::core;
using otr_guard::model::HoldReason;
using otr_guard::model::SessionState;
using plugin::Look;

namespace {

constexpr SessionState states[] = {SessionState::Plaintext, SessionState::Private,
                                   SessionState::Finished};

plugin::StateText describe(SessionState state, bool is_verified,
                           HoldReason hold = HoldReason::None) {
    core::SessionStatus status;
    status.state = state;
    status.is_verified = is_verified;
    status.hold = hold;
    return plugin::describe(status, "Bob");
}

} // namespace

BOOST_AUTO_TEST_SUITE(state_text_tests)

BOOST_AUTO_TEST_CASE(private_is_said_of_what_is_private_and_verified_alone) {
    for (const SessionState state : states) {
        for (const bool is_verified : {false, true}) {
            const auto text = describe(state, is_verified);
            BOOST_TEST((text.look == Look::Private) ==
                       (state == SessionState::Private && is_verified));
            BOOST_TEST((text.word == "Private") == (text.look == Look::Private));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_look_has_a_word_of_its_own) {
    std::set<std::string> words{describe(SessionState::Private, true).word};
    for (const SessionState state : states) {
        words.insert(describe(state, false).word);
    }
    const std::set<std::string> expected{"Finished", "Not private", "Private", "Unverified"};
    BOOST_TEST(words == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(whatever_waits_is_said_to_wait) {
    const auto waits = [](const plugin::StateText& text) {
        return text.explanation.find("waits") != std::string::npos;
    };
    BOOST_TEST(!waits(describe(SessionState::Plaintext, false)));
    BOOST_TEST(!waits(describe(SessionState::Private, false)));
    BOOST_TEST(waits(describe(SessionState::Finished, false, HoldReason::Finished)));
    for (const HoldReason hold : {HoldReason::NoSession, HoldReason::KeyGeneration}) {
        BOOST_TEST(waits(describe(SessionState::Plaintext, false, hold)));
    }
    for (const HoldReason hold :
         {HoldReason::Interrupted, HoldReason::NotConnected, HoldReason::KeyChanged,
          HoldReason::WrongKey, HoldReason::NotVerified}) {
        const auto text = describe(SessionState::Private, false, hold);
        BOOST_TEST(waits(text));
        BOOST_TEST(text.explanation.find('{') == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_question_is_put_to_the_user_unless_the_key_is_in_doubt) {
    core::SessionStatus status;
    status.state = SessionState::Private;
    BOOST_TEST(plugin::decision_text(status, "Bob").empty());
    status.verification.stage = core::VerificationStatus::Stage::Asked;
    for (const HoldReason hold : {HoldReason::None, HoldReason::NotVerified}) {
        status.hold = hold;
        BOOST_TEST(plugin::has_question_to_answer(status));
        BOOST_TEST(plugin::decision_text(status, "Bob").find("Bob wants to know") == 0U);
    }
    for (const HoldReason hold :
         {HoldReason::KeyChanged, HoldReason::WrongKey, HoldReason::Finished}) {
        status.hold = hold;
        BOOST_TEST(!plugin::has_question_to_answer(status));
        BOOST_TEST(plugin::decision_text(status, "Bob").find("waits") != std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
