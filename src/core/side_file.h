// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The format of `otr-guard.json`, for the TrustStore alone. What a later version of ours has put
// there is carried through; nothing in it can make a key trusted, that is said in otr.fingerprints.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/trust_store.h"
#include "model/account.h"
#include "model/fingerprint.h"
#include "model/states.h"
#include "util/expected.h"

namespace otr_guard::core {

/// Members that we do not know are kept as JSON text without the braces around it.
using OtherMembers = std::string;

struct SideKey {
    model::PeerId peer;
    KnownKey key; ///< without the trust word
    OtherMembers other;
};

struct SidePeer {
    model::PeerId peer;
    std::optional<model::Fingerprint> expected;
    std::optional<model::Policy> policy;
    OtherMembers other;
};

/// When a key of the user's own came to be, as far as we were there.
struct SideOwnKey {
    model::AccountId account;
    OwnKeyNote note;
    OtherMembers other;
};

/// An entry that makes no sense, as JSON text; the peer has empty names when it has none.
using OddEntry = std::pair<model::PeerId, std::string>;

struct SideContents {
    std::vector<SideKey> keys;
    std::vector<SidePeer> peers;
    std::vector<SideOwnKey> own_keys;
    std::vector<OddEntry> odd_keys;
    std::vector<OddEntry> odd_peers;
    std::vector<OddEntry> odd_own_keys;
    OtherMembers other;
};

/// Malformed for anything but an object with our version number.
[[nodiscard]] util::Expected<SideContents> parse_side_file(std::string_view text);

/// Builds the text, one entry a line: keys first, then peers, then own keys.
class SideWriter {
public:
    explicit SideWriter(const OtherMembers& other);
    void add_key(const model::AccountId& account, std::string_view username, const KnownKey& key,
                 const OtherMembers& other);
    void add_odd(const OddEntry& entry);
    void begin_peers();
    void add_peer(const SidePeer& peer);
    void begin_own_keys();
    void add_own_key(const SideOwnKey& key);
    [[nodiscard]] std::string finish() &&;

private:
    void begin_entry();
    void add_names(const model::AccountId& account);
    void add_names(const model::AccountId& account, std::string_view username);
    void begin_section(std::string_view name);

    std::string m_text;
    bool m_is_first = true;
};

} // namespace otr_guard::core
