// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "core/markup.h"
#include "core/wire.h"
#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::core::Outgoing;
namespace core = otr_guard::core;

namespace {

struct Pair {
    World world;
    Party alice;
    Party bob;
    explicit Pair(const std::string& protocol)
        : alice(world, {{"alice", 0}}, protocol), bob(world, {{"bob", 1}}, protocol) {
        alice.session("bob").start();
        world.settle();
        BOOST_REQUIRE((bob.state("alice") == SessionState::Private));
        alice.look_away();
        bob.look_away();
    }
    /// What bob sees, as the text his screen shows.
    std::string arrives(const std::string& html) {
        alice.type("bob", html);
        world.settle();
        const Lines shown = bob.shown();
        BOOST_REQUIRE(shown.size() == 1U);
        BOOST_REQUIRE(shown.front().starts_with("private: "));
        return core::markup::to_plain(shown.front().substr(9));
    }
};

const char* const exact_texts[] = {
    "<foo>",
    "&amp;",
    "a < b && c > d",
    "if (a<b) <b>not bold</b> &lt;",
    "first\nsecond\n\nfourth",
    "/me waves",
    "caf\xc3\xa9 \xe2\x98\x95 \xf0\x9f\x94\x92",
    "\"quoted\" and 'single'",
    "https://example.org/?a=1&b=2",
    "?OTR is what I typed",
    "trailing space ",
};

} // namespace

BOOST_AUTO_TEST_SUITE(engine_text_tests)

// --- As typed ----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(text_between_two_engines_arrives_as_typed) {
    for (const char* protocol : {"prpl-jabber", "prpl-irc"}) {
        Pair pair(protocol);
        for (const char* text : exact_texts) {
            BOOST_TEST_CONTEXT(protocol << ": " << text) {
                BOOST_TEST(pair.arrives(core::markup::escape(text)) == text);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(formatting_survives_between_two_engines) {
    Pair pair("prpl-jabber");
    pair.alice.type("bob", "<b>bold</b> &amp; <i>slanted</i>");
    pair.world.settle();
    BOOST_TEST(pair.bob.shown() == Lines{"private: <b>bold</b> &amp; <i>slanted</i>"});
}

BOOST_AUTO_TEST_CASE(an_action_stays_an_action) {
    Pair pair("prpl-irc");
    pair.alice.type("bob", "/me waves");
    pair.world.settle();
    BOOST_TEST(pair.bob.shown() == Lines{"private: /me waves"});
}

BOOST_AUTO_TEST_CASE(text_from_a_plain_program_arrives_as_typed) {
    AliceAndRaw pair("libotr", "prpl-irc");
    pair.make_private();
    for (const char* text : exact_texts) {
        BOOST_TEST_CONTEXT(text) {
            pair.bob.peer().send("alice", text);
            pair.world.settle();
            const Lines shown = pair.alice.shown();
            BOOST_REQUIRE(shown.size() == 1U);
            // "&amp;" alone could be either; it is taken for what it was on this network.
            BOOST_TEST(shown.front().starts_with("private: "));
            if (std::string_view(text).find("&amp;") == std::string_view::npos &&
                std::string_view(text).find("&lt;") == std::string_view::npos) {
                BOOST_TEST(core::markup::to_plain(shown.front().substr(9)) == text);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_program_that_once_wrote_plain_text_always_does) {
    AliceAndRaw pair("libotr", "prpl-irc");
    pair.make_private();
    for (const char* text : {"1 < 2 & 3", "&amp;", "<b>not bold</b>", "a<br>b"}) {
        pair.bob.peer().send("alice", text);
        pair.world.settle();
        BOOST_TEST(pair.alice.shown() == Lines{"private: " + core::markup::escape(text)});
    }
    // A refresh changes nothing, another key may be another program.
    pair.alice.session("bob").start();
    pair.world.settle();
    pair.bob.peer().send("alice", "&lt;");
    pair.world.settle();
    BOOST_TEST(pair.alice.shown() == Lines{"private: &amp;lt;"});
    pair.alice.look_away();
}

BOOST_AUTO_TEST_CASE(text_to_a_plain_program_arrives_as_typed) {
    AliceAndRaw pair("libotr", "prpl-irc");
    pair.make_private();
    for (const char* text : exact_texts) {
        BOOST_TEST_CONTEXT(text) {
            pair.alice.type("bob", core::markup::escape(text));
            pair.world.settle();
            BOOST_TEST(pair.bob.shown() == Lines{std::string("private: ") + text});
        }
    }
}

BOOST_AUTO_TEST_CASE(text_to_and_from_an_html_program_arrives_as_typed) {
    AliceAndRaw pair("libotr", "prpl-jabber");
    pair.make_private();
    for (const char* text : exact_texts) {
        BOOST_TEST_CONTEXT(text) {
            const std::string html = core::markup::escape(text);
            pair.bob.peer().send("alice", html);
            pair.alice.type("bob", html);
            pair.world.settle();
            const Lines shown = pair.alice.shown();
            BOOST_REQUIRE(shown.size() == 1U);
            BOOST_TEST(core::markup::to_plain(shown.front().substr(9)) == text);
            const Lines theirs = pair.bob.shown();
            BOOST_REQUIRE(theirs.size() == 1U);
            const std::string read = theirs.front().substr(9);
            const bool is_plain = read == text;
            BOOST_TEST((is_plain || core::markup::to_plain(read) == text));
        }
    }
}

BOOST_AUTO_TEST_CASE(nothing_a_peer_writes_becomes_more_than_text) {
    AliceAndRaw pair;
    pair.make_private();
    pair.bob.peer().send("alice", "<script>x()</script><img src=\"http://evil/\"><b>ok</b>");
    pair.world.settle();
    const Lines shown = pair.alice.shown();
    BOOST_REQUIRE(shown.size() == 1U);
    BOOST_TEST(shown.front().find("<script") == std::string::npos);
    BOOST_TEST(shown.front().find("<img") == std::string::npos);
}

// --- Sentences about OTR -----------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(sentences_about_otr_are_shown, TwoParties) {
    for (const char* text : {"?OTR seems to be broken", "what does ?OTR, mean",
                             "or ?OTR| for that matter", "I typed ?OTR and nothing happened",
                             "OTR Error: what is that?", "see ?OTR Error: there"}) {
        BOOST_TEST_CONTEXT(text) {
            world.network.inject({"bob", "alice", text});
            world.settle();
            BOOST_TEST(alice.shown() == Lines{std::string("clear: ") + text});
            BOOST_TEST(alice.told() == "");
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_query_in_a_sentence_is_answered_and_the_sentence_shown, TwoParties) {
    for (int i = 0; i < 10; ++i) {
        world.network.inject({"bob", "alice", "type ?OTRv23? to start"});
    }
    world.network.passes = [](const Packet& packet) { return packet.from != "alice"; };
    world.settle();
    BOOST_TEST(alice.shown() == Lines(10, "clear: type ?OTRv23? to start"));
    BOOST_TEST(!world.network.log.empty());
    BOOST_TEST(world.network.log.size() <= 6U);
}

BOOST_FIXTURE_TEST_CASE(a_tag_in_the_middle_of_a_text_is_found_and_taken_out, TwoParties) {
    alice.host.policy = Policy::Opportunistic;
    world.network.inject(
        {"bob", "alice", "before " + std::string(core::whitespace_tag()) + "after"});
    world.settle();
    BOOST_TEST(alice.shown() == Lines{"clear: before after"});
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    alice.look_away();
    bob.look_away();
}

BOOST_FIXTURE_TEST_CASE(clear_text_in_a_private_conversation_is_marked, TwoParties) {
    make_private();
    world.network.inject({"bob", "alice", "psst"});
    world.network.inject({"bob", "alice", "psst" + std::string(core::whitespace_tag())});
    world.settle();
    BOOST_TEST(alice.shown() == Lines(2, "unencrypted: psst"));
    BOOST_TEST((alice.state("bob") == SessionState::Private));
    BOOST_TEST(bob.told() == "");
}

// --- Fragments ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(sixty_kilobytes_cross_irc) {
    Pair pair("prpl-irc");
    pair.alice.host.max_size = pair.bob.host.max_size = 417;
    std::string text;
    while (text.size() < 60'000) {
        text += "line " + std::to_string(text.size()) + " <&> \xc3\xa9\n";
    }
    pair.world.network.log.clear();
    BOOST_TEST(pair.arrives(core::markup::escape(text)) == text);
    BOOST_TEST(pair.world.network.log.size() > 100U);
    for (const Packet& packet : pair.world.network.log) {
        BOOST_REQUIRE(packet.text.size() <= 417U);
        BOOST_REQUIRE(packet.text.find('\n') == std::string::npos);
    }
    pair.bob.host.allowed = {NoticeKind::OtherSessionReceived};
}

BOOST_AUTO_TEST_CASE(fragments_cross_to_and_from_programs_on_libotr) {
    for (const char* kind : {"libotr", "adium"}) {
        AliceAndRaw pair(kind, "prpl-irc");
        pair.alice.host.max_size = 300;
        pair.bob.peer().set_max_message_size(300);
        pair.make_private();
        const std::string text(5000, 'x');
        pair.alice.type("bob", text);
        pair.bob.peer().send("alice", text);
        pair.world.settle();
        BOOST_TEST((pair.bob.shown() == Lines{"private: " + text}));
        BOOST_TEST((pair.alice.shown() == Lines{"private: " + text}));
        for (const Packet& packet : pair.world.network.log) {
            if (packet.from == "alice") {
                BOOST_TEST(packet.text.size() <= 300U);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(messages_between_fragments_do_not_disturb_them) {
    for (const char* kind : {"libotr", "adium"}) {
        AliceAndRaw pair(kind);
        pair.make_private();
        pair.bob.peer().set_max_message_size(200);
        const std::string text(1500, 'x');
        pair.bob.peer().send("alice", text);
        pair.bob.peer().set_max_message_size(0);
        auto& queue = pair.world.network.in_flight;
        BOOST_REQUIRE(queue.size() > 5U);
        queue.insert(queue.begin() + 3, {"bob", "alice", "in clear"});
        queue.insert(queue.begin() + 4, {"bob", "alice", "?OTRv2?"});
        queue.insert(queue.begin() + 2, queue[1]); // and one arrives twice
        pair.world.network.passes = [](const Packet& packet) { return packet.from != "alice"; };
        pair.world.settle();
        BOOST_TEST((pair.alice.shown() == Lines{"unencrypted: in clear", "private: " + text}));
        pair.alice.look_away();
    }
}

BOOST_AUTO_TEST_CASE(goodbyes_fit_the_network_too) {
    Pair pair("prpl-irc");
    pair.alice.host.max_size = pair.bob.host.max_size = 150;
    pair.alice.type("bob", "x");
    pair.world.settle();
    pair.world.network.log.clear();
    pair.alice.session("bob").end();
    pair.world.settle();
    for (const Packet& packet : pair.world.network.log) {
        BOOST_TEST(packet.text.size() <= 150U);
    }
    BOOST_TEST(pair.bob.told() == "SessionEndedByPeer");
    BOOST_TEST(pair.bob.shown() == Lines{"private: x"});
    pair.alice.look_away();
}

BOOST_AUTO_TEST_CASE(no_message_size_is_too_odd) {
    for (const std::size_t size : {1U, 18U, 19U, 20U, 36U, 37U, 38U, 99U, 100U, 101U, 137U}) {
        BOOST_TEST_CONTEXT(size) {
            for (const char* kind : {"libotr", "adium"}) {
                AliceAndRaw pair(kind);
                pair.alice.host.max_size = size;
                pair.alice.host.policy = Policy::Opportunistic;
                pair.alice.type("bob", "plain");
                pair.world.settle();
                static_cast<void>(pair.bob.shown());
                pair.alice.session("bob").start();
                pair.world.settle();
                BOOST_REQUIRE((pair.alice.state("bob") == SessionState::Private));
                pair.alice.type("bob", "hello");
                pair.world.settle();
                BOOST_TEST(pair.bob.shown() == Lines{"private: hello"});
                pair.alice.session("bob").end();
                pair.world.settle();
                BOOST_TEST(pair.bob.peer().status("alice")["state"] == "finished");
                pair.alice.look_away();
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
