// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "settings.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "address_hint.h"
#include "first_notes.h"
#include "i18n.h"
#include "labels.h"
#include "link_settings.h"
#include "model/limits.h"
#include "names.h"
#include "network_prefs.h"
#include "notifications.h"
#include "util/c_ptr.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

using model::Logging;
using model::Policy;

namespace {

constexpr const char* root_pref = "/plugins/core/otr-guard";
constexpr const char* policy_pref = "/plugins/core/otr-guard/policy";
constexpr const char* logging_pref = "/plugins/core/otr-guard/logging";
constexpr const char* goodbye_pref = "/plugins/core/otr-guard/goodbye";
constexpr const char* imported_pref = "/plugins/core/otr-guard/imported-pidgin-otr";
constexpr const char* file_prefs = "/plugins/core/otr-guard/files";
constexpr const char* verified_files_pref = "/plugins/core/otr-guard/files/verified-only";
constexpr const char* file_folder_pref = "/plugins/core/otr-guard/files/folder";
constexpr const char* network_prefs = "/plugins/core/otr-guard/network";
constexpr const char* link_prefs = "/plugins/core/otr-guard/links";
constexpr const char* new_accounts_pref = "/plugins/core/otr-guard/network/new-accounts";

constexpr const char* as_it_says_word = "off";
constexpr const char* ask_word = "ask";
constexpr const char* tor_word = "tor";

// In accounts.xml and blist.xml.
constexpr const char* policy_setting = "otr-guard-policy";
constexpr const char* logging_setting = "otr-guard-logging";

constexpr Policy default_policy = Policy::Opportunistic;
constexpr Logging default_logging = Logging::Off;

using BuddyList = util::CPtr<GSList, g_slist_free>;

std::string_view text_or_empty(const char* text) {
    return text != nullptr ? std::string_view(text) : std::string_view();
}

/// The words are literals, so they end with a zero.
const char* c_word(Policy policy) {
    return model::to_word(policy).data();
}
const char* c_word(Logging logging) {
    return model::to_word(logging).data();
}

PurpleBlistNode* node_of(PurpleBuddy* buddy) {
    return reinterpret_cast<PurpleBlistNode*>(buddy);
}

std::string_view pref_word(const char* name) {
    return purple_prefs_get_type(name) == PURPLE_PREF_STRING
               ? text_or_empty(purple_prefs_get_string(name))
               : std::string_view();
}

std::string_view account_word(const model::AccountId& account, const char* setting) {
    const PurpleAccount* found = find_account(account);
    return found != nullptr ? text_or_empty(purple_account_get_string(found, setting, nullptr))
                            : std::string_view();
}

void set_account_word(const model::AccountId& account, const char* setting, const char* word) {
    PurpleAccount* found = find_account(account);
    if (found == nullptr) {
        return;
    }
    // Setting it makes libpurple write accounts.xml; removing alone does not.
    purple_account_set_string(found, setting, word != nullptr ? word : "");
    if (word == nullptr) {
        purple_account_remove_setting(found, setting);
    }
}

void set_node_word(PurpleBlistNode* node, const char* setting, const char* word) {
    if (word != nullptr) {
        purple_blist_node_set_string(node, setting, word);
    } else {
        purple_blist_node_remove_setting(node, setting);
    }
}

/// The same person can be in several groups; each entry has the settings.
BuddyList buddies_of(const model::PeerId& peer) {
    PurpleAccount* account = find_account(peer.account);
    return BuddyList(account != nullptr ? purple_find_buddies(account, peer.username.c_str())
                                        : nullptr);
}

std::string_view buddy_word(const model::PeerId& peer, const char* setting) {
    const BuddyList buddies = buddies_of(peer);
    for (const GSList* item = buddies.get(); item != nullptr; item = item->next) {
        const char* word =
            purple_blist_node_get_string(node_of(static_cast<PurpleBuddy*>(item->data)), setting);
        if (word != nullptr) {
            return word;
        }
    }
    return {};
}

/// False when nobody on the buddy list is meant.
bool set_buddy_word(const model::PeerId& peer, const char* setting, const char* word) {
    const BuddyList buddies = buddies_of(peer);
    for (const GSList* item = buddies.get(); item != nullptr; item = item->next) {
        set_node_word(node_of(static_cast<PurpleBuddy*>(item->data)), setting, word);
    }
    return buddies != nullptr;
}

// --- What pidgin-otr has -----------------------------------------------------------------------

/// pidgin-otr's three check boxes, of which each needs the one before.
Policy policy_from_boxes(bool is_enabled, bool is_automatic, bool is_required) {
    if (!is_enabled) {
        return Policy::Never;
    }
    if (!is_automatic) {
        return Policy::Manual;
    }
    return is_required ? Policy::Always : Policy::Opportunistic;
}

bool has_box(const char* name) {
    return purple_prefs_get_type(name) == PURPLE_PREF_BOOLEAN;
}

bool box(const char* name) {
    return has_box(name) && purple_prefs_get_bool(name) != FALSE;
}

void import_global_choices() {
    if (!has_box("/OTR/enabled")) {
        return;
    }
    const Policy policy =
        policy_from_boxes(box("/OTR/enabled"), box("/OTR/automatic"), box("/OTR/onlyprivate"));
    purple_prefs_set_string(policy_pref, c_word(policy));
    // Versions before 4 do not write this box; then nobody has asked for logs.
    if (has_box("/OTR/avoidloggingotr")) {
        const Logging logging = box("/OTR/avoidloggingotr") ? Logging::Off : Logging::On;
        purple_prefs_set_string(logging_pref, c_word(logging));
    }
}

void import_buddy_choices(PurpleBlistNode* node) {
    const auto is_set = [node](const char* name) {
        return purple_blist_node_get_bool(node, name) != FALSE;
    };
    if (!is_set("OTR/overridedefault")) {
        return;
    }
    const Policy policy = policy_from_boxes(is_set("OTR/enabled"), is_set("OTR/automatic"),
                                            is_set("OTR/onlyprivate"));
    set_node_word(node, policy_setting, c_word(policy));
    set_node_word(node, logging_setting,
                  c_word(is_set("OTR/avoidloggingotr") ? Logging::Off : Logging::On));
}

/// Once per profile: what the user chooses here later must not be undone by old choices there.
void import_from_pidgin_otr() {
    if (purple_prefs_get_bool(imported_pref)) {
        return;
    }
    import_global_choices();
    for (PurpleBlistNode* node = purple_blist_get_root(); node != nullptr;
         node = purple_blist_node_next(node, TRUE)) {
        if (purple_blist_node_get_type(node) == PURPLE_BLIST_BUDDY_NODE) {
            import_buddy_choices(node);
        }
    }
    purple_prefs_set_bool(imported_pref, TRUE);
}

// --- Callbacks ---------------------------------------------------------------------------------

void pref_changed(const char*, PurplePrefType, gconstpointer, gpointer data) {
    util::guarded("pref_changed", [&] { (*static_cast<const std::function<void()>*>(data))(); });
}

void list_changed(const void*, std::uint64_t* version) {
    ++*version;
}

/// Somebody who must be talked to privately stays so when they leave the buddy list.
void buddy_removed(PurpleBuddy* buddy, core::TrustStore* trust) {
    util::guarded("buddy_removed", [&] {
        const auto policy = model::policy_from_word(
            text_or_empty(purple_blist_node_get_string(node_of(buddy), policy_setting)));
        if (policy) {
            trust->set_stored_policy(peer_of(buddy), policy);
        }
    });
}

} // namespace

Settings::Settings(PurplePlugin* handle, core::TrustStore& trust, std::function<void()> changed)
    : m_handle(handle), m_trust(trust), m_changed([this, changed = std::move(changed)] {
          ++m_version;
          changed();
      }) {
    purple_prefs_add_none("/plugins");
    purple_prefs_add_none("/plugins/core");
    purple_prefs_add_none(root_pref);
    purple_prefs_add_string(policy_pref, c_word(default_policy));
    purple_prefs_add_string(logging_pref, c_word(default_logging));
    purple_prefs_add_bool(goodbye_pref, TRUE);
    purple_prefs_add_bool(imported_pref, FALSE);
    purple_prefs_add_bool(quiet_pref, TRUE);
    purple_prefs_add_bool(first_note_pref, FALSE);
    purple_prefs_add_none(file_prefs);
    purple_prefs_add_bool(verified_files_pref, TRUE);
    purple_prefs_add_string(file_folder_pref, "");
    purple_prefs_add_none(network_prefs);
    purple_prefs_add_string(new_accounts_pref, as_it_says_word);
    purple_prefs_add_bool(address_hint_pref, TRUE);
    purple_prefs_add_none(link_prefs);
    purple_prefs_add_bool(link_question_pref, TRUE);
    purple_prefs_add_string(tor_browser_pref, "");
    import_from_pidgin_otr();
    for (const char* pref : {policy_pref, logging_pref, goodbye_pref}) {
        purple_prefs_connect_callback(m_handle, pref, pref_changed, &m_changed);
    }
    void* buddies = purple_blist_get_handle();
    purple_signal_connect(buddies, "buddy-removed", this, as_callback(buddy_removed), &m_trust);
    // With people and accounts their settings come and go.
    for (const char* signal : {"buddy-added", "buddy-removed"}) {
        purple_signal_connect(buddies, signal, this, as_callback(list_changed), &m_version);
    }
    for (const char* signal : {"account-added", "account-removed"}) {
        purple_signal_connect(purple_accounts_get_handle(), signal, this, as_callback(list_changed),
                              &m_version);
    }
}

Settings::~Settings() {
    purple_prefs_disconnect_by_handle(m_handle);
    purple_signals_disconnect_by_handle(this);
}

// --- What applies ------------------------------------------------------------------------------

Policy Settings::policy(const model::PeerId& peer) const {
    if (const auto chosen = buddy_policy(peer)) {
        return *chosen;
    }
    if (const auto chosen = account_policy(peer.account)) {
        return *chosen;
    }
    return global_policy();
}

Logging Settings::logging(const model::PeerId& peer) const {
    if (const auto chosen = buddy_logging(peer)) {
        return *chosen;
    }
    if (const auto chosen = account_logging(peer.account)) {
        return *chosen;
    }
    return global_logging();
}

bool Settings::says_goodbye() const {
    return purple_prefs_get_bool(goodbye_pref) != FALSE;
}

bool Settings::takes_files_of_unverified() const {
    return has_box(verified_files_pref) && purple_prefs_get_bool(verified_files_pref) == FALSE;
}

std::string Settings::file_folder() const {
    return std::string(pref_word(file_folder_pref));
}

void Settings::set_file_folder(const std::string& folder) {
    purple_prefs_set_string(file_folder_pref, folder.c_str());
}

NewAccountWay Settings::new_account_way() const {
    const std::string_view word = pref_word(new_accounts_pref);
    if (word == as_it_says_word) {
        return NewAccountWay::AsItSays;
    }
    return word == ask_word ? NewAccountWay::Ask : NewAccountWay::Tor;
}

Policy Settings::global_policy() const {
    return model::policy_from_word(pref_word(policy_pref)).value_or(default_policy);
}

Logging Settings::global_logging() const {
    return model::logging_from_word(pref_word(logging_pref)).value_or(default_logging);
}

std::optional<Policy> Settings::buddy_policy(const model::PeerId& peer) const {
    if (const auto chosen = model::policy_from_word(buddy_word(peer, policy_setting))) {
        return chosen;
    }
    return m_trust.stored_policy(peer);
}

std::optional<Policy> Settings::account_policy(const model::AccountId& account) const {
    return model::policy_from_word(account_word(account, policy_setting));
}

std::optional<Logging> Settings::buddy_logging(const model::PeerId& peer) const {
    return model::logging_from_word(buddy_word(peer, logging_setting));
}

std::optional<Logging> Settings::account_logging(const model::AccountId& account) const {
    return model::logging_from_word(account_word(account, logging_setting));
}

// --- Choosing ----------------------------------------------------------------------------------

void Settings::set_buddy_policy(const model::PeerId& peer, std::optional<Policy> policy) {
    const bool is_buddy = set_buddy_word(peer, policy_setting, policy ? c_word(*policy) : nullptr);
    m_trust.set_stored_policy(peer, is_buddy ? std::nullopt : policy);
    m_changed();
}

void Settings::set_account_policy(const model::AccountId& account, std::optional<Policy> policy) {
    set_account_word(account, policy_setting, policy ? c_word(*policy) : nullptr);
    m_changed();
}

void Settings::set_global_policy(Policy policy) {
    purple_prefs_set_string(policy_pref, c_word(policy));
}

void Settings::set_buddy_logging(const model::PeerId& peer, std::optional<Logging> logging) {
    set_buddy_word(peer, logging_setting, logging ? c_word(*logging) : nullptr);
    m_changed();
}

void Settings::set_account_logging(const model::AccountId& account,
                                   std::optional<Logging> logging) {
    set_account_word(account, logging_setting, logging ? c_word(*logging) : nullptr);
    m_changed();
}

// --- The preferences page ----------------------------------------------------------------------

namespace {

void add_heading(PurplePluginPrefFrame* frame, const std::string& text) {
    purple_plugin_pref_frame_add(frame, purple_plugin_pref_new_with_label(text.c_str()));
}

void add_info(PurplePluginPrefFrame* frame, const std::string& text) {
    PurplePluginPref* pref = purple_plugin_pref_new_with_label(text.c_str());
    purple_plugin_pref_set_type(pref, PURPLE_PLUGIN_PREF_INFO);
    purple_plugin_pref_frame_add(frame, pref);
}

template <typename Choices>
void add_choice(PurplePluginPrefFrame* frame, const char* name, const std::string& label,
                const Choices& choices) {
    PurplePluginPref* pref = purple_plugin_pref_new_with_name_and_label(name, label.c_str());
    purple_plugin_pref_set_type(pref, PURPLE_PLUGIN_PREF_CHOICE);
    for (const auto choice : choices) {
        purple_plugin_pref_add_choice(pref, label_of(choice).c_str(),
                                      const_cast<char*>(c_word(choice)));
    }
    purple_plugin_pref_frame_add(frame, pref);
}

void add_new_account_choice(PurplePluginPrefFrame* frame) {
    PurplePluginPref* pref = purple_plugin_pref_new_with_name_and_label(
        new_accounts_pref, tr("New accounts use it").c_str());
    purple_plugin_pref_set_type(pref, PURPLE_PLUGIN_PREF_CHOICE);
    for (const auto& [label, word] : {std::pair(tr("As their settings say"), as_it_says_word),
                                      std::pair(tr("As you are asked for each"), ask_word),
                                      std::pair(tr("Only through Tor"), tor_word)}) {
        purple_plugin_pref_add_choice(pref, label.c_str(), const_cast<char*>(word));
    }
    purple_plugin_pref_frame_add(frame, pref);
}

void add_wait(PurplePluginPrefFrame* frame, const char* name, const std::string& label) {
    PurplePluginPref* pref = purple_plugin_pref_new_with_name_and_label(name, label.c_str());
    purple_plugin_pref_set_bounds(pref, 0, model::limits::longest_stagger_seconds);
    purple_plugin_pref_frame_add(frame, pref);
}

void add_bound_accounts(PurplePluginPrefFrame* frame) {
    add_heading(frame, tr("Accounts bound to Tor or a proxy"));
    const std::array labels{tr("Tell others when you type"),
                            tr("Tell others how long you are away"), tr("Tell others your program"),
                            tr("Tell others your time zone")};
    static_assert(labels.size() == tale_prefs.size());
    for (std::size_t place = 0; place < labels.size(); ++place) { // in the order of the preferences
        purple_plugin_pref_frame_add(
            frame, purple_plugin_pref_new_with_name_and_label(tale_prefs.at(place).second,
                                                              labels.at(place).c_str()));
    }
    add_wait(frame, shortest_wait_pref, tr("Shortest wait (s)"));
    add_wait(frame, longest_wait_pref, tr("Longest wait (s)"));
    add_info(frame, tr("Before going online beside other accounts."));
}

} // namespace

PurplePluginPrefFrame* make_preferences_frame(PurplePlugin*) {
    PurplePluginPrefFrame* frame = purple_plugin_pref_frame_new();
    // Pidgin shows this page in 400 pixels, and wider lines only in part.
    add_heading(frame, tr("When a conversation is private"));
    add_choice(frame, policy_pref, tr("Usually"), all_policies);
    add_info(frame, tr("For one buddy: /otr policy, or the buddy's menu."));
    add_info(frame, tr("For one account: \"Account settings\" in the menus."));
    purple_plugin_pref_frame_add(frame,
                                 purple_plugin_pref_new_with_name_and_label(
                                     goodbye_pref, tr("Say goodbye when signing off").c_str()));
    add_info(frame, tr("Others notice then that it is no longer private."));
    add_heading(frame, tr("History of private conversations"));
    add_choice(frame, logging_pref, tr("Usually"), all_loggings);
    add_info(frame, tr("What is said before and after is logged as usual."));
    add_heading(frame, tr("Notifications of private conversations"));
    purple_plugin_pref_frame_add(frame,
                                 purple_plugin_pref_new_with_name_and_label(
                                     quiet_pref, tr("Say who has written, but not what").c_str()));
    add_info(frame, tr("For plugins that show what arrives in a window of their own."));
    add_heading(frame, tr("Files in private conversations"));
    purple_plugin_pref_frame_add(
        frame, purple_plugin_pref_new_with_name_and_label(verified_files_pref,
                                                          tr("Only with verified people").c_str()));
    purple_plugin_pref_frame_add(
        frame, purple_plugin_pref_new_with_name_and_label(file_folder_pref,
                                                          tr("Folder for what arrives").c_str()));
    add_info(frame, tr("While it is empty, you are asked."));
    add_heading(frame, tr("The network"));
    add_new_account_choice(frame);
    add_info(frame, tr("Other ones: \"Network of accounts...\" in the menus."));
    add_bound_accounts(frame);
    purple_plugin_pref_frame_add(
        frame, purple_plugin_pref_new_with_name_and_label(
                   address_hint_pref, tr("Say when your address can be seen").c_str()));
    add_info(frame, tr("Once for each buddy, when it has become private."));
    add_heading(frame, tr("Links"));
    purple_plugin_pref_frame_add(frame, purple_plugin_pref_new_with_name_and_label(
                                            link_question_pref, tr("Ask before opening").c_str()));
    add_info(frame, tr("In private conversations and on bound accounts."));
    purple_plugin_pref_frame_add(frame, purple_plugin_pref_new_with_name_and_label(
                                            tor_browser_pref, tr("Tor Browser").c_str()));
    add_info(frame, tr("Its folder; empty where it is in a usual place."));
    return frame;
}

} // namespace otr_guard::plugin
