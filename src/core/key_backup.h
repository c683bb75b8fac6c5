// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One private key sealed under a passphrase, as a small JSON text that can be kept anywhere and
// shown to the windows program. Whose key it is can be read without the passphrase, and is
// authenticated with it. A text may come from anybody: opening it must not take more memory or time
// than limits.h allows, and nothing but a whole, good key with the fingerprint it names comes out.
//
//   scrypt (N in the text, r = 8, p = 1, 16 bytes of salt) makes the key for AES-256-GCM; the
//   header is its additional data; "check" (unkeyed, of everything) tells a damaged text from a
//   wrong passphrase. Binary values are lower-case hexadecimal digits.
//
// Everything here may be called in any thread once initialise_libotr() has succeeded.

#include <string>
#include <string_view>

#include "core/key_text.h"
#include "model/account.h"
#include "model/fingerprint.h"
#include "util/expected.h"
#include "util/secret.h"

namespace otr_guard::core {

struct BackupNames {
    model::AccountId account;
    model::Fingerprint fingerprint;

    bool operator==(const BackupNames&) const = default;
};

/// Takes some tenths of a second and the memory of limits::backup_scrypt_cost. Refused for an empty
/// or overlong passphrase, Malformed for names that the text cannot hold.
[[nodiscard]] util::Expected<std::string> seal_backup(const BackupNames& names,
                                                      const util::SecretString& key,
                                                      const util::SecretString& passphrase);

/// What a text says it is; nobody has vouched for it yet. Malformed when it is not a backup of a
/// key, or a damaged one; Unavailable for one of a later version of ours, TooLarge when opening it
/// would take more than limits allow.
[[nodiscard]] util::Expected<BackupNames> read_backup_names(std::string_view text);

/// As long as sealing. Errors as above, WrongPassphrase, and Malformed when the key inside will not
/// do (check_key_text()) or is not the one that the text names.
[[nodiscard]] util::Expected<CheckedKey> open_backup(std::string_view text,
                                                     const util::SecretString& passphrase);

} // namespace otr_guard::core
