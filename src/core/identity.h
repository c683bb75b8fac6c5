// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The user's own keys and instance tags: libotr's user state and the files `otr.private_key` and
// `otr.instance_tags`. Owns the OtrlUserState. A key file that cannot be parsed is set aside and
// reported, never overwritten; while one that could not even be read or set aside is still in its
// place, no key is written. Private keys are on the disk in that one file only.

#include <cstdio>
#include <filesystem>
#include <optional>
#include <vector>

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
/// otrl_init makes libgcrypt allocate everything through functions of libotr that wipe memory when
/// it is freed. They take a block they did not allocate for one of theirs. So when another plugin
/// has initialised libgcrypt already, its blocks would break the heap when they are freed later:
/// libotr is then set up without these functions (a libotr that another plugin initialised has
/// them in place anyhow). What is lost is the wiping of memory that is not secret in libgcrypt's
/// eyes. When we come first, the initialisation is marked as finished, so that those who ask before
/// they set functions of their own (libsecret) leave ours in place.
[[nodiscard]] util::Expected<void> initialise_libotr();

class Identity {
public:
    /// `folder` is libpurple's user directory.
    explicit Identity(const std::filesystem::path& folder);

    /// Forgets everything and reads keys and instance tags. Missing files are empty ones; damaged
    /// ones are set aside, an empty key file too (pidgin-otr leaves one when it dies while making a
    /// key). Of damaged keys none is used, of damaged tags those that can be read. File modes wider
    /// than 0600 are tightened.
    [[nodiscard]] std::vector<FileProblem> load();

    /// Valid as long as this object. Main thread only.
    [[nodiscard]] OtrlUserState user_state() const { return m_state.get(); }

    [[nodiscard]] std::optional<model::Fingerprint>
    fingerprint_of(const model::AccountId& account) const;
    /// Accounts that have a key, in the order of the file.
    [[nodiscard]] std::vector<model::AccountId> accounts_with_keys() const;

    /// This client's instance tag of an account, made and written on first use. One that cannot be
    /// written lasts as long as this object. Malformed for names that the file cannot hold.
    [[nodiscard]] util::Expected<model::InstanceTag>
    instance_tag_of(const model::AccountId& account);

    /// Puts a key made by KeyGeneration into the user state and writes the file atomically.
    /// `new_key` is the opaque value of otrl_privkey_generate_start and is consumed in any case.
    /// On failure all keys that were there stay, in memory and on disk. Refused when load() could
    /// not read a key file and it is still there.
    [[nodiscard]] util::Expected<void> adopt_key(void* new_key);

    /// Removes an account's key from memory and file.
    [[nodiscard]] util::Expected<void> delete_key(const model::AccountId& account);

private:
    [[nodiscard]] util::Expected<void> check_writable();
    [[nodiscard]] std::optional<FileProblem> load_keys();
    [[nodiscard]] std::optional<FileProblem> load_tags();
    /// Replaces the keys in memory; by none when the stream holds no list of keys.
    bool read_keys(std::FILE* stream);
    /// What libotr would write, but for the key of one account.
    [[nodiscard]] util::SecretString keys_text(const OtrlPrivKey* without) const;
    void write_tags();

    std::filesystem::path m_key_file;
    std::filesystem::path m_tag_file;
    bool m_may_write_keys = true;
    bool m_may_write_tags = true;
    UserStatePtr m_state;
};

} // namespace otr_guard::core
