// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is said inside the connections of bound accounts. Requests that would draw out the program,
// the clock or the idle time get the answer of a program that does not know them; what would make
// the client connect elsewhere (addresses of pictures, calls, Kerberos) is taken out before the
// protocol sees it. Must never change what accounts that are not bound send and receive.

#include "purple.h"

namespace otr_guard::plugin {

/// What the user may want others to know after all.
enum class Tale { Typing, Idle, Program, Clock };

class TaleKeeper {
public:
    virtual ~TaleKeeper() = default;
    [[nodiscard]] virtual bool may_tell(PurpleAccount* account, Tale what) = 0;
    [[nodiscard]] virtual bool is_bound(PurpleAccount* account) = 0;
    /// Nothing may be fetched for anybody at the moment.
    [[nodiscard]] virtual bool is_any_account_active() = 0;
};

/// A request that begins a call, or would make the client fetch a file from an address.
[[nodiscard]] bool begins_call(xmlnode* packet);
/// Answers a request as a program does that does not know it, and takes it away.
void refuse_request(PurpleConnection* connection, xmlnode** packet);
/// Pictures in a message, which the client would ask its sender for.
[[nodiscard]] bool has_inline_pictures(xmlnode* packet);
void drop_inline_pictures(xmlnode* packet);

/// Listens to a protocol that has been loaded, once; others than XMPP and IRC are ignored. `keeper`
/// must live until the process ends.
void watch_inside(PurplePlugin* protocol, TaleKeeper& keeper);

} // namespace otr_guard::plugin
