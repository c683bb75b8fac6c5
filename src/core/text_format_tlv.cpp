// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/text_format_tlv.h"

#include <algorithm>

#include <gcrypt.h>

namespace otr_guard::core {

TlvPtr make_format_tlv(markup::TextFormat format) {
    const unsigned char value = format == markup::TextFormat::Html ? 1 : 0;
    return TlvPtr(otrl_tlv_new(text_format_tlv_type, 1, &value));
}

std::optional<markup::TextFormat> format_from_tlvs(const OtrlTLV* tlvs) {
    for (const OtrlTLV* tlv = tlvs; tlv != nullptr; tlv = tlv->next) {
        if (tlv->type != text_format_tlv_type || tlv->len != 1) {
            continue;
        }
        if (tlv->data[0] == 0) {
            return markup::TextFormat::Plain;
        }
        if (tlv->data[0] == 1) {
            return markup::TextFormat::Html;
        }
    }
    return std::nullopt;
}

MessageDigest digest_of(std::string_view wire) {
    std::array<std::uint8_t, 32> hash{};
    gcry_md_hash_buffer(GCRY_MD_SHA256, hash.data(), wire.data(), wire.size());
    MessageDigest digest{};
    std::copy_n(hash.begin(), digest.size(), digest.begin());
    return digest;
}

TlvPtr make_resend_tlv(const MessageDigest& first) {
    return TlvPtr(otrl_tlv_new(resend_tlv_type, std::tuple_size_v<MessageDigest>, first.data()));
}

std::optional<MessageDigest> resend_from_tlvs(const OtrlTLV* tlvs) {
    for (const OtrlTLV* tlv = tlvs; tlv != nullptr; tlv = tlv->next) {
        MessageDigest digest{};
        if (tlv->type == resend_tlv_type && tlv->len == digest.size()) {
            std::copy_n(tlv->data, digest.size(), digest.begin());
            return digest;
        }
    }
    return std::nullopt;
}

} // namespace otr_guard::core
