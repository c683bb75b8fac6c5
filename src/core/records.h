// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Type-length-value records of ours in data messages of version 3. Programs that do not know them
// skip them (OTRv3, "TLV types": unknown types are ignored).
//
// - The text's format goes along only when the text would read differently in the other format: it
//   makes text between two OTR Guards exact.
// - A text that is sent once more names the message that carried it first, so that nobody reads it
//   twice.
// - A receipt names messages of the other side whose text was shown. Both sides' first texts carry
//   one, if need be an empty one, which says that its sender gives receipts and waits for them.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/libotr.h"
#include "core/markup.h"
#include "model/limits.h"

namespace otr_guard::core {

inline constexpr unsigned short text_format_tlv_type = 0x4f47;

[[nodiscard]] TlvPtr make_format_tlv(markup::TextFormat format);

/// Nothing when there is no such record or its value is unknown.
[[nodiscard]] std::optional<markup::TextFormat> format_from_tlvs(const OtrlTLV* tlvs);

/// What tells the messages of one device apart: the beginning of a data message's authenticator,
/// since what comes behind that can be changed on the way. Of anything else, which nobody can read,
/// the beginning of its SHA-256 hash.
using MessageDigest = std::array<std::uint8_t, 8>;
[[nodiscard]] MessageDigest digest_of(std::string_view wire);
/// The same for a message that libotr has just encoded for us: nobody has put anything in between.
[[nodiscard]] MessageDigest digest_of_ours(std::string_view wire);

/// The latest limits::remembered_messages of one device.
class RememberedDigests {
public:
    void add(const MessageDigest& digest);
    [[nodiscard]] bool contains(const MessageDigest& digest) const;

private:
    /// Where the number is in `m_sorted`, or belongs.
    [[nodiscard]] std::vector<std::uint8_t>::const_iterator place_of(std::uint64_t number) const;

    // Two kilobytes for each device when full: a hash table has six times as many.
    std::vector<std::uint64_t> m_ring;
    std::size_t m_oldest = 0;           ///< where the next one goes, once the ring is full
    std::vector<std::uint8_t> m_sorted; ///< indices of the ring, in the order of their numbers
    static_assert(model::limits::remembered_messages <= 256);
};

inline constexpr unsigned short resend_tlv_type = 0x4f48;

[[nodiscard]] TlvPtr make_resend_tlv(const MessageDigest& first);
[[nodiscard]] std::optional<MessageDigest> resend_from_tlvs(const OtrlTLV* tlvs);

inline constexpr unsigned short receipt_tlv_type = 0x4f49;

/// Names at most limits::unconfirmed_texts.
[[nodiscard]] TlvPtr make_receipt_tlv(std::span<const MessageDigest> read);
/// Nothing when there is no such record; a damaged one counts as none.
[[nodiscard]] std::optional<std::vector<MessageDigest>> receipt_from_tlvs(const OtrlTLV* tlvs);

} // namespace otr_guard::core
