// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Keeps private conversations out of the logs. While a conversation is private (or ended by the
// peer, with text waiting) its logging is off whatever else tries to switch it on, unless the user
// chose otherwise for OTR Guard; afterwards it is what it was.

#include <set>
#include <unordered_map>
#include <unordered_set>

#include "model/account.h"
#include "model/states.h"
#include "purple.h"

namespace otr_guard::plugin {

class Plugin;

class Logging {
public:
    explicit Logging(Plugin& plugin);
    /// Gives every conversation back what it had.
    ~Logging();
    Logging(const Logging&) = delete;
    Logging& operator=(const Logging&) = delete;

    /// The session's state or the setting may have changed.
    void update(const model::PeerId& peer);
    void update_all();
    /// Something switched the conversation's logging.
    void logging_switched(PurpleConversation* conversation);
    /// A message was shown: with `redacted`, its place is marked in the log.
    void message_shown(PurpleConversation* conversation, PurpleMessageFlags flags);
    void conversation_closed(const model::PeerId& peer);

private:
    void restore(const model::PeerId& peer, PurpleConversation* conversation);

    Plugin& m_plugin;
    std::unordered_map<model::PeerId, bool> m_was_logging; ///< conversations we keep silent
    std::unordered_set<model::PeerId> m_marked; ///< of these, where messages are marked in the log
    std::set<model::PeerId> m_told;
    bool m_is_switching = false;
};

} // namespace otr_guard::plugin
