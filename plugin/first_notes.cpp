// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "first_notes.h"

#include "i18n.h"
#include "names.h"
#include "settings.h"

namespace otr_guard::plugin {

namespace {

/// In blist.xml.
constexpr const char* offer_setting = "otr-guard-offer-shown";

} // namespace

std::optional<std::string> first_note(const model::PeerId& peer, model::NoticeKind notice) {
    const bool is_verified = notice == model::NoticeKind::SessionStarted;
    if ((!is_verified && notice != model::NoticeKind::SessionStartedUnverified) ||
        purple_prefs_get_bool(first_note_pref) != FALSE) {
        return {};
    }
    purple_prefs_set_bool(first_note_pref, TRUE);
    const std::string pattern =
        is_verified
            ? tr("This is your first private conversation with OTR Guard. From here on nobody on "
                 "the way can read what you and {name} write, and what cannot be sent privately "
                 "waits. What you can do: /otr help.")
            : tr("This is your first private conversation with OTR Guard. From here on nobody on "
                 "the way can read what you and {name} write, and what cannot be sent privately "
                 "waits. One thing is left to do, once: find out whether it is really {name}, with "
                 "/otr verify. What else you can do: /otr help.");
    return format(pattern, {{"name", isolated(display_name(peer))}});
}

std::optional<std::string> offer_note(const model::PeerId& peer, const Settings& settings) {
    PurpleBuddy* buddy = find_buddy(peer);
    if (buddy == nullptr || settings.policy(peer) != model::Policy::Manual) {
        return {};
    }
    auto* node = reinterpret_cast<PurpleBlistNode*>(buddy);
    if (purple_blist_node_get_bool(node, offer_setting) != FALSE) {
        return {};
    }
    purple_blist_node_set_bool(node, offer_setting, TRUE);
    return format(tr("The program of {name} can talk privately. To start: /otr start."),
                  {{"name", isolated(display_name(peer))}});
}

} // namespace otr_guard::plugin
