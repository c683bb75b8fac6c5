// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/trust_store.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <utility>

#include "model/limits.h"
#include "util/file.h"

namespace otr_guard::core {

namespace limits = model::limits;
using nlohmann::json;
using util::ErrorCode;
using util::Expected;
using util::failure;

namespace {

constexpr const char* fingerprint_file = "otr.fingerprints";
constexpr const char* side_file = "otr-guard.json";
constexpr int side_version = 1;
constexpr std::string_view verified_word = "verified";
constexpr std::string_view smp_word = "smp";

std::string_view word_for(model::VerificationMethod method) {
    switch (method) {
    case model::VerificationMethod::Question:
    case model::VerificationMethod::Secret:
    case model::VerificationMethod::Pin:
        return smp_word;
    case model::VerificationMethod::ByHand:
    case model::VerificationMethod::Code:
    case model::VerificationMethod::Imported:
        break;
    }
    return verified_word;
}

/// The columns of a line; at most one more than there can be.
std::vector<std::string_view> split_columns(std::string_view line) {
    constexpr std::size_t most_columns = 6;
    std::vector<std::string_view> columns;
    while (columns.size() < most_columns) {
        const std::size_t tab = line.find('\t');
        columns.push_back(line.substr(0, tab));
        if (tab == std::string_view::npos) {
            break;
        }
        line.remove_prefix(tab + 1);
    }
    return columns;
}

bool fits_a_line(const model::PeerId& peer) {
    const auto is_clean = [](std::string_view name) {
        return !name.empty() && name.find_first_of("\t\r\n") == std::string_view::npos;
    };
    return is_clean(peer.username) && is_clean(peer.account.username) &&
           is_clean(peer.account.protocol);
}

json peer_to_json(const model::PeerId& peer) {
    return {{"account", peer.account.username},
            {"protocol", peer.account.protocol},
            {"user", peer.username}};
}

std::string string_member(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<WallTime> time_member(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_integer()) {
        return std::nullopt;
    }
    return WallTime(std::chrono::seconds(found->get<std::int64_t>()));
}

void put_time(json& object, const char* name, const std::optional<WallTime>& time) {
    if (time) {
        object[name] = time->time_since_epoch().count();
    }
}

model::PeerId peer_from_json(const json& object) {
    return {{string_member(object, "account"), string_member(object, "protocol")},
            string_member(object, "user")};
}

/// The objects of an array member; nothing else in it counts.
std::vector<json> take_objects(json& root, const char* name) {
    std::vector<json> objects;
    const auto found = root.find(name);
    if (found != root.end() && found->is_array()) {
        for (json& entry : *found) {
            if (entry.is_object()) {
                objects.push_back(std::move(entry));
            }
        }
        root.erase(found);
    }
    return objects;
}

} // namespace

bool KnownKey::is_verified() const {
    return trust_word == verified_word || trust_word == smp_word;
}

TrustStore::TrustStore(std::filesystem::path folder) : m_folder(std::move(folder)) {}

// --- Reading -----------------------------------------------------------------------------------

std::vector<FileProblem> TrustStore::load() {
    std::vector<FileProblem> problems;
    const auto read = [&](const char* name, std::size_t max_bytes, auto parse) {
        const std::filesystem::path path = m_folder / name;
        const auto content = util::read_file(path, max_bytes);
        if (!content && content.error().code == ErrorCode::NotFound) {
            return;
        }
        const Expected<void> parsed =
            content ? parse(*content) : Expected<void>(tl::unexpected(content.error()));
        if (parsed) {
            ::chmod(path.c_str(), 0600);
            return;
        }
        const auto kept = util::set_aside(path);
        problems.push_back(
            {name, kept ? kept->filename().string() : "", parsed.error().detail});
    };
    read(fingerprint_file, limits::fingerprint_file_bytes,
         [this](const std::string& text) -> Expected<void> {
             if (text.find('\0') != std::string::npos) {
                 return failure(ErrorCode::Malformed, "not a text file");
             }
             std::string_view rest = text;
             while (!rest.empty()) {
                 const std::size_t end = std::min(rest.find('\n'), rest.size());
                 read_line(rest.substr(0, end));
                 rest.remove_prefix(std::min(end + 1, rest.size()));
             }
             return {};
         });
    read(side_file, limits::side_file_bytes,
         [this](const std::string& text) { return read_side(text); });
    m_fingerprints_dirty = false;
    m_side_dirty = false;
    return problems;
}

void TrustStore::read_line(std::string_view line) {
    std::string_view clean = line;
    if (clean.ends_with('\r')) {
        clean.remove_suffix(1);
    }
    const std::vector<std::string_view> columns = split_columns(clean);
    const bool has_columns = columns.size() == 4 || columns.size() == 5;
    const auto fingerprint =
        has_columns ? model::Fingerprint::from_hex(columns[3]) : std::nullopt;
    if (!fingerprint || columns[0].empty() || columns[1].empty() || columns[2].empty()) {
        m_lines.push_back({nullptr, {}, std::string(line)});
        return;
    }
    const model::PeerId peer{{std::string(columns[1]), std::string(columns[2])},
                             std::string(columns[0])};
    insert(peer, *fingerprint).trust_word = columns.size() == 5 ? std::string(columns[4]) : "";
}

Expected<void> TrustStore::read_side(const std::string& text) {
    json root = json::parse(text, nullptr, false);
    if (!root.is_object()) {
        return failure(ErrorCode::Malformed, "not our JSON");
    }
    const auto version = root.find("version");
    if (version == root.end() || !version->is_number_integer() ||
        version->get<int>() != side_version) {
        return failure(ErrorCode::Malformed, "another version");
    }
    for (const json& entry : take_objects(root, "keys")) {
        const auto fingerprint = model::Fingerprint::from_hex(string_member(entry, "fingerprint"));
        KnownKey* key =
            fingerprint ? find_mutable(peer_from_json(entry), *fingerprint) : nullptr;
        if (key == nullptr) {
            continue; // forgotten by another program in the meantime
        }
        key->method = model::method_from_word(string_member(entry, "method"));
        key->verified_at = time_member(entry, "verified");
        key->first_seen = time_member(entry, "first-seen");
        key->last_failed_check = time_member(entry, "failed-check");
    }
    for (const json& entry : take_objects(root, "peers")) {
        PeerNotes notes;
        notes.expected = model::Fingerprint::from_hex(string_member(entry, "expected"));
        notes.policy = model::policy_from_word(string_member(entry, "policy"));
        if (notes.expected || notes.policy) {
            m_notes[peer_from_json(entry)] = notes;
        }
    }
    root.erase("version");
    m_side_extra = root.empty() ? "" : root.dump();
    return {};
}

// --- Looking up --------------------------------------------------------------------------------

const std::vector<KnownKey>& TrustStore::keys_of(const model::PeerId& peer) const {
    static const std::vector<KnownKey> none;
    const auto found = m_keys.find(peer);
    return found == m_keys.end() ? none : found->second;
}

const KnownKey* TrustStore::find(const model::PeerId& peer,
                                 const model::Fingerprint& fingerprint) const {
    const auto& keys = keys_of(peer);
    const auto found = std::ranges::find(keys, fingerprint, &KnownKey::fingerprint);
    return found == keys.end() ? nullptr : &*found;
}

KnownKey* TrustStore::find_mutable(const model::PeerId& peer,
                                   const model::Fingerprint& fingerprint) {
    return const_cast<KnownKey*>(std::as_const(*this).find(peer, fingerprint));
}

bool TrustStore::is_verified(const model::PeerId& peer,
                             const model::Fingerprint& fingerprint) const {
    const KnownKey* key = find(peer, fingerprint);
    return key != nullptr && key->is_verified();
}

bool TrustStore::has_verified_key(const model::PeerId& peer) const {
    return std::ranges::any_of(keys_of(peer), &KnownKey::is_verified);
}

std::vector<std::pair<model::PeerId, KnownKey>> TrustStore::all() const {
    std::vector<std::pair<model::PeerId, KnownKey>> keys;
    for (const Line& line : m_lines) {
        if (line.peer != nullptr) {
            keys.emplace_back(*line.peer, *find(*line.peer, line.fingerprint));
        }
    }
    return keys;
}

std::size_t TrustStore::size() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        m_lines, [](const Line& line) { return line.peer != nullptr; }));
}

// --- Changing ----------------------------------------------------------------------------------

KnownKey& TrustStore::insert(const model::PeerId& peer, const model::Fingerprint& fingerprint) {
    auto& [owned_peer, keys] = *m_keys.try_emplace(peer).first;
    const auto found = std::ranges::find(keys, fingerprint, &KnownKey::fingerprint);
    if (found != keys.end()) {
        return *found;
    }
    m_lines.push_back({&owned_peer, fingerprint, {}});
    keys.push_back({.fingerprint = fingerprint,
                    .trust_word = {},
                    .method = {},
                    .verified_at = {},
                    .first_seen = {},
                    .last_failed_check = {}});
    return keys.back();
}

bool TrustStore::add(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                     WallTime now) {
    if (find(peer, fingerprint) != nullptr || !fits_a_line(peer)) {
        return false;
    }
    insert(peer, fingerprint).first_seen = now;
    mark_dirty();
    return true;
}

bool TrustStore::set_verified(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                              model::VerificationMethod method, WallTime now) {
    KnownKey* key = find_mutable(peer, fingerprint);
    if (key == nullptr) {
        return false;
    }
    key->trust_word = word_for(method);
    key->method = method;
    key->verified_at = now;
    key->last_failed_check.reset();
    mark_dirty();
    return true;
}

bool TrustStore::revoke(const model::PeerId& peer, const model::Fingerprint& fingerprint) {
    KnownKey* key = find_mutable(peer, fingerprint);
    if (key == nullptr || (key->trust_word.empty() && !key->method)) {
        return false;
    }
    key->trust_word.clear();
    key->method.reset();
    key->verified_at.reset();
    key->last_failed_check.reset();
    mark_dirty();
    return true;
}

bool TrustStore::forget(const model::PeerId& peer, const model::Fingerprint& fingerprint) {
    const auto found = m_keys.find(peer);
    if (found == m_keys.end()) {
        return false;
    }
    std::erase_if(m_lines, [&](const Line& line) {
        return line.peer == &found->first && line.fingerprint == fingerprint;
    });
    const auto dropped = std::erase_if(found->second, [&](const KnownKey& key) {
        return key.fingerprint == fingerprint;
    });
    if (found->second.empty()) {
        m_keys.erase(found);
    }
    if (dropped > 0) {
        mark_dirty();
    }
    return dropped > 0;
}

bool TrustStore::note_failed_check(const model::PeerId& peer,
                                   const model::Fingerprint& fingerprint, WallTime now) {
    KnownKey* key = find_mutable(peer, fingerprint);
    if (key == nullptr) {
        return false;
    }
    key->last_failed_check = now;
    m_side_dirty = true;
    return true;
}

std::optional<model::Fingerprint> TrustStore::expected(const model::PeerId& peer) const {
    const auto found = m_notes.find(peer);
    return found == m_notes.end() ? std::nullopt : found->second.expected;
}

bool TrustStore::set_expected(const model::PeerId& peer,
                              std::optional<model::Fingerprint> fingerprint) {
    if (expected(peer) == fingerprint) {
        return false;
    }
    m_notes[peer].expected = fingerprint;
    m_side_dirty = true;
    return true;
}

std::optional<model::Policy> TrustStore::stored_policy(const model::PeerId& peer) const {
    const auto found = m_notes.find(peer);
    return found == m_notes.end() ? std::nullopt : found->second.policy;
}

bool TrustStore::set_stored_policy(const model::PeerId& peer,
                                   std::optional<model::Policy> policy) {
    if (stored_policy(peer) == policy) {
        return false;
    }
    m_notes[peer].policy = policy;
    m_side_dirty = true;
    return true;
}

// --- Writing -----------------------------------------------------------------------------------

void TrustStore::mark_dirty() {
    m_fingerprints_dirty = true;
    m_side_dirty = true;
}

std::vector<PendingFile> TrustStore::take_pending() {
    std::vector<PendingFile> files;
    if (std::exchange(m_fingerprints_dirty, false)) {
        files.push_back({m_folder / fingerprint_file, fingerprints_text()});
    }
    if (std::exchange(m_side_dirty, false)) {
        files.push_back({m_folder / side_file, side_text()});
    }
    return files;
}

Expected<void> TrustStore::save() {
    for (const PendingFile& file : take_pending()) {
        if (auto written = util::write_file_atomically(file.path, file.content); !written) {
            mark_dirty();
            return written;
        }
    }
    return {};
}

std::string TrustStore::fingerprints_text() const {
    std::string text;
    for (const Line& line : m_lines) {
        if (line.peer == nullptr) {
            text.append(line.text).append("\n");
            continue;
        }
        const KnownKey& key = *find(*line.peer, line.fingerprint);
        text.append(line.peer->username).append("\t");
        text.append(line.peer->account.username).append("\t");
        text.append(line.peer->account.protocol).append("\t");
        text.append(key.fingerprint.to_hex()).append("\t").append(key.trust_word).append("\n");
    }
    return text;
}

std::string TrustStore::side_text() const {
    json root = m_side_extra.empty() ? json::object() : json::parse(m_side_extra);
    root["version"] = side_version;
    json keys = json::array();
    for (const auto& [peer, key] : all()) {
        if (!key.method && !key.first_seen && !key.last_failed_check) {
            continue;
        }
        json entry = peer_to_json(peer);
        entry["fingerprint"] = key.fingerprint.to_hex();
        if (key.method) {
            entry["method"] = model::to_word(*key.method);
        }
        put_time(entry, "verified", key.verified_at);
        put_time(entry, "first-seen", key.first_seen);
        put_time(entry, "failed-check", key.last_failed_check);
        keys.push_back(std::move(entry));
    }
    root["keys"] = std::move(keys);
    json peers = json::array();
    for (const auto& [peer, notes] : m_notes) {
        if (!notes.expected && !notes.policy) {
            continue;
        }
        json entry = peer_to_json(peer);
        if (notes.expected) {
            entry["expected"] = notes.expected->to_hex();
        }
        if (notes.policy) {
            entry["policy"] = model::to_word(*notes.policy);
        }
        peers.push_back(std::move(entry));
    }
    root["peers"] = std::move(peers);
    return root.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace otr_guard::core
