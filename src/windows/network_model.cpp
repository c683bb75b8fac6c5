// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/network_model.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <gio/gio.h>

#include "util/i18n.h"

namespace otr_guard::windows {

using ipc::Finding;
using ipc::Way;
using util::tr;

namespace {

bool is_port(std::string_view text) {
    unsigned port = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, port);
    return error == std::errc() && rest == end && port >= 1 && port <= 65535;
}

} // namespace

void NetworkModel::replace(std::vector<ipc::NetworkAccount> accounts) {
    m_accounts = std::move(accounts);
}

void NetworkModel::choose(const model::AccountId& account) {
    m_chosen = account;
}

const ipc::NetworkAccount* NetworkModel::chosen() const {
    const auto found = m_chosen
                           ? std::ranges::find(m_accounts, *m_chosen, &ipc::NetworkAccount::account)
                           : m_accounts.end();
    if (found != m_accounts.end()) {
        return &*found;
    }
    return m_accounts.empty() ? nullptr : &m_accounts.front();
}

Finding worst_of(const ipc::NetworkAccount& account) {
    Finding worst = Finding::Good;
    for (const ipc::CheckRow& row : account.rows) {
        worst = std::max(worst, row.finding);
    }
    return worst;
}

std::string word_of(Finding finding) {
    switch (finding) {
    case Finding::Good:
        return tr("good");
    case Finding::Attention:
        return tr("attention");
    case Finding::Problem:
        return tr("problem");
    }
    return {};
}

TypedWay typed_way(Way way, std::string_view host, std::string_view port) {
    if (way == Way::AsSettings) {
        return {"off", {}};
    }
    const bool is_tor = way == Way::Tor;
    if (is_tor && host.empty() && port.empty()) {
        return {"tor", {}}; // where Tor usually is
    }
    const bool is_address = !host.empty() && g_hostname_is_ip_address(std::string(host).c_str());
    if (!is_address || !is_port(port)) {
        return {{},
                tr("The address of the proxy has to be given in numbers, like 127.0.0.1, with a "
                   "port.")};
    }
    std::string words = is_tor ? "tor" : "proxy " + std::string(ipc::to_word(way));
    return {words.append(" ").append(host).append(" ").append(port), {}};
}

} // namespace otr_guard::windows
