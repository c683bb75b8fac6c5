// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "windows/verify_model.h"

using otr_guard::ipc::Look;
using otr_guard::ipc::Stage;
using otr_guard::ipc::Told;
using otr_guard::ipc::VerificationState;
using otr_guard::windows::VerifyModel;
using Page = VerifyModel::Page;
using Outcome = VerifyModel::Outcome;

namespace {

const std::string key_a(40, 'a');
const std::string key_b(40, 'b');

VerificationState state(Stage stage, const std::string& key = key_a) {
    VerificationState state;
    state.name = "Bob";
    state.key = key;
    state.look = key.empty() ? Look::NotPrivate : Look::Unverified;
    state.stage = stage;
    state.question = stage == Stage::Asked ? "Where?" : "";
    state.has_question = stage == Stage::Asked;
    return state;
}

struct Opened {
    VerifyModel model;
    Opened() { model.update(state(Stage::Idle)); }
};

constexpr Page all_pages[] = {Page::Start,   Page::Choose,   Page::Pin,
                              Page::Code,    Page::Secret,   Page::Compare,
                              Page::Waiting, Page::Question, Page::Result};

} // namespace

namespace std {
ostream& operator<<(ostream& out, Page page) {
    return out << "page " << static_cast<int>(page);
}
} // namespace std

BOOST_AUTO_TEST_SUITE(verify_model_tests)

BOOST_AUTO_TEST_CASE(opens_on_what_is_the_matter) {
    const auto opened_on = [](const VerificationState& now) {
        VerifyModel model;
        model.update(now);
        return model.page();
    };
    BOOST_TEST(opened_on(state(Stage::Idle, "")) == Page::Start);
    BOOST_TEST(opened_on(state(Stage::Idle)) == Page::Choose);
    BOOST_TEST(opened_on(state(Stage::Asked)) == Page::Question);
    BOOST_TEST(opened_on(state(Stage::WaitingForPeer)) == Page::Waiting);
}

BOOST_FIXTURE_TEST_CASE(a_question_never_takes_the_place_of_what_is_being_typed, Opened) {
    for (const Page page : {Page::Choose, Page::Code, Page::Secret, Page::Compare, Page::Pin}) {
        model.go(page);
        model.update(state(Stage::Asked));
        BOOST_TEST(model.page() == page);
        BOOST_TEST(model.has_question_waiting());
        model.update(state(Stage::Idle));
        BOOST_TEST(!model.has_question_waiting());
    }
    model.go(Page::Secret);
    model.update(state(Stage::Asked));
    model.go(Page::Question);
    BOOST_TEST(model.page() == Page::Question);
    BOOST_TEST(!model.has_question_waiting());
}

BOOST_FIXTURE_TEST_CASE(a_question_that_waits_is_shown_when_the_user_asks_for_it, Opened) {
    model.update(state(Stage::Asked));
    BOOST_TEST(model.page() == Page::Choose);
    model.raise();
    BOOST_TEST(model.page() == Page::Question);
    model.update(state(Stage::Idle)); // withdrawn
    BOOST_TEST(model.page() == Page::Choose);
    model.raise();
    BOOST_TEST(model.page() == Page::Choose);
    for (const Page page : {Page::Code, Page::Secret, Page::Compare, Page::Pin}) {
        model.go(page); // where something may be half typed
        model.update(state(Stage::Asked));
        model.raise();
        BOOST_TEST(model.page() == page);
        model.update(state(Stage::Idle));
    }
}

BOOST_FIXTURE_TEST_CASE(waiting_may_be_in_vain_after_a_while_or_with_a_program_of_old, Opened) {
    model.go(Page::Pin);
    BOOST_TEST(!model.is_perhaps_in_vain());
    model.update(state(Stage::WaitingForPeer));
    BOOST_TEST(!model.is_perhaps_in_vain());
    model.tell(Told::NoReply, "no answer so far", "");
    BOOST_TEST(model.is_perhaps_in_vain());
    model.update(state(Stage::Idle));
    model.update(state(Stage::WaitingForPeer)); // another one
    BOOST_TEST(!model.is_perhaps_in_vain());
    VerificationState old = state(Stage::WaitingForPeer);
    old.protocol_version = 2;
    model.update(old);
    BOOST_TEST(model.is_perhaps_in_vain());
}

BOOST_FIXTURE_TEST_CASE(what_failed_can_be_tried_again_where_it_was_begun, Opened) {
    BOOST_TEST(!model.page_to_try_again().has_value());
    for (const Page page : {Page::Pin, Page::Secret}) {
        model.go(page);
        model.update(state(Stage::WaitingForPeer));
        model.tell(Told::Failed, "wrong", "");
        model.update(state(Stage::Idle));
        BOOST_REQUIRE(model.page_to_try_again().has_value());
        BOOST_TEST(*model.page_to_try_again() == page);
    }
    model.go(Page::Code);
    model.tell(Told::Differs, "another", key_b);
    BOOST_TEST((model.page_to_try_again() == Page::Code));
    model.go(Page::Code);
    model.tell(Told::Succeeded, "right", "");
    BOOST_TEST(!model.page_to_try_again().has_value());
    // Their question: nobody but they can ask again.
    model.update(state(Stage::Asked));
    model.go(Page::Question);
    model.update(state(Stage::Answering));
    model.tell(Told::Failed, "wrong", "");
    BOOST_TEST(!model.page_to_try_again().has_value());
}

BOOST_FIXTURE_TEST_CASE(it_matches_can_be_taken_back_at_once, Opened) {
    VerificationState verified = state(Stage::Idle);
    verified.is_verified = true;
    for (const Page page : {Page::Compare, Page::Code}) {
        model.go(page);
        model.tell(Told::Succeeded, "verified", "");
        model.update(verified);
        BOOST_TEST(model.page() == Page::Result);
        BOOST_TEST(model.can_take_back());
        model.tell(Told::Note, "no longer verified", "");
        model.update(state(Stage::Idle));
        BOOST_TEST(model.page() == Page::Choose);
        BOOST_TEST(!model.can_take_back());
        BOOST_TEST(model.message() == "no longer verified");
    }
}

BOOST_FIXTURE_TEST_CASE(a_failed_check_lets_the_user_decide_about_an_earlier_verification, Opened) {
    VerificationState verified = state(Stage::Idle);
    verified.is_verified = true;
    model.update(verified);
    model.go(Page::Secret);
    model.tell(Told::Failed, "wrong, the earlier one stays", "");
    BOOST_TEST(model.can_take_back());
    model.update(state(Stage::Idle));
    BOOST_TEST(model.page() == Page::Result);
    BOOST_TEST(!model.can_take_back());
    // A right answer to their question says nothing about them.
    model.update(verified);
    model.go(Page::Compare);
    model.tell(Told::Answered, "they have verified you", "");
    BOOST_TEST(!model.can_take_back());
}

BOOST_FIXTURE_TEST_CASE(a_code_that_differs_is_kept_as_long_as_it_is_shown, Opened) {
    model.go(Page::Code);
    model.tell(Told::Differs, "another", "BBBBBBBB BBBBBBBB BBBBBBBB BBBBBBBB BBBBBBBB");
    BOOST_TEST(model.other_key() == std::string(40, 'B'));
    model.tell(Told::Differs, "another", "no code");
    BOOST_TEST(model.other_key().empty());
    model.tell(Told::Differs, "another", key_b);
    model.go(Page::Choose);
    BOOST_TEST(model.other_key().empty());
}

BOOST_FIXTURE_TEST_CASE(asking_waits_and_ends_with_what_came_of_it, Opened) {
    model.go(Page::Secret);
    model.update(state(Stage::WaitingForPeer));
    BOOST_TEST(model.page() == Page::Waiting);
    model.tell(Told::NoReply, "no answer so far", "");
    BOOST_TEST(model.page() == Page::Waiting);
    BOOST_TEST(model.message() == "no answer so far");
    model.tell(Told::Succeeded, "right", "");
    model.update(state(Stage::Idle));
    BOOST_TEST(model.page() == Page::Result);
    BOOST_TEST((model.outcome() == Outcome::Good));
    BOOST_TEST(!model.can_ask_back());
    model.go(Page::Choose);
    BOOST_TEST((model.outcome() == Outcome::None));
}

BOOST_FIXTURE_TEST_CASE(failure_and_difference_are_not_success, Opened) {
    model.tell(Told::Failed, "wrong", "");
    BOOST_TEST((model.outcome() == Outcome::Bad));
    model.tell(Told::Differs, "another code", "");
    BOOST_TEST((model.outcome() == Outcome::Blocked));
    BOOST_TEST(model.message() == "another code");
}

BOOST_FIXTURE_TEST_CASE(a_pin_is_gone_when_its_check_is, Opened) {
    model.go(Page::Pin);
    BOOST_TEST(model.pin().empty());
    model.tell(Told::Pin, "tell them", "123456");
    model.update(state(Stage::WaitingForPeer));
    BOOST_TEST(model.page() == Page::Pin);
    BOOST_TEST(model.pin() == "123456");
    model.tell(Told::Failed, "expired", "");
    model.update(state(Stage::Idle));
    BOOST_TEST(model.pin().empty());
    BOOST_TEST(model.page() == Page::Result);
}

BOOST_FIXTURE_TEST_CASE(who_has_answered_may_ask_back_until_the_peer_is_verified, Opened) {
    model.update(state(Stage::Asked));
    model.update(state(Stage::Answering));
    BOOST_TEST(model.page() == Page::Waiting);
    model.tell(Told::Answered, "they have verified you", "");
    model.update(state(Stage::Idle));
    BOOST_TEST(model.page() == Page::Result);
    BOOST_TEST(model.can_ask_back());
    VerificationState verified = state(Stage::Idle);
    verified.is_verified = true;
    model.update(verified);
    BOOST_TEST(!model.can_ask_back());
}

BOOST_AUTO_TEST_CASE(no_page_goes_on_about_another_key) {
    for (const Page page : all_pages) {
        VerifyModel model;
        model.update(state(Stage::Idle));
        model.go(page);
        model.tell(Told::Note, "about the first key", "");
        model.update(state(Stage::Idle, key_b));
        BOOST_TEST(model.page() == Page::Choose);
        BOOST_TEST(model.message().empty());
        model.go(page);
        model.update(state(Stage::Idle, ""));
        BOOST_TEST(model.page() == Page::Start);
    }
}

BOOST_AUTO_TEST_CASE(without_a_private_conversation_nothing_but_its_start_is_offered) {
    VerifyModel model;
    model.update(state(Stage::Idle, ""));
    for (const Page page : all_pages) {
        model.go(page);
        BOOST_TEST(model.page() == Page::Start);
    }
}

BOOST_FIXTURE_TEST_CASE(codes_are_read_out_group_by_group, Opened) {
    model.read_next_group();
    BOOST_TEST(!model.group().has_value());
    model.go(Page::Compare);
    BOOST_TEST(!model.group().has_value());
    VerificationState now = state(Stage::Idle);
    now.key = "0123456789abcdef0123456789abcdef0123456f";
    now.my_key = std::string(32, '0') + "89abcdef";
    model.update(now);
    model.go(Page::Compare);
    model.read_next_group();
    BOOST_REQUIRE(model.group().has_value());
    BOOST_TEST(model.group()->number == 1U);
    BOOST_TEST(model.group()->theirs == "01234567");
    model.read_group_before();
    BOOST_TEST(model.group()->number == 1U);
    for (int i = 0; i < 10; ++i) {
        model.read_next_group();
    }
    BOOST_TEST(model.group()->number == model.group()->count);
    BOOST_TEST(model.group()->theirs == "0123456F");
    BOOST_TEST(model.group()->mine == "89ABCDEF");
    model.go(Page::Choose);
    BOOST_TEST(!model.group().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
