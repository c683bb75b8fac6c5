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
/// What is connected to: the server chosen in the settings, else the domain.
[[nodiscard]] std::string server_of(const PurpleAccount* account);
[[nodiscard]] core::ConnectFacts facts_of(const PurpleAccount* account);

/// So that a log-in cannot be made to speak in clear. Onions encrypt by themselves.
void require_encryption(PurpleAccount* account, const core::Route& route);
/// IRC tells who somebody is on their computer where they have not said otherwise: their nick then.
void tell_nick_only(PurpleAccount* account);
/// The same picture on several accounts tells that they belong together: only one of its own stays.
void keep_own_icon(PurpleAccount* account);

} // namespace otr_guard::plugin
