// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/wire.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <span>

#include "core/base64_bytes.h"
#include "model/limits.h"

namespace otr_guard::core {

namespace {

constexpr std::string_view error_prefix = "?OTR Error:";
constexpr std::string_view ios_error_prefix = "OTR Error:";
constexpr std::string_view tag_base = OTRL_MESSAGE_TAG_BASE;
constexpr std::string_view whole_tag =
    OTRL_MESSAGE_TAG_BASE OTRL_MESSAGE_TAG_V2 OTRL_MESSAGE_TAG_V3;
constexpr std::size_t tag_version_length = 8;
constexpr std::string_view encoded_prefix = "?OTR:";
constexpr std::size_t header_bytes = 12;

} // namespace

std::optional<Header> header_of(std::string_view wire) {
    constexpr unsigned char data_type = 3;
    constexpr std::size_t digits = header_bytes / 3 * 4;
    if (!wire.starts_with(encoded_prefix) || wire.size() < encoded_prefix.size() + digits) {
        return std::nullopt;
    }
    const auto decoded = Base64Bytes::of(wire.substr(encoded_prefix.size(), digits));
    if (!decoded || decoded->size() < header_bytes) {
        return std::nullopt;
    }
    const Base64Bytes& bytes = *decoded;
    const auto number_at = [&bytes](std::size_t at) {
        return static_cast<model::InstanceTag>(bytes[at]) << 24U |
               static_cast<model::InstanceTag>(bytes[at + 1]) << 16U |
               static_cast<model::InstanceTag>(bytes[at + 2]) << 8U | bytes[at + 3];
    };
    Header header{.version = static_cast<unsigned>(bytes[0]) << 8U | bytes[1],
                  .type = bytes[2],
                  .sender = 0,
                  .receiver = 0,
                  .is_expendable = false};
    std::size_t flags_at = 3;
    if (header.version == 3) {
        header.sender = number_at(3);
        header.receiver = number_at(7);
        flags_at = 11;
    }
    header.is_expendable =
        header.type == data_type && (bytes[flags_at] & OTRL_MSGFLAGS_IGNORE_UNREADABLE) != 0;
    return header;
}

std::optional<CommitHash> commit_hash_of(const std::string& wire) {
    constexpr unsigned char commit_type = 2;
    constexpr std::size_t sealed_at = 11; // after version, type and two instance tags
    constexpr std::size_t length_bytes = 4;
    const auto header = header_of(wire);
    unsigned char* buffer = nullptr;
    std::size_t size = 0;
    if (!header || header->version != 3 || header->type != commit_type ||
        otrl_base64_otr_decode(wire.c_str(), &buffer, &size) != 0) {
        return std::nullopt;
    }
    const util::MallocPtr<unsigned char> owned(buffer);
    const std::span<const std::uint8_t> bytes(buffer, size);
    if (size < sealed_at + length_bytes) {
        return std::nullopt;
    }
    std::size_t sealed = 0;
    for (const std::uint8_t byte : bytes.subspan(sealed_at, length_bytes)) {
        sealed = sealed << 8U | byte;
    }
    CommitHash hash{};
    const std::size_t hash_at = sealed_at + length_bytes + sealed + length_bytes;
    if (size < hash_at || size - hash_at < hash.size()) {
        return std::nullopt;
    }
    std::ranges::copy(bytes.subspan(hash_at, hash.size()), hash.begin());
    return hash;
}

bool is_data_message(std::string_view wire) {
    // "AAMD" and "AAID": base64 of protocol version 3 or 2 and message type 3.
    return wire.starts_with("?OTR:AAMD") || wire.starts_with("?OTR:AAID");
}

bool is_protocol_message(std::string_view wire) {
    return wire.starts_with("?OTR:") || wire.starts_with("?OTR|") || wire.starts_with("?OTR,") ||
           wire.starts_with("?OTR?") || wire.starts_with("?OTRv") || wire.starts_with(error_prefix);
}

bool is_error_message(std::string_view wire) {
    return wire.starts_with(error_prefix) || wire.starts_with(ios_error_prefix);
}

std::string_view error_text_of(std::string_view wire) {
    wire.remove_prefix(wire.starts_with(error_prefix) ? error_prefix.size()
                                                      : ios_error_prefix.size());
    return wire.substr(wire.starts_with(' ') ? 1 : 0);
}

bool has_whitespace_tag(std::string_view text) {
    return text.find(tag_base) != std::string_view::npos;
}

std::string_view whitespace_tag() {
    return whole_tag;
}

std::string_view find_whitespace_tag(std::string_view text) {
    const std::size_t start = text.find(tag_base);
    if (start == std::string_view::npos) {
        return {};
    }
    std::size_t end = start + tag_base.size();
    const auto is_version = [&text](std::size_t at) {
        const std::string_view version = text.substr(at, tag_version_length);
        return version.size() == tag_version_length &&
               version.find_first_not_of(" \t") == std::string_view::npos;
    };
    while (is_version(end)) {
        end += tag_version_length;
    }
    return text.substr(start, end - start);
}

std::string strip_whitespace_tag(std::string_view text) {
    const std::string_view tag = find_whitespace_tag(text);
    std::string stripped(text);
    if (!tag.empty()) {
        stripped.erase(text.find(tag_base), tag.size());
    }
    return stripped;
}

std::string make_fragment(unsigned version, model::InstanceTag sender, model::InstanceTag receiver,
                          std::size_t number, std::size_t count, std::string_view piece) {
    std::array<char, 40> header{};
    if (version == 3) {
        static_cast<void>(std::snprintf(header.data(), header.size(), "?OTR|%08x|%08x,%05zu,%05zu,",
                                        sender, receiver, number, count));
    } else {
        static_cast<void>(
            std::snprintf(header.data(), header.size(), "?OTR,%05zu,%05zu,", number, count));
    }
    std::string fragment(header.data());
    fragment += piece;
    fragment += ',';
    return fragment;
}

std::vector<std::string> split_message(std::string_view wire, std::size_t limit) {
    std::vector<std::string> pieces;
    const std::size_t most = std::max(limit, model::limits::smallest_message_size);
    const auto header = limit != 0 && wire.size() > most ? header_of(wire) : std::nullopt;
    if (!header) {
        pieces.emplace_back(wire);
        return pieces;
    }
    const std::size_t framing = header->version == 3 ? 37 : 19;
    const std::size_t room = most - framing;
    const std::size_t count = (wire.size() + room - 1) / room;
    constexpr std::size_t most_pieces = 65535;
    if (count > most_pieces) {
        return {};
    }
    pieces.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        pieces.push_back(make_fragment(header->version, header->sender, header->receiver, i + 1,
                                       count, wire.substr(i * room, room)));
    }
    return pieces;
}

std::string make_query(std::string_view explanation, std::size_t limit) {
    constexpr std::string_view query = "?OTRv23?";
    if (limit != 0 && query.size() + 1 + explanation.size() > limit) {
        return std::string(query);
    }
    return std::string(query) + " " + std::string(explanation);
}

model::Fingerprint fingerprint_of(const Fingerprint& fingerprint) {
    return model::Fingerprint(
        std::span<const std::uint8_t, model::Fingerprint::size>(fingerprint.fingerprint, 20));
}

markup::TextFormat default_format(std::string_view protocol) {
    return protocol == "prpl-irc" ? markup::TextFormat::Plain : markup::TextFormat::Html;
}

std::string_view hold_word(model::HoldReason reason) {
    switch (reason) {
    case model::HoldReason::None:
        return "none";
    case model::HoldReason::NoSession:
        return "no-session";
    case model::HoldReason::Finished:
        return "finished";
    case model::HoldReason::Interrupted:
        return "interrupted";
    case model::HoldReason::KeyChanged:
        return "key-changed";
    case model::HoldReason::NotVerified:
        return "not-verified";
    case model::HoldReason::WrongKey:
        return "wrong-key";
    case model::HoldReason::NotConnected:
        return "not-connected";
    case model::HoldReason::KeyGeneration:
        return "key-generation";
    }
    return "none";
}

} // namespace otr_guard::core
