// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What XMPP servers and the user's other devices are told about an encrypted message: do not copy,
// do not archive (XEP-0280, XEP-0334, as XEP-0364 has it), and that it is OTR (XEP-0380). Texts are
// not marked "no-store": somebody whose connection was lost for a moment would never get them.

#include "purple.h"

namespace otr_guard::plugin {

/// Handler of prpl-jabber's "jabber-sending-xmlnode"; touches encrypted messages only.
void add_xmpp_hints(PurpleConnection* connection, xmlnode** packet, void* data);

} // namespace otr_guard::plugin
