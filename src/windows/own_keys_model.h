// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the window of the user's own keys shows, without a window: an account and its key, what can
// be done with it, and whether a passphrase will do.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/own_key_codec.h"

namespace otr_guard::windows {

class OwnKeysModel {
public:
    enum class Act { Make, Delete, Seal, Show };

    /// Everything anew; the account that was chosen stays so, else it is the first with a key.
    void replace(std::vector<ipc::OwnKey> keys);
    [[nodiscard]] const std::vector<ipc::OwnKey>& keys() const { return m_keys; }

    void choose(const model::AccountId& account);
    /// Null when there is no account at all.
    [[nodiscard]] const ipc::OwnKey* chosen() const;
    [[nodiscard]] const ipc::OwnKey* find(const model::AccountId& account) const;
    [[nodiscard]] bool can(Act act) const;

private:
    std::vector<ipc::OwnKey> m_keys;
    std::optional<model::AccountId> m_chosen;
};

/// "No key yet", "Ready": what the list says beside an account.
[[nodiscard]] std::string state_of(const ipc::OwnKey& key);
/// "Made on 2026-05-03. Used with 3 people."
[[nodiscard]] std::string story_of(const ipc::OwnKey& key);

/// What is said below two entries for a new passphrase.
struct PassphraseVerdict {
    std::string text;
    bool is_good = false;
};
[[nodiscard]] PassphraseVerdict judge(std::string_view passphrase, std::string_view again);

} // namespace otr_guard::windows
