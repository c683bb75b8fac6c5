// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/wire.h"

#include <array>
#include <cstdio>
#include <span>

namespace otr_guard::core {

namespace {

constexpr std::string_view error_prefix = "?OTR Error:";
constexpr std::string_view ios_error_prefix = "OTR Error:";
constexpr std::string_view tag_base = OTRL_MESSAGE_TAG_BASE;
constexpr std::string_view whole_tag =
    OTRL_MESSAGE_TAG_BASE OTRL_MESSAGE_TAG_V2 OTRL_MESSAGE_TAG_V3;
constexpr std::size_t tag_version_length = 8;

} // namespace

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

std::string_view whitespace_tag() { return whole_tag; }

std::string strip_whitespace_tag(std::string_view text) {
    const std::size_t start = text.find(tag_base);
    if (start == std::string_view::npos) {
        return std::string(text);
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
    std::string stripped(text.substr(0, start));
    stripped += text.substr(end);
    return stripped;
}

std::string make_fragment(unsigned version, model::InstanceTag sender, model::InstanceTag receiver,
                          std::size_t number, std::size_t count, std::string_view piece) {
    std::array<char, 40> header{};
    if (version == 3) {
        std::snprintf(header.data(), header.size(), "?OTR|%08x|%08x,%05zu,%05zu,", sender, receiver,
                      number, count);
    } else {
        std::snprintf(header.data(), header.size(), "?OTR,%05zu,%05zu,", number, count);
    }
    std::string fragment(header.data());
    fragment += piece;
    fragment += ',';
    return fragment;
}

std::string make_query(std::string_view explanation) {
    std::string query = "?OTRv23? ";
    query += explanation;
    return query;
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
