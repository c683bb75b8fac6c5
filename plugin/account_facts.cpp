// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "account_facts.h"

#include <algorithm>
#include <string_view>

#include "account_bindings.h"
#include "core/metadata_policy.h"

namespace otr_guard::plugin {

namespace {

/// That what accounts share was taken from this one. Afterwards it is the user's to give it again.
constexpr const char* own_setting = "otr-guard-own";

std::string text_or_empty(const char* text) {
    return text != nullptr ? text : "";
}

bool is_xmpp(const PurpleAccount* account) {
    return std::string_view(purple_account_get_protocol_id(account)) == "prpl-jabber";
}

std::string http_address(const PurpleAccount* account) {
    return is_xmpp(account) ? text_or_empty(purple_account_get_string(account, "bosh_url", ""))
                            : std::string();
}

bool goes_over_clear_http(const PurpleAccount* account) {
    return goes_over_http(account) && !http_address(account).starts_with("https://");
}

bool requires_tls(const PurpleAccount* account) {
    if (purple_ssl_is_supported() == FALSE) {
        return false;
    }
    if (!is_xmpp(account)) {
        return purple_account_get_bool(account, "ssl", FALSE) != FALSE;
    }
    const std::string security =
        text_or_empty(purple_account_get_string(account, "connection_security", ""));
    // Over HTTP libpurple does not look whether it is "old_ssl": the address alone decides.
    return security == "require_tls" || (security == "old_ssl" && !goes_over_clear_http(account));
}

} // namespace

std::string domain_of(const PurpleAccount* account) {
    const std::string name = text_or_empty(purple_account_get_username(account));
    const std::string after = name.substr(std::min(name.find('@'), name.size() - 1) + 1);
    return after.substr(0, after.find('/'));
}

bool goes_over_http(const PurpleAccount* account) {
    return !http_address(account).empty();
}

std::string server_of(const PurpleAccount* account) {
    if (goes_over_http(account)) {
        return std::string(core::host_of_url(http_address(account)));
    }
    const std::string chosen =
        is_xmpp(account) ? text_or_empty(purple_account_get_string(account, "connect_server", ""))
                         : std::string();
    return chosen.empty() ? domain_of(account) : chosen;
}

core::ConnectFacts facts_of(const PurpleAccount* account) {
    const std::string name = text_or_empty(purple_account_get_username(account));
    const std::size_t slash = name.find('/');
    return {.protocol = text_or_empty(purple_account_get_protocol_id(account)),
            .proxy = proxy_of(account),
            .server = server_of(account),
            .requires_tls = requires_tls(account),
            .allows_clear_password =
                is_xmpp(account) &&
                purple_account_get_bool(account, "auth_plain_in_clear", FALSE) != FALSE,
            .resource = slash == std::string::npos ? std::string() : name.substr(slash + 1),
            .computer = g_get_host_name()};
}

void require_encryption(PurpleAccount* account, const core::Route& route) {
    if (route.binding == core::Binding::Tor && core::is_onion(server_of(account))) {
        return;
    }
    if (is_xmpp(account)) {
        if (!requires_tls(account)) {
            purple_account_set_string(account, "connection_security", "require_tls");
        }
        purple_account_set_bool(account, "auth_plain_in_clear", FALSE);
    } else if (!requires_tls(account)) {
        constexpr int clear_port = 6667;
        constexpr int tls_port = 6697;
        purple_account_set_bool(account, "ssl", TRUE);
        if (purple_account_get_int(account, "port", clear_port) == clear_port) {
            purple_account_set_int(account, "port", tls_port);
        }
    }
}

namespace {

void tell_nick_only(PurpleAccount* account) {
    if (is_xmpp(account)) {
        return;
    }
    const std::string name = text_or_empty(purple_account_get_username(account));
    const std::string nick = name.substr(0, name.find('@'));
    for (const char* setting : {"username", "realname"}) {
        if (text_or_empty(purple_account_get_string(account, setting, "")).empty()) {
            purple_account_set_string(account, setting, nick.c_str());
        }
    }
}

} // namespace

void keep_own_icon(PurpleAccount* account) {
    if (purple_account_get_bool(account, "use-global-buddyicon", TRUE) != FALSE) {
        purple_account_set_bool(account, "use-global-buddyicon", FALSE);
        purple_buddy_icons_set_account_icon(account, nullptr, 0);
    }
}

bool keeps_to_itself(const PurpleAccount* account) {
    return purple_account_get_bool(account, own_setting, FALSE) != FALSE;
}

void tell_nothing_shared(PurpleAccount* account) {
    keep_own_icon(account);
    tell_nick_only(account);
    purple_account_set_bool(account, own_setting, TRUE);
}

} // namespace otr_guard::plugin
