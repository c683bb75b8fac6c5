// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "buddy_list.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "core/markup.h"
#include "i18n.h"
#include "names.h"
#include "plugin.h"
#include "purple_host.h"
#include "state_text.h"
#include "util/guarded.h"
#include "util/parts.h"

namespace otr_guard::plugin {

namespace {

/// Pidgin puts an emblem's name behind the path of its own folder; more of these than that has
/// parts lead to the top.
constexpr std::string_view to_the_top = "../../../../../../../../../../../..";
constexpr const char* known_emblem = "verified";

// These outlive the plugin: another one may have kept our functions.
struct Original {
    std::optional<const char* (*)(PurpleBuddy*)> list_emblem; ///< nothing when not taken over
    std::optional<void (*)(PurpleBuddy*, PurpleNotifyUserInfo*, gboolean)> tooltip_text;
};
std::unordered_map<PurplePluginProtocolInfo*, Original>& originals() {
    static std::unordered_map<PurplePluginProtocolInfo*, Original> all;
    return all;
}
BuddyList* g_list = nullptr;

PurplePluginProtocolInfo* protocol_info_of(PurpleBuddy* buddy) {
    PurplePlugin* protocol =
        purple_find_prpl(purple_account_get_protocol_id(purple_buddy_get_account(buddy)));
    return protocol != nullptr ? PURPLE_PLUGIN_PROTOCOL_INFO(protocol) : nullptr;
}

Original original_of(PurpleBuddy* buddy) {
    const auto found = originals().find(protocol_info_of(buddy));
    return found == originals().end() ? Original{} : found->second;
}

const char* emblem_name(Look look) {
    constexpr std::array names{"", "unverified", "private", "finished"};
    return names.at(static_cast<std::size_t>(look));
}

void draw(PurpleBlistNode* node) {
    const PurpleBlistUiOps* client = purple_blist_get_ui_ops();
    if (client != nullptr && client->update != nullptr) {
        client->update(purple_get_blist(), node);
    }
}

} // namespace

BuddyList::BuddyList(Plugin& plugin)
    : m_plugin(plugin),
      m_emblem_folder(std::string(to_the_top) +
                      util::find_part("emblems", OTR_GUARD_DATA_DIR "/emblems").string() + "/") {
    g_list = this;
    for (GList* item = purple_plugins_get_protocols(); item != nullptr; item = item->next) {
        take_over(static_cast<PurplePlugin*>(item->data));
    }
    refresh();
}

BuddyList::~BuddyList() {
    g_list = nullptr;
    for (auto& [info, original] : originals()) {
        if (original.list_emblem && info->list_emblem == list_emblem) {
            info->list_emblem = *std::exchange(original.list_emblem, std::nullopt);
        }
        if (original.tooltip_text && info->tooltip_text == tooltip_text) {
            info->tooltip_text = *std::exchange(original.tooltip_text, std::nullopt);
        }
    }
    for (const auto& [peer, emblem] : m_drawn) {
        if (PurpleBuddy* buddy = find_buddy(peer)) {
            draw(reinterpret_cast<PurpleBlistNode*>(buddy));
        }
    }
}

void BuddyList::take_over(PurplePlugin* protocol) {
    PurplePluginProtocolInfo* info = PURPLE_PLUGIN_PROTOCOL_INFO(protocol);
    if (info == nullptr) {
        return;
    }
    Original& original = originals()[info];
    if (!original.list_emblem) {
        original.list_emblem = std::exchange(info->list_emblem, list_emblem);
    }
    if (!original.tooltip_text) {
        original.tooltip_text = std::exchange(info->tooltip_text, tooltip_text);
    }
}

// --- Emblems -----------------------------------------------------------------------------------

const char* BuddyList::list_emblem(PurpleBuddy* buddy) {
    return util::guarded("list_emblem", static_cast<const char*>(nullptr), [&]() -> const char* {
        if (buddy == nullptr) {
            return nullptr;
        }
        const char* emblem = g_list != nullptr ? g_list->emblem_of(peer_of(buddy)) : nullptr;
        if (emblem != nullptr) {
            g_list->m_emblem = g_list->m_emblem_folder + emblem;
            return g_list->m_emblem.data();
        }
        const auto original = original_of(buddy).list_emblem.value_or(nullptr);
        return original != nullptr ? original(buddy) : nullptr;
    });
}

const char* BuddyList::emblem_of(const model::PeerId& peer) {
    const Look look = look_of(m_plugin.engine().status(peer));
    if (look != Look::NotPrivate) {
        return emblem_name(look);
    }
    return m_plugin.engine().trust().has_verified_key(peer) ? known_emblem : nullptr;
}

// --- Tooltips ----------------------------------------------------------------------------------

void BuddyList::tooltip_text(PurpleBuddy* buddy, PurpleNotifyUserInfo* info, gboolean is_full) {
    util::guarded("tooltip_text", [&] {
        if (buddy == nullptr) {
            return;
        }
        const auto original = original_of(buddy).tooltip_text.value_or(nullptr);
        if (original != nullptr) {
            original(buddy, info, is_full);
        }
        const std::string line =
            g_list != nullptr ? g_list->line_of(peer_of(buddy)) : std::string();
        if (!line.empty()) {
            purple_notify_user_info_add_pair(info, "OTR", core::markup::escape(line).c_str());
        }
    });
}

/// Nothing is said of people with whom OTR has not come up.
std::string BuddyList::line_of(const model::PeerId& peer) const {
    core::Engine& engine = m_plugin.engine();
    const core::SessionStatus status = engine.status(peer);
    if (status.state == model::SessionState::Plaintext) {
        if (engine.trust().has_verified_key(peer)) {
            return tr("Not private now; verified before");
        }
        return engine.trust().keys_of(peer).empty() ? std::string() : tr("Not private now");
    }
    const std::string word = describe(status, {}).word;
    return status.state == model::SessionState::Private && status.is_verified
               ? format(tr("{state}, verified"), {{"state", word}})
               : word;
}

// --- Changes -----------------------------------------------------------------------------------

void BuddyList::refresh() {
    if (!std::exchange(m_is_refreshing, true)) {
        m_plugin.host().post([] {
            if (Plugin* plugin = Plugin::instance()) {
                plugin->buddy_list().draw_changed();
            }
        });
    }
}

void BuddyList::draw_changed() {
    m_is_refreshing = false;
    std::unordered_map<model::PeerId, std::string> drawn;
    for (PurpleBlistNode* node = purple_blist_get_root(); node != nullptr;
         node = purple_blist_node_next(node, TRUE)) {
        if (purple_blist_node_get_type(node) != PURPLE_BLIST_BUDDY_NODE) {
            continue;
        }
        const model::PeerId peer = peer_of(reinterpret_cast<PurpleBuddy*>(node));
        const char* emblem = emblem_of(peer);
        const auto before = m_drawn.find(peer);
        const bool is_other = emblem == nullptr
                                  ? before != m_drawn.end()
                                  : before == m_drawn.end() || before->second != emblem;
        if (emblem != nullptr) {
            drawn[peer] = emblem;
        }
        if (is_other) {
            draw(node);
        }
    }
    m_drawn = std::move(drawn);
}

} // namespace otr_guard::plugin
