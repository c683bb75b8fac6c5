// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "address_hint.h"

#include "i18n.h"
#include "names.h"
#include "network_guard.h"

namespace otr_guard::plugin {

namespace {

/// In blist.xml.
constexpr const char* shown_setting = "otr-guard-address-hint";

} // namespace

std::optional<std::string> address_hint(const model::PeerId& peer, model::NoticeKind notice) {
    using model::NoticeKind;
    if (notice != NoticeKind::SessionStarted && notice != NoticeKind::SessionStartedUnverified) {
        return {};
    }
    PurpleAccount* account = find_account(peer.account);
    PurpleBuddy* buddy = find_buddy(peer);
    if (account == nullptr || buddy == nullptr ||
        purple_prefs_get_bool(address_hint_pref) == FALSE ||
        NetworkGuard::instance().record(account).state != core::Record::State::Absent) {
        return {};
    }
    auto* node = reinterpret_cast<PurpleBlistNode*>(buddy);
    if (purple_blist_node_get_bool(node, shown_setting) != FALSE) {
        return {};
    }
    purple_blist_node_set_bool(node, shown_setting, TRUE);
    return tr("The server can see this computer's address: the account is not bound to Tor or a "
              "proxy (/guard require tor). Not to be reminded: /guard hint off.");
}

void show_address_hints(bool is_wanted) {
    purple_prefs_set_bool(address_hint_pref, is_wanted ? TRUE : FALSE);
}

} // namespace otr_guard::plugin
