// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A private key as libotr writes it: `(private-key (dsa (p ...)(q ...)(g ...)(y ...)(x ...)))`, and
// lists of them, the contents of otr.private_key. Knows nothing of files. Everything here may be
// called in any thread once initialise_libotr() has succeeded.

#include <cstdio>
#include <span>
#include <string_view>

#include "core/libotr.h"
#include "model/account.h"
#include "model/fingerprint.h"
#include "util/expected.h"
#include "util/secret.h"

namespace otr_guard::core {

/// A file that exists in memory alone, but has a descriptor: libotr asks fstat for the size of a
/// key file. Unbuffered, so that no key stays behind in a buffer. Null when there is no memory.
[[nodiscard]] util::FilePtr memory_file(std::string_view content);
/// Everything in a memory file; empty when it cannot be read.
[[nodiscard]] util::SecretString content_of(std::FILE* stream);

struct NamedKey {
    const model::AccountId& account;
    std::string_view key; ///< `(private-key ...)`
};

/// What libotr would write for these keys; empty when libgcrypt could not print a name.
[[nodiscard]] util::SecretString private_keys_text(std::span<const NamedKey> keys);
/// Null when it is not a list of keys.
[[nodiscard]] UserStatePtr parse_private_keys(std::string_view text);
/// As libotr writes it; empty when libgcrypt could not print it.
[[nodiscard]] util::SecretString key_text_of(const OtrlPrivKey& key);

struct CheckedKey {
    util::SecretString text; ///< the five numbers and nothing else
    model::Fingerprint fingerprint;
};

/// Makes a key; 20 to 200 ms and more, which libotr cannot interrupt.
[[nodiscard]] util::Expected<CheckedKey> make_key();

/// Whether a text from elsewhere is a private key that will do: DSA with 1024 and 160 bits (OTRv3,
/// "Public keys"), its numbers in order, the public one belonging to the private one. Malformed
/// when not.
[[nodiscard]] util::Expected<CheckedKey> check_key_text(std::string_view text);

} // namespace otr_guard::core
