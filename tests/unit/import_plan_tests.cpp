// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "core/foreign_profile.h"
#include "core/import_plan.h"
#include "temporary_folder.h"

using namespace otr_guard;
using core::Conflict;
using core::ImportEffect;
using model::AccountId;

using model::PeerId;
using model::VerificationMethod;

namespace {

const AccountId alice{"alice@localhost/home", "prpl-jabber"};
const AccountId irc{"Alice@irc.example.org", "prpl-irc"};
const PeerId bob{alice, "bob@localhost"};
const model::Fingerprint key_a = *model::Fingerprint::from_hex(std::string(40, 'a'));
const model::Fingerprint key_b = *model::Fingerprint::from_hex(std::string(40, 'b'));
const core::WallTime monday{std::chrono::seconds(1'760'000'000)};

struct Fixture {
    tests::TemporaryFolder folder;
    core::TrustStore trust{folder.path()};
    core::Identity identity{folder.path()};
    core::ForeignProfile profile;
    std::vector<AccountId> ours{alice, irc};

    Fixture() {
        BOOST_TEST(core::initialise_libotr().has_value());
        BOOST_TEST(trust.load().empty());
        BOOST_TEST(identity.load().empty());
    }

    core::ForeignKey& add(const AccountId& account, const std::string& user,
                          const model::Fingerprint& fingerprint, std::string_view word = {}) {
        core::ForeignKey key;
        key.key.first = {account, user};
        key.key.second.fingerprint = fingerprint;
        profile.keys.push_back(core::with_trust(std::move(key), word));
        return profile.keys.back();
    }

    core::ImportPlan plan() {
        return core::plan_import(profile, core::match_accounts(profile, ours), trust, identity,
                                 [](const AccountId&, const std::string& name) {
                                     return name.substr(0, name.find('/'));
                                 });
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(import_plan_tests, Fixture)

BOOST_AUTO_TEST_CASE(accounts_are_matched_whatever_the_programs_call_them) {
    for (const AccountId& theirs :
         {AccountId{"alice@localhost", "xmpp"}, AccountId{"Alice@Localhost", "libpurple-Jabber"},
          AccountId{"alice@localhost/", "prpl-jabber"}, AccountId{"alice@localhost", "Google Talk"},
          AccountId{"alice@localhost", ""}, alice}) {
        add(theirs, "bob", key_a);
        const auto matched = core::match_accounts(profile, ours).at(theirs);
        BOOST_TEST((matched == alice));
    }
    add({"alice@irc.example.org", "IRC"}, "bob", key_a);
    BOOST_TEST((core::match_accounts(profile, ours).at({"alice@irc.example.org", "IRC"}) == irc));
    for (const AccountId& theirs :
         {AccountId{"alice@localhost", "IRC"}, AccountId{"{1-2}", "prpl-jabber"},
          AccountId{"", "xmpp"}, AccountId{"1", "libpurple-Jabber"},
          AccountId{"mal@localhost", ""}}) {
        add(theirs, "bob", key_a);
        BOOST_TEST(!core::match_accounts(profile, ours).at(theirs).has_value());
    }
    const AccountId later{"other@localhost/", "prpl-jabber"};
    add(later, "bob", key_a);
    BOOST_TEST((core::match_accounts(profile, ours).at(later) == later));
}

BOOST_AUTO_TEST_CASE(what_is_new_known_and_in_conflict_is_told_apart) {
    trust.add(bob, key_a, monday);
    trust.set_verified(bob, key_a, VerificationMethod::Pin, monday);
    const AccountId theirs{"alice@localhost", "xmpp"};
    add(theirs, "bob@localhost/phone", key_a);
    add(theirs, "bob@localhost", key_b, "verified");
    add(theirs, "zoe@localhost", key_b, "whatever");
    const core::ImportPlan found = plan();
    BOOST_TEST(found.same == 1U);
    BOOST_REQUIRE(found.keys.size() == 2U);
    BOOST_TEST((found.keys[0].key.first == bob));
    BOOST_TEST((found.keys[0].effect == ImportEffect::Adds));
    BOOST_TEST((found.keys[0].conflict == Conflict::OtherVerified));
    BOOST_TEST(found.keys[0].key.second.is_verified());
    BOOST_TEST((found.keys[1].conflict == Conflict::None));
    BOOST_TEST((found.keys[1].doubt == core::Doubt::UnknownWord));
    BOOST_TEST(found.keys[1].word == "whatever");
    BOOST_TEST(!found.keys[1].key.second.is_verified());
    trust.set_expected(bob, key_a);
    BOOST_TEST((plan().keys[0].conflict == Conflict::OtherExpected));
}

BOOST_AUTO_TEST_CASE(of_several_entries_about_a_key_the_least_trusting_counts) {
    const AccountId theirs{"alice@localhost", "xmpp"};
    add(theirs, "bob@localhost/a", key_a, "verified");
    add(theirs, "bob@localhost/b", key_a, "");
    BOOST_REQUIRE(plan().keys.size() == 1U);
    BOOST_TEST(!plan().keys[0].key.second.is_verified());
    add(theirs, "bob@localhost/c", key_a, "UntrustedUser");
    add(theirs, "bob@localhost/d", key_a, "verified");
    BOOST_TEST(plan().keys.empty());
    BOOST_TEST(plan().rejected == 1U);
}

BOOST_AUTO_TEST_CASE(what_has_no_account_or_no_name_is_left_out) {
    add({"somebody@else", "xmpp"}, "bob@localhost", key_a);
    add({"alice@localhost", "xmpp"}, "/", key_a);
    const core::ImportPlan found = plan();
    BOOST_TEST(found.homeless == 1U);
    BOOST_TEST(found.nameless == 1U);
    BOOST_TEST(found.keys.empty());
}

BOOST_AUTO_TEST_CASE(an_own_key_says_which_one_it_would_replace) {
    const auto read = [] {
        return core::read_foreign(std::filesystem::path(OTR_GUARD_TEST_DATA) / "foreign" / "adium",
                                  util::SecretString());
    };
    auto adium = read();
    BOOST_REQUIRE(adium.has_value());
    profile = std::move(*adium);
    BOOST_REQUIRE(plan().own.size() == 1U);
    BOOST_TEST((plan().own[0].account == alice));
    BOOST_TEST(!plan().own[0].replaces.has_value());

    auto made = core::make_key();
    BOOST_REQUIRE(made.has_value());
    const model::Fingerprint current = made->fingerprint;
    auto pending = identity.prepare({alice, std::nullopt, std::move(made->text)});
    BOOST_REQUIRE(pending.has_value());
    identity.commit(std::move(*pending));
    BOOST_TEST((plan().own[0].replaces == current));

    auto theirs = read();
    auto replaced = identity.prepare({alice, current, std::move(theirs->own[0].key.text)});
    BOOST_REQUIRE(replaced.has_value());
    identity.commit(std::move(*replaced));
    BOOST_TEST(plan().own.empty());
    BOOST_TEST(plan().same == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
