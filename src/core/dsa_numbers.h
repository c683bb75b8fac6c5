// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// DSA keys as other programs write them: five numbers one after the other (potr, CoyIM) or ASN.1
// (Java). The bytes may come from anybody: nothing is computed with numbers of another size than
// OTR's, and no private key comes out that check_key_text() has not seen. May be called in any
// thread once initialise_libotr() has succeeded.

#include <string>
#include <string_view>

#include "core/key_text.h"
#include "model/fingerprint.h"
#include "util/expected.h"

namespace otr_guard::core {

/// Each is big-endian without leading zeros, or empty where a format does not have it.
struct DsaNumbers {
    std::string p, q, g, y, x;

    bool operator==(const DsaNumbers&) const = default;
};

// What is read is Malformed when it is not of the format; the numbers may still make no key.

/// potr's `.key3` and CoyIM's PrivateKeys: key type 0 in two bytes, then p, q, g, y and x, each
/// behind its length in four bytes.
[[nodiscard]] util::Expected<DsaNumbers> read_potr_key(std::string_view bytes);
[[nodiscard]] std::string write_potr_key(const DsaNumbers& numbers);
/// PKCS#8, which has no y.
[[nodiscard]] util::Expected<DsaNumbers> read_private_der(std::string_view bytes);
/// SubjectPublicKeyInfo, which has no x.
[[nodiscard]] util::Expected<DsaNumbers> read_public_der(std::string_view bytes);
/// The numbers of a text as key_text.h has it.
[[nodiscard]] util::Expected<DsaNumbers> numbers_of(std::string_view key_text);

/// A missing y is computed. Malformed when it is no key of OTR's.
[[nodiscard]] util::Expected<CheckedKey> key_of(DsaNumbers numbers);
/// Of the public numbers. Malformed when they do not have OTR's sizes.
[[nodiscard]] util::Expected<model::Fingerprint> fingerprint_of(const DsaNumbers& numbers);

/// Line breaks and anything else that is no digit of base64 are passed over.
[[nodiscard]] std::string from_base64(std::string_view text);
[[nodiscard]] std::string to_base64(std::string_view bytes);

} // namespace otr_guard::core
