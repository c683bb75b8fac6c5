// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "own_keys_bridge.h"

#include <string>

#include "core/key_backup.h"
#include "core/words.h"
#include "dialogs.h"
#include "i18n.h"
#include "ipc/codec.h"
#include "own_key_list.h"
#include "purple_host.h"

namespace otr_guard::plugin {

OwnKeysBridge::OwnKeysBridge(Plugin& plugin, WindowProgram& program,
                             std::function<void()> show_plainly)
    : WindowBridge(program), m_plugin(plugin), m_show_plainly(std::move(show_plainly)) {}

// --- To the program ------------------------------------------------------------------------------

void OwnKeysBridge::show() {
    m_waiting = {0, m_plugin.event_time()};
    if (program().is_ready()) {
        send();
    } else {
        program().start();
    }
}

void OwnKeysBridge::show_import(const std::string& sealed) {
    show();
    if (program().is_ready()) {
        otr_guard_own_keys_window_call_import(m_window.get(), sealed.c_str(),
                                              program().cancellable(), answered, this);
    }
}

void OwnKeysBridge::ready() {
    if (m_waiting) {
        send();
    }
}

void OwnKeysBridge::send() {
    const auto [parent, time] = *m_waiting;
    m_is_open = true;
    otr_guard_own_keys_window_call_show(m_window.get(), ipc::to_variant(rows()), parent, time,
                                        program().cancellable(), show_answered, this);
}

void OwnKeysBridge::changed() {
    if (m_is_open && program().is_ready()) {
        otr_guard_own_keys_window_call_replace(m_window.get(), ipc::to_variant(rows()),
                                               program().cancellable(), answered, this);
    }
}

void OwnKeysBridge::shown() {
    m_waiting.reset();
}

void OwnKeysBridge::give_up() {
    m_is_open = false;
    if (std::exchange(m_waiting, std::nullopt)) {
        m_show_plainly();
    }
}

void OwnKeysBridge::lost() {
    if (m_waiting) {
        give_up();
    } else if (std::exchange(m_is_open, false)) {
        inform(m_plugin, tr("The window of your codes has ended unexpectedly."),
               tr("Nothing is lost; open it again."));
    }
}

std::vector<ipc::OwnKey> OwnKeysBridge::rows() const {
    std::vector<ipc::OwnKey> rows;
    for (const OwnKey& key : own_keys(m_plugin)) {
        if (rows.size() < ipc::most_accounts && ipc::can_be_named(key.account)) {
            rows.push_back({.account = key.account,
                            .label = key.label,
                            .key = key.key ? key.key->to_hex() : "",
                            .words = key.key ? core::to_words(*key.key) : "",
                            .uri = key.uri,
                            .origin = key.origin,
                            .people = static_cast<std::uint32_t>(key.people),
                            .has_account = key.has_account,
                            .is_under_way = key.is_under_way});
        }
    }
    return rows;
}

// --- From the program ----------------------------------------------------------------------------

/// One function for every method of the interface in data/im.otrguard.xml.
struct OwnKeysBridge::Calls {
    struct Named {
        model::AccountId account;
        std::optional<model::Fingerprint> key;
    };

    static core::OwnKeys& keys(OwnKeysBridge& bridge) {
        return bridge.m_plugin.engine().own_keys();
    }
    static std::string problem_of(const util::Expected<void>& result) {
        return result ? std::string() : own_key_problem(result.error());
    }
    /// Nothing, and the call is answered, when it breaks a limit or names no key.
    static std::optional<Named> read(GDBusMethodInvocation* call, GVariant* account,
                                     const char* key) {
        auto whose = ipc::account_from(account);
        if (!whose || !ipc::is_key(key)) {
            ipc::refuse(call, "beyond the limits");
            return std::nullopt;
        }
        return Named{std::move(*whose), model::Fingerprint::from_hex(key)};
    }

    static gboolean read_sealed(OtrGuardOwnKeys* object, GDBusMethodInvocation* call,
                                const char* text, OwnKeysBridge*) {
        return ipc::handled("read_sealed", [&] {
            const auto names = core::read_backup_names(text);
            otr_guard_own_keys_complete_read_sealed(
                object, call, ipc::to_variant(names ? names->account : model::AccountId{}),
                names ? account_label(names->account).c_str() : "",
                names ? names->fingerprint.to_hex().c_str() : "",
                names ? "" : own_key_problem(names.error()).c_str());
        });
    }
    static gboolean make(OtrGuardOwnKeys* object, GDBusMethodInvocation* call, GVariant* account,
                         const char* key, OwnKeysBridge* bridge) {
        return ipc::handled("make", [&] {
            const auto named = read(call, account, key);
            if (!named) {
                return;
            }
            keys(*bridge).make(
                named->account, named->key,
                [answer = ipc::later(object, call)](const util::Expected<void>& result) {
                    otr_guard_own_keys_complete_make(answer.object.get(), answer.call,
                                                     problem_of(result).c_str());
                });
            bridge->changed();
        });
    }
    static gboolean remove(OtrGuardOwnKeys* object, GDBusMethodInvocation* call, GVariant* account,
                           const char* key, OwnKeysBridge* bridge) {
        return ipc::handled("remove", [&] {
            const auto named = read(call, account, key);
            if (!named) {
                return;
            }
            keys(*bridge).remove(
                named->account, named->key.value_or(model::Fingerprint()),
                [answer = ipc::later(object, call)](const util::Expected<void>& result) {
                    otr_guard_own_keys_complete_delete(answer.object.get(), answer.call,
                                                       problem_of(result).c_str());
                });
        });
    }
    static gboolean seal(OtrGuardOwnKeys* object, GDBusMethodInvocation* call, GVariant* account,
                         const char* key, const char* passphrase, OwnKeysBridge* bridge) {
        return ipc::handled("seal", [&] {
            const auto named = read(call, account, key);
            if (!named) {
                return;
            }
            keys(*bridge).seal(
                named->account, named->key.value_or(model::Fingerprint()),
                util::SecretString(passphrase),
                [answer = ipc::later(object, call)](const util::Expected<std::string>& text) {
                    otr_guard_own_keys_complete_seal(
                        answer.object.get(), answer.call, text ? text->c_str() : "",
                        text ? "" : own_key_problem(text.error()).c_str());
                });
        });
    }
    static gboolean import(OtrGuardOwnKeys* object, GDBusMethodInvocation* call, GVariant* account,
                           const char* key, const char* text, const char* passphrase,
                           OwnKeysBridge* bridge) {
        return ipc::handled("import", [&] {
            const auto named = read(call, account, key);
            if (!named) {
                return;
            }
            keys(*bridge).import(
                named->account, named->key, text, util::SecretString(passphrase),
                [answer = ipc::later(object, call)](const util::Expected<void>& result) {
                    const bool is_wrong =
                        !result && result.error().code == util::ErrorCode::WrongPassphrase;
                    otr_guard_own_keys_complete_import(answer.object.get(), answer.call,
                                                       problem_of(result).c_str(),
                                                       static_cast<gboolean>(is_wrong));
                });
        });
    }
    static gboolean closed(OtrGuardOwnKeys* object, GDBusMethodInvocation* call,
                           OwnKeysBridge* bridge) {
        return ipc::handled("closed", [&] {
            bridge->m_is_open = false;
            otr_guard_own_keys_complete_closed(object, call);
        });
    }
};

bool OwnKeysBridge::attach(GDBusConnection& connection) {
    m_window = WindowProgram::window(connection, otr_guard_own_keys_window_proxy_new_sync);
    OtrGuardOwnKeys* calls = otr_guard_own_keys_skeleton_new();
    m_calls.reset(calls);
    const auto connect = [this, calls](const char* signal, GCallback callback) {
        g_signal_connect(calls, signal, callback, this);
    };
    connect("handle-read-sealed", G_CALLBACK(Calls::read_sealed));
    connect("handle-make", G_CALLBACK(Calls::make));
    connect("handle-delete", G_CALLBACK(Calls::remove));
    connect("handle-seal", G_CALLBACK(Calls::seal));
    connect("handle-import", G_CALLBACK(Calls::import));
    connect("handle-closed", G_CALLBACK(Calls::closed));
    return m_window != nullptr && ipc::export_on(connection, ipc::client_path, calls);
}

void OwnKeysBridge::detach() {
    m_calls.reset();
    m_window.reset();
}

} // namespace otr_guard::plugin
