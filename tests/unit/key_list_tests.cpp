// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "core/key_list.h"
#include "model/limits.h"
#include "temporary_folder.h"

using otr_guard::model::Fingerprint;
using otr_guard::model::PeerId;
using otr_guard::model::VerificationMethod;
using namespace otr_guard;

namespace {

const PeerId bob{{"alice@example.org/", "prpl-jabber"}, "bob@example.org"};
const PeerId zoe{{"alice", "prpl-irc"}, "zo\xc3\xab \"quoted\""};
const std::string hex_a(40, 'a');
const std::string hex_b(40, 'b');
const Fingerprint key_a = *Fingerprint::from_hex(hex_a);
const Fingerprint key_b = *Fingerprint::from_hex(hex_b);
const core::WallTime monday{std::chrono::seconds(1'760'000'000)};
const core::WallTime tuesday = monday + std::chrono::days(1);

struct Store {
    tests::TemporaryFolder folder;
    core::TrustStore store{folder.path()};
    Store() { BOOST_TEST(store.load().empty()); }
};

core::KeyList parsed(std::string_view text) {
    auto list = core::read_known_keys(text);
    BOOST_REQUIRE(list.has_value());
    return std::move(*list);
}

} // namespace

BOOST_AUTO_TEST_SUITE(key_list_tests)

BOOST_FIXTURE_TEST_CASE(our_list_says_everything_again, Store) {
    store.add(bob, key_a, monday);
    store.set_verified(bob, key_a, VerificationMethod::Pin, tuesday);
    store.add(zoe, key_b, monday);
    const core::KeyList list = parsed(core::to_key_list(store.all()));
    BOOST_TEST(list.skipped == 0U);
    BOOST_REQUIRE(list.keys.size() == 2U);
    BOOST_TEST((list.keys[0].first == bob));
    BOOST_TEST(list.keys[0].second.is_verified());
    BOOST_TEST((list.keys[0].second.method == VerificationMethod::Pin));
    BOOST_TEST((list.keys[0].second.verified_at == core::OptionalTime(tuesday)));
    BOOST_TEST((list.keys[1].first == zoe));
    BOOST_TEST(!list.keys[1].second.is_verified());
    BOOST_TEST((list.keys[1].second.first_seen == core::OptionalTime(monday)));
}

BOOST_FIXTURE_TEST_CASE(pidgin_otrs_list_is_its_file, Store) {
    store.add(bob, key_a, monday);
    store.set_verified(bob, key_a, VerificationMethod::ByHand, tuesday);
    store.add(zoe, key_b, monday);
    const std::string text = core::to_libotr_list(store.all());
    BOOST_TEST(text == store.fingerprints_text());
    const core::KeyList list = parsed(text + "\r\n");
    BOOST_REQUIRE(list.keys.size() == 2U);
    BOOST_TEST(list.skipped == 0U);
    BOOST_TEST(list.keys[0].second.is_verified());
}

BOOST_AUTO_TEST_CASE(only_our_trust_words_count_and_the_last_line_about_a_key) {
    const std::string start = "bob\talice\tprpl-irc\t" + hex_a + "\t";
    for (const auto& [word, is_verified] :
         {std::pair("verified", true), std::pair("smp", true), std::pair("", false),
          std::pair("UntrustedUser", false), std::pair("Verified", false),
          std::pair("yes", false)}) {
        const core::KeyList list = parsed(start + "verified\n" + start + word + "\n");
        BOOST_REQUIRE(list.keys.size() == 1U);
        BOOST_TEST(list.keys[0].second.is_verified() == is_verified);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_key_is_counted_and_what_is_no_list_refused) {
    const std::string good = "bob\talice\tprpl-irc\t" + hex_a + "\n";
    BOOST_TEST(parsed("# a comment\n\n" + good + "bob\talice\n").skipped == 2U);
    BOOST_TEST(parsed(R"({"version": 1, "keys": [7, {"user": "x"}, {"account": "a", "protocol": "p",
        "user": "u", "trust": 5, "fingerprint": ")" +
                      hex_a + "\"}]}")
                   .skipped == 2U);
    for (const std::string text : {"", "{", "hello", "{\"version\": 2}",
                                   "{\"version\": 1, \"keys\": []}", "[]", "\t\t\t\n"}) {
        BOOST_TEST_CONTEXT(text) {
            const auto list = core::read_known_keys(text);
            BOOST_REQUIRE(!list.has_value());
            BOOST_TEST((list.error().code == util::ErrorCode::Malformed));
        }
    }
    const auto large = core::read_known_keys(std::string(model::limits::key_list_bytes + 1, 'x'));
    BOOST_REQUIRE(!large.has_value());
    BOOST_TEST((large.error().code == util::ErrorCode::TooLarge));
}

BOOST_FIXTURE_TEST_CASE(an_import_adds_and_verifies_and_takes_nothing_away, Store) {
    store.add(bob, key_a, monday);
    store.add(bob, key_b, monday);
    store.set_verified(bob, key_b, VerificationMethod::Question, monday);
    const std::string lines = "bob@example.org\talice@example.org/\tprpl-jabber\t";
    const core::KeyList list = parsed(lines + hex_a + "\tverified\n" + lines + hex_b + "\t\n" +
                                      "new\talice\tprpl-irc\t" + hex_a + "\tsmp\n");
    BOOST_REQUIRE(list.keys.size() == 3U);
    BOOST_TEST((core::effect_of(store, list.keys[0]) == core::ImportEffect::Verifies));
    BOOST_TEST((core::effect_of(store, list.keys[1]) == core::ImportEffect::Nothing));
    BOOST_TEST((core::effect_of(store, list.keys[2]) == core::ImportEffect::Adds));
    for (const core::KeyOfPeer& listed : list.keys) {
        BOOST_TEST(store.put(listed.first, core::imported(store, listed, tuesday)));
    }
    const core::KnownKey* known = store.find(bob, key_a);
    BOOST_TEST((known->method == VerificationMethod::Imported));
    BOOST_TEST((known->verified_at == core::OptionalTime(tuesday)));
    BOOST_TEST((known->first_seen == core::OptionalTime(monday)));
    BOOST_TEST((store.find(bob, key_b)->method == VerificationMethod::Question));
    BOOST_TEST(store.is_verified({{"alice", "prpl-irc"}, "new"}, key_a));
    for (const core::KeyOfPeer& listed : list.keys) {
        BOOST_TEST((core::effect_of(store, listed) == core::ImportEffect::Nothing));
    }
}

BOOST_AUTO_TEST_CASE(any_text_is_read_or_refused) {
    BOOST_TEST(rc::check("any text", [](const std::string& text) {
        const auto list = core::read_known_keys(text);
        RC_ASSERT(!list || !list->keys.empty());
    }));
}

BOOST_AUTO_TEST_SUITE_END()
