// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A protocol without a network: what one account sends to another one's name arrives there at the
// next turn of the main loop. "name#7" is that account as well; to the other side it is someone of
// that name, so that two accounts can have any number of conversations.

#include <functional>
#include <string>

#include <purple.h>

namespace otr_guard::bench {

inline constexpr const char* loopback = "prpl-loopback";

/// After purple_core_init().
void add_loopback();
/// A connected account; libpurple owns it. `is_enabled` for one that is only there.
PurpleAccount* add_account(const std::string& name, bool is_enabled);
/// As if `from` had written to `account`: arrives at once.
void deliver(PurpleAccount* account, const std::string& from, const std::string& text);
/// How many messages have been handed to the protocol, and the bytes in them.
struct Carried {
    unsigned long messages = 0;
    unsigned long bytes = 0;
    bool is_otr = false; ///< the last one was
};
[[nodiscard]] const Carried& carried();

} // namespace otr_guard::bench
