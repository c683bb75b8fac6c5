// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/records.h"

#include <algorithm>
#include <bit>

#include <gcrypt.h>

#include "core/base64_bytes.h"

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

/// The beginning of the authenticator (OTRv3, "Data Message"); nothing when it is none or ends
/// before.
template <typename Bytes> std::optional<MessageDigest> authenticator_of(const Bytes& message) {
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
        for (std::size_t i = 0; i < length_bytes; ++i) {
            length = length << 8U | message[at + i];
        }
        at += length_bytes + length + behind;
    }
    MessageDigest digest{};
    if (message.size() < at + digest.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < digest.size(); ++i) {
        digest[i] = message[at + i];
    }
    return digest;
}

constexpr std::string_view encoded_prefix = "?OTR:";

/// The base64 in a message.
std::optional<std::string_view> body_of(std::string_view wire) {
    const std::size_t start = wire.find(encoded_prefix);
    if (start == std::string_view::npos) {
        return std::nullopt;
    }
    wire.remove_prefix(start + encoded_prefix.size());
    return wire.substr(0, wire.find('.'));
}

std::optional<MessageDigest> authenticator_of(std::string_view wire) {
    const auto body = body_of(wire);
    if (!body) {
        return std::nullopt;
    }
    if (const auto bytes = Base64Bytes::of(*body)) {
        return authenticator_of(*bytes);
    }
    unsigned char* buffer = nullptr;
    std::size_t size = 0;
    // libotr reads a message without the full stop at its end as well.
    if (otrl_base64_otr_decode((std::string(wire) + '.').c_str(), &buffer, &size) != 0) {
        return std::nullopt;
    }
    const util::MallocPtr<unsigned char> owned(buffer);
    return authenticator_of(std::span<const std::uint8_t>(buffer, size));
}

} // namespace

MessageDigest digest_of(std::string_view wire) {
    if (const auto authenticator = authenticator_of(wire)) {
        return *authenticator;
    }
    MessageDigest digest{};
    std::array<std::uint8_t, 32> hash{};
    gcry_md_hash_buffer(GCRY_MD_SHA256, hash.data(), wire.data(), wire.size());
    std::copy_n(hash.begin(), digest.size(), digest.begin());
    return digest;
}

MessageDigest digest_of_ours(std::string_view wire) {
    const auto body = body_of(wire);
    const auto authenticator = body ? authenticator_of(Base64Bytes::of_clean(*body)) : std::nullopt;
    return authenticator ? *authenticator : digest_of(wire);
}

std::vector<std::uint8_t>::const_iterator RememberedDigests::place_of(std::uint64_t number) const {
    return std::ranges::lower_bound(m_sorted, number, {},
                                    [this](std::uint8_t index) { return m_ring[index]; });
}

void RememberedDigests::add(const MessageDigest& digest) {
    if (contains(digest)) {
        return;
    }
    const auto number = std::bit_cast<std::uint64_t>(digest);
    if (m_ring.size() < model::limits::remembered_messages) {
        const auto place = place_of(number);
        m_sorted.insert(place, static_cast<std::uint8_t>(m_ring.size()));
        m_ring.push_back(number);
        return;
    }
    m_sorted.erase(place_of(m_ring[m_oldest]));
    const auto place = place_of(number);
    m_sorted.insert(place, static_cast<std::uint8_t>(m_oldest));
    m_ring[m_oldest] = number;
    m_oldest = (m_oldest + 1) % m_ring.size();
}

bool RememberedDigests::contains(const MessageDigest& digest) const {
    const auto number = std::bit_cast<std::uint64_t>(digest);
    const auto place = place_of(number);
    return place != m_sorted.end() && m_ring[*place] == number;
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
