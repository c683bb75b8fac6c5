// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "core/wire.h"
#include "model/limits.h"
#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::core::Outgoing;
using otr_guard::model::HoldReason;
namespace core = otr_guard::core;
namespace limits = otr_guard::model::limits;

namespace {

/// The client dies without a word and starts again.
void crash(Party& party) {
    party.host.connected = false;
    party.restart();
    party.host.connected = true;
    party.look_away();
}

std::size_t queries_of(const World& world, const std::string& name) {
    return static_cast<std::size_t>(
        std::ranges::count_if(world.network.log, [&name](const Packet& packet) {
            return packet.from == name && packet.text.starts_with("?OTRv23?");
        }));
}

std::size_t contexts_of(Party& party) {
    std::size_t count = 0;
    for (const auto& peer : party.engine().peers_with_sessions()) {
        for (const ConnContext* context = party.engine().session(peer).contexts().first();
             context != nullptr; context = context->next) {
            ++count;
        }
    }
    return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(engine_recovery_tests)

// --- A peer that lost its session --------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_peer_that_lost_its_session_gets_the_text_again, TwoParties) {
    make_private();
    alice.type("bob", "before");
    world.advance(5s);
    static_cast<void>(bob.shown());
    crash(bob);
    alice.type("bob", "important");
    world.advance(10s);
    BOOST_TEST(bob.shown() == Lines{"private: important"});
    BOOST_TEST(bob.told() == "UnreadableReceived SessionStartedUnverified");
    BOOST_TEST(alice.told() == "PeerError SessionRefreshed Resent");
    BOOST_TEST(alice.host.sent_later == Lines{});
    alice.type("bob", "after");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: after"});
    BOOST_TEST(!world.was_on_the_wire("important"));
}

BOOST_AUTO_TEST_CASE(programs_on_libotr_that_lost_their_session_are_reached_again) {
    for (const char* kind : {"libotr", "tor-messenger", "chatsecure-ios"}) {
        BOOST_TEST_CONTEXT(kind) {
            AliceAndRaw pair(kind);
            pair.make_private();
            pair.bob.restart();
            pair.alice.type("bob", "important");
            pair.world.advance(30s);
            // libotr itself swallows the first message of an unknown session: the user starts anew.
            pair.alice.session("bob").start();
            pair.world.advance(30s);
            pair.alice.type("bob", "hello again");
            pair.world.settle();
            BOOST_TEST(pair.bob.shown().back() == "private: hello again");
            BOOST_TEST(!pair.world.was_on_the_wire("hello again"));
            pair.alice.look_away();
        }
    }
}

BOOST_AUTO_TEST_CASE(we_lost_our_session_and_take_it_up_again) {
    for (const char* kind : {"libotr", "adium", "chatsecure-ios", "tor-messenger"}) {
        BOOST_TEST_CONTEXT(kind) {
            AliceAndRaw pair(kind);
            pair.make_private();
            crash(pair.alice);
            pair.bob.peer().send("alice", "lost");
            pair.world.advance(10s);
            BOOST_TEST((pair.alice.state("bob") == SessionState::Private));
            pair.alice.take(NoticeKind::UnreadableReceived);
            pair.alice.look_away();
            pair.bob.peer().send("alice", "found");
            pair.world.settle();
            BOOST_TEST(pair.alice.shown() == Lines{"private: found"});
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_lost_text_is_not_sent_again_to_another_key, TwoParties) {
    make_private();
    bob.restart_with_key(3);
    alice.type("bob", "important");
    world.advance(5min);
    BOOST_TEST(bob.shown() == Lines{});
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST(alice.status("bob").queued == 1U);
    BOOST_TEST((alice.status("bob").hold == HoldReason::KeyChanged));
    BOOST_TEST(alice.told() == "PeerError AdditionalKey Waiting");
    alice.session("bob").release_queue();
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: important"});
    BOOST_TEST(alice.told() == "Resent");
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(while_a_lost_session_is_not_back_text_waits, TwoParties) {
    make_private();
    world.network.passes = [](const Packet& packet) { return packet.from != "alice"; };
    world.network.inject({"bob", "alice", "?OTR Error: what?"});
    world.settle();
    BOOST_TEST(alice.told() == "PeerError");
    BOOST_TEST((alice.type("bob", "first") == Outgoing::Action::Held));
    world.advance(3min);
    BOOST_TEST(alice.told() == "Waiting SessionLost");
    // The old keys may reach nobody: still no reason to use them.
    BOOST_TEST((alice.type("bob", "second") == Outgoing::Action::Held));
    BOOST_TEST((alice.status("bob").hold == HoldReason::Interrupted));
    world.network.passes = nullptr;
    world.advance(2min);
    BOOST_TEST(bob.shown() == (Lines{"private: first", "private: second"}));
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_message_under_the_old_keys_ends_the_doubt, TwoParties) {
    make_private();
    world.network.passes = [](const Packet& packet) {
        return packet.from != "alice" || core::is_data_message(packet.text);
    };
    world.network.inject({"bob", "alice", "?OTR Error: forged"});
    world.settle();
    BOOST_TEST((alice.type("bob", "waits") == Outgoing::Action::Held));
    world.advance(3min);
    bob.type("alice", "I am here");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"private: I am here"});
    BOOST_TEST(bob.shown() == Lines{"private: waits"});
    alice.look_away();
}

// --- Errors ------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(errors_restart_at_most_once_a_minute, TwoParties) {
    make_private();
    const std::size_t before = queries_of(world, "alice");
    for (int second = 0; second < 119; ++second) {
        world.network.inject({"bob", "alice", "?OTR Error: again"});
        world.advance(1s);
    }
    BOOST_TEST(queries_of(world, "alice") == before + 2);
    BOOST_TEST(alice.told() == "PeerError SessionRefreshed PeerError SessionRefreshed");
    BOOST_TEST(bob.told() == "SessionRefreshed SessionRefreshed");
    BOOST_TEST((alice.state("bob") == SessionState::Private));
}

BOOST_FIXTURE_TEST_CASE(an_error_sends_the_last_text_again_once, TwoParties) {
    make_private();
    alice.type("bob", "only once");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: only once"});
    for (int minute = 0; minute < 5; ++minute) {
        world.network.inject({"bob", "alice", "?OTR Error: forged"});
        world.advance(61s);
    }
    // Bob has read it the first time: he is not shown it again.
    BOOST_TEST(bob.shown() == Lines{});
    const auto resent = std::ranges::count_if(alice.host.told, [](const FakeHost::Told& told) {
        return told.notice.kind == NoticeKind::Resent;
    });
    BOOST_TEST(resent == 1);
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(two_engines_do_not_shout_at_each_other, TwoParties) {
    make_private();
    const std::size_t before = world.network.log.size();
    world.network.inject({"bob", "alice", "?OTR Error: x"});
    world.network.inject({"alice", "bob", "?OTR Error: x"});
    world.advance(30s);
    BOOST_TEST(world.network.log.size() < before + 20);
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST((bob.state("alice") == SessionState::Private));
    alice.look_away();
    bob.look_away();
    alice.type("bob", "hello");
    bob.type("alice", "hi");
    world.advance(10s);
    BOOST_TEST(bob.shown() == Lines{"private: hello"});
    BOOST_TEST(alice.shown() == Lines{"private: hi"});
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(the_errors_text_is_one_clean_line, TwoParties) {
    make_private();
    world.network.inject(
        {"bob", "alice",
         "?OTR Error: <b>You are private</b>\n<i>really</i>" + std::string(999, 'x')});
    world.settle();
    const std::string text = alice.take(NoticeKind::PeerError).arguments.front();
    BOOST_TEST(text.find('\n') == std::string::npos);
    BOOST_TEST(text.size() <= limits::error_text_characters + 3);
    alice.look_away();
    bob.look_away();
}

BOOST_AUTO_TEST_CASE(the_clear_error_of_an_iphone_is_an_error_while_private) {
    AliceAndRaw pair("chatsecure-ios");
    pair.world.network.inject({"bob", "alice", "OTR Error: I make mistakes"});
    pair.world.settle();
    BOOST_TEST(pair.alice.shown() == Lines{"clear: OTR Error: I make mistakes"});
    pair.make_private();
    pair.world.network.inject({"bob", "alice", "OTR Error: bob could not read your message."});
    pair.world.advance(2s);
    BOOST_TEST(pair.alice.told() == "PeerError SessionRefreshed");
}

BOOST_FIXTURE_TEST_CASE(an_error_in_a_sentence_is_a_sentence, TwoParties) {
    world.network.inject({"bob", "alice", "it says ?OTR Error: what is that?"});
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"clear: it says ?OTR Error: what is that?"});
    make_private();
    world.network.inject({"bob", "alice", "it says ?OTR Error: what is that?"});
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"unencrypted: it says ?OTR Error: what is that?"});
    BOOST_TEST(alice.told() == "");
}

// --- What networks do --------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_message_delivered_twice_is_read_once, TwoParties) {
    make_private();
    alice.type("bob", "once");
    const Packet packet = world.network.in_flight.front();
    world.settle();
    world.network.inject(packet);
    world.advance(3min);
    world.network.inject(packet);
    world.advance(3min);
    BOOST_TEST(bob.shown() == Lines{"private: once"});
    BOOST_TEST(bob.told() == "");
    BOOST_TEST(alice.told() == "");
}

BOOST_FIXTURE_TEST_CASE(a_recorded_session_replayed_shows_nothing, TwoParties) {
    make_private();
    alice.type("bob", "once");
    world.settle();
    static_cast<void>(bob.shown());
    const std::vector<Packet> recorded = world.network.log;
    alice.session("bob").end();
    world.settle();
    alice.look_away();
    bob.look_away();
    for (const Packet& packet : recorded) {
        if (packet.to == "bob") {
            world.network.inject(packet);
        }
    }
    world.network.passes = [](const Packet& packet) { return packet.from != "bob"; };
    world.advance(10min);
    BOOST_TEST(bob.shown() == Lines{});
    BOOST_TEST((bob.state("alice") == SessionState::Finished));
    bob.look_away();
    alice.look_away();
}

BOOST_FIXTURE_TEST_CASE(what_was_overtaken_comes_again_and_nothing_comes_twice, TwoParties) {
    make_private();
    alice.type("bob", "first");
    alice.type("bob", "second");
    std::swap(world.network.in_flight[0], world.network.in_flight[1]);
    world.advance(2min);
    BOOST_TEST(bob.shown() == (Lines{"private: second", "private: first"}));
    bob.take(NoticeKind::UnreadableReceived);
    alice.look_away();
    bob.look_away();
    alice.type("bob", "third");
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: third"});
}

// --- Several devices ---------------------------------------------------------------------------

namespace {

struct TwoDevices : AliceAndTwoDevices {
    RawPeer& phone = first;
    RawPeer& desk = second;

    TwoDevices() { world.advance(1s); }
    /// Who can read what alice types.
    std::string reader(const std::string& text) {
        alice.type("bob", text);
        world.settle();
        const bool is_phone = std::ranges::count(phone.shown(), "private: " + text) == 1;
        const bool is_desk = std::ranges::count(desk.shown(), "private: " + text) == 1;
        return std::string(is_phone ? "phone" : "") + (is_desk ? "desk" : "");
    }
    unsigned current() {
        for (const auto& instance : alice.status("bob").instances) {
            if (instance.is_current) {
                return instance.number;
            }
        }
        return 0;
    }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(text_goes_to_the_device_that_wrote_last, TwoDevices) {
    world.advance(1s);
    phone.peer().send("alice", "from the phone");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"private: from the phone"});
    BOOST_TEST(reader("a") == "phone");
    world.advance(1s);
    desk.peer().send("alice", "from the desk");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"private: from the desk"});
    BOOST_TEST(reader("b") == "desk");
    alice.look_away();
}

BOOST_FIXTURE_TEST_CASE(the_user_chooses_a_device, TwoDevices) {
    phone.peer().send("alice", "x");
    world.settle();
    const unsigned of_phone = current();
    world.advance(1s);
    desk.peer().send("alice", "x");
    world.settle();
    alice.look_away();
    BOOST_TEST(reader("to the desk") == "desk");
    alice.session("bob").select_instance(of_phone);
    BOOST_TEST(alice.take(NoticeKind::DeviceSwitched).arguments == Lines{std::to_string(of_phone)});
    world.advance(1s);
    desk.peer().send("alice", "x");
    world.settle();
    alice.look_away();
    BOOST_TEST(reader("to the phone") == "phone");
    alice.session("bob").select_instance(77);
    BOOST_TEST(alice.told() == "NotPrivate");
}

BOOST_FIXTURE_TEST_CASE(the_goodbye_of_one_device_leaves_the_other, TwoDevices) {
    phone.peer().send("alice", "x");
    world.settle();
    alice.look_away();
    phone.peer().end("alice");
    world.settle();
    BOOST_TEST(alice.told() == "DeviceSwitched");
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST(reader("to the desk") == "desk");
    desk.peer().end("alice");
    world.settle();
    BOOST_TEST(alice.told() == "SessionEndedByPeer MaybeUnread"); // it has never said a word
    BOOST_TEST((alice.type("bob", "nobody left") == Outgoing::Action::Held));
    alice.look_away();
}

BOOST_FIXTURE_TEST_CASE(a_clear_line_of_one_device_changes_nothing, TwoDevices) {
    world.network.inject({"bob", "alice", "in clear"});
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"unencrypted: in clear"});
    BOOST_TEST((alice.type("bob", "private") == Outgoing::Action::SendReplacement));
    alice.session("bob").end();
    world.settle();
    BOOST_TEST(phone.peer().status("alice")["state"] == "finished");
    BOOST_TEST(desk.peer().status("alice")["state"] == "finished");
    alice.look_away();
}

// --- Strangers ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(ten_thousand_strangers_leave_no_trace) {
    World world;
    Party alice(world, {{"alice", 0}});
    Party bob(world, {{"bob", 1}});
    bob.session("alice").start();
    world.settle();
    alice.look_away();
    bob.look_away();
    const std::size_t before = world.network.log.size();
    const char* junk[] = {
        "?OTR:AAMDJ+MVmSfjFZkAAAAAAQAAAAIAAADA1g5IjD1ZGLDVQEyCgCyn9hb==.",
        "?OTRv23? let us talk",
        "?OTR:AAMCJ+MVmQAAAAAAAADE.",
        "?OTR|5a73a599|27e31597,00001,00003,?OTR:AAMD,",
        "?OTR Error: you did something wrong",
        "?OTR:AAIDAQAAAAEAAAABAAAAwNYOSIw9WRiw1UBMgoAsp/YW=.",
        "?OTR",
        "?OTR:",
        "?OTR,1,2,x,",
        "?OTRv",
    };
    for (int i = 0; i < 10'000; ++i) {
        world.network.inject({"stranger" + std::to_string(i), "alice", junk[i % 10]});
        if (i % 100 == 0) {
            world.advance(10ms);
        }
    }
    world.settle();
    BOOST_TEST(alice.engine().peers_with_sessions().size() <= 2 * limits::idle_sessions);
    BOOST_TEST(alice.host.told.size() <= 30U);
    BOOST_TEST(world.network.log.size() - before <= 300U);
    BOOST_TEST(contexts_of(alice) <= 4 * limits::idle_sessions);
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    alice.look_away();
    bob.type("alice", "still here");
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"private: still here"});
}

// Each read the other out of the same text, until the stack was used up.
BOOST_AUTO_TEST_CASE(a_tag_beside_another_message_is_read_once) {
    const std::string tag(core::whitespace_tag());
    for (const std::string text : {"see ?OTR Error: x", "is ?OTRv23? a word", "?OTR:AAMC.", "?OTR",
                                   "and ?OTR|1|2,00001,00002,x,"}) {
        for (const std::string& whole : {text + tag, tag + text, "a" + tag + text + tag}) {
            BOOST_TEST_CONTEXT(whole) {
                World world;
                Party alice(world, {{"alice", 0}});
                Party stranger(world, {{"stranger", 1}});
                const std::size_t before = world.network.log.size();
                world.network.inject({"stranger", "alice", whole});
                world.settle();
                BOOST_TEST(world.network.log.size() - before <= 8U);
                alice.look_away();
                stranger.look_away();
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_flood_of_queries_is_answered_at_a_bounded_rate) {
    World world;
    Party alice(world, {{"alice", 0}});
    for (int second = 0; second < 10; ++second) {
        for (int i = 0; i < 1000; ++i) {
            world.network.inject({"mallory", "alice", "?OTRv23?"});
        }
        world.advance(1s);
    }
    BOOST_TEST(world.network.log.size() <= 12U);
    BOOST_TEST(alice.told() == "");
}

BOOST_FIXTURE_TEST_CASE(a_message_that_lacks_a_piece_is_missed, TwoParties) {
    make_private();
    bob.host.max_size = 200;
    bob.type("alice", "in several pieces");
    auto& queue = world.network.in_flight;
    BOOST_REQUIRE(queue.size() >= 3U);
    queue.erase(queue.begin() + 1);
    world.advance(10s);
    BOOST_TEST(alice.told().starts_with("UnreadableReceived"));
    BOOST_TEST(alice.shown() == Lines{"private: in several pieces"}); // bob was told, too
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(refreshes_that_nobody_asked_for_are_told_once_a_minute, TwoParties) {
    make_private();
    for (int second = 0; second < 59; ++second) {
        for (int i = 0; i < 1000; ++i) {
            world.network.inject({"bob", "alice", "?OTRv23?"});
        }
        world.advance(1s);
    }
    BOOST_TEST(alice.told() == "SessionRefreshed");
    BOOST_TEST(bob.told() == "SessionRefreshed");
    alice.session("bob").start();
    world.settle();
    BOOST_TEST(alice.told() == "RefreshRequested SessionRefreshed");
    BOOST_TEST(bob.told() == "");
}

BOOST_AUTO_TEST_CASE(made_up_instance_tags_of_one_peer_are_bounded) {
    for (const bool is_private : {false, true}) {
        TwoParties pair;
        if (is_private) {
            pair.make_private();
        }
        for (std::uint32_t tag = 0x1000; tag < 0x1000 + 80; ++tag) {
            pair.world.network.inject({"bob", "alice", "?OTRv3?"});
            pair.world.advance(2s);
            pair.world.network.in_flight.clear();
            const std::string commit = pair.world.network.log.back().text;
            const std::string answer = forge_dh_key(commit, tag);
            if (!answer.empty()) {
                pair.world.network.inject({"bob", "alice", answer});
            }
            pair.world.settle();
        }
        BOOST_TEST(contexts_of(pair.alice) <= limits::contexts_per_peer + 2);
        pair.alice.look_away();
        pair.bob.look_away();
    }
}

// libotr 4.1.1 keeps 728 bytes of every context that it is told to forget.
BOOST_AUTO_TEST_CASE(what_libotr_could_only_drop_makes_no_context) {
    TwoParties pair;
    pair.make_private();
    pair.bob.session("alice").start(); // each side has written every kind of message then
    pair.world.settle();
    pair.bob.type("alice", "of a session that nobody else has");
    pair.world.settle();
    const std::size_t before = contexts_of(pair.alice);
    for (const Packet& packet :
         std::vector(pair.world.network.log.begin(), pair.world.network.log.end())) {
        const bool is_beginning = is_encoded(packet, 'C') || !packet.text.starts_with("?OTR:");
        if (!is_beginning) {
            pair.world.network.inject({"mallory", "alice", packet.text});
        }
    }
    for (const char* malformed :
         {"?OTR:AAMD.", "?OTR:AAIDAQAAAAEAAAABAAAAwNYOSIw9WRiw.", "?OTR:"}) {
        pair.world.network.inject({"mallory", "alice", malformed});
    }
    pair.world.settle();
    BOOST_TEST(contexts_of(pair.alice) == before);
    BOOST_TEST(pair.alice.take(NoticeKind::UnreadableReceived).arguments.empty());
    pair.alice.look_away();
    pair.bob.look_away();
}

BOOST_AUTO_TEST_CASE(exchanges_that_a_known_peer_begins_are_answered_at_a_bounded_rate) {
    TwoParties pair;
    pair.make_private();
    const auto commit = std::ranges::find_if(
        pair.world.network.log, [](const Packet& packet) { return is_encoded(packet, 'C'); });
    BOOST_REQUIRE((commit != pair.world.network.log.end()));
    const Packet forged = *commit;
    Party& victim = forged.to == "alice" ? pair.alice : pair.bob;
    pair.world.network.passes = [&victim](const Packet& packet) {
        return packet.to == victim.account().username; // nobody answers
    };
    const std::size_t before = pair.world.network.log.size();
    for (int i = 0; i < 1000; ++i) {
        pair.world.network.inject(forged);
    }
    pair.world.settle();
    BOOST_TEST(pair.world.network.log.size() - before <= limits::exchanges_answered);
    pair.alice.look_away();
    pair.bob.look_away();
}

BOOST_AUTO_TEST_CASE(what_strangers_leave_behind_in_a_day_is_bounded) {
    World world;
    Party alice(world, {{"alice", 0}});
    constexpr std::size_t at_once = limits::stranger_exchanges;
    for (std::size_t i = 0; i < limits::stranger_exchanges_per_day + 5 * at_once; ++i) {
        world.network.inject({"stranger" + std::to_string(i), "alice", "?OTRv23?"});
        if (i % at_once == at_once - 1) {
            world.advance(10s);
        }
    }
    BOOST_TEST(world.network.log.size() == limits::stranger_exchanges_per_day);
    world.advance(24h);
    world.network.inject({"tomorrow", "alice", "?OTRv23?"});
    world.settle();
    BOOST_TEST(world.network.log.size() == limits::stranger_exchanges_per_day + 1);
    BOOST_TEST(alice.told() == "");
}

BOOST_AUTO_TEST_CASE(a_session_reference_survives_until_the_main_loop) {
    World world;
    Party alice(world, {{"alice", 0}});
    core::Session& first = alice.session("first");
    for (std::size_t i = 0; i < 3 * limits::idle_sessions; ++i) {
        static_cast<void>(alice.session("peer" + std::to_string(i)));
    }
    BOOST_TEST(first.peer().username == "first");
    BOOST_TEST((&alice.session("first") == &first));
    world.settle();
    BOOST_TEST(alice.engine().peers_with_sessions().size() <= limits::idle_sessions);
    BOOST_TEST((alice.engine().find_session(alice.peer("first")) == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
