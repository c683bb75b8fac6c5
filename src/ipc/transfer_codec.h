// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Files on their way, and what is shared through OnionShare, on the channel, and the limits of
// them; see codec.h.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gio/gio.h>

#include "model/account.h"

namespace otr_guard::ipc {

inline constexpr std::size_t most_transfers = 1000; ///< more than the core remembers

enum class TransferKind { In, Out, Share };

enum class TransferStage {
    Preparing, ///< nobody can be asked yet
    Offered,   ///< by the user; not accepted yet
    Asked,     ///< to the user, who has not decided yet
    Running,
    Waiting, ///< for the private conversation
    Checking,
    Done,
    Stopped,
};

/// One file, or what is shared with one person. Texts are plain and translated.
struct Transfer {
    model::PeerId peer;
    TransferKind kind = TransferKind::In;
    std::uint32_t number = 0; ///< with the kind: never used twice
    TransferStage stage = TransferStage::Preparing;
    std::string with;    ///< the peer's name, for people
    std::string account; ///< the user's, for people
    std::string name;    ///< fit for one line
    std::string size;    ///< for people; empty when not known
    std::string state;   ///< in words
    std::string remarks; ///< what to know before it is taken; may be empty
    std::string folder;  ///< a URI; empty unless the file lies there
    std::uint32_t percent = 0;

    bool operator==(const Transfer&) const = default;
};

/// Writing: a new floating reference.
[[nodiscard]] GVariant* to_variant(const std::vector<Transfer>& transfers);
/// Reading: nothing when a limit is broken in any of them, or a word unknown.
[[nodiscard]] std::optional<std::vector<Transfer>> transfers_from(GVariant* variant);

} // namespace otr_guard::ipc
