// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Stands between libpurple and its protocols where an account begins and ends to use the network:
// logging in, registering, file transfers, calls, typing notices, idle times and states. Whoever is
// asked decides; what is not allowed is not begun, and a connection that was never begun is never
// closed by the protocol either. Stays in place until the process ends.

#include <string>

#include "inband_guard.h"
#include "purple.h"

namespace otr_guard::plugin {

enum class Beginning { LogIn, Register };

class ProtocolKeeper : public TaleKeeper {
public:
    /// True: the protocol begins at once. False: the keeper has refused, or calls begin() later.
    virtual bool may_begin(PurpleConnection* connection, Beginning what) = 0;
    /// Around a beginning at once, for look-ups that are made in it.
    virtual void beginning(PurpleAccount* account, bool is_over) = 0;
    /// A connection that was put off is over; nothing may be begun for it any more.
    virtual void forget(PurpleConnection* connection) = 0;
    /// Something that the user asked for was not done, because it would open a direct connection.
    virtual void refused_transfer(PurpleConnection* connection, const std::string& who) = 0;
};

/// Asked before files and calls begin on any account, while there is one.
class TransferKeeper {
public:
    virtual ~TransferKeeper() = default;
    /// False: it has been seen to in another way. `file` is null when the user has not chosen one.
    virtual bool may_send_file(PurpleConnection* connection, const char* who, const char* file) = 0;
    /// Whether the user can be offered to send files, whatever the protocol can do.
    virtual bool has_private_way(PurpleConnection* connection, const char* who) = 0;
    virtual bool may_call(PurpleAccount* account, const char* who) = 0;
    /// Whether the user is offered calls.
    virtual bool may_have_calls(PurpleAccount* account, const char* who) = 0;
};

/// Null for nobody. Only one at a time.
void set_transfer_keeper(TransferKeeper* keeper);

/// Takes over all protocols, now and when further ones are loaded. Once; `keeper` must live until
/// the process ends.
void guard_protocols(ProtocolKeeper& keeper);

/// Begins what was put off. The connection must still exist.
void begin(PurpleConnection* connection, Beginning what);

/// Whether the account's protocol asks us first.
[[nodiscard]] bool is_guarded(PurpleAccount* account);

} // namespace otr_guard::plugin
