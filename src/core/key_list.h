// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Known keys on their way to another profile or program: written as `otr.fingerprints` of libotr
// and pidgin-otr, or as JSON of ours that also says how and when each was verified; read from both.
// What is read changes nothing until it is taken.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/trust_store.h"
#include "util/expected.h"

namespace otr_guard::core {

using KeyOfPeer = std::pair<model::PeerId, KnownKey>;

[[nodiscard]] std::string to_key_list(const std::vector<KeyOfPeer>& keys);
/// Names that libotr could not read again are left out.
[[nodiscard]] std::string to_libotr_list(const std::vector<KeyOfPeer>& keys);

struct KeyList {
    /// Their trust words are ours: "", "verified" or "smp", other words count as none.
    std::vector<KeyOfPeer> keys;
    std::size_t skipped = 0; ///< lines or entries that are no key
};

/// Either format, told apart by its first character. Malformed when there is no key in it; TooLarge
/// beyond limits::key_list_bytes.
[[nodiscard]] util::Expected<KeyList> read_known_keys(std::string_view text);

/// What taking a key of a list would change.
enum class ImportEffect {
    Nothing,  ///< known, and the list does not say more
    Adds,     ///< a new key
    Verifies, ///< a known key becomes verified
};

[[nodiscard]] ImportEffect effect_of(const TrustStore& store, const KeyOfPeer& listed);

/// The record to put into the store for a listed key: what is known stays, and a verification of
/// elsewhere is marked as imported, with today's date.
[[nodiscard]] KnownKey imported(const TrustStore& store, const KeyOfPeer& listed, WallTime now);

} // namespace otr_guard::core
