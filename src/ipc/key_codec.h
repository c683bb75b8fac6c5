// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Known keys on the channel, and the limits of them; see codec.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gio/gio.h>

#include "model/account.h"

namespace otr_guard::ipc {

inline constexpr std::size_t most_keys = 200'000;
inline constexpr std::size_t list_bytes = 16U << 20; ///< of an imported or exported list

/// What the window of known keys shows of one. Texts are plain and translated.
struct KnownKey {
    model::PeerId peer;
    std::string name;             ///< the peer's, for people
    std::string account;          ///< the user's, for people
    std::string key;              ///< 40 hexadecimal digits
    std::string verified;         ///< how and when, in words
    std::string state;            ///< how it is used now; empty when it is not
    std::int64_t verified_at = 0; ///< seconds since 1970, 0 when unknown
    std::int64_t first_seen = 0;
    std::int64_t last_used = 0;
    bool is_verified = false;
    bool is_changed = false; ///< has taken the place of the verified or expected one

    bool operator==(const KnownKey&) const = default;
};

/// What names a key.
struct KeyName {
    model::PeerId peer;
    std::string key; ///< 40 hexadecimal digits

    auto operator<=>(const KeyName&) const = default;
};

/// A key of somebody that may be imported. Texts are plain and translated.
struct ImportableKey {
    std::string name;       ///< the peer's, for people
    std::string account;    ///< the user's, for people
    std::string key;        ///< 40 hexadecimal digits
    std::string effect;     ///< what taking it would change
    bool is_chosen = false; ///< unless the user chooses otherwise

    bool operator==(const ImportableKey&) const = default;
};

/// The same of the user's own.
struct ImportableOwnKey {
    std::string account; ///< for people
    std::string key;
    std::string warning; ///< empty unless it takes the place of another key

    bool operator==(const ImportableOwnKey&) const = default;
};

// Writing: a new floating reference.
[[nodiscard]] GVariant* to_variant(const std::vector<KnownKey>& keys);
[[nodiscard]] GVariant* to_variant(const std::vector<KeyName>& keys);
[[nodiscard]] GVariant* to_variant(const std::vector<ImportableKey>& keys);
[[nodiscard]] GVariant* to_variant(const std::vector<ImportableOwnKey>& keys);

// Reading: nothing when a limit is broken in any of them.
[[nodiscard]] std::optional<std::vector<KnownKey>> known_keys_from(GVariant* variant);
[[nodiscard]] std::optional<std::vector<KeyName>> key_names_from(GVariant* variant);
[[nodiscard]] std::optional<std::vector<ImportableKey>> importable_keys_from(GVariant* variant);
[[nodiscard]] std::optional<std::vector<ImportableOwnKey>>
importable_own_keys_from(GVariant* variant);

} // namespace otr_guard::ipc
