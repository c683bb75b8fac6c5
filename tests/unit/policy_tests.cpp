// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "core/policy.h"

using namespace otr_guard::core;
using otr_guard::model::Policy;

namespace {

constexpr Policy all[] = {Policy::Never, Policy::Manual, Policy::Opportunistic,
                          Policy::Known, Policy::Always, Policy::Verified};

} // namespace

BOOST_AUTO_TEST_SUITE(policy_tests)

BOOST_AUTO_TEST_CASE(each_policy_means_what_it_says) {
    const PeerFacts nothing;
    const PeerFacts known{.has_known_key = true, .has_expected_key = false};
    BOOST_TEST(rules_for(Policy::Never, known).is_off);
    BOOST_TEST(!rules_for(Policy::Manual, known).offers);
    BOOST_TEST(!rules_for(Policy::Manual, known).requires_private);
    BOOST_TEST(rules_for(Policy::Opportunistic, known).offers);
    BOOST_TEST(!rules_for(Policy::Opportunistic, known).requires_private);
    BOOST_TEST(!rules_for(Policy::Known, nothing).requires_private);
    BOOST_TEST(rules_for(Policy::Known, known).requires_private);
    BOOST_TEST(rules_for(Policy::Always, nothing).requires_private);
    BOOST_TEST(!rules_for(Policy::Always, nothing).requires_verified);
    BOOST_TEST(rules_for(Policy::Verified, nothing).requires_verified);
}

BOOST_AUTO_TEST_CASE(an_expected_key_requires_privacy_under_every_policy) {
    const PeerFacts expected{.has_known_key = false, .has_expected_key = true};
    for (const Policy policy : all) {
        BOOST_TEST(rules_for(policy, expected).requires_private);
        BOOST_TEST(!rules_for(policy, expected).is_off);
    }
}

BOOST_AUTO_TEST_CASE(verified_text_is_private_text) {
    for (const Policy policy : all) {
        for (const bool is_known : {false, true}) {
            const Rules rules = rules_for(policy, {.has_known_key = is_known});
            BOOST_TEST((!rules.requires_verified || rules.requires_private));
            BOOST_TEST((!rules.is_off || !rules.requires_private));
        }
    }
}

BOOST_AUTO_TEST_CASE(libotr_never_sees_never_while_a_session_lives) {
    for (const Policy policy : all) {
        const Rules rules = rules_for(policy, {});
        const OtrlPolicy live = to_libotr(rules, true);
        BOOST_TEST((live & OTRL_POLICY_VERSION_MASK) ==
                   static_cast<OtrlPolicy>(OTRL_POLICY_ALLOW_V2 | OTRL_POLICY_ALLOW_V3));
        BOOST_TEST((to_libotr(rules, false) == OTRL_POLICY_NEVER) == rules.is_off);
        // Ours, not libotr's:
        BOOST_TEST((live & (OTRL_POLICY_ERROR_START_AKE | OTRL_POLICY_SEND_WHITESPACE_TAG |
                            OTRL_POLICY_ALLOW_V1)) == 0U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
