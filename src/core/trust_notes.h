// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a trust store knows that is in no file of libotr's.

#include <map>
#include <utility>

#include "core/side_file.h"
#include "core/trust_store.h"

namespace otr_guard::core {

/// What is only in the side file.
struct TrustStore::Notes {
    std::map<model::PeerId, SidePeer> peers;
    /// Members that we do not know, per key.
    std::map<std::pair<model::PeerId, model::Fingerprint>, OtherMembers> other_members;
    std::map<model::AccountId, SideOwnKey> own_keys;
    /// What is carried through: entries whose keys a damaged otr.fingerprints no longer shows,
    /// entries that make no sense, and top-level members.
    SideContents rest;
};

} // namespace otr_guard::core
