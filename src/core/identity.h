// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The user's own keys and instance tags: libotr's user state and the files `otr.private_key` and
// `otr.instance_tags`. Owns the OtrlUserState. A key file that cannot be parsed is set aside and
// reported, and never overwritten; while that is unresolved no new key is written over it.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/libotr.h"
#include "core/trust_store.h"
#include "model/account.h"
#include "model/fingerprint.h"
#include "util/expected.h"

namespace otr_guard::core {

/// Initialises libotr and libgcrypt once per process. Crypto error when the library's version does
/// not fit (otrl_init, not OTRL_INIT, which exits the process). Main thread only.
[[nodiscard]] util::Expected<void> initialise_libotr();

class Identity {
public:
    /// `folder` is libpurple's user directory.
    explicit Identity(std::filesystem::path folder);

    /// Reads keys and instance tags. Missing files are empty ones; unreadable ones are set aside.
    /// File modes wider than 0600 are tightened.
    [[nodiscard]] std::vector<FileProblem> load();

    /// Valid as long as this object. Main thread only.
    [[nodiscard]] OtrlUserState user_state() const { return m_state.get(); }

    [[nodiscard]] std::optional<model::Fingerprint>
    fingerprint_of(const model::AccountId& account) const;
    /// Accounts that have a key, in the order of the file.
    [[nodiscard]] std::vector<model::AccountId> accounts_with_keys() const;

    /// This client's instance tag of an account, made and written on first use.
    [[nodiscard]] util::Expected<model::InstanceTag> instance_tag_of(const model::AccountId& account);

    /// Puts a key made by KeyGeneration into the user state and writes the file atomically.
    /// `new_key` is the opaque value of otrl_privkey_generate_start and is consumed in any case.
    /// On failure all keys that were there stay, in memory and on disk.
    [[nodiscard]] util::Expected<void> adopt_key(void* new_key);

    /// Removes an account's key from memory and file.
    [[nodiscard]] util::Expected<void> delete_key(const model::AccountId& account);

private:
    void reload_keys();

    std::filesystem::path m_folder;
    UserStatePtr m_state;
};

} // namespace otr_guard::core
