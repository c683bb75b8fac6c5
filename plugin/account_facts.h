// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Settings of XMPP and IRC accounts that matter for the way into the network: read for the core's
// decisions, and changed when an account is bound.

#include <string>

#include "core/proxy_policy.h"
#include "purple.h"

namespace otr_guard::plugin {

/// The domain in an account's name: of "user@domain/resource", or the server of "nick@server".
[[nodiscard]] std::string domain_of(const PurpleAccount* account);
/// Whether its XMPP is said over HTTP (BOSH).
[[nodiscard]] bool goes_over_http(const PurpleAccount* account);
/// What is connected to: the server chosen in the settings, else the domain.
[[nodiscard]] std::string server_of(const PurpleAccount* account);
[[nodiscard]] core::ConnectFacts facts_of(const PurpleAccount* account);

/// So that a log-in cannot be made to speak in clear. Onions encrypt by themselves.
void require_encryption(PurpleAccount* account, const core::Route& route);
/// What accounts have in common unless their user says otherwise: a picture, and on IRC the name on
/// this computer, instead of which the nick is told.
void tell_nothing_shared(PurpleAccount* account);
/// Whether that has been done since the account's settings are what they are.
[[nodiscard]] bool keeps_to_itself(const PurpleAccount* account);
/// The same picture on several accounts tells that they belong together: only one of its own stays.
void keep_own_icon(PurpleAccount* account);

} // namespace otr_guard::plugin
