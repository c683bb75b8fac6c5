// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Accounts and their ways into the network on the channel, and the limits of them; see codec.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gio/gio.h>

#include "model/account.h"

namespace otr_guard::ipc {

inline constexpr std::size_t most_check_rows = 100; ///< of one account

/// In the order of getting worse.
enum class Finding { Good, Attention, Problem };

/// One thing about an account that was looked at. Texts are plain and translated.
struct CheckRow {
    Finding finding = Finding::Good;
    std::string text;
    std::string remedy;       ///< the word of what would mend it; empty where nothing here would
    std::string remedy_label; ///< for the button

    bool operator==(const CheckRow&) const = default;
};

/// How an account may use the network.
enum class Way { AsSettings, Tor, Socks5, Http };

[[nodiscard]] std::string_view to_word(Way way);
[[nodiscard]] std::optional<Way> way_from_word(std::string_view word);

struct NetworkAccount {
    model::AccountId account;
    std::string label; ///< of the account, for people
    Way way = Way::AsSettings;
    std::string host; ///< of the proxy; empty without one
    std::uint32_t port = 0;
    std::vector<CheckRow> rows;

    bool operator==(const NetworkAccount&) const = default;
};

/// Writing: a new floating reference.
[[nodiscard]] GVariant* to_variant(const std::vector<NetworkAccount>& accounts);
/// Reading: nothing when a limit is broken in any of them.
[[nodiscard]] std::optional<std::vector<NetworkAccount>> network_accounts_from(GVariant* variant);

} // namespace otr_guard::ipc
