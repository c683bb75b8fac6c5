// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>

#include <boost/test/unit_test.hpp>

#include "core/unconfirmed.h"
#include "core/wire.h"
#include "model/limits.h"
#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::core::Outgoing;
namespace core = otr_guard::core;
namespace limits = otr_guard::model::limits;

namespace {

std::size_t data_messages_of(const World& world, const std::string& name) {
    return static_cast<std::size_t>(
        std::ranges::count_if(world.network.log, [&name](const Packet& packet) {
            return packet.from == name && core::is_data_message(packet.text);
        }));
}

/// Both have written, and each knows that the other's program gives receipts.
struct Acquainted : TwoParties {
    Acquainted() {
        make_private();
        alice.type("bob", "hello");
        bob.type("alice", "hello");
        world.advance(5s);
        look_away();
    }
    void look_away() {
        alice.look_away();
        bob.look_away();
    }
    /// From now on, nothing that `from` sends in the private conversation arrives.
    void lose_data_of(const std::string& from) {
        world.network.passes = [from](const Packet& packet) {
            return packet.from != from || !core::is_data_message(packet.text);
        };
    }
};

core::SentText sent(const std::string& text, std::uint8_t number) {
    return {
        .html = text, .key = {}, .tag = number, .first = {number}, .last = {number}, .when = {}};
}

const auto any = [](const core::SentText&) { return true; };

} // namespace

BOOST_AUTO_TEST_SUITE(engine_receipts_tests)

BOOST_FIXTURE_TEST_CASE(who_gives_receipts_is_known_as_an_otr_guard, TwoParties) {
    make_private();
    BOOST_TEST(!alice.status("bob").has_otr_guard);
    BOOST_TEST(!bob.status("alice").has_otr_guard);
    bob.type("alice", "hello");
    world.settle();
    BOOST_TEST(alice.status("bob").has_otr_guard);
    world.advance(5s); // her receipt
    BOOST_TEST(bob.status("alice").has_otr_guard);
    alice.look_away();
    bob.look_away();
    alice.session("bob").end();
    world.settle();
    BOOST_TEST(!alice.status("bob").has_otr_guard);
    alice.look_away();
    bob.look_away();
}

// --- Receipts ----------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(several_texts_get_one_receipt, TwoParties) {
    make_private();
    for (const char* text : {"one", "two", "three"}) {
        alice.type("bob", text);
    }
    world.settle();
    BOOST_TEST(bob.shown().size() == 3U);
    const std::size_t before = data_messages_of(world, "bob");
    world.advance(1min);
    BOOST_TEST(data_messages_of(world, "bob") == before + 1);
    BOOST_TEST(alice.shown() == Lines{});
    BOOST_TEST(alice.told().empty());
}

BOOST_FIXTURE_TEST_CASE(a_receipt_goes_along_with_an_answer, Acquainted) {
    alice.type("bob", "question");
    world.settle();
    const std::size_t before = data_messages_of(world, "bob");
    bob.type("alice", "answer");
    world.advance(1min);
    BOOST_TEST(data_messages_of(world, "bob") == before + 1);
    look_away();
}

BOOST_AUTO_TEST_CASE(other_programs_get_no_receipts) {
    for (const char* kind : {"libotr", "chatsecure-ios"}) {
        BOOST_TEST_CONTEXT(kind) {
            AliceAndRaw pair(kind);
            pair.make_private();
            pair.bob.peer().send("alice", "one");
            pair.world.settle();
            const std::size_t before = pair.world.network.log.size();
            pair.world.advance(30s);
            BOOST_TEST(pair.world.network.log.size() == before);
            pair.alice.look_away();
        }
    }
}

// --- What was not read -------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(all_texts_of_a_lost_session_come_again_in_order, Acquainted) {
    bob.host.connected = false;
    bob.restart();
    bob.host.connected = true;
    for (const char* text : {"one", "two", "three"}) {
        alice.type("bob", text);
    }
    world.advance(30s);
    BOOST_TEST(bob.shown() == (Lines{"private: one", "private: two", "private: three"}));
    BOOST_TEST(alice.take(NoticeKind::Resent).arguments == Lines{"3"});
    look_away();
}

BOOST_FIXTURE_TEST_CASE(what_a_refresh_shows_to_be_lost_comes_again, Acquainted) {
    lose_data_of("alice");
    alice.type("bob", "one");
    alice.type("bob", "two");
    world.advance(30s);
    BOOST_TEST(bob.shown() == Lines{});
    world.network.passes = nullptr;
    bob.session("alice").start();
    world.settle();
    BOOST_TEST(bob.shown() == (Lines{"private: one", "private: two"}));
    alice.type("bob", "three");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: three"});
    look_away();
}

BOOST_FIXTURE_TEST_CASE(lost_receipts_show_nothing_twice, Acquainted) {
    alice.type("bob", "one");
    lose_data_of("bob");
    world.advance(30s);
    BOOST_TEST(bob.shown() == Lines{"private: one"});
    world.network.passes = nullptr;
    alice.session("bob").start();
    world.advance(5s);
    BOOST_TEST(bob.shown() == Lines{});
    alice.session("bob").start();
    world.settle();
    // It has been confirmed the second time.
    const auto told = alice.told();
    BOOST_TEST(told ==
               "RefreshRequested SessionRefreshed Resent RefreshRequested SessionRefreshed");
    look_away();
}

BOOST_FIXTURE_TEST_CASE(what_was_read_before_a_refresh_does_not_come_again, Acquainted) {
    alice.type("bob", "one");
    bob.type("alice", "two");
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(alice.told() == "RefreshRequested SessionRefreshed");
    BOOST_TEST(bob.told() == "SessionRefreshed");
    look_away();
}

// --- Ends --------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(texts_that_cross_a_goodbye_are_kept, Acquainted) {
    lose_data_of("alice");
    alice.type("bob", "one");
    alice.type("bob", "two");
    bob.session("alice").suspend();
    world.settle();
    BOOST_TEST(alice.take(NoticeKind::KeptUnread).arguments == Lines{"2"});
    BOOST_TEST(alice.status("bob").queued == 2U);
    world.network.passes = nullptr;
    look_away();
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(bob.shown() == (Lines{"private: one", "private: two"}));
    BOOST_TEST(alice.told() == "StartRequested SessionStartedUnverified Resent");
    look_away();
}

BOOST_FIXTURE_TEST_CASE(texts_that_were_read_before_a_goodbye_are_not_kept, Acquainted) {
    alice.type("bob", "one");
    world.settle();
    bob.session("alice").suspend();
    world.settle();
    BOOST_TEST(alice.told() == "SessionEndedByPeer");
    BOOST_TEST(alice.status("bob").queued == 0U);
    look_away();
}

BOOST_FIXTURE_TEST_CASE(our_goodbye_waits_for_receipts, Acquainted) {
    alice.type("bob", "see you");
    alice.session("bob").end();
    BOOST_TEST((alice.state("bob") == SessionState::Plaintext));
    world.advance(limits::receipt_delay);
    BOOST_TEST(bob.shown() == Lines{"private: see you"});
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
    BOOST_TEST(alice.told() == "SessionEndedByUs");
}

BOOST_FIXTURE_TEST_CASE(our_goodbye_does_not_wait_for_ever, Acquainted) {
    lose_data_of("bob");
    alice.type("bob", "see you");
    alice.session("bob").end();
    world.advance(limits::receipt_delay * 2);
    BOOST_TEST(bob.told() == "SessionEndedByPeer");
    BOOST_TEST(alice.told() == "SessionEndedByUs MaybeUnread");
    look_away();
}

BOOST_FIXTURE_TEST_CASE(texts_before_our_own_sign_off_come_again, Acquainted) {
    lose_data_of("alice");
    alice.type("bob", "one");
    alice.session("bob").suspend();
    world.settle();
    world.network.passes = nullptr;
    look_away();
    alice.session("bob").peer_online();
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: one"});
    look_away();
}

BOOST_AUTO_TEST_CASE(a_program_that_never_said_a_word_may_not_have_read_anything) {
    AliceAndRaw pair;
    pair.make_private();
    pair.alice.type("bob", "one");
    pair.world.settle();
    pair.bob.peer().end("alice");
    pair.world.settle();
    BOOST_TEST(pair.alice.told() == "SessionEndedByPeer MaybeUnread");
    BOOST_TEST(pair.alice.status("bob").queued == 0U);
    pair.alice.session("bob").start();
    pair.world.settle();
    pair.alice.look_away();
    pair.alice.type("bob", "two");
    pair.bob.peer().send("alice", "I am here");
    pair.world.settle();
    pair.bob.peer().end("alice");
    pair.world.settle();
    BOOST_TEST(pair.alice.told() == "SessionEndedByPeer");
    pair.alice.look_away();
}

BOOST_FIXTURE_TEST_CASE(kept_texts_do_not_leave_under_another_key, Acquainted) {
    lose_data_of("alice");
    alice.type("bob", "one");
    bob.session("alice").suspend();
    world.settle();
    world.network.passes = nullptr;
    bob.restart_with_key(3);
    look_away();
    alice.session("bob").start();
    world.advance(1min);
    BOOST_TEST(bob.shown() == Lines{});
    BOOST_TEST(alice.status("bob").queued == 1U);
    look_away();
}

// --- The list ----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_text_is_confirmed_by_either_of_its_messages) {
    core::Unconfirmed texts;
    core::SentText twice = sent("twice", 1);
    twice.last = {9};
    texts.add(twice);
    texts.add(sent("once", 2));
    texts.confirm({7});
    BOOST_TEST(texts.count(any) == 2U);
    texts.confirm({1});
    BOOST_TEST(texts.count(any) == 1U);
    texts.add(twice);
    texts.confirm({9});
    BOOST_TEST(texts.last().html == "once");
}

BOOST_AUTO_TEST_CASE(the_list_of_unconfirmed_texts_is_bounded_and_in_order) {
    core::Unconfirmed texts;
    for (std::size_t number = 0; number < limits::unconfirmed_texts + 10; ++number) {
        texts.add(sent(std::to_string(number), static_cast<std::uint8_t>(number % 2)));
    }
    BOOST_TEST(texts.count(any) == limits::unconfirmed_texts);
    const auto even = texts.take([](const core::SentText& text) { return text.tag == 0; });
    BOOST_TEST(even.size() == limits::unconfirmed_texts / 2);
    BOOST_TEST(even.front().html == "10");
    BOOST_TEST(even.back().html == std::to_string(limits::unconfirmed_texts + 8));
    texts.add(sent(std::string(limits::queued_bytes_per_peer, 'x'), 1));
    BOOST_TEST(texts.count(any) == 1U);
    texts.clear();
    BOOST_TEST(texts.empty());
}

BOOST_FIXTURE_TEST_CASE(a_text_that_is_lost_on_the_way_is_sent_again, Acquainted) {
    lose_data_of("alice");
    alice.type("bob", "lost");
    world.settle();
    world.network.passes = nullptr;
    alice.type("bob", "second");
    world.advance(9s);
    BOOST_TEST(bob.shown() == Lines{"private: second"});
    BOOST_TEST(alice.told().empty());
    world.advance(10s);
    BOOST_TEST(bob.shown() == Lines{"private: lost"});
    BOOST_TEST(alice.told() == "Resent");
    world.advance(1min);
    BOOST_TEST(bob.shown() == Lines{});
    BOOST_TEST(alice.host.timers() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_text_is_sent_again_once, Acquainted) {
    lose_data_of("bob"); // and so his receipts
    alice.type("bob", "seen");
    world.advance(5s);
    world.network.passes = nullptr;
    bob.type("alice", "more");
    world.advance(1min);
    BOOST_TEST(bob.shown() == Lines{"private: seen"});
    BOOST_TEST(alice.shown() == Lines{"private: more"});
    BOOST_TEST(alice.told() == "Resent");
    BOOST_TEST(alice.host.timers() == 0U);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_sent_again_to_somebody_who_is_silent, Acquainted) {
    world.network.passes = [](const Packet& packet) { return packet.from != "alice"; };
    alice.type("bob", "lost");
    world.advance(5min);
    BOOST_TEST(alice.told().empty());
    BOOST_TEST(alice.host.timers() == 0U);
    world.network.passes = nullptr;
    bob.type("alice", "back");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"private: back"});
    BOOST_TEST(bob.shown() == Lines{"private: lost"});
    BOOST_TEST(alice.told() == "Resent");
    world.advance(1min);
}

BOOST_FIXTURE_TEST_CASE(a_text_to_a_device_that_is_gone_goes_to_the_next_one, Acquainted) {
    world.network.detach("bob");
    alice.type("bob", "where are you?");
    world.settle();
    Party other(world, {{"bob", 1}});
    other.session("alice").start();
    world.settle();
    other.type("alice", "here");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"private: here"});
    BOOST_TEST(other.shown() == Lines{});
    world.advance(20s);
    BOOST_TEST(other.shown() == Lines{"private: where are you?"});
    BOOST_TEST(alice.take(NoticeKind::Resent).arguments == Lines{"1"});
    look_away();
    other.look_away();
}

BOOST_FIXTURE_TEST_CASE(what_a_device_sends_again_is_known_even_long_after, Acquainted) {
    lose_data_of("alice"); // and so her receipts
    bob.type("alice", "seen");
    world.settle();
    bob.session("alice").suspend();
    world.settle();
    world.network.passes = nullptr;
    BOOST_TEST(alice.shown() == Lines{"private: seen"});
    Party other(world, {{"bob", 1}});
    other.session("alice").start();
    world.settle();
    for (std::size_t i = 0; i < limits::remembered_messages + 10; ++i) {
        other.type("alice", "more");
        world.settle();
    }
    BOOST_TEST(alice.shown().size() == limits::remembered_messages + 10);
    world.network.attach("bob", bob);
    bob.session("alice").start();
    world.advance(1min);
    BOOST_TEST(bob.take(NoticeKind::Resent).arguments == Lines{"1"});
    BOOST_TEST(alice.shown() == Lines{});
    look_away();
    other.look_away();
}

BOOST_AUTO_TEST_SUITE_END()
