// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The gate in front of every connection and name look-up that libpurple makes. Each of them
// (connections through a proxy or not, TLS, fetched URLs, look-ups) begins as a look-up that waits
// for a timer of its own; the gate sits in the place where timers are made, recognises that one and
// asks before it runs. It is put there when the module is probed and stays until the process ends,
// so that switching the plugin off opens nothing. Without proof that it works it counts as absent.

#include <functional>
#include <string>
#include <string_view>

#include "purple.h"
#include "util/expected.h"

namespace otr_guard::plugin {

/// What libpurple is about to connect to or look up.
struct GateRequest {
    PurpleAccount* account; ///< nullptr where libpurple names none; only to be compared
    std::string_view host;
    int port;
};

/// Whoever decides. Called from libpurple; must not keep the views.
class GateKeeper {
public:
    virtual ~GateKeeper() = default;
    /// True when the connection may be made. What throws is not allowed.
    virtual bool allows(const GateRequest& request) = 0;
    /// The same for a question about services (SRV, TXT), which has no account.
    virtual bool allows_question(std::string_view query) = 0;
};

/// Puts the gate into libpurple, once; later calls say how the first one ended. `keeper` must live
/// until the process ends. Fails, changing nothing, where this libpurple works otherwise than
/// known.
[[nodiscard]] util::Expected<void> install_gate(GateKeeper& keeper);

/// Nothing when every connection goes through the gate now; else what is wrong.
[[nodiscard]] util::Expected<void> check_gate();

} // namespace otr_guard::plugin
