// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a link really is, for somebody who is about to follow it: where it leads, and what about it
// is meant to be overlooked. Pure: nothing is looked up, fetched or remembered. Whatever is not
// certainly understood in the same way by every browser is not understood.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/link_host.h"

namespace otr_guard::core {

enum class LinkFinding {
    OtherText,      ///< its text is another address, `claimed`
    UserInfo,       ///< a name stands in front of the host, `claimed`: easily taken for the host
    OtherAlphabet,  ///< the host has other letters than a to z, see LinkHost::readable
    MixedAlphabets, ///< of several alphabets within one word
    NumberHost,     ///< a number instead of a name
    OddNumberHost,  ///< a number in an unusual form
    NearHost,       ///< on this computer or in the user's own network
    OddPort,        ///< not the usual port, `port`
    Onion,          ///< reachable through Tor alone
    NotEncrypted,   ///< everybody on the way can read and change the page
    Shortener,      ///< where it leads is known to its operator alone, who notes who follows it
    Redirect,       ///< leads on to `leads_to`, and its host learns of it
    Tracking,       ///< `tracking` tell the host who passed the link on
};

struct LinkView {
    std::string scheme; ///< in lower case, without a colon
    /// Of "http", "https" and "ftp"; empty for what other programs open ("mailto", "xmpp").
    LinkHost host;
    std::vector<LinkFinding> findings; ///< each once, the most alarming ones first
    std::string claimed;               ///< untrusted, one short line
    std::string leads_to;              ///< a host
    unsigned port = 0;                 ///< where one is written
    std::vector<std::string> tracking; ///< names of parameters, untrusted, each one short line

    [[nodiscard]] bool is_for_browser() const { return !host.ascii.empty(); }
    [[nodiscard]] bool has(LinkFinding finding) const;
    /// What a choice can be remembered for: scheme, host and port. Empty for what has to be looked
    /// at every time: other programs' links, and those that lead elsewhere than they seem to.
    [[nodiscard]] std::string key() const;
};

/// `text` is what was shown for the link, plain; empty when it is not known. Nothing when the
/// address is not certainly understood, or of a scheme that is not opened from a chat.
[[nodiscard]] std::optional<LinkView> view_link(std::string_view address, std::string_view text);

} // namespace otr_guard::core
