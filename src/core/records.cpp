// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/records.h"

#include <algorithm>

#include <gcrypt.h>

#include "model/limits.h"

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

namespace {

/// Where the authenticator of a data message begins (OTRv3, "Data Message"); nothing when it is
/// none.
std::optional<std::size_t> authenticator_at(std::span<const std::uint8_t> message) {
    constexpr std::size_t length_bytes = 4;
    constexpr std::size_t counter_bytes = 8;
    constexpr unsigned char data_type = 3;
    if (message.size() < 3 || message[0] != 0 || (message[1] != 2 && message[1] != 3) ||
        message[2] != data_type) {
        return std::nullopt;
    }
    // Version, type, two instance tags, flags and two key numbers.
    std::size_t at = message[1] == 3 ? 20 : 12;
    for (const std::size_t behind : {counter_bytes, std::size_t{0}}) { // next key, counter; text
        if (message.size() < at + length_bytes) {
            return std::nullopt;
        }
        std::size_t length = 0;
        for (const std::uint8_t byte : message.subspan(at, length_bytes)) {
            length = length << 8U | byte;
        }
        at += length_bytes + length + behind;
    }
    return at;
}

} // namespace

MessageDigest digest_of(const std::string& wire) {
    MessageDigest digest{};
    unsigned char* buffer = nullptr;
    std::size_t size = 0;
    // libotr reads a message without the full stop at its end as well.
    if (otrl_base64_otr_decode((wire + '.').c_str(), &buffer, &size) == 0) {
        const util::MallocPtr<unsigned char> owned(buffer);
        const std::span<const std::uint8_t> message(buffer, size);
        const auto at = authenticator_at(message);
        if (at && message.size() >= *at + digest.size()) {
            std::ranges::copy(message.subspan(*at, digest.size()), digest.begin());
            return digest;
        }
    }
    std::array<std::uint8_t, 32> hash{};
    gcry_md_hash_buffer(GCRY_MD_SHA256, hash.data(), wire.data(), wire.size());
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

TlvPtr make_receipt_tlv(std::span<const MessageDigest> read) {
    read = read.first(std::min(read.size(), model::limits::unconfirmed_texts));
    std::vector<std::uint8_t> bytes;
    bytes.reserve(read.size() * sizeof(MessageDigest));
    for (const MessageDigest& digest : read) {
        bytes.insert(bytes.end(), digest.begin(), digest.end());
    }
    return TlvPtr(
        otrl_tlv_new(receipt_tlv_type, static_cast<unsigned short>(bytes.size()), bytes.data()));
}

std::optional<std::vector<MessageDigest>> receipt_from_tlvs(const OtrlTLV* tlvs) {
    constexpr std::size_t size = std::tuple_size_v<MessageDigest>;
    for (const OtrlTLV* tlv = tlvs; tlv != nullptr; tlv = tlv->next) {
        if (tlv->type != receipt_tlv_type || tlv->len % size != 0 ||
            tlv->len > model::limits::unconfirmed_texts * size) {
            continue;
        }
        std::vector<MessageDigest> read(tlv->len / size);
        for (std::size_t index = 0; index < read.size(); ++index) {
            std::copy_n(tlv->data + index * size, size, read[index].begin());
        }
        return read;
    }
    return std::nullopt;
}

} // namespace otr_guard::core
