// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A line of `otr.fingerprints` as libotr reads and writes it: user, account, protocol, fingerprint
// and trust, between tabs (otrl_privkey_read_fingerprints_FILEp).

#include <optional>
#include <string>
#include <string_view>

#include "model/account.h"
#include "model/fingerprint.h"
#include "model/states.h"

namespace otr_guard::core {

/// The trust words that we write, beside none; any other is untrusted.
inline constexpr std::string_view verified_word = "verified";
inline constexpr std::string_view smp_word = "smp";

[[nodiscard]] std::string_view word_for(model::VerificationMethod method);
[[nodiscard]] bool means_verified(std::string_view trust_word);

/// Views into the line that was read.
struct FingerprintLine {
    std::string_view username;
    std::string_view account;
    std::string_view protocol;
    model::Fingerprint fingerprint;
    std::string_view trust_word;
};

/// `line` without its end; a carriage return there is ignored. Nothing when it is not a key.
[[nodiscard]] std::optional<FingerprintLine> parse_fingerprint_line(std::string_view line);
void append_fingerprint_line(std::string& text, const FingerprintLine& line);
/// Whether libotr could read the line again.
[[nodiscard]] bool fits_a_line(const model::PeerId& peer);

} // namespace otr_guard::core
