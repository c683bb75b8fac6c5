// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <functional>

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "ipc/codec.h"
#include "ipc/gobject_ptr.h"
#include "ipc/key_codec.h"

namespace ipc = otr_guard::ipc;
using otr_guard::model::PeerId;

namespace {

/// As D-Bus hands it over: the floating reference taken, the bytes checked.
ipc::GVariantPtr received(GVariant* floating) {
    return ipc::GVariantPtr(g_variant_ref_sink(floating));
}

std::string text(std::size_t limit) {
    return *rc::gen::scale(
        2.0, rc::gen::suchThat(rc::gen::container<std::string>(rc::gen::inRange(' ', '~')),
                               [limit](const std::string& made) { return made.size() <= limit; }));
}

std::string key() {
    const auto digit = rc::gen::elementOf(std::string("0123456789abcdef"));
    return *rc::gen::oneOf(rc::gen::just(std::string()),
                           rc::gen::container<std::string>(40, digit));
}

ipc::VerificationState any_state() {
    ipc::VerificationState state;
    for (std::string* field :
         {&state.name, &state.account, &state.explanation, &state.words, &state.my_words,
          &state.my_uri, &state.verified, &state.verified_us, &state.question}) {
        *field = text(ipc::text_bytes);
    }
    state.key = key();
    state.my_key = key();
    state.look = static_cast<ipc::Look>(*rc::gen::inRange(0, 4));
    state.stage = static_cast<ipc::Stage>(*rc::gen::inRange(0, 4));
    state.is_verified = *rc::gen::arbitrary<bool>();
    state.has_question = *rc::gen::arbitrary<bool>();
    state.has_otr_guard = *rc::gen::arbitrary<bool>();
    state.protocol_version = *rc::gen::inRange(0U, 4U);
    return state;
}

} // namespace

BOOST_AUTO_TEST_SUITE(codec_tests)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
    BOOST_TEST(rc::check("states", [] {
        const ipc::VerificationState state = any_state();
        RC_ASSERT(ipc::state_from(received(ipc::to_variant(state)).get()) == state);
    }));
    const PeerId peer{{"alice@example.org/", "prpl-jabber"}, "bob@example.org"};
    BOOST_TEST((ipc::peer_from(received(ipc::to_variant(peer)).get()) == peer));
}

BOOST_AUTO_TEST_CASE(words_are_read_back_and_no_others) {
    for (const auto told :
         {ipc::Told::Pin, ipc::Told::Succeeded, ipc::Told::Answered, ipc::Told::Failed,
          ipc::Told::Differs, ipc::Told::NoReply, ipc::Told::Note}) {
        BOOST_TEST((ipc::told_from_word(ipc::to_word(told)) == told));
    }
    for (const char* word : {"", "Pin", "private", "pin "}) {
        BOOST_TEST(!ipc::told_from_word(word).has_value());
    }
}

BOOST_AUTO_TEST_CASE(a_peer_has_three_names_of_bounded_length) {
    const std::string longest(ipc::name_bytes, 'x');
    BOOST_TEST(
        ipc::peer_from(received(ipc::to_variant(PeerId{{longest, "p"}, "u"})).get()).has_value());
    for (const PeerId& peer : {PeerId{{longest + "x", "p"}, "u"}, PeerId{{"", "p"}, "u"},
                               PeerId{{"a", ""}, "u"}, PeerId{{"a", "p"}, ""}}) {
        BOOST_TEST(!ipc::peer_from(received(ipc::to_variant(peer)).get()).has_value());
    }
    BOOST_TEST(!ipc::peer_from(received(g_variant_new("(ss)", "a", "p")).get()).has_value());
    BOOST_TEST(!ipc::peer_from(received(g_variant_new("s", "a")).get()).has_value());
}

BOOST_AUTO_TEST_CASE(a_state_that_breaks_a_limit_is_none) {
    const auto is_read = [](const std::function<void(ipc::VerificationState&)>& change) {
        ipc::VerificationState state;
        change(state);
        return ipc::state_from(received(ipc::to_variant(state)).get()).has_value();
    };
    BOOST_TEST(is_read([](auto&) {}));
    BOOST_TEST(is_read([](auto& state) { state.question.assign(ipc::text_bytes, 'x'); }));
    BOOST_TEST(!is_read([](auto& state) { state.question.assign(ipc::text_bytes + 1, 'x'); }));
    BOOST_TEST(!is_read([](auto& state) { state.key = "abc"; }));
    BOOST_TEST(!is_read([](auto& state) { state.my_key.assign(40, 'g'); }));
    BOOST_TEST(!is_read([](auto& state) { state.stage = static_cast<ipc::Stage>(4); }));
    BOOST_TEST(!ipc::state_from(received(g_variant_new("(su)", "x", 1U)).get()).has_value());
}

BOOST_AUTO_TEST_CASE(an_unknown_look_is_none) {
    const auto with_look = [](const char* look) {
        GVariant* made = g_variant_new("(ssssssssssssbbbuu)", "", "", look, "", "", "", "", "", "",
                                       "", "", "", FALSE, FALSE, FALSE, 0U, 0U);
        return ipc::state_from(received(made).get()).has_value();
    };
    BOOST_TEST(with_look("private"));
    BOOST_TEST(!with_look("Private"));
    BOOST_TEST(!with_look(""));
}

BOOST_AUTO_TEST_CASE(keys_are_read_back_in_order) {
    std::vector<ipc::KnownKey> known;
    std::vector<ipc::KeyName> names;
    std::vector<ipc::ImportableKey> importable;
    std::vector<ipc::ImportableOwnKey> own;
    const auto unchanged = [&] {
        return ipc::known_keys_from(received(ipc::to_variant(known)).get()) == known &&
               ipc::key_names_from(received(ipc::to_variant(names)).get()) == names &&
               ipc::importable_keys_from(received(ipc::to_variant(importable)).get()) ==
                   importable &&
               ipc::importable_own_keys_from(received(ipc::to_variant(own)).get()) == own;
    };
    BOOST_TEST(unchanged());
    for (const char digit : std::string("ba9")) {
        const PeerId peer{{"alice", "prpl-irc"}, std::string(3, digit)};
        const std::string whole(40, digit);
        known.push_back({peer, "Name", "Account", whole, "verified by a PIN", "private now",
                         1'700'000'000, -1, 4'000'000'000, true, digit == 'a'});
        names.push_back({peer, whole});
        importable.push_back({"Name", "Account", whole, "new", digit == 'a'});
        own.push_back({"Account", whole, digit == 'a' ? "" : "replaces another"});
    }
    BOOST_TEST(unchanged());
}

BOOST_AUTO_TEST_CASE(one_bad_key_spoils_a_list) {
    const PeerId peer{{"alice", "prpl-irc"}, "bob"};
    const std::string whole(40, 'a');
    const auto names = [](std::vector<ipc::KeyName> list) {
        return ipc::key_names_from(received(ipc::to_variant(list)).get()).has_value();
    };
    BOOST_TEST(names({{peer, whole}}));
    BOOST_TEST(!names({{peer, whole}, {peer, ""}}));
    BOOST_TEST(!names({{peer, whole}, {peer, whole + "a"}}));
    BOOST_TEST(!names({{peer, whole}, {{{"", "prpl-irc"}, "bob"}, whole}}));
    BOOST_TEST(!names(std::vector<ipc::KeyName>(ipc::most_keys + 1, {peer, whole})));
    const auto importable = [&](const std::string& key, const std::string& effect) {
        const std::vector<ipc::ImportableKey> list{{"", "", key, effect, false}};
        const std::vector<ipc::ImportableOwnKey> own{{"", key, effect}};
        const bool is_read =
            ipc::importable_keys_from(received(ipc::to_variant(list)).get()).has_value();
        BOOST_TEST(
            ipc::importable_own_keys_from(received(ipc::to_variant(own)).get()).has_value() ==
            is_read);
        return is_read;
    };
    BOOST_TEST(importable(whole, "new"));
    BOOST_TEST(!importable("", "new"));
    BOOST_TEST(!importable(whole, std::string(ipc::text_bytes + 1, 'x')));
    BOOST_TEST(!ipc::known_keys_from(received(g_variant_new("(s)", "x")).get()).has_value());
    const std::vector<ipc::KnownKey> long_name{
        {peer, std::string(ipc::text_bytes + 1, 'x'), "", whole, "", "", 0, 0, 0, false, false}};
    BOOST_TEST(!ipc::known_keys_from(received(ipc::to_variant(long_name)).get()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
