// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "signals.h"

#include <string>
#include <string_view>
#include <utility>

#include "buddy_list.h"
#include "clear_transfers.h"
#include "command_line.h"
#include "core/markup.h"
#include "core/wire.h"
#include "first_notes.h"
#include "i18n.h"
#include "logging.h"
#include "names.h"
#include "network_out.h"
#include "notifications.h"
#include "onion_sharing.h"
#include "plugin.h"
#include "purple_host.h"
#include "util/glib_ptr.h"
#include "util/guarded.h"
#include "xmpp_hints.h"

namespace otr_guard::plugin {

namespace {

using util::guarded;

/// Bold, in front of the message: part of the line that libpurple shows as the peer's, so it says
/// what we know and not what the peer claims.
std::string marked(const std::string& mark, const std::string& html) {
    return "<b>[" + core::markup::escape(mark) + "]</b> " + html;
}

// --- Messages ----------------------------------------------------------------------------------

/// A command's slash is written as itself or as an entity.
bool may_hold_command(std::string_view html) {
    return html.find('/') != std::string_view::npos || html.find('&') != std::string_view::npos;
}

void decide_sending(Plugin& plugin, PurpleAccount* account, const char* who, char** text) {
    const model::PeerId peer = peer_id(account, who);
    if (may_hold_command(*text) && is_marked_command(core::markup::to_plain(*text))) {
        plugin.host().write_text(
            peer, tr("What you typed looks like a command of OTR Guard, but an unusual "
                     "character, perhaps invisible, stands before or after its first word. It was "
                     "not sent. Type it again by hand."));
        util::drop_glib_text(text);
        return;
    }
    if (const auto without = plugin.clear_transfers().without_pictures(peer, *text)) {
        util::replace_glib_text(text, *without);
    }
    if (**text == '\0') {
        util::drop_glib_text(text); // there was nothing but a picture
        return;
    }
    core::Outgoing outgoing = plugin.engine().send(peer, *text, core::Origin::User);
    switch (outgoing.action) {
    case core::Outgoing::Action::SendAsIs:
        plugin.network_out().approve(peer, who, *text);
        break;
    case core::Outgoing::Action::SendReplacement:
        util::replace_glib_text(text, outgoing.text);
        plugin.network_out().approve(peer, who, std::move(outgoing.text));
        break;
    case core::Outgoing::Action::Held:
    case core::Outgoing::Action::Refused:
        util::drop_glib_text(text);
        break;
    }
}

void sending(PurpleAccount* account, const char* who, char** text, Plugin* plugin) {
    if (text == nullptr || *text == nullptr || **text == '\0' || who == nullptr) {
        return;
    }
    const bool is_decided = guarded("sending", false, [&] {
        decide_sending(*plugin, account, who, text);
        return true;
    });
    if (!is_decided) {
        util::drop_glib_text(text);
    }
}

gboolean receiving(PurpleAccount* account, char** who, char** text, PurpleConversation*,
                   PurpleMessageFlags*, Plugin* plugin) {
    plugin->notifications().expect_nothing();
    if (who == nullptr || *who == nullptr || text == nullptr || *text == nullptr) {
        return FALSE;
    }
    return guarded("receiving", gboolean{TRUE}, [&] {
        const model::PeerId peer = peer_id(account, *who);
        const core::Incoming incoming = plugin->engine().receive(peer, *text);
        switch (incoming.action) {
        case core::Incoming::Action::ShowAsIs:
            break;
        case core::Incoming::Action::ShowStripped:
            util::replace_glib_text(text, incoming.html);
            if (const auto note = offer_note(peer, plugin->settings())) {
                plugin->host().write_text(peer, *note);
            }
            break;
        case core::Incoming::Action::ShowPrivate:
            plugin->notifications().replace(peer, *who, text,
                                            incoming.is_suspect
                                                ? marked(tr("not the verified key"), incoming.html)
                                                : incoming.html);
            break;
        case core::Incoming::Action::ShowInClear:
            plugin->notifications().replace(
                peer, *who, text, marked(tr("not encrypted"), without_picture_tags(incoming.html)));
            break;
        case core::Incoming::Action::Swallow:
            return gboolean{TRUE};
        }
        return gboolean{FALSE};
    });
}

void wrote(PurpleAccount*, const char*, char* message, PurpleConversation* conversation,
           PurpleMessageFlags flags, Plugin* plugin) {
    guarded("wrote", [&] {
        plugin->logging().message_shown(conversation, flags);
        const bool may_share = (flags & PURPLE_MESSAGE_RECV) != 0 && message != nullptr &&
                               std::string_view(message).find(".onion") != std::string_view::npos;
        if (!may_share) {
            return;
        }
        if (const auto peer = peer_of(conversation)) {
            plugin->onion_sharing().received(*peer, core::markup::to_plain(message));
        }
    });
}

// --- Conversations -----------------------------------------------------------------------------

void conversation_created(PurpleConversation* conversation, Plugin* plugin) {
    guarded("conversation_created", [&] {
        if (const auto peer = peer_of(conversation)) {
            plugin->logging().update(*peer);
            plugin->host().conversation_opened(*peer);
        }
    });
}

void conversation_updated(PurpleConversation* conversation, PurpleConvUpdateType type,
                          Plugin* plugin) {
    if (type == PURPLE_CONV_UPDATE_LOGGING) {
        guarded("conversation_updated", [&] { plugin->logging().logging_switched(conversation); });
    }
}

void deleting_conversation(PurpleConversation* conversation, Plugin* plugin) {
    guarded("deleting_conversation", [&] {
        if (const auto peer = peer_of(conversation)) {
            plugin->logging().conversation_closed(*peer);
        }
    });
}

// --- Accounts and buddies ----------------------------------------------------------------------

void signing_on(PurpleConnection* connection, Plugin* plugin) {
    guarded("signing_on", [&] {
        plugin->network_out().take_over(purple_connection_get_prpl(connection));
        plugin->buddy_list().take_over(purple_connection_get_prpl(connection));
        plugin->engine().account_enabled(account_id(purple_connection_get_account(connection)));
    });
}

void signing_off(PurpleConnection* connection, Plugin* plugin) {
    guarded("signing_off", [&] {
        plugin->engine().account_leaving(account_id(purple_connection_get_account(connection)));
    });
}

void account_enabled(PurpleAccount* account, Plugin* plugin) {
    guarded("account_enabled", [&] { plugin->engine().account_enabled(account_id(account)); });
}

void buddy_signed_on(PurpleBuddy* buddy, Plugin* plugin) {
    guarded("buddy_signed_on", [&] { plugin->engine().peer_online(peer_of(buddy)); });
}

void quitting(Plugin* plugin) {
    guarded("quitting", [&] { plugin->shut_down(); });
}

// --- Other plugins -----------------------------------------------------------------------------

void plugin_loaded(PurplePlugin* other, Plugin* plugin) {
    guarded("plugin_loaded", [&] {
        if (std::string_view(purple_plugin_get_id(other)) != pidgin_otr_id) {
            return;
        }
        plugin->host().post([] {
            PurplePlugin* pidgin_otr = purple_plugins_find_with_id(pidgin_otr_id);
            if (Plugin::instance() != nullptr && pidgin_otr != nullptr &&
                purple_plugin_is_loaded(pidgin_otr)) {
                purple_plugin_unload(pidgin_otr);
                save_loaded_plugins();
                purple_notify_warning(
                    Plugin::instance()->handle(), "OTR Guard",
                    tr("\"Off-the-Record Messaging\" was switched off again.").c_str(),
                    tr("It does the same as OTR Guard, and the two cannot run together. To go "
                       "back to it, switch OTR Guard off first; your keys and verified buddies "
                       "stay as they are.")
                        .c_str());
            }
        });
    });
}

} // namespace

Signals::Signals(Plugin& plugin) : m_handle(plugin.handle()) {
    void* conversations = purple_conversations_get_handle();
    purple_signal_connect_priority(conversations, "sending-im-msg", m_handle, as_callback(sending),
                                   &plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
    purple_signal_connect_priority(conversations, "receiving-im-msg", m_handle,
                                   as_callback(receiving), &plugin, PURPLE_SIGNAL_PRIORITY_HIGHEST);
    const auto connect = [&](void* instance, const char* signal, PurpleCallback callback) {
        purple_signal_connect(instance, signal, m_handle, callback, &plugin);
    };
    connect(conversations, "wrote-im-msg", as_callback(wrote));
    connect(conversations, "conversation-created", as_callback(conversation_created));
    connect(conversations, "conversation-updated", as_callback(conversation_updated));
    connect(conversations, "deleting-conversation", as_callback(deleting_conversation));
    connect(purple_connections_get_handle(), "signing-on", as_callback(signing_on));
    connect(purple_connections_get_handle(), "signing-off", as_callback(signing_off));
    connect(purple_accounts_get_handle(), "account-enabled", as_callback(account_enabled));
    connect(purple_blist_get_handle(), "buddy-signed-on", as_callback(buddy_signed_on));
    connect(purple_get_core(), "quitting", as_callback(quitting));
    connect(purple_plugins_get_handle(), "plugin-load", as_callback(plugin_loaded));
    if (PurplePlugin* xmpp = purple_find_prpl("prpl-jabber")) {
        connect(xmpp, "jabber-sending-xmlnode", as_callback(add_xmpp_hints));
    }
}

Signals::~Signals() {
    purple_signals_disconnect_by_handle(m_handle);
}

} // namespace otr_guard::plugin
