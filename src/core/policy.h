// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// From the user's wish and what is known about a peer to what applies now. Pure functions.

#include "core/libotr.h"
#include "model/states.h"

namespace otr_guard::core {

/// What is known about a peer.
struct PeerFacts {
    bool has_known_key = false;
    bool has_expected_key = false;
};

/// What a policy means for one peer at this moment.
struct Rules {
    bool is_off = false;            ///< nothing is offered, answered or decoded
    bool requires_private = false;  ///< text waits until it can be sent privately
    bool requires_verified = false; ///< and until the key is verified
    bool offers = false;            ///< whitespace tag on clear text, and tags are answered
};

/// An expected key makes private conversations required under every policy: text for somebody whose
/// key is pinned never leaves in clear.
[[nodiscard]] Rules rules_for(model::Policy policy, const PeerFacts& facts);

/// libotr's flags for the same. `has_live_session`: libotr must never see NEVER while a session
/// lives, or text would leave in clear. Restarts after errors, whitespace tags and queued text are
/// ours, so their flags are never set.
[[nodiscard]] OtrlPolicy to_libotr(const Rules& rules, bool has_live_session);

} // namespace otr_guard::core
