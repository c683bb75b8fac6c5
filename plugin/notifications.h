// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What notification plugins, sounds and pounces learn of a private conversation. All of them listen
// to libpurple's "received-im-msg"; of private text they are told who has written, and not what,
// unless the user wants it otherwise. libpurple repeats its signals on the session bus afterwards,
// with the text: what listens there is out of reach.

#include <optional>
#include <string>
#include <vector>

#include "model/account.h"
#include "purple.h"

namespace otr_guard::plugin {

class Notifications {
public:
    Notifications();
    /// What is hidden at this moment is put back.
    ~Notifications();
    Notifications(const Notifications&) = delete;
    Notifications& operator=(const Notifications&) = delete;

    /// Puts `html` in place of a message that is being received in a private conversation: what
    /// libpurple announces next is this text, unless expect_nothing() comes first. `sender` is the
    /// peer as the protocol names it.
    void replace(const model::PeerId& peer, const char* sender, char** text,
                 const std::string& html);

    /// Another message begins: whatever was replaced before and never announced is forgotten.
    void expect_nothing() { m_expected.reset(); }

    /// Sound and notification as for a message of theirs, about something that waits for the user.
    /// `plain` holds nothing that a peer has written.
    void announce(PurpleConversation* conversation, const std::string& plain);

private:
    struct Hidden {
        char* message; ///< libpurple's, until its handlers are through
        std::string text;
    };

    static void before_others(PurpleAccount* account, char* sender, char* message,
                              PurpleConversation* conversation, PurpleMessageFlags flags,
                              Notifications* self);
    static void after_others(PurpleAccount* account, char* sender, char* message,
                             PurpleConversation* conversation, PurpleMessageFlags flags,
                             Notifications* self);
    [[nodiscard]] bool is_expected(PurpleAccount* account, const char* sender) const;
    void hide(PurpleAccount* account, const char* sender, char* message);
    void put_back(const char* message);

    std::vector<Hidden> m_hidden; ///< several while a handler lets the main loop run
    struct Expected {
        model::PeerId peer;
        std::string sender;
    };
    std::optional<Expected> m_expected;
    // Asked for with every message:
    const std::string m_instead; ///< of the text; HTML
    bool m_is_quiet;             ///< quiet_pref
};

/// For the preferences.
inline constexpr const char* quiet_pref = "/plugins/core/otr-guard/quiet-notifications";

} // namespace otr_guard::plugin
