// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The "code" by which people compare keys: a fingerprint in whatever form somebody sent or
// published it, and the one-time PIN. Reads untrusted text; must never guess.

#include <string>
#include <string_view>

#include "model/fingerprint.h"
#include "util/expected.h"
#include "util/secret.h"

namespace otr_guard::core {

/// Finds the one fingerprint in `text`: 40 hexadecimal digits in any grouping (spaces, colons,
/// hyphens, line breaks) and case, with or without words around it; the 49 decimal digits of
/// model::to_decimal(), grouped or not; 15 words (words.h);
/// `xmpp:...otr-fingerprint=HEX`; `https://chatsecure.org/i/#` + base64url of `jid?otr=HEX`
/// (also `i=` variants with '&'). The same fingerprint several times is fine.
/// Malformed when there is none or when there are different ones; TooLarge beyond 4 KiB.
[[nodiscard]] util::Expected<model::Fingerprint> parse_code(std::string_view text);

/// `xmpp:alice@example.org?subscribe;otr-fingerprint=HEX`, the form that ChatSecure for Android
/// reads from QR codes. `jid` is percent-encoded; a resource is dropped.
[[nodiscard]] std::string to_xmpp_uri(std::string_view jid, const model::Fingerprint& fingerprint);

/// Six decimal digits, uniformly distributed, from libgcrypt's strong generator.
[[nodiscard]] util::SecretString make_pin();

/// A PIN that was typed in Arabic or Persian digits, in those that make_pin() uses; everything else
/// as it is, because answers are compared byte by byte.
[[nodiscard]] util::SecretString pin_in_usual_digits(std::string_view typed);

} // namespace otr_guard::core
