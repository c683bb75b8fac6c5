// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the window of accounts' networks shows, without a window: an account, its way, what its
// check-up found, and whether a way that was typed can be asked for.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/network_codec.h"

namespace otr_guard::windows {

class NetworkModel {
public:
    /// Everything anew; the account that was chosen stays so, else it is the first.
    void replace(std::vector<ipc::NetworkAccount> accounts);
    [[nodiscard]] const std::vector<ipc::NetworkAccount>& accounts() const { return m_accounts; }

    void choose(const model::AccountId& account);
    /// Null when there is no account at all.
    [[nodiscard]] const ipc::NetworkAccount* chosen() const;

private:
    std::vector<ipc::NetworkAccount> m_accounts;
    std::optional<model::AccountId> m_chosen;
};

/// The worst of an account's rows.
[[nodiscard]] ipc::Finding worst_of(const ipc::NetworkAccount& account);
/// "good", "attention", "problem": never told by colour alone.
[[nodiscard]] std::string word_of(ipc::Finding finding);

/// What /guard require would be given, or why that cannot be, for people.
struct TypedWay {
    std::string words; ///< empty when there is a problem
    std::string problem;
};
[[nodiscard]] TypedWay typed_way(ipc::Way way, std::string_view host, std::string_view port);

} // namespace otr_guard::windows
