// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/trust_store.h"

#include <algorithm>

#include "core/fingerprint_line.h"
#include "core/trust_notes.h"

namespace otr_guard::core {

namespace {

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

} // namespace otr_guard::core
