// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "menus.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialogs.h"
#include "file_dialogs.h"
#include "file_sharing.h"
#include "help_pages.h"
#include "i18n.h"
#include "labels.h"
#include "names.h"
#include "onion_sharing.h"
#include "purple_host.h"
#include "settings.h"
#include "state_text.h"
#include "ui.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

/// What an entry does to somebody. `choice` is the entry's number, where it has one.
using Action = void (*)(Plugin& plugin, const model::PeerId& peer, int choice);

// --- From the client's objects to a name, at the moment of the click ----------------------------

std::optional<model::PeerId> peer_of_node(PurpleBlistNode* node) {
    if (node == nullptr) {
        return std::nullopt;
    }
    switch (purple_blist_node_get_type(node)) {
    case PURPLE_BLIST_BUDDY_NODE:
        return peer_of(reinterpret_cast<PurpleBuddy*>(node));
    case PURPLE_BLIST_CONTACT_NODE: {
        PurpleBuddy* buddy =
            purple_contact_get_priority_buddy(reinterpret_cast<PurpleContact*>(node));
        return buddy != nullptr ? std::optional(peer_of(buddy)) : std::nullopt;
    }
    case PURPLE_BLIST_GROUP_NODE:
    case PURPLE_BLIST_CHAT_NODE:
    case PURPLE_BLIST_OTHER_NODE:
        break;
    }
    return std::nullopt;
}

std::optional<model::PeerId> peer_of_object(PurpleConversation* conversation) {
    return peer_of(conversation);
}

std::optional<model::PeerId> peer_of_object(PurpleBlistNode* node) {
    return peer_of_node(node);
}

/// Menus outlive the plugin in some clients: without it, nothing happens.
template <typename Object, Action action> void clicked(Object* object, gpointer data) {
    util::guarded("menu", [&] {
        Plugin* plugin = Plugin::instance();
        const auto peer = peer_of_object(object);
        if (plugin != nullptr && peer) {
            action(*plugin, *peer, GPOINTER_TO_INT(data));
        }
    });
}

// --- Actions -----------------------------------------------------------------------------------

void start(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.host().open_conversation(peer); // where the user reads what comes of it
    plugin.engine().session(peer).start();
}

void end(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.engine().session(peer).end();
}

void verify(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.ui().show_verification(peer);
}

void answer_question(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.ui().show_question(peer);
}

void refuse_question(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.engine().session(peer).abort_verification();
}

void send_file(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.file_sharing().choose_and_send(peer);
}

void show_offered_file(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.ui().files().show_offer(peer);
}

void show_open_files(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.ui().files().show_open_files(peer);
}

void show_all_files(Plugin& plugin, const model::PeerId&, int) {
    plugin.ui().show_files();
}

void show_settings(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.ui().show_peer_settings(peer);
}

void explain(Plugin& plugin, const model::PeerId& peer, int) {
    const StateText text = describe(plugin.engine().status(peer), isolated(display_name(peer)));
    inform(plugin, text.word, text.explanation);
}

void help(Plugin& plugin, const model::PeerId&, int) {
    show_help(plugin, "conversation");
}

void select_session(Plugin& plugin, const model::PeerId& peer, int number) {
    plugin.engine().session(peer).select_instance(static_cast<unsigned>(number));
}

void release_queue(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.engine().session(peer).release_queue();
}

void discard_queue(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.engine().session(peer).discard_queue();
}

void share_file(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.ui().ask_what_to_share(peer, false);
}

void share_folder(Plugin& plugin, const model::PeerId& peer, int) {
    plugin.ui().ask_what_to_share(peer, true);
}

void stop_sharing(Plugin& plugin, const model::PeerId& peer, int) {
    if (const auto refusal = plugin.onion_sharing().stop(peer)) {
        inform(plugin, *refusal, "");
    }
}

void open_shared(Plugin& plugin, const model::PeerId& peer, int) {
    if (const auto refusal = plugin.onion_sharing().open(peer)) {
        inform(plugin, *refusal, "");
    }
}

/// 0 is "as everybody else", then the policies in their order.
void choose_policy(Plugin& plugin, const model::PeerId& peer, int choice) {
    const auto index = static_cast<std::size_t>(choice);
    const bool is_policy = index >= 1 && index <= all_policies.size();
    plugin.settings().set_buddy_policy(peer, is_policy ? std::optional(all_policies[index - 1])
                                                       : std::nullopt);
    plugin.engine().trust_changed();
}

// --- Building ----------------------------------------------------------------------------------

/// A menu under construction, in display order.
template <typename Object> class MenuBuilder {
public:
    template <Action action> void add(const std::string& label, int choice = 0) {
        append(purple_menu_action_new(label.c_str(), as_callback(clicked<Object, action>),
                                      GINT_TO_POINTER(choice), nullptr));
    }
    void add_menu(const std::string& label, MenuBuilder&& entries) {
        append(purple_menu_action_new(label.c_str(), nullptr, nullptr, entries.m_entries));
    }
    void add_to(GList** menu) const { *menu = g_list_concat(*menu, m_entries); }

private:
    void append(PurpleMenuAction* entry) { m_entries = g_list_append(m_entries, entry); }

    GList* m_entries = nullptr; ///< goes to the client, which frees it
};

std::string marked_if(bool is_chosen, const std::string& label) {
    return is_chosen ? format(tr("{label} (chosen)"), {{"label", label}}) : label;
}

template <typename Object>
MenuBuilder<Object> policy_menu(const Settings& settings, const model::PeerId& peer) {
    const auto chosen = settings.buddy_policy(peer);
    MenuBuilder<Object> menu;
    menu.template add<choose_policy>(marked_if(!chosen, tr("As with everybody else")), 0);
    for (std::size_t i = 0; i < all_policies.size(); ++i) {
        menu.template add<choose_policy>(
            marked_if(chosen == all_policies[i], label_of(all_policies[i])),
            static_cast<int>(i) + 1);
    }
    return menu;
}

template <typename Object> MenuBuilder<Object> sessions_menu(const core::SessionStatus& status) {
    MenuBuilder<Object> menu;
    for (const core::InstanceStatus& instance : status.instances) {
        if (instance.state != model::SessionState::Private) {
            continue;
        }
        const std::string label = format(instance.is_verified ? tr("Number {number}, verified")
                                                              : tr("Number {number}, not verified"),
                                         {{"number", std::to_string(instance.number)}});
        menu.template add<select_session>(marked_if(instance.is_current, label),
                                          static_cast<int>(instance.number));
    }
    return menu;
}

bool is_waiting_offer(const core::FileStatus& file) {
    return file.is_incoming && file.state == core::FileState::Asked;
}

/// What can be done about files that are not over.
template <typename Object>
void add_file_entries(MenuBuilder<Object>& entries, const std::vector<core::FileStatus>& files,
                      bool is_sharing) {
    using core::FileState;
    if (std::ranges::any_of(files, is_waiting_offer)) {
        entries.template add<show_offered_file>(tr("File offered to you..."));
    }
    if (std::ranges::any_of(files, [](const core::FileStatus& file) {
            return file.state != FileState::Done && file.state != FileState::Stopped &&
                   file.state != FileState::Asked;
        })) {
        entries.template add<show_open_files>(tr("Stop a file..."));
    }
    if (!files.empty() || is_sharing) {
        entries.template add<show_all_files>(tr("Files..."));
    }
}

/// Nothing where there is nothing to be done.
template <typename Object>
std::optional<MenuBuilder<Object>> onionshare_menu(Plugin& plugin, const model::PeerId& peer,
                                                   bool is_private) {
    const OnionSharing& sharing = plugin.onion_sharing();
    const bool is_sharing = sharing.is_sharing(peer);
    if (!is_private && !is_sharing && !sharing.has_address_of(peer)) {
        return std::nullopt;
    }
    MenuBuilder<Object> menu;
    if (is_private && !is_sharing) {
        menu.template add<share_file>(tr("Share a file..."));
        menu.template add<share_folder>(tr("Share a folder..."));
    }
    if (is_sharing) {
        menu.template add<stop_sharing>(tr("Stop sharing"));
    }
    if (sharing.has_address_of(peer)) {
        menu.template add<open_shared>(tr("Open their address in Tor Browser"));
    }
    return menu;
}

/// What can be done about this conversation now.
template <typename Object>
MenuBuilder<Object> actions_menu(Plugin& plugin, const model::PeerId& peer) {
    const core::SessionStatus status = plugin.engine().status(peer);
    const bool is_private = status.state == model::SessionState::Private;
    MenuBuilder<Object> entries;
    if (plugin.host().is_connected(peer.account)) {
        entries.template add<start>(is_private ? tr("Refresh private conversation")
                                               : tr("Start private conversation"));
    }
    if (status.state != model::SessionState::Plaintext) {
        entries.template add<end>(tr("End private conversation"));
    }
    if (status.verification.stage == core::VerificationStatus::Stage::Asked) {
        entries.template add<answer_question>(tr("Answer question..."));
        entries.template add<refuse_question>(tr("Refuse question"));
    }
    if (is_private) {
        entries.template add<verify>(tr("Verify..."));
    }
    if (is_private) {
        entries.template add<send_file>(tr("Send file..."));
    }
    add_file_entries(entries, plugin.engine().files().files_of(peer),
                     plugin.onion_sharing().is_sharing(peer));
    if (status.queued > 0) {
        entries.template add<release_queue>(tr("Send what waits"));
        entries.template add<discard_queue>(tr("Discard what waits"));
    }
    const auto private_sessions = std::ranges::count(status.instances, model::SessionState::Private,
                                                     &core::InstanceStatus::state);
    if (private_sessions > 1) {
        entries.add_menu(tr("Send to device or program"), sessions_menu<Object>(status));
    }
    if (auto menu = onionshare_menu<Object>(plugin, peer, is_private)) {
        entries.add_menu("OnionShare", *std::move(menu));
    }
    entries.add_menu(tr("When it is private"), policy_menu<Object>(plugin.settings(), peer));
    entries.template add<show_settings>(tr("Settings..."));
    entries.template add<explain>(tr("What this means"));
    entries.template add<help>(tr("Help"));
    return entries;
}

template <typename Object>
void append_menu(Plugin& plugin, const model::PeerId& peer, GList** menu) {
    MenuBuilder<Object> top;
    top.add_menu("OTR Guard", actions_menu<Object>(plugin, peer));
    top.add_to(menu);
}

void extend_conversation_menu(PurpleConversation* conversation, GList** menu, Plugin* plugin) {
    util::guarded("extend_conversation_menu", [&] {
        if (const auto peer = peer_of(conversation)) {
            append_menu<PurpleConversation>(*plugin, *peer, menu);
        }
    });
}

/// Pidgin asks for each buddy of a contact; Finch asks for the contact alone.
bool lists_buddies_of_contacts() {
    const char* ui = purple_core_get_ui();
    return ui != nullptr && std::string_view(ui) == "gtk-gaim";
}

void extend_buddy_menu(PurpleBlistNode* node, GList** menu, Plugin* plugin) {
    util::guarded("extend_buddy_menu", [&] {
        if (node == nullptr || (purple_blist_node_get_type(node) == PURPLE_BLIST_CONTACT_NODE &&
                                lists_buddies_of_contacts())) {
            return;
        }
        if (const auto peer = peer_of_node(node)) {
            append_menu<PurpleBlistNode>(*plugin, *peer, menu);
        }
    });
}

// --- The plugin's own menu -----------------------------------------------------------------------

template <void (Ui::*show)()> void plugin_action(PurplePluginAction*) {
    util::guarded("plugin_action", [] {
        if (Plugin* plugin = Plugin::instance()) {
            (plugin->ui().*show)();
        }
    });
}

void import_action(PurplePluginAction*) {
    util::guarded("import_action", [] {
        if (Plugin* plugin = Plugin::instance()) {
            plugin->ui().show_import({});
        }
    });
}

void help_action(PurplePluginAction*) {
    util::guarded("help_action", [] {
        if (Plugin* plugin = Plugin::instance()) {
            show_help(*plugin, "index");
        }
    });
}

} // namespace

Menus::Menus(Plugin& plugin) : m_plugin(plugin) {
    purple_signal_connect(purple_conversations_get_handle(), "conversation-extended-menu", this,
                          as_callback(extend_conversation_menu), &m_plugin);
    purple_signal_connect(purple_blist_get_handle(), "blist-node-extended-menu", this,
                          as_callback(extend_buddy_menu), &m_plugin);
}

Menus::~Menus() {
    purple_signals_disconnect_by_handle(this);
}

GList* make_conversation_menu(Plugin& plugin, const model::PeerId& peer) {
    GList* menu = nullptr;
    actions_menu<PurpleConversation>(plugin, peer).add_to(&menu);
    return menu;
}

bool is_file_offered(Plugin& plugin, const model::PeerId& peer) {
    return std::ranges::any_of(plugin.engine().files().files_of(peer), is_waiting_offer);
}

GList* make_decisions(Plugin& plugin, const model::PeerId& peer) {
    const core::SessionStatus status = plugin.engine().status(peer);
    MenuBuilder<PurpleConversation> entries;
    if (has_question_to_answer(status)) {
        entries.add<answer_question>(tr("Answer question..."));
        entries.add<refuse_question>(tr("Refuse question"));
    } else if (status.hold == model::HoldReason::Finished) {
        if (plugin.host().is_connected(peer.account)) {
            entries.add<start>(tr("Start again"));
        }
        entries.add<end>(tr("Go on without privacy"));
    } else if (decision_text(status, {}).empty()) {
        entries.add<show_offered_file>(tr("File offered to you..."));
    } else {
        entries.add<verify>(tr("Verify..."));
        if (status.hold == model::HoldReason::KeyChanged && status.queued > 0) {
            entries.add<release_queue>(tr("Send anyway"));
        }
        entries.add<end>(tr("End it"));
    }
    GList* decisions = nullptr;
    entries.add_to(&decisions);
    return decisions;
}

GList* make_plugin_actions(PurplePlugin*, gpointer) {
    GList* actions = nullptr;
    const auto add = [&actions](const std::string& label, void (*run)(PurplePluginAction*)) {
        actions = g_list_append(actions, purple_plugin_action_new(label.c_str(), run));
    };
    add(tr("Known codes..."), plugin_action<&Ui::show_known_keys>);
    add(tr("My codes..."), plugin_action<&Ui::show_own_keys>);
    add(tr("Files..."), plugin_action<&Ui::show_files>);
    add(tr("Import from another program..."), import_action);
    add(tr("Account settings..."), plugin_action<&Ui::show_account_settings>);
    add(tr("Network of accounts..."), plugin_action<&Ui::show_network_settings>);
    add(tr("Help"), help_action);
    return actions;
}

} // namespace otr_guard::plugin
