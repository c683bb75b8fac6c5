// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Java's properties, the format of ChatSecure for Android's keys, and the way in which KeySync and
// ChatSecure encrypt such a file to hand it to each other. That encryption proves nothing about
// what is in it.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "util/expected.h"
#include "util/secret.h"

namespace otr_guard::core {

/// In the order of the file, with escapes resolved; characters beyond Latin-1 as UTF-8. Everything
/// is a list of properties, so this cannot fail.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
parse_java_properties(std::string_view text);

/// Whether it begins as `openssl enc` with a salt begins, as bytes or in base64.
[[nodiscard]] bool is_openssl_file(std::string_view bytes);
/// AES-256 in CBC mode, key and IV by EVP_BytesToKey with MD5. WrongPassphrase when what comes out
/// does not end as it should, which one wrong passphrase of 256 passes. Malformed, Crypto.
[[nodiscard]] util::Expected<util::SecretString>
open_openssl_file(std::string_view bytes, const util::SecretString& passphrase);

} // namespace otr_guard::core
