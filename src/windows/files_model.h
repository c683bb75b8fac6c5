// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the window of files shows, without a window: what is on its way, which of it the user has
// chosen, and what can be done about that. What was chosen never becomes another one by itself: a
// button must not take a file that its user has not looked at.

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "ipc/transfer_codec.h"

namespace otr_guard::windows {

class FilesModel {
public:
    /// Chooses for a window that is opened: what waits for the user's answer, else the first.
    void choose_first();
    /// Everything anew. False when other rows are shown than before, or in another order.
    bool replace(std::vector<ipc::Transfer> transfers);
    [[nodiscard]] const std::vector<ipc::Transfer>& transfers() const { return m_transfers; }

    void choose(const ipc::Transfer& transfer) { m_chosen = id_of(transfer); }
    /// Null when nothing is chosen, or it is not remembered any more.
    [[nodiscard]] const ipc::Transfer* chosen() const;

private:
    using Id = std::tuple<ipc::TransferKind, std::uint32_t, model::PeerId>;
    [[nodiscard]] static Id id_of(const ipc::Transfer& transfer);

    std::vector<ipc::Transfer> m_transfers;
    std::optional<Id> m_chosen;
};

[[nodiscard]] bool can_accept(const ipc::Transfer& transfer);
/// What is on its way in any direction, or shared; not what waits for the user's answer.
[[nodiscard]] bool can_stop(const ipc::Transfer& transfer);
/// "from Bob", "to Bob".
[[nodiscard]] std::string direction_of(const ipc::Transfer& transfer);
/// What there is to know about it, one thing in a line.
[[nodiscard]] std::string details_of(const ipc::Transfer& transfer);

} // namespace otr_guard::windows
