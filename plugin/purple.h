// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// libpurple's C headers in one place; some of them have no C++ guard. Include nothing of libpurple
// or GLib directly in the plugin.

// GLib's headers contain C++ templates, so they must come before the C block.
#include <glib-object.h>
#include <glib.h>

extern "C" {
#include <account.h>
#include <blist.h>
#include <buddyicon.h>
#include <cmds.h>
#include <connection.h>
#include <conversation.h>
#include <core.h>
#include <debug.h>
#include <dnsquery.h>
#include <dnssrv.h>
#include <eventloop.h>
#include <log.h>
#include <notify.h>
#include <plugin.h>
#include <pluginpref.h>
#include <prefs.h>
#include <proxy.h>
#include <prpl.h>
#include <request.h>
#include <server.h>
#include <signals.h>
#include <sslconn.h>
#include <util.h>
#include <version.h>
#include <xmlnode.h>
}

namespace otr_guard::plugin {

/// What libpurple calls PURPLE_CALLBACK, without the C cast. Signals and requests pass arguments
/// without any check: the function must have exactly the documented parameters.
template <typename Function> PurpleCallback as_callback(Function* function) {
    return reinterpret_cast<PurpleCallback>(function);
}

} // namespace otr_guard::plugin
