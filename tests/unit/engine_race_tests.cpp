// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "two_party.h"

using namespace otr_guard::tests;

namespace {

/// More messages than a key exchange with its query has.
constexpr int steps = 8;

void deliver(World& world, int count) {
    for (int i = 0; i < count; ++i) {
        world.network.deliver_one();
    }
}

Lines without_repeats(Lines lines) {
    std::ranges::sort(lines);
    lines.erase(std::ranges::unique(lines).begin(), lines.end());
    return lines;
}

} // namespace

BOOST_AUTO_TEST_SUITE(engine_race_tests)

// --- Text that crosses a refresh ---------------------------------------------------------------

BOOST_AUTO_TEST_CASE(text_typed_at_any_moment_of_a_refresh_arrives_once) {
    for (int at = 0; at < steps; ++at) {
        BOOST_TEST_CONTEXT(at) {
            TwoParties pair;
            pair.make_private();
            pair.alice.session("bob").start();
            deliver(pair.world, at);
            pair.alice.type("bob", "from alice");
            pair.bob.type("alice", "from bob");
            pair.world.settle();
            pair.alice.type("bob", "alice again");
            pair.bob.type("alice", "bob again");
            pair.world.settle();
            BOOST_TEST(pair.bob.shown() == (Lines{"private: from alice", "private: alice again"}));
            BOOST_TEST(pair.alice.shown() == (Lines{"private: from bob", "private: bob again"}));
            BOOST_TEST(!pair.world.was_on_the_wire("from "));
            for (Party* who : {&pair.alice, &pair.bob}) {
                const std::string told = who->told();
                BOOST_TEST(told.find("UnreadableReceived") == std::string::npos);
                BOOST_TEST(told.find("PeerError") == std::string::npos);
            }
            pair.alice.look_away();
            pair.bob.look_away();
        }
    }
}

BOOST_AUTO_TEST_CASE(text_of_other_programs_crosses_a_refresh) {
    for (const char* kind : {"libotr", "adium"}) {
        for (const bool is_ours : {true, false}) {
            for (int at = 0; at < steps; ++at) {
                BOOST_TEST_CONTEXT(kind << ", begun by us: " << is_ours << ", at " << at) {
                    AliceAndRaw pair(kind);
                    pair.make_private();
                    if (is_ours) {
                        pair.alice.session("bob").start();
                    } else {
                        pair.bob.peer().start("alice");
                    }
                    deliver(pair.world, at);
                    pair.alice.type("bob", "from alice");
                    pair.world.settle();
                    pair.world.advance(std::chrono::seconds(20));
                    pair.alice.type("bob", "alice again");
                    pair.world.settle();
                    BOOST_TEST(without_repeats(pair.bob.shown()) ==
                               (Lines{"private: alice again", "private: from alice"}));
                    BOOST_TEST(!pair.world.was_on_the_wire("from "));
                    pair.alice.look_away();
                }
            }
        }
    }
}

// --- Ends that cross a key exchange ------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_end_at_any_moment_of_an_exchange_ends_it_for_both) {
    for (const bool is_refresh : {true, false}) {
        for (const bool ends_who_began : {true, false}) {
            for (int at = 0; at < steps; ++at) {
                BOOST_TEST_CONTEXT("refresh: " << is_refresh << ", by who began: " << ends_who_began
                                               << ", at " << at) {
                    TwoParties pair;
                    if (is_refresh) {
                        pair.make_private();
                    }
                    pair.alice.session("bob").start();
                    deliver(pair.world, at);
                    Party& who = ends_who_began ? pair.alice : pair.bob;
                    Party& other = ends_who_began ? pair.bob : pair.alice;
                    const std::string peer = ends_who_began ? "bob" : "alice";
                    const std::string name = ends_who_began ? "alice" : "bob";
                    // Who does not know of the exchange yet ends what there was, not what comes.
                    const bool is_unaware = !ends_who_began && at == 0;
                    who.session(peer).end();
                    pair.world.settle();
                    if (!is_unaware) {
                        BOOST_TEST((who.state(peer) == SessionState::Plaintext));
                        BOOST_TEST((other.state(name) != SessionState::Private));
                    }
                    BOOST_TEST(((who.state(peer) == SessionState::Private) ==
                                (other.state(name) == SessionState::Private)));
                    pair.alice.look_away();
                    pair.bob.look_away();
                    pair.alice.session("bob").start();
                    pair.world.settle();
                    BOOST_TEST((pair.alice.state("bob") == SessionState::Private));
                    BOOST_TEST((pair.bob.state("alice") == SessionState::Private));
                    pair.alice.look_away();
                    pair.bob.look_away();
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(an_end_during_an_exchange_with_another_program_reaches_it) {
    for (const char* kind : {"libotr", "adium"}) {
        for (const bool is_ours : {true, false}) {
            for (int at = is_ours ? 0 : 1; at < steps; ++at) {
                BOOST_TEST_CONTEXT(kind << ", begun by us: " << is_ours << ", at " << at) {
                    AliceAndRaw pair(kind);
                    pair.make_private();
                    if (is_ours) {
                        pair.alice.session("bob").start();
                    } else {
                        pair.bob.peer().start("alice");
                    }
                    deliver(pair.world, at);
                    pair.alice.session("bob").end();
                    pair.world.settle();
                    BOOST_TEST((pair.alice.state("bob") == SessionState::Plaintext));
                    BOOST_TEST(pair.bob.peer().status("alice")["state"] != "private");
                    pair.alice.look_away();
                }
            }
        }
    }
}

// libotr alone waits for ever: each side has answered the other's commit, and waits for a
// signature.
BOOST_AUTO_TEST_CASE(what_befalls_both_sides_at_once_does_not_end_their_conversation) {
    for (const char* forged : {"?OTR Error: forged", "?OTRv23?", "both"}) {
        BOOST_TEST_CONTEXT(forged) {
            TwoParties pair;
            pair.make_private();
            for (const char* text : {"?OTR Error: forged", "?OTRv23?"}) {
                if (std::string_view(forged) == text || std::string_view(forged) == "both") {
                    pair.world.network.inject({"bob", "alice", text});
                    pair.world.network.inject({"alice", "bob", text});
                }
            }
            pair.world.settle();
            pair.alice.type("bob", "from alice");
            pair.bob.type("alice", "from bob");
            pair.world.advance(30s);
            BOOST_TEST(pair.bob.shown() == Lines{"private: from alice"});
            BOOST_TEST(pair.alice.shown() == Lines{"private: from bob"});
            BOOST_TEST(!pair.world.was_on_the_wire("from "));
            pair.alice.look_away();
            pair.bob.look_away();
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
