// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "logging.h"

#include <ctime>
#include <vector>

#include "i18n.h"
#include "names.h"
#include "plugin.h"
#include "purple_host.h"
#include "settings.h"

namespace otr_guard::plugin {

using model::SessionState;

Logging::Logging(Plugin& plugin) : m_plugin(plugin) {}

Logging::~Logging() {
    for (const auto& [peer, was_logging] : m_was_logging) {
        if (PurpleConversation* conversation = find_conversation(peer)) {
            m_is_switching = true;
            purple_conversation_set_logging(conversation, was_logging ? TRUE : FALSE);
        }
    }
}

void Logging::update(const model::PeerId& peer) {
    PurpleConversation* conversation = find_conversation(peer);
    if (conversation == nullptr) {
        return;
    }
    const bool is_private = m_plugin.engine().status(peer).state != SessionState::Plaintext;
    const bool may_log = m_plugin.settings().logging(peer) == model::Logging::On;
    if (!is_private || may_log) {
        restore(peer, conversation);
        if (!is_private) {
            m_told.erase(peer);
        } else if (purple_conversation_is_logging(conversation) && m_told.insert(peer).second) {
            m_plugin.host().write_text(
                peer, tr("This private conversation is being logged on this computer. "
                         "\"/otr help\" tells how to change that."));
        }
        return;
    }
    const auto [kept, is_new] =
        m_was_logging.emplace(peer, purple_conversation_is_logging(conversation));
    if (is_new) {
        m_is_switching = true;
        purple_conversation_set_logging(conversation, FALSE);
        m_is_switching = false;
    }
    if (kept->second && m_plugin.settings().logging(peer) == model::Logging::Redacted) {
        m_marked.insert(peer);
    } else {
        m_marked.erase(peer);
    }
}

void Logging::update_all() {
    for (const model::PeerId& peer : m_plugin.engine().peers_with_sessions()) {
        update(peer);
    }
}

void Logging::restore(const model::PeerId& peer, PurpleConversation* conversation) {
    const auto found = m_was_logging.find(peer);
    if (found == m_was_logging.end()) {
        return;
    }
    const bool was_logging = found->second;
    m_was_logging.erase(found);
    m_marked.erase(peer);
    m_is_switching = true;
    purple_conversation_set_logging(conversation, was_logging ? TRUE : FALSE);
    m_is_switching = false;
}

void Logging::logging_switched(PurpleConversation* conversation) {
    const auto peer = peer_of(conversation);
    if (m_is_switching || !peer || !m_was_logging.contains(*peer) ||
        !purple_conversation_is_logging(conversation)) {
        return;
    }
    m_is_switching = true;
    purple_conversation_set_logging(conversation, FALSE);
    m_is_switching = false;
    if (m_told.insert(*peer).second) {
        m_plugin.host().write_text(
            *peer, tr("OTR Guard keeps private conversations out of the log. You can change that "
                      "in its settings, for everybody or for this buddy alone."));
    }
}

void Logging::message_shown(PurpleConversation* conversation, PurpleMessageFlags flags) {
    const bool is_message = (flags & (PURPLE_MESSAGE_SEND | PURPLE_MESSAGE_RECV)) != 0;
    if (m_marked.empty() || !is_message || (flags & PURPLE_MESSAGE_NO_LOG) != 0) {
        return;
    }
    if (const auto peer = peer_of(conversation); !peer || !m_marked.contains(*peer)) {
        return;
    }
    const std::string line = (flags & PURPLE_MESSAGE_SEND) != 0
                                 ? tr("(a private message was sent)")
                                 : tr("(a private message was received)");
    for (GList* item = conversation->logs; item != nullptr; item = item->next) {
        purple_log_write(static_cast<PurpleLog*>(item->data), PURPLE_MESSAGE_SYSTEM, "",
                         std::time(nullptr), line.c_str());
    }
}

void Logging::conversation_closed(const model::PeerId& peer) {
    m_was_logging.erase(peer);
    m_marked.erase(peer);
    m_told.erase(peer);
}

} // namespace otr_guard::plugin
