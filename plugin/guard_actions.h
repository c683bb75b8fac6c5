// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a user can do about an account's way into the network, whether typed or chosen in a window.
// Answers are sentences in the user's language.

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "core/proxy_policy.h"
#include "purple.h"

namespace otr_guard::plugin {

/// What was done, or why nothing was.
using Answer = tl::expected<std::string, std::string>;

/// Binds the account as `words` say ("tor", "proxy socks5 10.0.0.1 1080", "off" ...) and connects
/// it anew. "proxy" takes the proxy in the account's settings; "tor" that one or the usual place.
[[nodiscard]] Answer require_way(PurpleAccount* account, std::string_view words);
/// What a row of the check-up can be mended with.
enum class Remedy {
    None,
    BindToTor,
    SetWayAgain,
    ConnectAnew,
    RequireEncryption,
    OwnPicture,
    StopLogging,
    StopTellingTyping,
    StopTellingIdle,
    StopTellingProgram,
    StopTellingClock,
    EmptyStatusText,
    MakePrivate,
    ShowOwnKeys,
    SwitchOff,
};
/// For the channel; empty for None.
[[nodiscard]] std::string_view word_of(Remedy remedy);
[[nodiscard]] std::optional<Remedy> remedy_from_word(std::string_view word);
/// For a button.
[[nodiscard]] std::string label_of(Remedy remedy);
/// Does it.
[[nodiscard]] Answer mend(PurpleAccount* account, Remedy remedy);

/// A new Tor circuit from the next connection on.
[[nodiscard]] Answer new_identity(PurpleAccount* account);

/// "off", "damaged", "undecided", or the route as it is typed.
[[nodiscard]] std::string way_of(PurpleAccount* account);

} // namespace otr_guard::plugin
