// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/key_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/fingerprint_line.h"
#include "core/side_file.h"
#include "model/limits.h"

namespace otr_guard::core {

using util::ErrorCode;
using util::Expected;
using util::failure;

namespace {

constexpr std::string_view format_member = R"("format": "otr-guard-known-keys")";

std::string trust_member(std::string_view word) {
    return std::string(R"("trust": ")").append(word).append("\"");
}

std::string_view known_word(std::string_view word) {
    for (const std::string_view own : {verified_word, smp_word}) {
        if (word == own) {
            return own;
        }
    }
    return {};
}

Expected<KeyList> parse_json(std::string_view text) {
    const auto contents = parse_side_file(text);
    if (!contents) {
        return tl::unexpected(contents.error());
    }
    KeyList list;
    list.skipped = contents->odd_keys.size();
    for (const SideKey& entry : contents->keys) {
        KnownKey key = entry.key;
        const auto members = nlohmann::json::parse("{" + entry.other + "}", nullptr, false);
        const auto trust = members.find("trust");
        if (trust != members.end() && trust->is_string()) {
            key.trust_word = known_word(trust->get_ref<const std::string&>());
        }
        list.keys.emplace_back(entry.peer, key);
    }
    return list;
}

Expected<KeyList> parse_lines(std::string_view text) {
    KeyList list;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto parsed =
            line.find('\0') == std::string_view::npos ? parse_fingerprint_line(line) : std::nullopt;
        if (!parsed) {
            list.skipped += line.find_first_not_of(" \t\r") == std::string_view::npos ? 0U : 1U;
            continue;
        }
        KnownKey key{};
        key.fingerprint = parsed->fingerprint;
        key.trust_word = known_word(parsed->trust_word);
        list.keys.emplace_back(
            model::PeerId{{std::string(parsed->account), std::string(parsed->protocol)},
                          std::string(parsed->username)},
            key);
    }
    return list;
}

} // namespace

std::string to_key_list(const std::vector<KeyOfPeer>& keys) {
    SideWriter writer{OtherMembers(format_member)};
    for (const auto& [peer, key] : keys) {
        writer.add_key(peer.account, peer.username, key, trust_member(known_word(key.trust_word)));
    }
    writer.begin_peers();
    return std::move(writer).finish();
}

std::string to_libotr_list(const std::vector<KeyOfPeer>& keys) {
    std::string text;
    for (const auto& [peer, key] : keys) {
        if (fits_a_line(peer)) {
            append_fingerprint_line(text, {peer.username, peer.account.username,
                                           peer.account.protocol, key.fingerprint, key.trust_word});
        }
    }
    return text;
}

Expected<KeyList> read_known_keys(std::string_view text) {
    if (text.size() > model::limits::key_list_bytes) {
        return failure(ErrorCode::TooLarge, "larger than a list of keys");
    }
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    const bool is_json = start != std::string_view::npos && text[start] == '{';
    auto list = is_json ? parse_json(text) : parse_lines(text);
    if (!list) {
        return list;
    }
    // As in libotr, the last line about a key counts.
    std::set<std::pair<model::PeerId, model::Fingerprint>> seen;
    std::vector<KeyOfPeer> unique;
    for (auto listed = list->keys.rbegin(); listed != list->keys.rend(); ++listed) {
        if (!fits_a_line(listed->first)) {
            ++list->skipped;
        } else if (seen.emplace(listed->first, listed->second.fingerprint).second) {
            unique.push_back(std::move(*listed));
        }
    }
    std::ranges::reverse(unique);
    list->keys = std::move(unique);
    if (list->keys.empty()) {
        return failure(ErrorCode::Malformed, "no key in it");
    }
    return list;
}

ImportEffect effect_of(const TrustStore& store, const KeyOfPeer& listed) {
    const KnownKey* known = store.find(listed.first, listed.second.fingerprint);
    if (known == nullptr) {
        return ImportEffect::Adds;
    }
    return listed.second.is_verified() && !known->is_verified() ? ImportEffect::Verifies
                                                                : ImportEffect::Nothing;
}

KnownKey imported(const TrustStore& store, const KeyOfPeer& listed, WallTime now) {
    const KnownKey* known = store.find(listed.first, listed.second.fingerprint);
    KnownKey key = known != nullptr ? *known : listed.second;
    if (known == nullptr) {
        key.trust_word = {};
        key.method.reset();
        key.verified_at.reset();
        key.first_seen = listed.second.first_seen ? listed.second.first_seen : OptionalTime(now);
    }
    if (listed.second.is_verified() && !key.is_verified()) {
        key.trust_word = word_for(model::VerificationMethod::Imported);
        key.method = model::VerificationMethod::Imported;
        key.verified_at = now;
        key.last_failed_check.reset();
    }
    return key;
}

} // namespace otr_guard::core
