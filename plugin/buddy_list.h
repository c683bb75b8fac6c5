// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the buddy list says of people: a padlock beside the name (in Pidgin) and a line in the
// tooltip (in every client that has them). Neither has a signal for it: both ask the protocol, and
// so we stand in front of that. Must never show more than the conversation's own state allows.

#include <optional>
#include <string>
#include <unordered_map>

#include "model/account.h"
#include "purple.h"

namespace otr_guard::plugin {

class Plugin;

class BuddyList {
public:
    explicit BuddyList(Plugin& plugin);
    /// Everything looks as without us.
    ~BuddyList();
    BuddyList(const BuddyList&) = delete;
    BuddyList& operator=(const BuddyList&) = delete;

    /// From now on for this protocol, too.
    void take_over(PurplePlugin* protocol);
    /// A conversation's state or what is verified may have changed: rows that look different now
    /// are drawn anew, once, when the main loop comes to it.
    void refresh();

private:
    static const char* list_emblem(PurpleBuddy* buddy);
    static void tooltip_text(PurpleBuddy* buddy, PurpleNotifyUserInfo* info, gboolean is_full);
    [[nodiscard]] const char* emblem_of(const model::PeerId& peer);
    [[nodiscard]] std::string line_of(const model::PeerId& peer) const;
    void draw_changed();

    Plugin& m_plugin;
    std::unordered_map<model::PeerId, std::string> m_drawn; ///< emblems of those who have one
    std::string m_emblem_folder;                            ///< from Pidgin's own folder of emblems
    std::string m_emblem;                                   ///< what was last answered
    bool m_is_refreshing = false;
};

} // namespace otr_guard::plugin
