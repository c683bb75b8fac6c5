// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/policy.h"

namespace otr_guard::core {

Rules rules_for(model::Policy policy, const PeerFacts& facts) {
    Rules rules;
    switch (policy) {
    case model::Policy::Never:
        rules.is_off = !facts.has_expected_key;
        break;
    case model::Policy::Manual:
        break;
    case model::Policy::Opportunistic:
        rules.offers = true;
        break;
    case model::Policy::Known:
        rules.offers = true;
        rules.requires_private = facts.has_known_key;
        break;
    case model::Policy::Always:
        rules.offers = true;
        rules.requires_private = true;
        break;
    case model::Policy::Verified:
        rules.offers = true;
        rules.requires_private = true;
        rules.requires_verified = true;
        break;
    }
    if (facts.has_expected_key) {
        rules.requires_private = true;
    }
    return rules;
}

OtrlPolicy to_libotr(const Rules& rules, bool has_live_session) {
    if (rules.is_off && !has_live_session) {
        return OTRL_POLICY_NEVER;
    }
    OtrlPolicy policy = OTRL_POLICY_ALLOW_V2 | OTRL_POLICY_ALLOW_V3;
    if (rules.offers) {
        policy |= OTRL_POLICY_WHITESPACE_START_AKE;
    }
    if (rules.requires_private) {
        policy |= OTRL_POLICY_REQUIRE_ENCRYPTION;
    }
    return policy;
}

} // namespace otr_guard::core
