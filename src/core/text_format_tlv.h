// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A type-length-value record that says which format the text of a data message is in. Sent along
// only when the text would read differently in the other format; programs that do not know it skip
// it (OTRv3, "TLV types": unknown types are ignored). It makes text between two OTR Guards exact.

#include <optional>

#include "core/libotr.h"
#include "core/markup.h"

namespace otr_guard::core {

inline constexpr unsigned short text_format_tlv_type = 0x4f47;

[[nodiscard]] TlvPtr make_format_tlv(markup::TextFormat format);

/// Nothing when there is no such record or its value is unknown.
[[nodiscard]] std::optional<markup::TextFormat> format_from_tlvs(const OtrlTLV* tlvs);

} // namespace otr_guard::core
