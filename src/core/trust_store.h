// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What we know about other people's keys. `otr.fingerprints` stays byte for byte what libotr and
// pidgin-otr read and write; what that format cannot say (how and when a key was verified, which
// key is expected, settings of people who are not on the buddy list; when the user's own keys were
// made) is in the side file `otr-guard.json`. The only holder of trust: libotr's own trust strings
// are never believed.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model/account.h"
#include "model/fingerprint.h"
#include "model/states.h"
#include "util/expected.h"

namespace otr_guard::core {

using WallTime = std::chrono::sys_seconds;

/// A point in time or none, in a quarter of std::optional's room: there are three in every key.
/// Holds 1970 to 2106; what lies outside counts as none.
class OptionalTime {
public:
    OptionalTime() = default;
    OptionalTime(WallTime time) // NOLINT(google-explicit-constructor,hicpp-explicit-conversions)
        : m_seconds(is_held(time) ? static_cast<std::uint32_t>(time.time_since_epoch().count())
                                  : 0U) {}

    [[nodiscard]] bool has_value() const { return m_seconds != 0; }
    explicit operator bool() const { return has_value(); }
    WallTime operator*() const { return WallTime(std::chrono::seconds(m_seconds)); }
    void reset() { m_seconds = 0; }
    bool operator==(const OptionalTime&) const = default;

private:
    static bool is_held(WallTime time) {
        const auto seconds = time.time_since_epoch().count();
        return seconds > 0 && seconds <= std::numeric_limits<std::uint32_t>::max();
    }

    std::uint32_t m_seconds = 0;
};

/// One key of one peer.
struct KnownKey {
    model::Fingerprint fingerprint;
    /// The trust column as it is in the file. We write "", "verified" and "smp"; any other word is
    /// untrusted and carried through unchanged until the user decides. Points into the store (or
    /// at a literal): valid as long as the store and until its next load().
    std::string_view trust_word;
    // From the side file; absent for keys that another program recorded or marked.
    std::optional<model::VerificationMethod> method;
    OptionalTime verified_at;
    OptionalTime first_seen;
    OptionalTime last_failed_check; ///< a failed or aborted re-check after `verified_at`
    /// The day (midnight UTC) of the last private conversation with this key: to tell keys in use
    /// from old ones, and no more than that.
    OptionalTime last_used;
    /// When its holder has found out that it is us: our answer to their question was right.
    OptionalTime verified_us;

    [[nodiscard]] bool is_verified() const;
};

/// How a key of the user's own came to be.
struct OwnKeyNote {
    enum class Origin { Made, Imported };
    model::Fingerprint fingerprint;
    Origin origin = Origin::Made;
    OptionalTime when;
};

/// A file, or a part of one, that could not be read.
struct FileProblem {
    std::string name;
    std::string kept_as; ///< empty: it is still where it was, and is not written over
    std::string reason;
};

struct SideContents;
struct SidePeer;

/// Contents on their way to the disk.
struct PendingFile {
    std::filesystem::path path;
    std::string content;
};

class TrustStore {
public:
    /// `folder` is libpurple's user directory.
    explicit TrustStore(const std::filesystem::path& folder);
    ~TrustStore();
    TrustStore(const TrustStore&) = delete;
    TrustStore& operator=(const TrustStore&) = delete;

    /// Forgets everything and reads both files. A missing file is an empty one.
    /// otr.fingerprints is read as libotr reads it (otrl_privkey_read_fingerprints_FILEp), but
    /// longer lines and a last line without an end are read too, and what is not hexadecimal is not
    /// taken for a key. A line that does not parse is kept and written back unchanged, in place.
    /// A file with zero bytes (a crash left it), too large a one, or a side file that is not our
    /// JSON is set aside and reported; the keys that a damaged otr.fingerprints still shows stay.
    /// Entries of the side file that make no sense are carried through and reported.
    /// A file that cannot be read or set aside is reported and not written until it is gone.
    [[nodiscard]] std::vector<FileProblem> load();
    /// From now on no file is written, moved or changed: they belong to another process. Before
    /// load(). Changes last as long as this object.
    void make_read_only() { m_is_read_only = true; }

    /// Keys of one peer in the order of the file; empty when unknown. References are not kept
    /// across a call that changes the store.
    [[nodiscard]] const std::vector<KnownKey>& keys_of(const model::PeerId& peer) const;
    [[nodiscard]] const KnownKey* find(const model::PeerId& peer,
                                       const model::Fingerprint& fingerprint) const;
    [[nodiscard]] bool is_verified(const model::PeerId& peer,
                                   const model::Fingerprint& fingerprint) const;
    [[nodiscard]] bool has_verified_key(const model::PeerId& peer) const;
    [[nodiscard]] std::vector<std::pair<model::PeerId, KnownKey>> all() const;
    [[nodiscard]] std::size_t size() const;
    /// Another number after every change of what the store says about other people's keys.
    [[nodiscard]] std::uint64_t version() const { return m_version; }

    /// Each changes memory at once and marks the files dirty; false when nothing changed. Names
    /// that the file format cannot hold (tabs, line breaks) are not added.
    bool add(const model::PeerId& peer, const model::Fingerprint& fingerprint, WallTime now);
    bool set_verified(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                      model::VerificationMethod method, WallTime now);
    bool revoke(const model::PeerId& peer, const model::Fingerprint& fingerprint);
    bool forget(const model::PeerId& peer, const model::Fingerprint& fingerprint);
    bool note_failed_check(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                           WallTime now);
    bool note_used(const model::PeerId& peer, const model::Fingerprint& fingerprint, WallTime now);
    bool note_verified_us(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                          WallTime now);
    /// Records the key as it is here, whatever was known about it: takes a change back.
    bool put(const model::PeerId& peer, const KnownKey& key);

    /// The only key that will do for this peer, even before the first contact.
    [[nodiscard]] std::optional<model::Fingerprint> expected(const model::PeerId& peer) const;
    bool set_expected(const model::PeerId& peer, std::optional<model::Fingerprint> fingerprint);

    /// A policy for somebody who is not on the buddy list (buddies have theirs in blist.xml).
    [[nodiscard]] std::optional<model::Policy> stored_policy(const model::PeerId& peer) const;
    bool set_stored_policy(const model::PeerId& peer, std::optional<model::Policy> policy);

    /// Nothing for a key that was there before we kept notes, or that another program made.
    [[nodiscard]] std::optional<OwnKeyNote> own_key(const model::AccountId& account,
                                                    const model::Fingerprint& fingerprint) const;
    /// Both forget who has verified the user on this account: that was about the key before.
    void note_own_key(const model::AccountId& account, const OwnKeyNote& note);
    void forget_own_key(const model::AccountId& account);
    /// People whose keys are known on this account: who has met the user's own key there.
    [[nodiscard]] std::size_t people_on(const model::AccountId& account) const;

    [[nodiscard]] bool is_dirty() const { return m_fingerprints.is_dirty || m_side.is_dirty; }
    /// Writes what changed, atomically; on failure the store stays dirty and the old file stays.
    /// Refused when load() could not read a file and it is still there.
    [[nodiscard]] util::Expected<void> save();

    /// The same for writing in a worker: the contents of the changed files, which count as clean
    /// from now on. Call mark_dirty() when writing them failed. A file that must not be written is
    /// left out and stays dirty.
    [[nodiscard]] std::vector<PendingFile> take_pending();
    void mark_dirty();

    /// The exact contents `save` would write.
    [[nodiscard]] std::string fingerprints_text() const;
    [[nodiscard]] std::string side_text() const;

private:
    // Ten thousand contacts are a few megabytes: an account is stored once, a peer is one node of a
    // hash table, a key 64 bytes, a line of the file 16.

    struct PeerName {
        const model::AccountId* account; ///< in m_accounts
        std::string username;
    };
    struct PeerView {
        const model::AccountId* account;
        std::string_view username;
    };
    struct PeerHash {
        using is_transparent = void;
        template <typename Name> std::size_t operator()(const Name& name) const noexcept {
            return std::hash<std::string_view>{}(name.username) * 31 +
                   std::hash<const void*>{}(name.account);
        }
    };
    struct PeerEqual {
        using is_transparent = void;
        template <typename Left, typename Right>
        bool operator()(const Left& left, const Right& right) const noexcept {
            return left.account == right.account && left.username == right.username;
        }
    };
    using Peers = std::unordered_map<PeerName, std::vector<KnownKey>, PeerHash, PeerEqual>;
    using Peer = Peers::value_type; ///< stays where it is until its last key is forgotten

    /// A line of otr.fingerprints that is a key.
    struct Line {
        Peer* peer;
        std::uint32_t index; ///< in the peer's keys
    };
    /// Other lines, carried through: they stand before m_lines[before].
    struct OtherLines {
        std::size_t before;
        std::string text;
    };
    struct Notes;
    struct FileState {
        std::filesystem::path path;
        bool is_dirty = false;
        bool is_blocked = false; ///< there is a file that could not be read
    };

    void clear();
    [[nodiscard]] std::optional<std::string> read(FileState& file, std::size_t max_bytes,
                                                  std::vector<FileProblem>& problems) const;
    [[nodiscard]] FileProblem put_aside(FileState& file, std::string reason) const;
    /// False when not everything that was in the file is in memory.
    bool load_fingerprints(std::vector<FileProblem>& problems);
    void load_side(std::vector<FileProblem>& problems, bool knows_all_keys);
    void take_side(SideContents contents, bool knows_all_keys);
    bool read_line(std::string_view line);
    void keep_other_line(std::string_view line);
    [[nodiscard]] static util::Expected<void> check_writable(FileState& file);
    [[nodiscard]] util::Expected<void> save(FileState& file,
                                            std::string (TrustStore::*text)() const);

    const model::AccountId* intern(std::string_view username, std::string_view protocol);
    std::string_view intern_word(std::string_view word);
    [[nodiscard]] Peers::const_iterator find_peer(const model::PeerId& peer) const;
    [[nodiscard]] KnownKey* find_mutable(const model::PeerId& peer,
                                         const model::Fingerprint& fingerprint);
    KnownKey& insert(const model::AccountId* account, std::string_view username,
                     const model::Fingerprint& fingerprint);
    void erase_line(const Peer& peer, std::size_t index);
    [[nodiscard]] const SidePeer* find_notes(const model::PeerId& peer) const;
    SidePeer& notes_of(const model::PeerId& peer);

    std::uint64_t m_version = 0;
    bool m_is_read_only = false;
    FileState m_fingerprints;
    FileState m_side;
    std::unordered_set<model::AccountId> m_accounts;
    const model::AccountId* m_last_account = nullptr; ///< most lines are of the same one as before
    Peers m_peers;
    std::vector<Line> m_lines;
    std::vector<OtherLines> m_other_lines;
    std::set<std::string, std::less<>> m_words; ///< trust words that are not ours
    std::unique_ptr<Notes> m_notes;
};

} // namespace otr_guard::core
