// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The last gate before the network. Every protocol's send_im is replaced by ours, so that whatever
// reaches it (automatic replies, other plugins) follows the conversation's state: only what the
// core has approved leaves as it is, everything else goes through the core first. IRC commands that
// bypass send_im are checked line by line.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "model/account.h"
#include "purple.h"

namespace otr_guard::plugin {

class Plugin;

class NetworkOut {
public:
    /// Takes over all protocols that are loaded.
    explicit NetworkOut(Plugin& plugin);
    /// Gives them back.
    ~NetworkOut();
    NetworkOut(const NetworkOut&) = delete;
    NetworkOut& operator=(const NetworkOut&) = delete;

    /// Takes over a protocol that was loaded later.
    void take_over(PurplePlugin* protocol);

    /// Sends an OTR message, whole. False when the protocol refused it.
    bool send(PurpleConnection* connection, const char* who, std::string_view wire);

    /// The core has decided on `text`: the next send to `who`, which is `peer`, with exactly this
    /// text is its own.
    void approve(const model::PeerId& peer, std::string_view who, std::string text);

private:
    using SendIm = int (*)(PurpleConnection*, const char*, const char*, PurpleMessageFlags);
    struct Approval {
        model::PeerId peer;
        std::string who; ///< the peer's name before it was brought into its normal form
        std::string text;
    };

    static int send_im(PurpleConnection* connection, const char* who, const char* text,
                       PurpleMessageFlags flags);
    static void irc_sending(PurpleConnection* connection, char** line, void* data);

    [[nodiscard]] SendIm original_of(PurpleConnection* connection) const;
    void send_later(PurpleAccount* account, const char* who, const char* text,
                    PurpleMessageFlags flags);
    int pass_on(PurpleConnection* connection, const char* who, const char* text,
                PurpleMessageFlags flags);
    [[nodiscard]] bool consume_approval(PurpleAccount* account, const char* who,
                                        std::string_view text);
    [[nodiscard]] bool allows_irc_line(PurpleConnection* connection, std::string_view line);

    Plugin& m_plugin;
    std::unordered_map<PurplePluginProtocolInfo*, SendIm> m_originals;
    std::optional<Approval> m_approval;
    std::string_view m_sending; ///< what send() is at
};

} // namespace otr_guard::plugin
