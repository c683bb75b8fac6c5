// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What we know about other people's keys. `otr.fingerprints` stays byte for byte what libotr and
// pidgin-otr read and write; what that format cannot say (how and when a key was verified, which key
// is expected, settings of people who are not on the buddy list) is in the side file
// `otr-guard.json`. The only holder of trust: libotr's own trust strings are never believed.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/account.h"
#include "model/fingerprint.h"
#include "model/states.h"
#include "util/expected.h"

namespace otr_guard::core {

using WallTime = std::chrono::sys_seconds;

/// One key of one peer.
struct KnownKey {
    model::Fingerprint fingerprint;
    /// The trust column as it is in the file. We write "", "verified" and "smp"; any other word is
    /// untrusted and carried through unchanged until the user decides.
    std::string trust_word;
    // From the side file; absent for keys that another program recorded.
    std::optional<model::VerificationMethod> method;
    std::optional<WallTime> verified_at;
    std::optional<WallTime> first_seen;
    std::optional<WallTime> last_failed_check; ///< a failed or aborted re-check after `verified_at`

    [[nodiscard]] bool is_verified() const;
};

/// A file that could not be read and was moved away.
struct FileProblem {
    std::string name;
    std::string kept_as;
    std::string reason;
};

/// Contents on their way to the disk.
struct PendingFile {
    std::filesystem::path path;
    std::string content;
};

class TrustStore {
public:
    /// `folder` is libpurple's user directory.
    explicit TrustStore(std::filesystem::path folder);

    /// Reads both files. A missing file is an empty one. A line of otr.fingerprints that does not
    /// parse is kept and written back unchanged, in place; a file that is not text, too large or a
    /// side file that is not our JSON is set aside and reported.
    [[nodiscard]] std::vector<FileProblem> load();

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

    /// Each changes memory at once and marks the files dirty; false when nothing changed. Names that
    /// the file format cannot hold (tabs, line breaks) are not added.
    bool add(const model::PeerId& peer, const model::Fingerprint& fingerprint, WallTime now);
    bool set_verified(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                      model::VerificationMethod method, WallTime now);
    bool revoke(const model::PeerId& peer, const model::Fingerprint& fingerprint);
    bool forget(const model::PeerId& peer, const model::Fingerprint& fingerprint);
    bool note_failed_check(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                           WallTime now);

    /// The only key that will do for this peer, even before the first contact.
    [[nodiscard]] std::optional<model::Fingerprint> expected(const model::PeerId& peer) const;
    bool set_expected(const model::PeerId& peer, std::optional<model::Fingerprint> fingerprint);

    /// A policy for somebody who is not on the buddy list (buddies have theirs in blist.xml).
    [[nodiscard]] std::optional<model::Policy> stored_policy(const model::PeerId& peer) const;
    bool set_stored_policy(const model::PeerId& peer, std::optional<model::Policy> policy);

    [[nodiscard]] bool is_dirty() const { return m_fingerprints_dirty || m_side_dirty; }
    /// Writes what changed, atomically; on failure the store stays dirty and the old file stays.
    [[nodiscard]] util::Expected<void> save();

    /// The same for writing in a worker: the contents of the changed files, which count as clean
    /// from now on. Call mark_dirty() when writing them failed.
    [[nodiscard]] std::vector<PendingFile> take_pending();
    void mark_dirty();

    /// The exact contents `save` would write.
    [[nodiscard]] std::string fingerprints_text() const;
    [[nodiscard]] std::string side_text() const;

private:
    /// What the side file says about a peer as such.
    struct PeerNotes {
        std::optional<model::Fingerprint> expected;
        std::optional<model::Policy> policy;
    };
    /// A line of otr.fingerprints: a key, or text that is carried through.
    struct Line {
        const model::PeerId* peer; ///< key of m_keys; null for other text
        model::Fingerprint fingerprint;
        std::string text;
    };

    void read_line(std::string_view line);
    [[nodiscard]] util::Expected<void> read_side(const std::string& text);
    [[nodiscard]] KnownKey* find_mutable(const model::PeerId& peer,
                                         const model::Fingerprint& fingerprint);
    KnownKey& insert(const model::PeerId& peer, const model::Fingerprint& fingerprint);

    std::filesystem::path m_folder;
    std::unordered_map<model::PeerId, std::vector<KnownKey>> m_keys;
    std::vector<Line> m_lines;
    std::map<model::PeerId, PeerNotes> m_notes;
    std::string m_side_extra; ///< members of the side file that we do not know, as JSON
    bool m_fingerprints_dirty = false;
    bool m_side_dirty = false;
};

} // namespace otr_guard::core
