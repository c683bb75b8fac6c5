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
        ask(address, clicked.text);
    }
    return is_ours;
}

void LinkGuard::ask(const std::string& address, const std::string& text) {
    LinkQuestion question{.address = address,
                          .view = core::view_link(address, text),
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
    // What is meant to be overlooked is shown every time.
    const std::string key = question.view ? question.view->key() : std::string();
    question.can_be_remembered = question.view &&
                                 !question.view->has(core::LinkFinding::OtherText) &&
                                 !question.view->has(core::LinkFinding::UserInfo) &&
                                 m_choices.size() < model::limits::remembered_hosts;
    if (const auto known = m_choices.find(key);
        question.can_be_remembered && known != m_choices.end()) {
        go(known->second, address);
        return;
    }
    const auto answered = [this, address, key](LinkWay way, bool is_for_host) {
        if (is_for_host) {
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
