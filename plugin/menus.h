// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The same actions in libpurple's menus: a conversation's, a buddy's and the plugin's own.

#include "plugin.h"

namespace otr_guard::plugin {

class Menus {
public:
    explicit Menus(Plugin& plugin);
    ~Menus();
    Menus(const Menus&) = delete;
    Menus& operator=(const Menus&) = delete;

private:
    Plugin& m_plugin;
};

/// Whether a file of this peer's waits for the user's consent.
[[nodiscard]] bool is_file_offered(Plugin& plugin, const model::PeerId& peer);

/// The entries of a conversation's menu without a menu around them: a new list of PurpleMenuAction,
/// the caller's.
[[nodiscard]] GList* make_conversation_menu(Plugin& plugin, const model::PeerId& peer);

/// What the user can decide when something must be decided before typed text can leave, see
/// decision_text(): like a menu, from the safest on.
[[nodiscard]] GList* make_decisions(Plugin& plugin, const model::PeerId& peer);

/// For PurplePluginInfo.actions.
[[nodiscard]] GList* make_plugin_actions(PurplePlugin* handle, gpointer context);

} // namespace otr_guard::plugin
