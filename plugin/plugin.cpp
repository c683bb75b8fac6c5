// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin.h"

#include <libintl.h>
#include <string>
#include <string_view>

#include "buddy_list.h"
#include "clear_transfers.h"
#include "commands.h"
#include "entry.h"
#include "file_metadata.h"
#include "file_sharing.h"
#include "guard_commands.h"
#include "i18n.h"
#include "link_guard.h"
#include "logging.h"
#include "menus.h"
#include "names.h"
#include "network_guard.h"
#include "network_out.h"
#include "new_accounts.h"
#include "notifications.h"
#include "onion_sharing.h"
#include "pidgin_part.h"
#include "purple_host.h"
#include "purple_ui.h"
#include "settings.h"
#include "signals.h"
#include "ui.h"
#include "util/glib_ptr.h"
#include "util/guarded.h"
#include "util/parts.h"
#include "window_ui.h"
#include "wiped_memory.h"

namespace otr_guard::plugin {

namespace {

Plugin* g_instance = nullptr;

void to_purple_debug(util::LogLevel level, std::string_view where, std::string_view text) {
    const std::string line = std::string(where).append(": ").append(text).append("\n");
    switch (level) {
    case util::LogLevel::Debug:
        purple_debug_misc("otr-guard", "%s", line.c_str());
        break;
    case util::LogLevel::Warning:
        purple_debug_warning("otr-guard", "%s", line.c_str());
        break;
    case util::LogLevel::Error:
        purple_debug_error("otr-guard", "%s", line.c_str());
        break;
    }
}

} // namespace

void save_loaded_plugins() {
    const char* ui = purple_core_get_ui();
    for (const auto& [client, list] : {std::pair("gtk-gaim", "/pidgin/plugins/loaded"),
                                       std::pair("gnt-purple", "/finch/plugins/loaded")}) {
        if (ui != nullptr && std::string_view(ui) == client) {
            purple_plugins_save_loaded(list);
        }
    }
}

Plugin::Plugin(PurplePlugin* handle) : m_handle(handle) {
    g_instance = this;
}

Plugin::~Plugin() {
    shut_down();
    m_pidgin_part.reset();
    m_new_accounts.reset();
    m_buddy_list.reset();
    m_menus.reset();
    m_guard_commands.reset();
    m_commands.reset();
    m_signals.reset();
    m_clear_transfers.reset();
    m_file_sharing.reset();
    m_links.reset();
    m_onion_sharing.reset();
    m_file_metadata.reset();
    m_ui.reset();
    m_notifications.reset();
    m_network_out.reset();
    m_logging.reset();
    m_settings.reset();
    m_engine.reset();
    m_host.reset();
    g_instance = nullptr;
}

Plugin* Plugin::instance() {
    return g_instance;
}

util::Expected<void> Plugin::load() {
    m_host = std::make_unique<PurpleHost>(*this);
    m_engine = std::make_unique<core::Engine>(*m_host, purple_user_dir());
    wipe_what_libraries_free();
    if (auto loaded = m_engine->load(); !loaded) {
        m_is_shut_down = true;
        return loaded;
    }
    m_settings = std::make_unique<Settings>(m_handle, m_engine->trust(), [this] {
        if (m_logging != nullptr) {
            m_engine->settings_changed();
            m_engine->trust_changed();
            m_logging->update_all();
            refresh_display();
        }
    });
    m_network_out = std::make_unique<NetworkOut>(*this);
    m_pidgin_part = PidginPart::open();
    m_ui = make_purple_ui(*this);
    if (m_pidgin_part != nullptr) {
        m_ui = make_window_ui(*this, std::move(m_ui));
    }
    m_file_metadata = std::make_unique<FileMetadata>(*m_host, std::string(purple_user_dir()) +
                                                                  "/otr-guard-clean");
    m_onion_sharing = std::make_unique<OnionSharing>(*this, *m_file_metadata);
    m_links = std::make_unique<LinkGuard>(*this);
    m_logging = std::make_unique<Logging>(*this);
    m_notifications = std::make_unique<Notifications>();
    m_file_sharing = std::make_unique<FileSharing>(*this);
    m_clear_transfers = std::make_unique<ClearTransfers>(*this);
    m_signals = std::make_unique<Signals>(*this);
    m_commands = std::make_unique<Commands>(*this);
    m_guard_commands = std::make_unique<GuardCommands>();
    m_menus = std::make_unique<Menus>(*this);
    m_buddy_list = std::make_unique<BuddyList>(*this);
    m_new_accounts = std::make_unique<NewAccounts>(*this);
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        // What was parked is back before somebody looks at it.
        static_cast<void>(NetworkGuard::instance().record(static_cast<PurpleAccount*>(item->data)));
    }
    for (GList* item = purple_connections_get_all(); item != nullptr; item = item->next) {
        auto* connection = static_cast<PurpleConnection*>(item->data);
        m_engine->account_enabled(account_id(purple_connection_get_account(connection)));
    }
    return {};
}

void Plugin::refresh_display() const {
    if (m_pidgin_part != nullptr) {
        m_pidgin_part->refresh();
    }
    if (m_buddy_list != nullptr) {
        m_buddy_list->refresh();
    }
}

guint64 Plugin::parent_window(const model::PeerId& peer) const {
    return m_pidgin_part != nullptr ? m_pidgin_part->window_of(peer) : 0;
}

guint32 Plugin::event_time() const {
    return m_pidgin_part != nullptr ? m_pidgin_part->event_time() : 0;
}

ClickedLink Plugin::clicked_link(const std::string& address) const {
    return m_pidgin_part != nullptr ? m_pidgin_part->clicked_link(address) : ClickedLink{};
}

bool Plugin::copy_text(const std::string& text) const {
    if (m_pidgin_part != nullptr) {
        m_pidgin_part->copy_text(text);
    }
    return m_pidgin_part != nullptr;
}

void Plugin::shut_down() {
    if (!m_is_shut_down && m_engine != nullptr) {
        m_is_shut_down = true;
        m_engine->shut_down();
    }
}

namespace {

/// pidgin-otr decodes the same messages: with both loaded, each would break the other's sessions.
PurplePlugin* running_pidgin_otr() {
    PurplePlugin* other = purple_plugins_find_with_id(pidgin_otr_id);
    return other != nullptr && purple_plugin_is_loaded(other) ? other : nullptr;
}

void switch_over(PurplePlugin* ours, int) {
    if (PurplePlugin* other = running_pidgin_otr()) {
        purple_plugin_unload(other);
    }
    purple_plugin_load(ours);
    save_loaded_plugins();
}

void leave_it(PurplePlugin*, int) {}

/// False where the client cannot ask.
bool offer_to_switch(PurplePlugin* ours) {
    const void* shown = purple_request_action(
        ours, "OTR Guard", tr("\"Off-the-Record Messaging\" is switched on.").c_str(),
        tr("It does the same as OTR Guard, and the two cannot run together. OTR Guard uses the "
           "same keys and verified buddies: nothing is lost, and you can switch back.")
            .c_str(),
        0, nullptr, nullptr, nullptr, ours, 2, tr("Switch it off and use OTR Guard").c_str(),
        as_callback(switch_over), tr("Leave it").c_str(), as_callback(leave_it));
    return shown != nullptr;
}

/// For good: libpurple does not try a plugin again that has said why it failed. Pidgin shows the
/// reason as markup that was escaped once too little for quotation marks.
gboolean refuse(PurplePlugin* plugin, const std::string& reason) {
    util::replace_glib_text(&plugin->error, reason);
    return FALSE;
}

} // namespace

} // namespace otr_guard::plugin

namespace plugin_part = otr_guard::plugin;

void otr_guard_keep_network() {
    otr_guard::util::guarded("keep_network", [] {
        otr_guard::util::bind_translations(OTR_GUARD_LOCALE_DIR);
        static_cast<void>(plugin_part::NetworkGuard::instance());
    });
}

gboolean otr_guard_load(PurplePlugin* plugin) {
    return otr_guard::util::guarded("load", gboolean{FALSE}, [&] {
        otr_guard::util::set_log_sink(plugin_part::to_purple_debug);
        if (plugin_part::running_pidgin_otr() != nullptr) {
            return plugin_part::offer_to_switch(plugin)
                       ? gboolean{FALSE}
                       : plugin_part::refuse(
                             plugin, plugin_part::tr("pidgin-otr is switched on; switch it off, "
                                                     "and start this program again."));
        }
        auto loading = std::make_unique<plugin_part::Plugin>(plugin);
        if (const auto loaded = loading->load(); !loaded) {
            return plugin_part::refuse(
                plugin, plugin_part::format(plugin_part::tr("Off-the-record messaging cannot start "
                                                            "here: {reason}"),
                                            {{"reason", loaded.error().detail}}));
        }
        plugin->extra = loading.release();
        return gboolean{TRUE};
    });
}

gboolean otr_guard_unload(PurplePlugin* plugin) {
    otr_guard::util::guarded("unload", [&] {
        const std::unique_ptr<plugin_part::Plugin> unloading(
            static_cast<plugin_part::Plugin*>(std::exchange(plugin->extra, nullptr)));
    });
    otr_guard::util::set_log_sink(nullptr);
    return TRUE;
}

GList* otr_guard_actions(PurplePlugin* plugin, gpointer context) {
    return otr_guard::util::guarded("actions", static_cast<GList*>(nullptr), [&] {
        return plugin_part::make_plugin_actions(plugin, context);
    });
}

PurplePluginPrefFrame* otr_guard_preferences(PurplePlugin* plugin) {
    return otr_guard::util::guarded("preferences", static_cast<PurplePluginPrefFrame*>(nullptr),
                                    [&] { return plugin_part::make_preferences_frame(plugin); });
}
