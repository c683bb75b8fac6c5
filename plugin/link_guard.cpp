// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "link_guard.h"

#include <utility>

#include "i18n.h"
#include "link_settings.h"
#include "model/sharing_limits.h"
#include "names.h"
#include "network_guard.h"
#include "tor_browser.h"
#include "ui.h"
#include "util/guarded.h"
#include "util/log.h"

namespace otr_guard::plugin {

namespace {

// Outlive the plugin: somebody else may have kept our function.
PurpleNotifyUiOps* g_client = nullptr;
void* (*g_open_as_client)(const char* uri) = nullptr;

void* open_as_client(const char* address) {
    return g_open_as_client != nullptr ? g_open_as_client(address) : nullptr;
}

/// Failing opens nothing: the user can click again.
void* link_clicked(const char* address) {
    const bool is_taken = util::guarded("link_clicked", true, [&] {
        Plugin* plugin = Plugin::instance();
        return plugin != nullptr && address != nullptr && plugin->links().take(address);
    });
    return is_taken ? nullptr : open_as_client(address);
}

/// Where a click comes from is not always known.
bool may_be_bound(PurpleConversation* conversation) {
    return conversation == nullptr ||
           NetworkGuard::instance().is_bound(purple_conversation_get_account(conversation));
}

} // namespace

LinkGuard::LinkGuard(Plugin& plugin) : m_plugin(plugin) {
    PurpleNotifyUiOps* client = purple_notify_get_ui_ops();
    if (client != nullptr && client->notify_uri != link_clicked) {
        g_client = client;
        g_open_as_client = std::exchange(client->notify_uri, link_clicked);
    }
}

LinkGuard::~LinkGuard() {
    if (g_client != nullptr && purple_notify_get_ui_ops() == g_client &&
        g_client->notify_uri == link_clicked) {
        g_client->notify_uri = g_open_as_client;
    }
}

bool LinkGuard::is_guarded(PurpleConversation* conversation) const {
    if (NetworkGuard::instance().is_bound(purple_conversation_get_account(conversation))) {
        return true;
    }
    const auto peer = peer_of(conversation);
    return peer && m_plugin.engine().status(*peer).state != model::SessionState::Plaintext;
}

bool LinkGuard::is_anything_guarded() const {
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        if (NetworkGuard::instance().is_bound(static_cast<PurpleAccount*>(item->data))) {
            return true;
        }
    }
    for (GList* item = purple_get_conversations(); item != nullptr; item = item->next) {
        if (is_guarded(static_cast<PurpleConversation*>(item->data))) {
            return true;
        }
    }
    return false;
}

bool LinkGuard::take(const std::string& address) {
    const bool is_wanted = purple_prefs_get_type(link_question_pref) != PURPLE_PREF_BOOLEAN ||
                           purple_prefs_get_bool(link_question_pref) != FALSE;
    const ClickedLink clicked = m_plugin.clicked_link(address);
    const bool is_ours =
        is_wanted && (clicked.conversation != nullptr ? is_guarded(clicked.conversation)
                                                      : is_anything_guarded());
    if (is_ours) {
        ask(address, clicked);
    }
    return is_ours;
}

void LinkGuard::ask(const std::string& address, const ClickedLink& clicked) {
    LinkQuestion question{.address = address,
                          .view = core::view_link(address, clicked.text),
                          .ways = {},
                          .can_be_remembered = false};
    const bool is_for_browser = question.view && question.view->is_for_browser();
    if (is_for_browser && find_tor_browser()) {
        question.ways.push_back(LinkWay::TorBrowser);
    }
    question.ways.push_back(LinkWay::Copy);
    // The name of an onion service is nobody's business, and no other browser gets there.
    if (question.view && !question.view->has(core::LinkFinding::Onion)) {
        question.ways.push_back(LinkWay::Normally);
    }
    // A choice for an account that is not bound says nothing about one that is.
    const bool is_bound = may_be_bound(clicked.conversation);
    const std::pair key(is_bound, question.view ? question.view->key() : std::string());
    if (const auto known = m_choices.find(key); known != m_choices.end()) {
        go(known->second, address);
        return;
    }
    question.can_be_remembered =
        !key.second.empty() && m_choices.size() < model::limits::remembered_hosts;
    const auto answered = [this, address, key](LinkWay way, bool is_for_place) {
        const bool is_past_proxy = key.first && way == LinkWay::Normally; // asked every time
        if (is_for_place && !is_past_proxy) {
            m_choices[key] = way;
        }
        go(way, address);
    };
    m_plugin.ui().ask_about_link(question, answered);
}

void LinkGuard::go(LinkWay way, const std::string& address) {
    switch (way) {
    case LinkWay::TorBrowser:
        if (const auto opened = open_in_tor_browser(address); !opened) {
            util::log_warning("link_guard", opened.error().detail);
            inform(m_plugin, tr("Tor Browser could not be started, so the link was not opened."),
                   how_to_get_tor_browser());
        }
        break;
    case LinkWay::Copy:
        if (!m_plugin.copy_text(address)) {
            inform(m_plugin, tr("The address, to be copied:"), address);
        }
        break;
    case LinkWay::Normally:
        open_as_client(address.c_str());
        break;
    }
}

} // namespace otr_guard::plugin
