// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Names with other letters than a to z, between the form that computers use ("xn--mnchen-3ya") and
// the one that people read ("münchen"). RFC 3492; nothing is mapped or normalised. Strict: what
// does not come out the same when it is written back is refused.

#include <optional>
#include <string>
#include <string_view>

namespace otr_guard::core {

/// One label without its "xn--" as characters; nothing when it is not well formed.
[[nodiscard]] std::optional<std::u32string> decode_punycode(std::string_view encoded);

/// The opposite; nothing when a number would not fit.
[[nodiscard]] std::optional<std::string> encode_punycode(std::u32string_view characters);

} // namespace otr_guard::core
