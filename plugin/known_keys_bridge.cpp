// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "known_keys_bridge.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_set>

#include "core/key_list.h"
#include "core/words.h"
#include "dialogs.h"
#include "i18n.h"
#include "import_texts.h"
#include "ipc/codec.h"
#include "labels.h"
#include "names.h"
#include "purple_host.h"
#include "state_text.h"
#include "ui.h"

namespace otr_guard::plugin {

namespace {

std::int64_t seconds_of(const core::OptionalTime& time) {
    return time ? (*time).time_since_epoch().count() : 0;
}

/// How the key is used in the conversation now, in a word; empty when it is not.
std::string use_of(const core::SessionStatus& status, const model::Fingerprint& key) {
    const bool is_in_use =
        std::ranges::any_of(status.instances, [&key](const core::InstanceStatus& instance) {
            return instance.state == model::SessionState::Private && instance.key == key;
        });
    return is_in_use ? tr("private now") : std::string();
}

} // namespace

KnownKeysBridge::KnownKeysBridge(Plugin& plugin, WindowProgram& program,
                                 std::function<void()> show_plainly,
                                 std::function<void(const model::PeerId&, guint32 time)> verify)
    : WindowBridge(program), m_plugin(plugin), m_show_plainly(std::move(show_plainly)),
      m_verify(std::move(verify)), m_changes(plugin.engine()) {}

// --- To the program ------------------------------------------------------------------------------

void KnownKeysBridge::show() {
    m_waiting = {0, m_plugin.event_time()};
    if (program().is_ready()) {
        send();
    } else {
        program().start();
    }
}

void KnownKeysBridge::ready() {
    if (m_waiting) {
        send();
    }
}

void KnownKeysBridge::send() {
    const auto [parent, time] = *m_waiting;
    m_is_open = true;
    otr_guard_known_keys_window_call_show(
        m_window.get(), ipc::to_variant(rows(m_plugin.engine().trust().all())), parent, time,
        program().cancellable(), show_answered, this);
}

void KnownKeysBridge::shown() {
    m_waiting.reset();
}

void KnownKeysBridge::give_up() {
    m_is_open = false;
    if (std::exchange(m_waiting, std::nullopt)) {
        m_show_plainly();
    }
}

void KnownKeysBridge::lost() {
    if (m_waiting) {
        give_up();
    } else if (std::exchange(m_is_open, false)) {
        inform(m_plugin, tr("The window of known codes has ended unexpectedly."),
               tr("Nothing is lost; open it again."));
    }
}

void KnownKeysBridge::state_changed(const model::PeerId& peer) {
    if (!program().is_ready() || !m_is_open || m_is_changing || !ipc::can_be_named(peer)) {
        return;
    }
    Keys keys;
    for (const core::KnownKey& key : m_plugin.engine().trust().keys_of(peer)) {
        keys.emplace_back(peer, key);
    }
    otr_guard_known_keys_window_call_update(m_window.get(), ipc::to_variant(peer),
                                            ipc::to_variant(rows(keys)), program().cancellable(),
                                            answered, this);
}

void KnownKeysBridge::change_all(const std::function<void()>& change) {
    m_is_changing = true;
    change();
    m_is_changing = false;
    if (!m_is_open || !program().is_ready()) {
        return;
    }
    otr_guard_known_keys_window_call_replace(m_window.get(),
                                             ipc::to_variant(rows(m_plugin.engine().trust().all())),
                                             program().cancellable(), answered, this);
}

std::vector<ipc::KnownKey> KnownKeysBridge::rows(const Keys& keys) const {
    const core::TrustStore& trust = m_plugin.engine().trust();
    std::unordered_set<model::PeerId> with_sessions;
    for (const model::PeerId& peer : m_plugin.engine().peers_with_sessions()) {
        with_sessions.insert(peer);
    }
    std::map<model::AccountId, std::string> accounts;
    std::vector<ipc::KnownKey> rows;
    rows.reserve(std::min(keys.size(), ipc::most_keys));
    for (const auto& [peer, key] : keys) {
        if (rows.size() == ipc::most_keys || !ipc::can_be_named(peer)) {
            continue;
        }
        auto account = accounts.find(peer.account);
        if (account == accounts.end()) {
            account = accounts.emplace(peer.account, account_label(peer.account)).first;
        }
        const auto expected = trust.expected(peer);
        const bool has_other = trust.has_verified_key(peer) || expected.has_value();
        rows.push_back(
            {.peer = peer,
             .name = isolated(display_name(peer)),
             .account = account->second,
             .key = key.fingerprint.to_hex(),
             .verified = verification_of(key),
             .state = with_sessions.contains(peer)
                          ? use_of(m_plugin.engine().status(peer), key.fingerprint)
                          : std::string(),
             .verified_at = seconds_of(key.verified_at),
             .first_seen = seconds_of(key.first_seen),
             .last_used = seconds_of(key.last_used),
             .is_verified = key.is_verified(),
             .is_changed = has_other && !key.is_verified() && expected != key.fingerprint});
    }
    return rows;
}

// --- Changes -------------------------------------------------------------------------------------

KeyChanges::Done KnownKeysBridge::take(const core::KeyList& list) {
    std::vector<std::size_t> places(list.keys.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    KeyChanges::Done done;
    change_all([&] { done = m_changes.import(list, places); });
    return done;
}

KnownKeysBridge::Keys KnownKeysBridge::find(const std::vector<ipc::KeyName>& names) const {
    Keys keys;
    for (const ipc::KeyName& name : names) {
        const auto fingerprint = model::Fingerprint::from_hex(name.key);
        const core::KnownKey* key =
            fingerprint ? m_plugin.engine().trust().find(name.peer, *fingerprint) : nullptr;
        if (key != nullptr) {
            keys.emplace_back(name.peer, *key);
        }
    }
    return keys;
}

// --- From the program ----------------------------------------------------------------------------

/// One function for every method of the interface in data/im.otrguard.xml.
struct KnownKeysBridge::Calls {
    static core::Engine& engine(KnownKeysBridge& bridge) { return bridge.m_plugin.engine(); }

    /// The keys of a call; nothing, and the call is answered, when it breaks a limit.
    static std::optional<Keys> keys_of(KnownKeysBridge& bridge, GDBusMethodInvocation* call,
                                       GVariant* keys) {
        const auto names = ipc::key_names_from(keys);
        if (!names) {
            ipc::refuse(call, "beyond the limits");
            return std::nullopt;
        }
        return bridge.find(*names);
    }

    static gboolean describe(OtrGuardKnownKeys* object, GDBusMethodInvocation* call, GVariant*,
                             const char* key, KnownKeysBridge*) {
        return ipc::handled("describe", [&] {
            const auto fingerprint = model::Fingerprint::from_hex(key);
            if (!fingerprint) {
                ipc::refuse(call, "no key");
                return;
            }
            otr_guard_known_keys_complete_describe(object, call,
                                                   core::to_words(*fingerprint).c_str());
        });
    }
    static gboolean verify(OtrGuardKnownKeys* object, GDBusMethodInvocation* call, GVariant* peer,
                           const char* key, guint32 time, KnownKeysBridge* bridge) {
        return ipc::handled("verify", [&] {
            const auto whom = ipc::peer_from(peer);
            const auto now = whom ? engine(*bridge).status(*whom) : core::SessionStatus{};
            if (!whom || now.state != model::SessionState::Private || !now.their_key ||
                now.their_key->to_hex() != key) {
                ipc::say_changed(call, "not in use");
                return;
            }
            bridge->m_verify(*whom, time);
            otr_guard_known_keys_complete_verify(object, call);
        });
    }
    static gboolean set_verified(OtrGuardKnownKeys* object, GDBusMethodInvocation* call,
                                 GVariant* names, gboolean is_verified, KnownKeysBridge* bridge) {
        return ipc::handled("set_verified", [&] {
            auto keys = keys_of(*bridge, call, names);
            if (!keys) {
                return;
            }
            KeyChanges::Done done;
            bridge->change_all([&] {
                done = bridge->m_changes.set_verified(std::move(*keys), is_verified != FALSE);
            });
            otr_guard_known_keys_complete_set_verified(object, call,
                                                       static_cast<guint>(done.number), done.undo);
        });
    }
    static gboolean forget(OtrGuardKnownKeys* object, GDBusMethodInvocation* call, GVariant* names,
                           KnownKeysBridge* bridge) {
        return ipc::handled("forget", [&] {
            auto keys = keys_of(*bridge, call, names);
            if (!keys) {
                return;
            }
            KeyChanges::Done done;
            bridge->change_all([&] { done = bridge->m_changes.forget(std::move(*keys)); });
            otr_guard_known_keys_complete_forget(object, call, static_cast<guint>(done.number),
                                                 static_cast<guint>(done.in_use), done.undo);
        });
    }
    static gboolean undo(OtrGuardKnownKeys* object, GDBusMethodInvocation* call, guint number,
                         KnownKeysBridge* bridge) {
        return ipc::handled("undo", [&] {
            std::optional<std::size_t> restored;
            bridge->change_all([&] { restored = bridge->m_changes.undo(number); });
            if (!restored) {
                ipc::say_changed(call, "no such change");
                return;
            }
            otr_guard_known_keys_complete_undo(object, call, static_cast<guint>(*restored));
        });
    }
    static gboolean export_keys(OtrGuardKnownKeys* object, GDBusMethodInvocation* call,
                                GVariant* names, const char* format, KnownKeysBridge* bridge) {
        return ipc::handled("export", [&] {
            const auto keys = keys_of(*bridge, call, names);
            if (!keys) {
                return;
            }
            const bool is_ours = std::string_view(format) == "json";
            if (!is_ours && std::string_view(format) != "otr") {
                ipc::refuse(call, "no such format");
                return;
            }
            otr_guard_known_keys_complete_export(
                object, call,
                (is_ours ? core::to_key_list(*keys) : core::to_libotr_list(*keys)).c_str());
        });
    }
    static gboolean read_list(OtrGuardKnownKeys* object, GDBusMethodInvocation* call,
                              const char* text, KnownKeysBridge* bridge) {
        return ipc::handled("read_list", [&] {
            const auto list = core::read_known_keys(text);
            std::vector<ipc::ImportableKey> keys;
            if (!list) {
                otr_guard_known_keys_complete_read_list(
                    object, call, ipc::to_variant(keys), 0,
                    tr("There are no codes in this file that can be read.").c_str());
                return;
            }
            // All of them, so that their places stay what they are.
            for (const core::KeyOfPeer& listed : list->keys) {
                const auto& [peer, key] = listed;
                if (!ipc::can_be_named(peer)) {
                    ipc::refuse(call, "names that are no text");
                    return;
                }
                const core::TrustStore& trust = engine(*bridge).trust();
                core::PlannedKey planned;
                planned.key = listed;
                planned.effect = core::effect_of(trust, listed);
                if (planned.effect != core::ImportEffect::Nothing) {
                    planned.conflict = core::conflict_of(trust, peer, key.fingerprint);
                }
                keys.push_back({.name = isolated(display_name(peer)),
                                .account = account_label(peer.account),
                                .key = key.fingerprint.to_hex(),
                                .effect = effect_label(planned),
                                .is_chosen = planned.effect != core::ImportEffect::Nothing &&
                                             planned.conflict == core::Conflict::None});
            }
            otr_guard_known_keys_complete_read_list(object, call, ipc::to_variant(keys),
                                                    static_cast<guint>(list->skipped), "");
        });
    }
    static gboolean import(OtrGuardKnownKeys* object, GDBusMethodInvocation* call, const char* text,
                           GVariant* chosen, KnownKeysBridge* bridge) {
        return ipc::handled("import", [&] {
            const auto list = core::read_known_keys(text);
            gsize number = 0;
            const auto* places = static_cast<const guint32*>(
                g_variant_get_fixed_array(chosen, &number, sizeof(guint32)));
            const std::vector<std::size_t> wanted(places, places + number);
            if (!list || std::ranges::any_of(wanted, [&](std::size_t place) {
                    return place >= list->keys.size();
                })) {
                ipc::refuse(call, "no such list");
                return;
            }
            KeyChanges::Done done;
            bridge->change_all([&] { done = bridge->m_changes.import(*list, wanted); });
            otr_guard_known_keys_complete_import(object, call, static_cast<guint>(done.number),
                                                 done.undo);
        });
    }
    static gboolean closed(OtrGuardKnownKeys* object, GDBusMethodInvocation* call,
                           KnownKeysBridge* bridge) {
        return ipc::handled("closed", [&] {
            bridge->m_is_open = false;
            otr_guard_known_keys_complete_closed(object, call);
        });
    }
};

bool KnownKeysBridge::attach(GDBusConnection& connection) {
    m_window = WindowProgram::window(connection, otr_guard_known_keys_window_proxy_new_sync);
    OtrGuardKnownKeys* calls = otr_guard_known_keys_skeleton_new();
    m_calls.reset(calls);
    const auto connect = [this, calls](const char* signal, GCallback callback) {
        g_signal_connect(calls, signal, callback, this);
    };
    connect("handle-describe", G_CALLBACK(Calls::describe));
    connect("handle-verify", G_CALLBACK(Calls::verify));
    connect("handle-set-verified", G_CALLBACK(Calls::set_verified));
    connect("handle-forget", G_CALLBACK(Calls::forget));
    connect("handle-undo", G_CALLBACK(Calls::undo));
    connect("handle-export", G_CALLBACK(Calls::export_keys));
    connect("handle-read-list", G_CALLBACK(Calls::read_list));
    connect("handle-import", G_CALLBACK(Calls::import));
    connect("handle-closed", G_CALLBACK(Calls::closed));
    return m_window != nullptr && ipc::export_on(connection, ipc::client_path, calls);
}

void KnownKeysBridge::detach() {
    m_calls.reset();
    m_window.reset();
}

} // namespace otr_guard::plugin
