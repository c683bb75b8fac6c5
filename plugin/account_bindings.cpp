// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "account_bindings.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "names.h"
#include "util/glib_ptr.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

using core::Record;
using State = core::Record::State;

namespace {

constexpr const char* mirror_pref = "/plugins/core/otr-guard/network/accounts";
constexpr const char* route_setting = "otr-guard-network";
constexpr const char* token_setting = "otr-guard-circuit";
/// Where the server's own address is while the account is parked.
constexpr const char* server_setting = "otr-guard-server";
constexpr const char* connect_server = "connect_server";

/// Nothing listens there, and no packet for it leaves the computer.
const core::ProxySettings parking_place{core::ProxyKind::Tor, "127.0.0.1", 1, {}};

std::string text_or_empty(const char* text) {
    return text != nullptr ? text : "";
}

// --- The mirror: "record for protocol user name" per account ----------------------------------

using Lines = std::vector<std::string>;

Lines mirror_lines() {
    Lines lines;
    if (purple_prefs_get_type(mirror_pref) != PURPLE_PREF_STRING_LIST) {
        return lines;
    }
    GList* list = purple_prefs_get_string_list(mirror_pref);
    for (GList* item = list; item != nullptr; item = g_list_delete_link(item, item)) {
        const util::GlibPtr<char> line(static_cast<char*>(item->data));
        lines.push_back(text_or_empty(line.get()));
    }
    return lines;
}

void set_mirror_lines(Lines lines) {
    GList* list = nullptr;
    for (std::string& line : lines) {
        list = g_list_append(list, line.data());
    }
    purple_prefs_set_string_list(mirror_pref, list);
    g_list_free(list);
}

std::string line_end(const model::AccountId& name) {
    return " for " + name.protocol + " " + name.username;
}

Record mirrored(const model::AccountId& name) {
    const std::string end = line_end(name);
    for (const std::string& line : mirror_lines()) {
        if (line.ends_with(end)) {
            return core::parse_record(std::string_view(line).substr(0, line.size() - end.size()));
        }
    }
    return {};
}

/// An empty text takes the account out of the mirror.
void mirror(const model::AccountId& name, const std::string& text) {
    const std::string end = line_end(name);
    const Lines before = mirror_lines();
    Lines lines = before;
    std::erase_if(lines, [&](const std::string& line) { return line.ends_with(end); });
    if (!text.empty()) {
        lines.push_back(text + end);
    }
    if (lines != before) {
        set_mirror_lines(std::move(lines));
    }
}

// --- The account's own settings -----------------------------------------------------------------

core::ProxyKind kind_of(PurpleProxyType type) {
    switch (type) {
    case PURPLE_PROXY_USE_GLOBAL:
        return core::ProxyKind::Global;
    case PURPLE_PROXY_NONE:
        return core::ProxyKind::None;
    case PURPLE_PROXY_HTTP:
        return core::ProxyKind::Http;
    case PURPLE_PROXY_SOCKS4:
        return core::ProxyKind::Socks4;
    case PURPLE_PROXY_SOCKS5:
        return core::ProxyKind::Socks5;
    case PURPLE_PROXY_USE_ENVVAR:
        return core::ProxyKind::Environment;
    case PURPLE_PROXY_TOR:
        return core::ProxyKind::Tor;
    }
    return core::ProxyKind::Missing;
}

/// In place: a connection that is being made has a pointer to it.
PurpleProxyInfo* proxy_info(PurpleAccount* account) {
    if (PurpleProxyInfo* info = purple_account_get_proxy_info(account)) {
        return info;
    }
    purple_account_set_proxy_info(account, purple_proxy_info_new());
    return purple_account_get_proxy_info(account);
}

void set_proxy(PurpleAccount* account, const core::ProxySettings& settings) {
    PurpleProxyInfo* info = proxy_info(account);
    purple_proxy_info_set_type(info, settings.kind == core::ProxyKind::Http ? PURPLE_PROXY_HTTP
                                                                            : PURPLE_PROXY_TOR);
    purple_proxy_info_set_host(info, settings.host.c_str());
    purple_proxy_info_set_port(info, settings.port);
}

Record stored(const PurpleAccount* account) {
    return core::parse_record(
        text_or_empty(purple_account_get_string(account, route_setting, nullptr)));
}

} // namespace

core::ProxySettings proxy_of(const PurpleAccount* account) {
    PurpleProxyInfo* info = purple_account_get_proxy_info(account);
    if (info == nullptr) {
        return {};
    }
    return {kind_of(purple_proxy_info_get_type(info)),
            text_or_empty(purple_proxy_info_get_host(info)), purple_proxy_info_get_port(info),
            text_or_empty(purple_proxy_info_get_username(info))};
}

AccountBindings::AccountBindings() {
    for (const char* pref : {"/plugins", "/plugins/core", "/plugins/core/otr-guard",
                             "/plugins/core/otr-guard/network"}) {
        purple_prefs_add_none(pref);
    }
    purple_prefs_add_string_list(mirror_pref, nullptr);
}

bool AccountBindings::is_any_bound() const {
    return !m_known.empty() || !mirror_lines().empty();
}

bool AccountBindings::is_any_in_file() {
    const util::GlibPtr<char> path(g_build_filename(purple_user_dir(), "accounts.xml", nullptr));
    char* read = nullptr;
    gsize size = 0;
    if (g_file_get_contents(path.get(), &read, &size, nullptr) == FALSE) {
        return false;
    }
    const util::GlibPtr<char> owned(read);
    std::string_view text(read, size);
    for (std::size_t at = text.find(route_setting); at != std::string_view::npos;
         at = text.find(route_setting)) {
        text.remove_prefix(at + std::string_view(route_setting).size());
        text.remove_prefix(std::min(text.find('>'), text.size()));
        if (!text.starts_with(">off<") && !text.starts_with("><")) {
            return true;
        }
    }
    return false;
}

Record AccountBindings::record(PurpleAccount* account) {
    const auto known = m_known.find(account);
    const model::AccountId name = account_id(account);
    if (known == m_known.end()) {
        Record merged = core::merge(stored(account), mirrored(name));
        if (merged.state != State::Absent && merged.state != State::Off) {
            remember(account, merged);
            store(account, merged);
            unpark(account, merged);
        }
        return merged;
    }
    if (known->second.name != name) {
        mirror(std::exchange(known->second.name, name), {});
    }
    store(account, known->second.record);
    return known->second.record;
}

/// What cannot be read stays as it is, for the user to decide about.
void AccountBindings::store(PurpleAccount* account, const Record& record) {
    if (record.state == State::Damaged) {
        return;
    }
    const std::string text = core::to_text(record);
    if (text_or_empty(purple_account_get_string(account, route_setting, nullptr)) != text) {
        purple_account_set_string(account, route_setting, text.c_str());
    }
    mirror(account_id(account), text);
}

void AccountBindings::remember(PurpleAccount* account, const Record& record) {
    if (!m_is_listening) {
        m_is_listening = true;
        void* accounts = purple_accounts_get_handle();
        purple_signal_connect(accounts, "account-removed", this, as_callback(account_removed),
                              this);
        purple_signal_connect(accounts, "account-destroying", this, as_callback(account_gone),
                              this);
    }
    m_known[account] = {account_id(account), record};
}

void AccountBindings::bind(PurpleAccount* account, const core::Route& route) {
    const Record record{State::Bound, route};
    remember(account, record);
    set_proxy(account, core::required_settings(route));
    // Also where the same text is there already: it makes libpurple write the proxy.
    purple_account_set_string(account, route_setting, core::to_text(route).c_str());
    mirror(account_id(account), core::to_text(route));
}

void AccountBindings::leave_undecided(PurpleAccount* account) {
    const Record record{State::Undecided, {}};
    remember(account, record);
    store(account, record);
}

void AccountBindings::release(PurpleAccount* account) {
    m_known.erase(account);
    mirror(account_id(account), {});
    purple_account_set_string(account, route_setting, "off");
}

void AccountBindings::park(PurpleAccount* account) {
    m_is_parking = true;
    const Record bound = record(account);
    if (bound.state != State::Bound) {
        return;
    }
    const core::ProxySettings proxy = proxy_of(account);
    const core::ProxySettings required = core::required_settings(bound.route);
    if (proxy.kind != required.kind || proxy.host != required.host || proxy.port != required.port) {
        return; // the user's edit stays, and is refused
    }
    // An address would need no look-up, which is what libpurple's type "tor" forbids.
    const std::string server =
        text_or_empty(purple_account_get_string(account, connect_server, nullptr));
    if (!server.empty()) {
        purple_account_set_string(account, server_setting, server.c_str());
        purple_account_set_string(account, connect_server, "");
    }
    set_proxy(account, parking_place);
    // Makes libpurple write the proxy.
    purple_account_set_string(account, route_setting, core::to_text(bound).c_str());
}

void AccountBindings::unpark(PurpleAccount* account, const Record& record) const {
    const core::ProxySettings proxy = proxy_of(account);
    if (m_is_parking || record.state != State::Bound || proxy.kind != parking_place.kind ||
        proxy.host != parking_place.host || proxy.port != parking_place.port) {
        return;
    }
    set_proxy(account, core::required_settings(record.route));
    const std::string server =
        text_or_empty(purple_account_get_string(account, server_setting, nullptr));
    if (!server.empty()) {
        if (text_or_empty(purple_account_get_string(account, connect_server, nullptr)).empty()) {
            purple_account_set_string(account, connect_server, server.c_str());
        }
        purple_account_remove_setting(account, server_setting);
    }
}

void AccountBindings::isolate(PurpleAccount* account) {
    std::string token = text_or_empty(purple_account_get_string(account, token_setting, nullptr));
    if (!core::is_isolation_token(token)) {
        token = core::new_isolation_token();
        purple_account_set_string(account, token_setting, token.c_str());
    }
    PurpleProxyInfo* info = proxy_info(account);
    purple_proxy_info_set_username(info, core::isolation_user(token).c_str());
    purple_proxy_info_set_password(info, token.c_str());
}

void AccountBindings::renew_isolation(PurpleAccount* account) {
    purple_account_set_string(account, token_setting, core::new_isolation_token().c_str());
}

void AccountBindings::account_gone(PurpleAccount* account, AccountBindings* self) {
    util::guarded("account_gone", [&] { self->m_known.erase(account); });
}

void AccountBindings::account_removed(PurpleAccount* account, AccountBindings* self) {
    util::guarded("account_removed", [&] {
        if (self->m_known.erase(account) > 0) {
            mirror(account_id(account), {});
        }
    });
}

} // namespace otr_guard::plugin
