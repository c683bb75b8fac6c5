// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/files_model.h"

#include <algorithm>
#include <utility>

#include "util/i18n.h"

namespace otr_guard::windows {

using ipc::Transfer;
using ipc::TransferKind;
using ipc::TransferStage;
using util::format;
using util::tr;

FilesModel::Id FilesModel::id_of(const Transfer& transfer) {
    return {transfer.kind, transfer.number, transfer.peer};
}

void FilesModel::choose_first() {
    const auto asked = std::ranges::find_if(m_transfers, can_accept);
    if (asked != m_transfers.end()) {
        choose(*asked);
    } else if (chosen() == nullptr && !m_transfers.empty()) {
        choose(m_transfers.front());
    }
}

bool FilesModel::replace(std::vector<Transfer> transfers) {
    const bool is_same = std::ranges::equal(m_transfers, transfers, {}, id_of, id_of);
    m_transfers = std::move(transfers);
    return is_same;
}

const Transfer* FilesModel::chosen() const {
    const auto found =
        m_chosen ? std::ranges::find(m_transfers, *m_chosen, id_of) : m_transfers.end();
    return found != m_transfers.end() ? &*found : nullptr;
}

bool can_accept(const Transfer& transfer) {
    return transfer.kind == TransferKind::In && transfer.stage == TransferStage::Asked;
}

bool can_stop(const Transfer& transfer) {
    return transfer.stage != TransferStage::Done && transfer.stage != TransferStage::Stopped &&
           !can_accept(transfer);
}

std::string direction_of(const Transfer& transfer) {
    switch (transfer.kind) {
    case TransferKind::In:
        return format(tr("from {name}"), {{"name", transfer.with}});
    case TransferKind::Out:
        return format(tr("to {name}"), {{"name", transfer.with}});
    case TransferKind::Share:
        return format(tr("to {name}, with OnionShare"), {{"name", transfer.with}});
    }
    return {};
}

std::string details_of(const Transfer& transfer) {
    std::string text = direction_of(transfer);
    text += transfer.account.empty() ? "" : ", " + transfer.account;
    for (const std::string& line : {transfer.state, transfer.remarks}) {
        text += line.empty() ? "" : "\n" + line;
    }
    return text;
}

} // namespace otr_guard::windows
