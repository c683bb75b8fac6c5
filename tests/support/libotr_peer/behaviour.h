// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// How other OTR programs differ on the wire, as data. Only what a correspondent can notice belongs
// here; the facts come from reading those programs and are listed with their sources in the
// project's notes on peers.

#include <optional>
#include <string>
#include <string_view>

#include "core/libotr.h"

namespace otr_guard::libotr_peer {

/// What happens with a text that contains markup.
enum class Markup { PassThrough, StripReceived };

struct Behaviour {
    OtrlPolicy policy = OTRL_POLICY_OPPORTUNISTIC;
    /// The query this program sends; empty for libotr's own, which names the account.
    std::string query;
    /// Appended to every message in clear, whatever the other side says; empty for libotr's way.
    std::string tag_on_all_plaintext;
    /// Longest message on the wire; 0 for no fragments.
    int max_message_size = 0;
    Markup markup = Markup::PassThrough;
    /// Answers a question or a shared secret when the user does; Adium never can.
    bool answers_smp = true;
    /// Ends the session itself when the other side has, and so talks in clear again.
    bool disconnects_when_finished = false;
    /// Answers what it cannot read with a line in clear and a new query.
    bool complains_in_clear = false;
    /// Refuses to send to any key but the first one it saw of a person.
    bool trusts_first_key_only = false;
};

/// By name: libotr, adium, chatsecure-ios, chatsecure-android, tor-messenger.
std::optional<Behaviour> find_behaviour(std::string_view name);

/// Policy by name: never, manual, opportunistic, always; with the versions of `versions` only,
/// which is a string of digits such as "23".
std::optional<OtrlPolicy> policy_named(std::string_view name, std::string_view versions);

/// The text a program that ignores markup shows.
std::string strip_markup(std::string_view html);

} // namespace otr_guard::libotr_peer
