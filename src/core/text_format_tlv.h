// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Type-length-value records of ours in data messages. One says which format the text is in, and
// goes along only when the text would read differently in the other format: it makes text between
// two OTR Guards exact. The other goes along with a text that is sent once more and names the
// message that carried it first, so that nobody reads it twice. Programs that do not know them skip
// them (OTRv3, "TLV types": unknown types are ignored).

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/libotr.h"
#include "core/markup.h"

namespace otr_guard::core {

inline constexpr unsigned short text_format_tlv_type = 0x4f47;

[[nodiscard]] TlvPtr make_format_tlv(markup::TextFormat format);

/// Nothing when there is no such record or its value is unknown.
[[nodiscard]] std::optional<markup::TextFormat> format_from_tlvs(const OtrlTLV* tlvs);

inline constexpr unsigned short resend_tlv_type = 0x4f48;

/// The beginning of the SHA-256 hash of a whole message as it was on the wire.
using MessageDigest = std::array<std::uint8_t, 16>;
[[nodiscard]] MessageDigest digest_of(std::string_view wire);

[[nodiscard]] TlvPtr make_resend_tlv(const MessageDigest& first);
[[nodiscard]] std::optional<MessageDigest> resend_from_tlvs(const OtrlTLV* tlvs);

} // namespace otr_guard::core
