// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The composition root: everything that exists between load and unload, in order of construction.
// libpurple keeps the module mapped after unload, so nothing outlives this object but code.

#include <memory>
#include <string>

#include "core/engine.h"
#include "purple.h"

namespace otr_guard::plugin {

class BuddyList;
class ClearTransfers;
class Commands;
class FileMetadata;
class FileSharing;
class GuardCommands;
class LinkGuard;
class Logging;
class Menus;
class NetworkOut;
class NewAccounts;
class Notifications;
class OnionSharing;
class PidginPart;
class PurpleHost;
class Settings;
class Signals;
class Ui;

/// pidgin-otr's plugin id.
inline constexpr const char* pidgin_otr_id = "otr";

/// Clients save the list for their next start only when the user has changed it there.
void save_loaded_plugins();

/// What is known of a click on a link.
struct ClickedLink {
    PurpleConversation* conversation = nullptr; ///< null when it is not known
    std::string text;                           ///< as it is shown, plain; empty when not known
};

class Plugin {
public:
    /// Nothing works until load() has succeeded.
    explicit Plugin(PurplePlugin* handle);
    ~Plugin();
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    /// The loaded plugin, else nullptr: for C callbacks without user data.
    [[nodiscard]] static Plugin* instance();

    [[nodiscard]] util::Expected<void> load();
    /// Goodbye to everybody, files written. Called once, on unload or when the client quits.
    void shut_down();

    /// What the client shows of a conversation's state may have changed.
    void refresh_display() const;
    /// For windows of other programs: the X window of a conversation and the X time of the user's
    /// act, 0 where there is none.
    [[nodiscard]] guint64 parent_window(const model::PeerId& peer) const;
    [[nodiscard]] guint32 event_time() const;
    /// The last click, when it was on a link to this address.
    [[nodiscard]] ClickedLink clicked_link(const std::string& address) const;
    /// To the clipboard; false where there is none.
    [[nodiscard]] bool copy_text(const std::string& text) const;

    [[nodiscard]] PurplePlugin* handle() const { return m_handle; }
    [[nodiscard]] core::Engine& engine() { return *m_engine; }
    [[nodiscard]] PurpleHost& host() { return *m_host; }
    [[nodiscard]] Settings& settings() { return *m_settings; }
    [[nodiscard]] NetworkOut& network_out() { return *m_network_out; }
    [[nodiscard]] BuddyList& buddy_list() { return *m_buddy_list; }
    [[nodiscard]] Notifications& notifications() { return *m_notifications; }
    [[nodiscard]] Logging& logging() { return *m_logging; }
    [[nodiscard]] Ui& ui() { return *m_ui; }
    [[nodiscard]] FileSharing& file_sharing() { return *m_file_sharing; }
    [[nodiscard]] ClearTransfers& clear_transfers() { return *m_clear_transfers; }
    [[nodiscard]] FileMetadata& file_metadata() { return *m_file_metadata; }
    [[nodiscard]] OnionSharing& onion_sharing() { return *m_onion_sharing; }
    [[nodiscard]] LinkGuard& links() { return *m_links; }

private:
    PurplePlugin* m_handle;
    std::unique_ptr<PurpleHost> m_host;
    std::unique_ptr<core::Engine> m_engine;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<Logging> m_logging;
    std::unique_ptr<NetworkOut> m_network_out;
    std::unique_ptr<Notifications> m_notifications;
    std::unique_ptr<Ui> m_ui;
    std::unique_ptr<FileSharing> m_file_sharing;
    std::unique_ptr<ClearTransfers> m_clear_transfers;
    std::unique_ptr<FileMetadata> m_file_metadata;
    std::unique_ptr<OnionSharing> m_onion_sharing;
    std::unique_ptr<LinkGuard> m_links;
    std::unique_ptr<Signals> m_signals;
    std::unique_ptr<Commands> m_commands;
    std::unique_ptr<GuardCommands> m_guard_commands;
    std::unique_ptr<Menus> m_menus;
    std::unique_ptr<BuddyList> m_buddy_list;
    std::unique_ptr<NewAccounts> m_new_accounts;
    std::unique_ptr<PidginPart> m_pidgin_part;
    bool m_is_shut_down = false;
};

} // namespace otr_guard::plugin
