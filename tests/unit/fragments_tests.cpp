// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "core/fragments.h"
#include "model/limits.h"

using namespace otr_guard;
using namespace std::chrono_literals;
using core::Reassembler;
using Outcome = core::Reassembler::Outcome;
namespace limits = model::limits;

BOOST_TEST_DONT_PRINT_LOG_VALUE(Outcome)

namespace {

constexpr model::InstanceTag us = 0x5a73a599;
constexpr model::InstanceTag them = 0x27e31597;
const Reassembler::Clock::time_point start{1000s};

model::PeerId peer(const std::string& name) {
    return {{"alice@example.org/", "prpl-jabber"}, name};
}
const model::PeerId bob = peer("bob@example.org");

std::string v3(model::InstanceTag sender, model::InstanceTag receiver, std::size_t number,
               std::size_t total, const std::string& piece) {
    std::array<char, 64> header{};
    std::snprintf(header.data(), header.size(), "?OTR|%08x|%08x,%05zu,%05zu,", sender, receiver,
                  number, total);
    return header.data() + piece + ",";
}

std::string v2(std::size_t number, std::size_t total, const std::string& piece) {
    return "?OTR," + std::to_string(number) + "," + std::to_string(total) + "," + piece + ",";
}

/// Random places to cut; pieces may be empty.
std::vector<std::string> any_split(const std::string& message) {
    auto cuts = *rc::gen::container<std::vector<std::size_t>>(
        rc::gen::inRange<std::size_t>(0, message.size() + 1));
    std::ranges::sort(cuts);
    cuts.push_back(message.size());
    std::vector<std::string> pieces;
    std::size_t begin = 0;
    for (const std::size_t end : cuts) {
        pieces.push_back(message.substr(begin, end - begin));
        begin = end;
    }
    return pieces;
}

std::string any_message() {
    return "?OTR:" + *rc::gen::container<std::string>(rc::gen::inRange('A', 'Z')) + ".";
}

struct Receiver {
    Reassembler reassembler;
    Reassembler::Clock::time_point now = start;

    Reassembler::Result add(const std::string& message, const model::PeerId& from = bob,
                            model::InstanceTag our_instance = us) {
        return reassembler.add(from, message, our_instance, now);
    }
    Outcome outcome(const std::string& message, const model::PeerId& from = bob) {
        return add(message, from).outcome;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(fragments)

BOOST_FIXTURE_TEST_CASE(puts_version_3_pieces_together, Receiver) {
    BOOST_TEST(outcome(v3(them, us, 1, 3, "?OTR:AAM")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them, us, 2, 3, "Dabc")) == Outcome::Incomplete);
    const auto result = add(v3(them, us, 3, 3, "def."));
    BOOST_TEST(result.outcome == Outcome::Complete);
    BOOST_TEST(result.message == "?OTR:AAMDabcdef.");
    BOOST_TEST(reassembler.bytes_held() == 0U);
}

BOOST_FIXTURE_TEST_CASE(puts_version_2_pieces_together, Receiver) {
    BOOST_TEST(outcome("?OTR,00001,00002,?OTR:AAI,") == Outcome::Incomplete);
    const auto result = add("?OTR,2,2,Dabc.,");
    BOOST_TEST(result.outcome == Outcome::Complete);
    BOOST_TEST(result.message == "?OTR:AAIDabc.");
}

BOOST_FIXTURE_TEST_CASE(takes_what_other_implementations_write, Receiver) {
    // arlolra/otr: no padding at all; otr3: an empty last piece; potr: no padding.
    BOOST_TEST(outcome("?OTR|27e31597|100,1,2,one,", bob) == Outcome::Dropped);
    BOOST_TEST(outcome("?OTR|1ff|5a73a599,1,2,one,") == Outcome::Incomplete);
    BOOST_TEST(add("?OTR|1ff|5a73a599,2,2,two,").message == "onetwo");
    BOOST_TEST(outcome("?OTR|27e31597|5a73a599,00001,00002,whole,") == Outcome::Incomplete);
    BOOST_TEST(add("?OTR|27e31597|5a73a599,00002,00002,,").message == "whole");
    BOOST_TEST(add("?OTR|27E31597|5A73A599,1,1,upper,").message == "upper");
    BOOST_TEST(add("?OTR,1,1,whole,").message == "whole");
}

BOOST_FIXTURE_TEST_CASE(ignores_text_around_the_piece, Receiver) {
    BOOST_TEST(outcome("<font>" + v3(them, us, 1, 2, "one") + "</font>") == Outcome::Incomplete);
    BOOST_TEST(add("hi " + v3(them, us, 2, 2, "two") + " ").message == "onetwo");
}

BOOST_FIXTURE_TEST_CASE(leaves_other_messages_alone, Receiver) {
    for (const std::string message : {"", "hello", "?OTR", "?OTR:AAMD.", "?OTRv23?", "?OTR?v2?",
                                      "?OTR Error: x", "OTR|1,2", "? OTR,1,1,x,"}) {
        BOOST_TEST(outcome(message) == Outcome::NotAFragment);
    }
}

BOOST_FIXTURE_TEST_CASE(drops_malformed_pieces, Receiver) {
    const std::string tags = "?OTR|27e31597|5a73a599,";
    for (const std::string rest :
         {"", "1", "1,", "1,2", "1,2,", "1,2,piece", "0,2,piece,", "3,2,piece,", "1,0,piece,",
          "1,65536,piece,", "-1,2,piece,", "+1,2,piece,", " 1,2,piece,", "1, 2,piece,",
          "x,2,piece,", "1,x,piece,", "4294967297,4294967297,piece,", "99999999999,1,piece,",
          "1;2;piece,"}) {
        BOOST_TEST(outcome(tags + rest) == Outcome::Dropped);
        BOOST_TEST(outcome("?OTR," + rest) == Outcome::Dropped);
    }
    for (const std::string message :
         {"?OTR|", "?OTR||,1,1,x,", "?OTR|27e31597,1,1,x,", "?OTR|27e31597|,1,1,x,",
          "?OTR|g7e31597|5a73a599,1,1,x,", "?OTR|127e31597|5a73a599,1,1,x,",
          "?OTR|0|5a73a599,1,1,x,", "?OTR|ff|5a73a599,1,1,x,", "?OTR|27e31597|ff,1,1,x,",
          "?OTR|0x27e31597|5a73a599,1,1,x,"}) {
        BOOST_TEST(outcome(message) == Outcome::Dropped);
    }
    BOOST_TEST(reassembler.bytes_held() == 0U);
}

BOOST_FIXTURE_TEST_CASE(drops_what_is_for_another_instance_of_ours, Receiver) {
    BOOST_TEST(outcome(v3(them, us + 1, 1, 1, "x")) == Outcome::Dropped);
    BOOST_TEST(outcome(v3(them, us, 1, 1, "x")) == Outcome::Complete);
    BOOST_TEST(outcome(v3(them, 0, 1, 1, "x")) == Outcome::Complete);
    BOOST_TEST(add(v3(them, us + 1, 1, 1, "x"), bob, 0).outcome == Outcome::Complete);
}

BOOST_FIXTURE_TEST_CASE(a_gap_costs_the_message_and_nothing_else, Receiver) {
    BOOST_TEST(outcome(v3(them, us, 2, 3, "b")) == Outcome::Dropped);
    BOOST_TEST(outcome(v3(them, us, 1, 3, "a")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them, us, 3, 3, "c")) == Outcome::Dropped);
    BOOST_TEST(outcome(v3(them, us, 2, 3, "b")) == Outcome::Dropped);
    BOOST_TEST(reassembler.bytes_held() == 0U);
    BOOST_TEST(outcome(v3(them, us, 1, 2, "a")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them, us, 2, 3, "b")) == Outcome::Dropped);
    BOOST_TEST(outcome(v3(them, us, 1, 2, "a")) == Outcome::Incomplete);
    BOOST_TEST(add(v3(them, us, 2, 2, "b")).message == "ab");
}

BOOST_FIXTURE_TEST_CASE(a_first_piece_begins_anew, Receiver) {
    BOOST_TEST(outcome(v3(them, us, 1, 2, "old")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them, us, 1, 2, "new")) == Outcome::Incomplete);
    BOOST_TEST(reassembler.bytes_held() == 3U);
    BOOST_TEST(add(v3(them, us, 2, 2, "er")).message == "newer");
}

BOOST_FIXTURE_TEST_CASE(a_piece_delivered_twice_does_no_harm, Receiver) {
    const std::vector<std::string> pieces{v3(them, us, 1, 3, "a"), v3(them, us, 2, 3, "b"),
                                          v3(them, us, 3, 3, "c")};
    BOOST_TEST(outcome(pieces[0]) == Outcome::Incomplete);
    BOOST_TEST(outcome(pieces[0]) == Outcome::Incomplete);
    BOOST_TEST(outcome(pieces[1]) == Outcome::Incomplete);
    BOOST_TEST(outcome(pieces[1]) == Outcome::Incomplete);
    BOOST_TEST(add(pieces[2]).message == "abc");
    BOOST_TEST(outcome(pieces[2]) == Outcome::Dropped);
}

BOOST_FIXTURE_TEST_CASE(another_text_under_the_same_number_is_no_repetition, Receiver) {
    BOOST_TEST(outcome(v3(them, us, 1, 3, "a")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them, us, 2, 3, "b")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them, us, 2, 3, "x")) == Outcome::Dropped);
    BOOST_TEST(outcome(v3(them, us, 3, 3, "c")) == Outcome::Dropped);
}

BOOST_FIXTURE_TEST_CASE(senders_do_not_disturb_each_other, Receiver) {
    const auto carol = peer("carol@example.org");
    BOOST_TEST(outcome(v3(them, us, 1, 2, "one ")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them + 1, us, 1, 2, "two ")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v2(1, 2, "three ")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them, us, 1, 2, "four "), carol) == Outcome::Incomplete);
    BOOST_TEST(outcome("?OTR:between.") == Outcome::NotAFragment);
    BOOST_TEST(add(v3(them, us, 2, 2, "x")).message == "one x");
    BOOST_TEST(add(v3(them + 1, us, 2, 2, "x")).message == "two x");
    BOOST_TEST(add(v2(2, 2, "x")).message == "three x");
    BOOST_TEST(add(v3(them, us, 2, 2, "x"), carol).message == "four x");
}

BOOST_FIXTURE_TEST_CASE(forgets_a_peer_and_no_other, Receiver) {
    const auto carol = peer("carol@example.org");
    BOOST_TEST(outcome(v3(them, us, 1, 2, "one")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v2(1, 2, "one")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them, us, 1, 2, "one"), carol) == Outcome::Incomplete);
    reassembler.forget(bob);
    BOOST_TEST(reassembler.bytes_held() == 3U);
    BOOST_TEST(outcome(v3(them, us, 2, 2, "two")) == Outcome::Dropped);
    BOOST_TEST(outcome(v3(them, us, 2, 2, "two"), carol) == Outcome::Complete);
}

BOOST_FIXTURE_TEST_CASE(drops_pieces_that_are_too_old, Receiver) {
    BOOST_TEST(outcome(v3(them, us, 1, 3, "a")) == Outcome::Incomplete);
    now += limits::reassembly_age;
    BOOST_TEST(outcome(v3(them, us, 2, 3, "b")) == Outcome::Incomplete);
    now += limits::reassembly_age + 1s;
    BOOST_TEST(outcome(v3(them, us, 3, 3, "c")) == Outcome::Dropped);
    BOOST_TEST(reassembler.bytes_held() == 0U);
}

BOOST_FIXTURE_TEST_CASE(drops_a_message_that_grows_too_large, Receiver) {
    const std::string quarter(limits::reassembly_bytes / 4, 'x');
    for (std::size_t i = 1; i <= 4; ++i) {
        BOOST_TEST(outcome(v3(them, us, i, 9, quarter)) == Outcome::Incomplete);
    }
    BOOST_TEST(reassembler.bytes_held() == limits::reassembly_bytes);
    BOOST_TEST(outcome(v3(them, us, 5, 9, "x")) == Outcome::Dropped);
    BOOST_TEST(reassembler.bytes_held() == 0U);
    BOOST_TEST(outcome(v3(them, us, 1, 1, std::string(limits::reassembly_bytes + 1, 'x'))) ==
               Outcome::Dropped);
}

BOOST_FIXTURE_TEST_CASE(keeps_the_most_recent_instances_of_a_peer, Receiver) {
    for (model::InstanceTag i = 0; i < limits::reassemblies_per_peer; ++i) {
        BOOST_TEST(outcome(v3(them + i, us, 1, 3, "a")) == Outcome::Incomplete);
    }
    BOOST_TEST(outcome(v3(them, us, 2, 3, "b")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them + 100, us, 1, 3, "a")) == Outcome::Incomplete);
    BOOST_TEST(outcome(v3(them + 1, us, 2, 3, "b")) == Outcome::Dropped);
    BOOST_TEST(add(v3(them, us, 3, 3, "c")).message == "abc");
}

BOOST_FIXTURE_TEST_CASE(many_strangers_are_held_to_the_total, Receiver) {
    for (std::size_t i = 0; i < 1000; ++i) {
        const auto stranger = peer(std::to_string(i));
        BOOST_TEST(outcome(v3(them, us, 1, 2, "1234567890"), stranger) == Outcome::Incomplete);
    }
    BOOST_TEST(reassembler.bytes_held() == 10 * limits::reassemblies_total);
    BOOST_TEST(outcome(v3(them, us, 2, 2, "x"), peer("999")) == Outcome::Complete);
    BOOST_TEST(outcome(v3(them, us, 2, 2, "x"), peer("1")) == Outcome::Dropped);
}

BOOST_FIXTURE_TEST_CASE(sixty_five_thousand_pieces_are_quick, Receiver) {
    Reassembler::Result result{};
    for (std::size_t i = 1; i <= 65535; ++i) {
        result = add(v3(them, us, i, 65535, "0123456789"));
    }
    BOOST_TEST(result.outcome == Outcome::Complete);
    BOOST_TEST(result.message.size() == 655350U);
}

RC_BOOST_FIXTURE_PROP(any_split_comes_together, Receiver, ()) {
    const std::string message = any_message();
    const auto pieces = any_split(message);
    const bool is_v3 = *rc::gen::arbitrary<bool>();
    Reassembler::Result result{};
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        RC_ASSERT(i == 0 || result.outcome == Outcome::Incomplete);
        result = add(is_v3 ? v3(them, us, i + 1, pieces.size(), pieces[i])
                           : v2(i + 1, pieces.size(), pieces[i]));
    }
    RC_ASSERT(result.outcome == Outcome::Complete);
    RC_ASSERT(result.message == message);
    RC_ASSERT(reassembler.bytes_held() == 0U);
}

RC_BOOST_FIXTURE_PROP(lost_and_repeated_pieces_never_make_another_message, Receiver, ()) {
    const std::string message = any_message();
    const auto pieces = any_split(message);
    const auto order = *rc::gen::container<std::vector<std::size_t>>(
        rc::gen::inRange<std::size_t>(0, pieces.size()));
    for (const std::size_t i : order) {
        const auto result = add(v3(them, us, i + 1, pieces.size(), pieces[i]));
        RC_ASSERT(result.outcome != Outcome::NotAFragment);
        RC_ASSERT(result.outcome != Outcome::Complete || result.message == message);
    }
}

RC_BOOST_FIXTURE_PROP(limits_hold_under_junk, Receiver, ()) {
    const auto count = *rc::gen::inRange(1, 400);
    for (int i = 0; i < count; ++i) {
        const auto stranger = peer(std::to_string(*rc::gen::inRange(0, 100)));
        const auto sender = *rc::gen::inRange<model::InstanceTag>(0, 0x110);
        const auto number = *rc::gen::inRange<std::size_t>(0, 4);
        const std::string piece(*rc::gen::inRange<std::size_t>(0, 300 * 1024), 'x');
        now += std::chrono::seconds(*rc::gen::inRange(0, 90));
        (void)add(*rc::gen::arbitrary<bool>() ? v3(sender, us, number, 3, piece)
                                              : v2(number, 3, piece),
                  stranger);
        RC_ASSERT(reassembler.bytes_held() <=
                  limits::reassembly_bytes * limits::reassemblies_total);
    }
    now += limits::reassembly_age + 1s;
    (void)add(v3(them, us, 1, 1, "x"));
    RC_ASSERT(reassembler.bytes_held() == 0U);
}

RC_BOOST_FIXTURE_PROP(arbitrary_bytes_do_no_harm, Receiver, (const std::string& junk)) {
    (void)add(junk);
    (void)add("?OTR|" + junk);
    (void)add("?OTR," + junk);
    (void)add("?OTR|27e31597|5a73a599,1,2," + junk);
    RC_ASSERT(reassembler.bytes_held() <= 2 * junk.size());
}

BOOST_AUTO_TEST_SUITE_END()
