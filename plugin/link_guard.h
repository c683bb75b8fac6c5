// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Stands between a click on a link and the browser: in private conversations and on bound accounts
// the user is asked first, once for each place if wanted. Clients hand every link to
// purple_notify_uri() (Pidgin for what it shows, Finch for what protocols want to open), and from
// there to their own function, whose place this takes. Never fetches or looks up anything.

#include <map>
#include <string>
#include <utility>

#include "link_dialogs.h"
#include "plugin.h"

namespace otr_guard::plugin {

class LinkGuard {
public:
    explicit LinkGuard(Plugin& plugin);
    /// Puts the client's own function back.
    ~LinkGuard();
    LinkGuard(const LinkGuard&) = delete;
    LinkGuard& operator=(const LinkGuard&) = delete;

    /// What the user wants with it is asked for, or known; false when it is none of our business.
    [[nodiscard]] bool take(const std::string& address);

private:
    [[nodiscard]] bool is_guarded(PurpleConversation* conversation) const;
    /// Where a click comes from is not always known: then it may come from any conversation.
    [[nodiscard]] bool is_anything_guarded() const;
    void ask(const std::string& address, const ClickedLink& clicked);
    void go(LinkWay way, const std::string& address);

    Plugin& m_plugin;
    /// By whether it was made for a bound account, and LinkView::key().
    std::map<std::pair<bool, std::string>, LinkWay> m_choices;
};

} // namespace otr_guard::plugin
