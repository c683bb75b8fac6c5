// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/side_file.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "core/utf8.h"

namespace otr_guard::core {

using nlohmann::json;
using util::ErrorCode;
using util::Expected;
using util::failure;

namespace {

constexpr std::int64_t version = 1;
/// Ours nests three levels; a limit keeps a hostile file from using up the stack.
constexpr int deepest_nesting = 64;
constexpr std::string_view lower_digits = "0123456789abcdef";

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const utf8::Decoded character = utf8::decode(text);
        if (!character.is_valid) {
            return false;
        }
        text.remove_prefix(character.length);
    }
    return true;
}

bool nests_too_deep(std::string_view text) {
    int depth = 0;
    bool is_in_string = false;
    for (std::size_t i = 0; i < text.size() && depth <= deepest_nesting; ++i) {
        const char character = text[i];
        if (character == '"') {
            is_in_string = !is_in_string;
        } else if (is_in_string) {
            i += character == '\\' ? 1U : 0U;
        } else if (character == '{' || character == '[') {
            ++depth;
        } else if (character == '}' || character == ']') {
            --depth;
        }
    }
    return depth > deepest_nesting;
}

// --- Reading -----------------------------------------------------------------------------------

/// Takes a member out of an object, so that what is left is what we do not know.
json take(json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) {
        return {};
    }
    json value = std::move(*found);
    object.erase(found);
    return value;
}

std::string take_string(json& object, const char* name) {
    json value = take(object, name);
    return value.is_string() ? std::move(value.get_ref<std::string&>()) : std::string();
}

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const std::size_t high = lower_digits.find(hex[i]);
        const std::size_t low = lower_digits.find(hex[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return {};
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::string take_name(json& object, const std::string& name) {
    std::string text = take_string(object, name.c_str());
    return text.empty() ? from_hex(take_string(object, (name + "-hex").c_str())) : text;
}

std::optional<model::PeerId> take_peer(json& object) {
    model::PeerId peer{{take_name(object, "account"), take_name(object, "protocol")},
                       take_name(object, "user")};
    const bool has_names =
        !peer.account.username.empty() && !peer.account.protocol.empty() && !peer.username.empty();
    return has_names ? std::optional(std::move(peer)) : std::nullopt;
}

OptionalTime take_time(json& object, const char* name) {
    const json value = take(object, name);
    return value.is_number_unsigned() && value.get<std::uint64_t>() <= UINT32_MAX
               ? OptionalTime(WallTime(std::chrono::seconds(value.get<std::int64_t>())))
               : OptionalTime();
}

OtherMembers text_of_members(const json& object) {
    if (object.empty()) {
        return {};
    }
    const std::string text = object.dump();
    return text.substr(1, text.size() - 2);
}

std::optional<SideKey> read_key(json entry) {
    auto peer = take_peer(entry);
    const auto fingerprint = model::Fingerprint::from_hex(take_string(entry, "fingerprint"));
    if (!peer || !fingerprint) {
        return std::nullopt;
    }
    KnownKey key{.fingerprint = *fingerprint,
                 .trust_word = {},
                 .method = model::method_from_word(take_string(entry, "method")),
                 .verified_at = take_time(entry, "verified"),
                 .first_seen = take_time(entry, "first-seen"),
                 .last_failed_check = take_time(entry, "failed-check"),
                 .last_used = take_time(entry, "last-used"),
                 .verified_us = take_time(entry, "verified-us")};
    return SideKey{std::move(*peer), key, text_of_members(entry)};
}

std::optional<SidePeer> read_peer(json entry) {
    auto peer = take_peer(entry);
    if (!peer) {
        return std::nullopt;
    }
    const json expected = take(entry, "expected");
    const json policy = take(entry, "policy");
    SidePeer result{std::move(*peer), std::nullopt, std::nullopt, text_of_members(entry)};
    if (expected.is_string()) {
        result.expected = model::Fingerprint::from_hex(expected.get_ref<const std::string&>());
    }
    if (policy.is_string()) {
        result.policy = model::policy_from_word(policy.get_ref<const std::string&>());
    }
    const bool makes_sense = expected.is_null() != result.expected.has_value() &&
                             policy.is_null() != result.policy.has_value();
    return makes_sense ? std::optional(std::move(result)) : std::nullopt;
}

std::optional<SideOwnKey> read_own_key(json entry) {
    SideOwnKey key{{take_name(entry, "account"), take_name(entry, "protocol")}, {}, {}};
    const auto fingerprint = model::Fingerprint::from_hex(take_string(entry, "fingerprint"));
    const OptionalTime made = take_time(entry, "made");
    const OptionalTime imported = take_time(entry, "imported");
    if (key.account.username.empty() || key.account.protocol.empty() || !fingerprint ||
        made.has_value() == imported.has_value()) {
        return std::nullopt;
    }
    key.note = {*fingerprint, made ? OwnKeyNote::Origin::Made : OwnKeyNote::Origin::Imported,
                made ? made : imported};
    key.other = text_of_members(entry);
    return key;
}

/// False when the member is something else than an array.
template <typename Entry, typename Read>
bool read_entries(json array, Read read, std::vector<Entry>& entries, std::vector<OddEntry>& odd) {
    if (!array.is_array()) {
        return array.is_null();
    }
    entries.reserve(array.size());
    for (json& entry : array) {
        auto parsed = entry.is_object() ? read(entry) : std::nullopt;
        if (parsed) {
            entries.push_back(std::move(*parsed));
        } else {
            std::string text = entry.dump();
            auto peer = entry.is_object() ? take_peer(entry) : std::nullopt;
            odd.emplace_back(peer.value_or(model::PeerId{}), std::move(text));
        }
    }
    return true;
}

} // namespace

Expected<SideContents> parse_side_file(std::string_view text) {
    if (nests_too_deep(text)) {
        return failure(ErrorCode::Malformed, "not our JSON: nested too deep");
    }
    json root = json::parse(text, nullptr, false);
    if (!root.is_object()) {
        return failure(ErrorCode::Malformed, "not our JSON");
    }
    const json found = take(root, "version");
    if (!found.is_number_integer() || found.get<std::int64_t>() != version) {
        return failure(ErrorCode::Malformed, "another version");
    }
    SideContents contents;
    if (!read_entries(take(root, "keys"), read_key, contents.keys, contents.odd_keys) ||
        !read_entries(take(root, "peers"), read_peer, contents.peers, contents.odd_peers) ||
        !read_entries(take(root, "own-keys"), read_own_key, contents.own_keys,
                      contents.odd_own_keys)) {
        return failure(ErrorCode::Malformed, "not our JSON: lists expected");
    }
    contents.other = text_of_members(root);
    return contents;
}

// --- Writing -----------------------------------------------------------------------------------

namespace {

void append_string(std::string& text, std::string_view value) {
    text += '"';
    for (const char character : value) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20) {
            text.append("\\u00");
            text += lower_digits[byte >> 4U];
            text += lower_digits[byte & 0xfU];
            continue;
        }
        if (character == '"' || character == '\\') {
            text += '\\';
        }
        text += character;
    }
    text += '"';
}

void append_member(std::string& text, std::string_view name, std::string_view value) {
    text.append(text.back() == '{' ? "\"" : ", \"").append(name).append("\": ");
    append_string(text, value);
}

void append_member(std::string& text, std::string_view name, const OptionalTime& time) {
    if (time) {
        text.append(", \"").append(name).append("\": ");
        text.append(std::to_string((*time).time_since_epoch().count()));
    }
}

/// JSON has no bytes: a name that is not UTF-8 goes in as hexadecimal digits under another name.
void append_name(std::string& text, std::string_view name, std::string_view value) {
    if (is_utf8(value)) {
        append_member(text, name, value);
        return;
    }
    std::string hex;
    for (const char character : value) {
        const auto byte = static_cast<unsigned char>(character);
        hex += lower_digits[byte >> 4U];
        hex += lower_digits[byte & 0xfU];
    }
    append_member(text, std::string(name) + "-hex", hex);
}

void append_other(std::string& text, const OtherMembers& other) {
    if (!other.empty()) {
        text.append(", ").append(other);
    }
}

} // namespace

SideWriter::SideWriter(const OtherMembers& other)
    : m_text("{\n\"version\": " + std::to_string(version)) {
    if (!other.empty()) {
        m_text.append(",\n").append(other);
    }
    m_text.append(",\n\"keys\": [");
}

void SideWriter::begin_entry() {
    m_text.append(std::exchange(m_is_first, false) ? "\n" : ",\n");
}

void SideWriter::add_names(const model::AccountId& account) {
    append_name(m_text, "account", account.username);
    append_name(m_text, "protocol", account.protocol);
}

void SideWriter::add_names(const model::AccountId& account, std::string_view username) {
    add_names(account);
    append_name(m_text, "user", username);
}

void SideWriter::add_key(const model::AccountId& account, std::string_view username,
                         const KnownKey& key, const OtherMembers& other) {
    begin_entry();
    m_text += '{';
    add_names(account, username);
    append_member(m_text, "fingerprint", key.fingerprint.to_hex());
    if (key.method) {
        append_member(m_text, "method", model::to_word(*key.method));
    }
    append_member(m_text, "verified", key.verified_at);
    append_member(m_text, "first-seen", key.first_seen);
    append_member(m_text, "failed-check", key.last_failed_check);
    append_member(m_text, "last-used", key.last_used);
    append_member(m_text, "verified-us", key.verified_us);
    append_other(m_text, other);
    m_text += '}';
}

void SideWriter::add_odd(const OddEntry& entry) {
    begin_entry();
    m_text.append(entry.second);
}

void SideWriter::begin_section(std::string_view name) {
    m_text.append("\n],\n\"").append(name).append("\": [");
    m_is_first = true;
}

void SideWriter::begin_peers() {
    begin_section("peers");
}

void SideWriter::begin_own_keys() {
    begin_section("own-keys");
}

void SideWriter::add_own_key(const SideOwnKey& key) {
    begin_entry();
    m_text += '{';
    add_names(key.account);
    append_member(m_text, "fingerprint", key.note.fingerprint.to_hex());
    const bool is_made = key.note.origin == OwnKeyNote::Origin::Made;
    append_member(m_text, is_made ? "made" : "imported", key.note.when);
    append_other(m_text, key.other);
    m_text += '}';
}

void SideWriter::add_peer(const SidePeer& peer) {
    begin_entry();
    m_text += '{';
    add_names(peer.peer.account, peer.peer.username);
    if (peer.expected) {
        append_member(m_text, "expected", peer.expected->to_hex());
    }
    if (peer.policy) {
        append_member(m_text, "policy", model::to_word(*peer.policy));
    }
    append_other(m_text, peer.other);
    m_text += '}';
}

std::string SideWriter::finish() && {
    m_text.append("\n]\n}\n");
    return std::move(m_text);
}

} // namespace otr_guard::core
