// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "notifications.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <malloc.h>
#include <utility>

#include "core/markup.h"
#include "i18n.h"
#include "names.h"
#include "util/glib_ptr.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

void quiet_changed(const char*, PurplePrefType, gconstpointer value, gpointer is_quiet) {
    *static_cast<bool*>(is_quiet) = GPOINTER_TO_INT(value) != FALSE;
}

} // namespace

Notifications::Notifications()
    : m_instead(core::markup::escape(tr("(private message)"))),
      m_is_quiet(purple_prefs_get_bool(quiet_pref) != FALSE) {
    purple_prefs_connect_callback(this, quiet_pref, quiet_changed, &m_is_quiet);
    const auto connect = [this](PurpleCallback callback, int priority) {
        purple_signal_connect_priority(purple_conversations_get_handle(), "received-im-msg", this,
                                       callback, this, priority);
    };
    connect(as_callback(before_others), PURPLE_SIGNAL_PRIORITY_LOWEST);
    connect(as_callback(after_others), PURPLE_SIGNAL_PRIORITY_HIGHEST);
}

Notifications::~Notifications() {
    purple_prefs_disconnect_by_handle(this);
    purple_signals_disconnect_by_handle(this);
    while (!m_hidden.empty()) {
        put_back(m_hidden.back().message);
    }
}

void Notifications::replace(const model::PeerId& peer, const char* sender, char** text,
                            const std::string& html) {
    const util::GlibPtr<char> old(*text);
    *text = static_cast<char*>(g_malloc(std::max(html.size(), m_instead.size()) + 1));
    std::memcpy(*text, html.c_str(), html.size() + 1);
    m_expected = Expected{peer, sender};
}

bool Notifications::is_expected(PurpleAccount* account, const char* sender) const {
    return m_expected && is_named(account, m_expected->peer.account) &&
           (m_expected->sender == sender || m_expected->peer == peer_id(account, sender));
}

void Notifications::announce(PurpleConversation* conversation, const std::string& plain) {
    expect_nothing(); // our own text is not libpurple's to be overwritten
    std::string who = purple_conversation_get_name(conversation);
    std::string html = core::markup::escape(plain);
    purple_signal_emit(purple_conversations_get_handle(), "received-im-msg",
                       purple_conversation_get_account(conversation), who.data(), html.data(),
                       conversation, PURPLE_MESSAGE_RECV | PURPLE_MESSAGE_SYSTEM);
}

void Notifications::hide(PurpleAccount* account, const char* sender, char* message) {
    const bool is_to_hide = m_is_quiet && is_expected(account, sender);
    m_expected.reset();
    if (!is_to_hide) {
        return;
    }
    // It is libpurple's own copy, which comes from the heap: ours, unless somebody has put a
    // shorter one in its place since.
    const std::size_t room = malloc_usable_size(message);
    m_hidden.push_back({message, message});
    if (m_instead.size() < room) {
        std::memcpy(message, m_instead.c_str(), m_instead.size() + 1);
    } else {
        std::memset(message, 0, room);
    }
}

void Notifications::put_back(const char* message) {
    const auto hidden =
        std::find_if(m_hidden.rbegin(), m_hidden.rend(),
                     [message](const Hidden& one) { return one.message == message; });
    if (hidden != m_hidden.rend()) {
        std::memcpy(hidden->message, hidden->text.c_str(), hidden->text.size() + 1);
        m_hidden.erase(std::next(hidden).base());
    }
}

void Notifications::before_others(PurpleAccount* account, char* sender, char* message,
                                  PurpleConversation*, PurpleMessageFlags, Notifications* self) {
    if (account != nullptr && sender != nullptr && message != nullptr) {
        util::guarded("before_others", [&] { self->hide(account, sender, message); });
    }
}

void Notifications::after_others(PurpleAccount*, char*, char* message, PurpleConversation*,
                                 PurpleMessageFlags, Notifications* self) {
    util::guarded("after_others", [&] { self->put_back(message); });
}

} // namespace otr_guard::plugin
