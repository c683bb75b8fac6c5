// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/trust_store.h"

#include <algorithm>
#include <array>
#include <map>
#include <sys/stat.h>

#include "core/fingerprint_line.h"
#include "core/side_file.h"
#include "model/limits.h"
#include "util/file.h"

namespace otr_guard::core {

namespace limits = model::limits;
using util::ErrorCode;
using util::Expected;
using util::failure;

namespace {

std::size_t count_lines(std::string_view text) {
    std::size_t lines = 1;
    for (auto end = text.find('\n'); end != std::string_view::npos;
         end = text.find('\n', end + 1)) {
        ++lines;
    }
    return lines;
}

/// Whether the last line is the beginning of one: the file was cut, and nobody knows how much is
/// missing. libotr ends every line; people who wrote the last one by hand may not have.
bool stops_short(std::string_view content) {
    if (content.empty() || content.back() == '\n') {
        return false;
    }
    const std::string_view last = content.substr(content.find_last_of('\n') + 1);
    if (last.find('\t') == std::string_view::npos) {
        return false; // no key, cut or not
    }
    const auto parsed = parse_fingerprint_line(last);
    if (!parsed) {
        return true;
    }
    const std::string_view word = parsed->trust_word;
    return !word.empty() &&
           std::ranges::any_of(std::array{verified_word, smp_word}, [word](std::string_view whole) {
               return word != whole && whole.starts_with(word);
           });
}

bool has_notes(const SidePeer& peer) {
    return peer.expected || peer.policy || !peer.other.empty();
}

/// Whoever has verified the user's last key has not verified the next one.
template <typename Peers>
void forget_who_verified_us(Peers& peers, const model::AccountId& account) {
    for (auto& [name, keys] : peers) {
        if (*name.account == account) {
            for (KnownKey& key : keys) {
                key.verified_us.reset();
            }
        }
    }
}

} // namespace

/// What is only in the side file.
struct TrustStore::Notes {
    std::map<model::PeerId, SidePeer> peers;
    /// Members that we do not know, per key.
    std::map<std::pair<model::PeerId, model::Fingerprint>, OtherMembers> other_members;
    std::map<model::AccountId, SideOwnKey> own_keys;
    /// What is carried through: entries whose keys a damaged otr.fingerprints no longer shows,
    /// entries that make no sense, and top-level members.
    SideContents rest;
};

bool KnownKey::is_verified() const {
    return means_verified(trust_word);
}

TrustStore::TrustStore(const std::filesystem::path& folder)
    : m_fingerprints{folder / "otr.fingerprints"}, m_side{folder / "otr-guard.json"},
      m_notes(std::make_unique<Notes>()) {}

TrustStore::~TrustStore() = default;

void TrustStore::clear() {
    ++m_version;
    m_fingerprints = {m_fingerprints.path};
    m_side = {m_side.path};
    m_lines.clear();
    m_other_lines.clear();
    m_peers.clear();
    m_accounts.clear();
    m_last_account = nullptr;
    m_words.clear();
    *m_notes = {};
}

// --- Reading -----------------------------------------------------------------------------------

std::vector<FileProblem> TrustStore::load() {
    clear();
    std::vector<FileProblem> problems;
    const bool knows_all_keys = load_fingerprints(problems);
    load_side(problems, knows_all_keys);
    return problems;
}

FileProblem TrustStore::put_aside(FileState& file, std::string reason) const {
    const auto kept = m_is_read_only ? failure(ErrorCode::Refused, "belongs to another process")
                                     : util::set_aside(file.path);
    file.is_blocked = !kept.has_value();
    return {file.path.filename().string(), kept ? kept->filename().string() : "",
            std::move(reason)};
}

std::optional<std::string> TrustStore::read(FileState& file, std::size_t max_bytes,
                                            std::vector<FileProblem>& problems) const {
    auto content = util::read_file(file.path, max_bytes);
    if (content) {
        if (!m_is_read_only) {
            util::make_private(file.path);
        }
        return std::move(*content);
    }
    if (content.error().code == ErrorCode::TooLarge) {
        problems.push_back(put_aside(file, content.error().detail));
    } else if (content.error().code != ErrorCode::NotFound) {
        // It may be fine: nothing is known about what is in it.
        file.is_blocked = true;
        problems.push_back({file.path.filename().string(), "", content.error().detail});
    }
    return std::nullopt;
}

bool TrustStore::load_fingerprints(std::vector<FileProblem>& problems) {
    const std::size_t problems_before = problems.size();
    const auto content = read(m_fingerprints, limits::fingerprint_file_bytes, problems);
    if (!content) {
        return problems.size() == problems_before;
    }
    const bool has_zeros = content->find('\0') != std::string::npos;
    const bool is_damaged = has_zeros || stops_short(*content);
    const std::size_t most_keys =
        std::min(count_lines(*content), content->size() / (2 * model::Fingerprint::size));
    m_lines.reserve(most_keys);
    m_peers.reserve(most_keys);
    std::string_view rest = *content;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (is_damaged && !has_zeros && rest.empty()) {
            static_cast<void>(read_line(line.substr(0, line.rfind('\t')))); // perhaps a whole key
        } else if (line.find('\0') == std::string_view::npos && !read_line(line)) {
            keep_other_line(line);
        }
    }
    if (is_damaged) {
        problems.push_back(
            put_aside(m_fingerprints, has_zeros ? "holds zero bytes" : "ends within a line"));
        m_fingerprints.is_dirty = true;
        static_cast<void>(save(m_fingerprints, &TrustStore::fingerprints_text));
    }
    return !is_damaged;
}

bool TrustStore::read_line(std::string_view line) {
    const auto parsed = parse_fingerprint_line(line);
    if (!parsed) {
        return false;
    }
    // As in libotr, the last line about a key counts.
    insert(intern(parsed->account, parsed->protocol), parsed->username, parsed->fingerprint)
        .trust_word = intern_word(parsed->trust_word);
    return true;
}

void TrustStore::keep_other_line(std::string_view line) {
    if (m_other_lines.empty() || m_other_lines.back().before != m_lines.size()) {
        m_other_lines.push_back({m_lines.size(), {}});
    }
    m_other_lines.back().text.append(line).append("\n");
}

void TrustStore::load_side(std::vector<FileProblem>& problems, bool knows_all_keys) {
    const auto content = read(m_side, limits::side_file_bytes, problems);
    if (!content) {
        return;
    }
    auto parsed = parse_side_file(*content);
    if (!parsed) {
        problems.push_back(put_aside(m_side, parsed.error().detail));
        return;
    }
    const std::size_t odd_entries =
        parsed->odd_keys.size() + parsed->odd_peers.size() + parsed->odd_own_keys.size();
    if (odd_entries > 0) {
        problems.push_back({m_side.path.filename().string(), "",
                            std::to_string(odd_entries) + " entries make no sense"});
    }
    take_side(std::move(*parsed), knows_all_keys);
}

void TrustStore::take_side(SideContents contents, bool knows_all_keys) {
    std::vector<SideKey> unclaimed;
    for (SideKey& entry : contents.keys) {
        KnownKey* key = find_mutable(entry.peer, entry.key.fingerprint);
        if (key == nullptr) {
            if (!knows_all_keys) {
                unclaimed.push_back(std::move(entry));
            }
            continue; // forgotten by another program in the meantime
        }
        key->first_seen = entry.key.first_seen;
        key->last_failed_check = entry.key.last_failed_check;
        key->last_used = entry.key.last_used;
        key->verified_us = entry.key.verified_us;
        // Another program may have taken the mark away or verified the key itself.
        if (key->is_verified() && entry.key.method &&
            word_for(*entry.key.method) == key->trust_word) {
            key->method = entry.key.method;
            key->verified_at = entry.key.verified_at;
        }
        if (!entry.other.empty()) {
            m_notes->other_members[{entry.peer, entry.key.fingerprint}] = std::move(entry.other);
        }
    }
    for (SidePeer& entry : contents.peers) {
        if (has_notes(entry)) {
            m_notes->peers.insert_or_assign(entry.peer, std::move(entry));
        }
    }
    for (SideOwnKey& entry : contents.own_keys) {
        m_notes->own_keys.insert_or_assign(entry.account, std::move(entry));
    }
    contents.keys = std::move(unclaimed);
    contents.peers.clear();
    contents.own_keys.clear();
    m_notes->rest = std::move(contents);
}

// --- Names and words ---------------------------------------------------------------------------

const model::AccountId* TrustStore::intern(std::string_view username, std::string_view protocol) {
    if (m_last_account == nullptr || m_last_account->username != username ||
        m_last_account->protocol != protocol) {
        m_last_account = &*m_accounts.insert({std::string(username), std::string(protocol)}).first;
    }
    return m_last_account;
}

std::string_view TrustStore::intern_word(std::string_view word) {
    for (const std::string_view own : {std::string_view(), verified_word, smp_word}) {
        if (word == own) {
            return own;
        }
    }
    const auto found = m_words.find(word);
    return found != m_words.end() ? *found : *m_words.emplace(word).first;
}

// --- Looking up --------------------------------------------------------------------------------

TrustStore::Peers::const_iterator TrustStore::find_peer(const model::PeerId& peer) const {
    const auto account = m_accounts.find(peer.account);
    return account == m_accounts.end() ? m_peers.end()
                                       : m_peers.find(PeerView{&*account, peer.username});
}

const std::vector<KnownKey>& TrustStore::keys_of(const model::PeerId& peer) const {
    static const std::vector<KnownKey> none;
    const auto found = find_peer(peer);
    return found == m_peers.end() ? none : found->second;
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
    keys.reserve(m_lines.size());
    for (const Line& line : m_lines) {
        const auto& [name, of_peer] = *line.peer;
        keys.emplace_back(model::PeerId{*name.account, name.username}, of_peer[line.index]);
    }
    return keys;
}

std::size_t TrustStore::size() const {
    return m_lines.size();
}

// --- Changing ----------------------------------------------------------------------------------

KnownKey& TrustStore::insert(const model::AccountId* account, std::string_view username,
                             const model::Fingerprint& fingerprint) {
    auto found = m_peers.find(PeerView{account, username});
    if (found == m_peers.end()) {
        found = m_peers.emplace(PeerName{account, std::string(username)}, std::vector<KnownKey>())
                    .first;
    }
    std::vector<KnownKey>& keys = found->second;
    const auto known = std::ranges::find(keys, fingerprint, &KnownKey::fingerprint);
    if (known != keys.end()) {
        return *known;
    }
    m_lines.push_back({&*found, static_cast<std::uint32_t>(keys.size())});
    keys.push_back({.fingerprint = fingerprint,
                    .trust_word = {},
                    .method = {},
                    .verified_at = {},
                    .first_seen = {},
                    .last_failed_check = {},
                    .last_used = {},
                    .verified_us = {}});
    return keys.back();
}

bool TrustStore::add(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                     WallTime now) {
    if (find(peer, fingerprint) != nullptr || !fits_a_line(peer)) {
        return false;
    }
    const model::AccountId* account = intern(peer.account.username, peer.account.protocol);
    insert(account, peer.username, fingerprint).first_seen = now;
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
    if (key == nullptr || key->trust_word.empty()) {
        return false;
    }
    key->trust_word = {};
    key->method.reset();
    key->verified_at.reset();
    key->last_failed_check.reset();
    mark_dirty();
    return true;
}

bool TrustStore::forget(const model::PeerId& peer, const model::Fingerprint& fingerprint) {
    const auto found = find_peer(peer);
    if (found == m_peers.end()) {
        return false;
    }
    const auto& keys = found->second;
    const auto key = std::ranges::find(keys, fingerprint, &KnownKey::fingerprint);
    if (key == keys.end()) {
        return false;
    }
    const auto index = static_cast<std::size_t>(key - keys.begin());
    erase_line(*found, index);
    if (keys.size() == 1) {
        m_peers.erase(found);
    } else {
        // The same place, not constant.
        // cppcheck-suppress sameIteratorExpression
        const auto owned = m_peers.erase(found, found);
        owned->second.erase(owned->second.begin() + static_cast<std::ptrdiff_t>(index));
    }
    m_notes->other_members.erase({peer, fingerprint});
    mark_dirty();
    return true;
}

void TrustStore::erase_line(const Peer& peer, std::size_t index) {
    const auto line = std::ranges::find_if(m_lines, [&](const Line& candidate) {
        return candidate.peer == &peer && candidate.index == index;
    });
    const auto place = static_cast<std::size_t>(line - m_lines.begin());
    m_lines.erase(line);
    for (Line& later : m_lines) {
        if (later.peer == &peer && later.index > index) {
            --later.index;
        }
    }
    for (OtherLines& lines : m_other_lines) {
        if (lines.before > place) {
            --lines.before;
        }
    }
}

bool TrustStore::note_failed_check(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                                   WallTime now) {
    KnownKey* key = find_mutable(peer, fingerprint);
    if (key == nullptr) {
        return false;
    }
    key->last_failed_check = now;
    m_side.is_dirty = true;
    return true;
}

bool TrustStore::note_used(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                           WallTime now) {
    KnownKey* key = find_mutable(peer, fingerprint);
    const OptionalTime day = WallTime(std::chrono::floor<std::chrono::days>(now));
    if (key == nullptr || key->last_used == day) {
        return false;
    }
    key->last_used = day;
    m_side.is_dirty = true;
    return true;
}

bool TrustStore::note_verified_us(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                                  WallTime now) {
    KnownKey* key = find_mutable(peer, fingerprint);
    if (key == nullptr) {
        return false;
    }
    key->verified_us = now;
    m_side.is_dirty = true;
    return true;
}

bool TrustStore::put(const model::PeerId& peer, const KnownKey& key) {
    if (!fits_a_line(peer) || key.trust_word.find_first_of("\t\r\n") != std::string_view::npos) {
        return false;
    }
    const model::AccountId* account = intern(peer.account.username, peer.account.protocol);
    KnownKey& stored = insert(account, peer.username, key.fingerprint);
    stored = key;
    stored.trust_word = intern_word(key.trust_word);
    mark_dirty();
    return true;
}

const SidePeer* TrustStore::find_notes(const model::PeerId& peer) const {
    const auto found = m_notes->peers.find(peer);
    return found == m_notes->peers.end() ? nullptr : &found->second;
}

SidePeer& TrustStore::notes_of(const model::PeerId& peer) {
    // What could not be understood about this peer is replaced by what the user says now.
    std::erase_if(m_notes->rest.odd_peers, [&](const OddEntry& odd) { return odd.first == peer; });
    ++m_version;
    m_side.is_dirty = true;
    return m_notes->peers.try_emplace(peer, SidePeer{peer, {}, {}, {}}).first->second;
}

std::optional<model::Fingerprint> TrustStore::expected(const model::PeerId& peer) const {
    const SidePeer* notes = find_notes(peer);
    return notes == nullptr ? std::nullopt : notes->expected;
}

bool TrustStore::set_expected(const model::PeerId& peer,
                              std::optional<model::Fingerprint> fingerprint) {
    if (expected(peer) == fingerprint) {
        return false;
    }
    notes_of(peer).expected = fingerprint;
    return true;
}

std::optional<model::Policy> TrustStore::stored_policy(const model::PeerId& peer) const {
    const SidePeer* notes = find_notes(peer);
    return notes == nullptr ? std::nullopt : notes->policy;
}

bool TrustStore::set_stored_policy(const model::PeerId& peer, std::optional<model::Policy> policy) {
    if (stored_policy(peer) == policy) {
        return false;
    }
    notes_of(peer).policy = policy;
    return true;
}

// --- Own keys ----------------------------------------------------------------------------------

std::optional<OwnKeyNote> TrustStore::own_key(const model::AccountId& account,
                                              const model::Fingerprint& fingerprint) const {
    const auto found = m_notes->own_keys.find(account);
    return found != m_notes->own_keys.end() && found->second.note.fingerprint == fingerprint
               ? std::optional(found->second.note)
               : std::nullopt;
}

void TrustStore::note_own_key(const model::AccountId& account, const OwnKeyNote& note) {
    forget_who_verified_us(m_peers, account);
    m_notes->own_keys.insert_or_assign(account, SideOwnKey{account, note, {}});
    m_side.is_dirty = true;
}

void TrustStore::forget_own_key(const model::AccountId& account) {
    forget_who_verified_us(m_peers, account);
    m_notes->own_keys.erase(account);
    m_side.is_dirty = true;
}

std::size_t TrustStore::people_on(const model::AccountId& account) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        m_peers, [&account](const Peer& peer) { return *peer.first.account == account; }));
}

// --- Writing -----------------------------------------------------------------------------------

void TrustStore::mark_dirty() {
    ++m_version;
    m_fingerprints.is_dirty = true;
    m_side.is_dirty = true;
}

Expected<void> TrustStore::check_writable(FileState& file) {
    struct stat status {};
    if (file.is_blocked && ::lstat(file.path.c_str(), &status) == 0) {
        return failure(ErrorCode::Refused,
                       file.path.string() + ": could not be read, and is not written over");
    }
    file.is_blocked = false;
    return {};
}

std::vector<PendingFile> TrustStore::take_pending() {
    std::vector<PendingFile> files;
    if (m_is_read_only) {
        return files;
    }
    if (m_fingerprints.is_dirty && check_writable(m_fingerprints)) {
        files.push_back({m_fingerprints.path, fingerprints_text()});
        m_fingerprints.is_dirty = false;
    }
    if (m_side.is_dirty && check_writable(m_side)) {
        files.push_back({m_side.path, side_text()});
        m_side.is_dirty = false;
    }
    return files;
}

Expected<void> TrustStore::save(FileState& file, std::string (TrustStore::*text)() const) {
    if (!file.is_dirty || m_is_read_only) {
        return {};
    }
    Expected<void> result = check_writable(file);
    if (result) {
        result = util::write_file_atomically(file.path, (this->*text)());
    }
    file.is_dirty = !result.has_value();
    return result;
}

Expected<void> TrustStore::save() {
    Expected<void> fingerprints = save(m_fingerprints, &TrustStore::fingerprints_text);
    Expected<void> side = save(m_side, &TrustStore::side_text);
    return fingerprints ? side : fingerprints;
}

std::string TrustStore::fingerprints_text() const {
    constexpr std::size_t usual_line = 100;
    std::string text;
    text.reserve(m_lines.size() * usual_line);
    auto other = m_other_lines.begin();
    for (std::size_t i = 0; i <= m_lines.size(); ++i) {
        for (; other != m_other_lines.end() && other->before == i; ++other) {
            text.append(other->text);
        }
        if (i == m_lines.size()) {
            break;
        }
        const auto& [name, keys] = *m_lines[i].peer;
        const KnownKey& key = keys[m_lines[i].index];
        append_fingerprint_line(text, {name.username, name.account->username,
                                       name.account->protocol, key.fingerprint, key.trust_word});
    }
    return text;
}

std::string TrustStore::side_text() const {
    SideWriter writer(m_notes->rest.other);
    const OtherMembers none;
    const auto& others = m_notes->other_members;
    for (const Line& line : m_lines) {
        const auto& [name, keys] = *line.peer;
        const KnownKey& key = keys[line.index];
        const auto other = others.empty()
                               ? others.end()
                               : others.find({{*name.account, name.username}, key.fingerprint});
        const bool has_other = other != others.end();
        if (key.method || key.first_seen || key.last_failed_check || key.last_used ||
            key.verified_us || has_other) {
            writer.add_key(*name.account, name.username, key, has_other ? other->second : none);
        }
    }
    for (const SideKey& entry : m_notes->rest.keys) {
        writer.add_key(entry.peer.account, entry.peer.username, entry.key, entry.other);
    }
    std::ranges::for_each(m_notes->rest.odd_keys,
                          [&](const OddEntry& entry) { writer.add_odd(entry); });
    writer.begin_peers();
    for (const auto& [peer, notes] : m_notes->peers) {
        if (has_notes(notes)) {
            writer.add_peer(notes);
        }
    }
    std::ranges::for_each(m_notes->rest.odd_peers,
                          [&](const OddEntry& entry) { writer.add_odd(entry); });
    if (!m_notes->own_keys.empty() || !m_notes->rest.odd_own_keys.empty()) {
        writer.begin_own_keys();
        for (const auto& [account, key] : m_notes->own_keys) {
            writer.add_own_key(key);
        }
        std::ranges::for_each(m_notes->rest.odd_own_keys,
                              [&](const OddEntry& entry) { writer.add_odd(entry); });
    }
    return std::move(writer).finish();
}

} // namespace otr_guard::core
