// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The user's own keys and instance tags: libotr's user state and the files `otr.private_key` and
// `otr.instance_tags`. Owns the OtrlUserState. A key file that cannot be parsed is set aside and
// reported, never overwritten; while one that could not even be read or set aside is still in its
// place, no key is written. Private keys are on the disk in that one file only.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/contexts.h"
#include "core/key_text.h"
#include "core/libotr.h"
#include "core/trust_store.h"
#include "model/account.h"
#include "model/fingerprint.h"
#include "util/expected.h"
#include "util/secret.h"

namespace otr_guard::core {

/// Initialises libotr and libgcrypt once per process. Crypto error when a library's version does
/// not fit (otrl_init, not OTRL_INIT, which exits the process). Main thread only; best before any
/// other use of libgcrypt in the process.
///
/// otrl_init makes libgcrypt allocate everything through functions of libotr. They take a block
/// they did not allocate for one of theirs. So when another plugin has initialised libgcrypt
/// already, its blocks would break the heap when they are freed later: libotr is then set up
/// without these functions (a libotr that another plugin initialised has them in place anyhow).
/// When we come first, the initialisation is marked as finished, so that those who ask before they
/// set functions of their own (libsecret) leave ours in place. The wiping that these functions are
/// there for is compiled away in Debian's build; who hosts the core sees to it
/// (plugin/wiped_memory.h).
[[nodiscard]] util::Expected<void> initialise_libotr();

/// What is to become of the key of one account.
struct KeyChange {
    model::AccountId account;
    /// The key that goes away, which must be the one there is; nothing when there must be none.
    std::optional<model::Fingerprint> replaces;
    util::SecretString key; ///< as in key_text.h; empty when the account is to have none
};

/// The keys after a change, on their way to the disk.
struct PendingKeys {
    std::filesystem::path path;
    util::SecretString text;
    UserStatePtr keys; ///< the same as libotr has read it
};

class Identity {
public:
    /// `folder` is libpurple's user directory.
    explicit Identity(const std::filesystem::path& folder);

    /// From now on no file is written, moved or changed: they belong to another process. Before
    /// load(). Changes of keys are refused.
    void make_read_only() { m_is_read_only = true; }

    /// Writes `content` to a file, whole, where nobody waits for the disk.
    using Writer = std::function<void(const std::filesystem::path& path, std::string content)>;
    /// Without one, instance tags are written at once.
    void write_by(Writer writer) { m_writer = std::move(writer); }

    /// Forgets everything and reads keys and instance tags. Missing files are empty ones; damaged
    /// ones are set aside, an empty key file too (pidgin-otr leaves one when it dies while making a
    /// key). Of damaged keys none is used, of damaged tags those that can be read. File modes wider
    /// than 0600 are tightened.
    [[nodiscard]] std::vector<FileProblem> load();

    /// Valid as long as this object. Main thread only.
    [[nodiscard]] OtrlUserState user_state() const { return m_state.get(); }
    [[nodiscard]] ContextPlace& context_place() { return m_context_place; }

    [[nodiscard]] std::optional<model::Fingerprint>
    fingerprint_of(const model::AccountId& account) const;
    /// Accounts that have a key, in the order of the file.
    [[nodiscard]] std::vector<model::AccountId> accounts_with_keys() const;

    /// This client's instance tag of an account, made on first use and written soon. One that
    /// cannot be written lasts as long as this object. Malformed for names that the file cannot
    /// hold.
    [[nodiscard]] util::Expected<model::InstanceTag>
    instance_tag_of(const model::AccountId& account);

    /// An account's private key as libotr writes it. NotFound when it has none.
    [[nodiscard]] util::Expected<util::SecretString> key_of(const model::AccountId& account) const;

    // A change of the keys has two steps with a write between them, which belongs off the main
    // thread: prepare(), write `text` to `path` atomically, commit(). One change at a time: what is
    // prepared does not know of another one that is not committed yet. Nothing changes in memory or
    // on the disk when a step fails.

    /// Refused when the account has another key than the change expects, and when load() could not
    /// read a key file that is still there.
    [[nodiscard]] util::Expected<PendingKeys> prepare(const KeyChange& change);
    /// The keys in memory are those of the file from now on.
    void commit(PendingKeys written);

private:
    [[nodiscard]] util::Expected<void> check_writable();
    [[nodiscard]] std::optional<FileProblem> load_keys();
    [[nodiscard]] std::optional<FileProblem> load_tags();
    void write_tags();

    std::filesystem::path m_key_file;
    std::filesystem::path m_tag_file;
    [[nodiscard]] FileProblem put_aside(const std::filesystem::path& path, std::string reason,
                                        bool& may_write) const;
    /// A file that could not be read must not be written; once the user has put it away it may.
    [[nodiscard]] bool is_blocked(const std::filesystem::path& path, bool& may_write) const;

    Writer m_writer;
    bool m_is_read_only = false;
    bool m_may_write_keys = true;
    bool m_may_write_tags = true;
    UserStatePtr m_state;
    ContextPlace m_context_place;
};

} // namespace otr_guard::core
