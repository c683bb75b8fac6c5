// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "network_bridge.h"

#include <string>
#include <vector>

#include "dialogs.h"
#include "guard_actions.h"
#include "guard_check.h"
#include "i18n.h"
#include "ipc/codec.h"
#include "ipc/network_codec.h"
#include "ipc/own_key_codec.h"
#include "names.h"
#include "network_guard.h"
#include "purple_host.h"

namespace otr_guard::plugin {

using State = core::Record::State;

namespace {

ipc::Way way_shown(const core::Record& record) {
    if (record.state != State::Bound) {
        return ipc::Way::AsSettings;
    }
    if (record.route.binding == core::Binding::Tor) {
        return ipc::Way::Tor;
    }
    return record.route.protocol == core::WireProtocol::Http ? ipc::Way::Http : ipc::Way::Socks5;
}

ipc::NetworkAccount shown(PurpleAccount* account) {
    const core::Record record = NetworkGuard::instance().record(account);
    ipc::NetworkAccount result;
    result.account = account_id(account);
    result.label = account_label(result.account);
    result.way = way_shown(record);
    const core::ProxySettings proxy =
        record.state == State::Bound ? core::required_settings(record.route) : proxy_of(account);
    result.host = proxy.host;
    result.port = proxy.port > 0 ? static_cast<std::uint32_t>(proxy.port) : 0;
    for (const CheckRow& row : check_account(account)) {
        result.rows.push_back({static_cast<ipc::Finding>(row.finding), row.text,
                               std::string(word_of(row.remedy)), label_of(row.remedy)});
    }
    return result;
}

std::vector<ipc::NetworkAccount> all_shown() {
    std::vector<ipc::NetworkAccount> accounts;
    for (GList* item = purple_accounts_get_all();
         item != nullptr && accounts.size() < ipc::most_accounts; item = item->next) {
        auto* account = static_cast<PurpleAccount*>(item->data);
        if (ipc::can_be_named(account_id(account))) {
            accounts.push_back(shown(account));
        }
    }
    return accounts;
}

} // namespace

NetworkBridge::NetworkBridge(Plugin& plugin, WindowProgram& program,
                             std::function<void()> show_plainly)
    : WindowBridge(program), m_plugin(plugin), m_show_plainly(std::move(show_plainly)) {
    const auto update = +[](PurpleConnection*, NetworkBridge* self) { self->changed_soon(); };
    const auto failed = +[](PurpleConnection*, PurpleConnectionError, const char*,
                            NetworkBridge* self) { self->changed_soon(); };
    void* connections = purple_connections_get_handle();
    purple_signal_connect(connections, "signed-on", this, as_callback(update), this);
    purple_signal_connect(connections, "signed-off", this, as_callback(update), this);
    purple_signal_connect(connections, "connection-error", this, as_callback(failed), this);
}

NetworkBridge::~NetworkBridge() {
    purple_signals_disconnect_by_handle(this);
    if (m_update != 0) {
        purple_timeout_remove(m_update);
    }
}

// --- To the program ------------------------------------------------------------------------------

void NetworkBridge::show() {
    m_waiting = {0, m_plugin.event_time()};
    if (program().is_ready()) {
        send();
    } else {
        program().start();
    }
}

void NetworkBridge::ready() {
    if (m_waiting) {
        send();
    }
}

void NetworkBridge::send() {
    const auto [parent, time] = *m_waiting;
    m_is_open = true;
    otr_guard_network_window_call_show(m_window.get(), ipc::to_variant(all_shown()), parent, time,
                                       program().cancellable(), show_answered, this);
}

void NetworkBridge::changed_soon() {
    if (m_is_open && m_update == 0) {
        m_update = purple_timeout_add(
            0,
            [](gpointer self) {
                auto* bridge = static_cast<NetworkBridge*>(self);
                bridge->m_update = 0;
                util::guarded("changed", [&] { bridge->changed(); });
                return gboolean{FALSE};
            },
            this);
    }
}

void NetworkBridge::changed() {
    if (m_is_open && program().is_ready()) {
        otr_guard_network_window_call_replace(m_window.get(), ipc::to_variant(all_shown()),
                                              program().cancellable(), answered, this);
    }
}

void NetworkBridge::shown() {
    m_waiting.reset();
}

void NetworkBridge::give_up() {
    m_is_open = false;
    if (std::exchange(m_waiting, std::nullopt)) {
        m_show_plainly();
    }
}

void NetworkBridge::lost() {
    if (m_waiting) {
        give_up();
    } else if (std::exchange(m_is_open, false)) {
        inform(m_plugin, tr("The window of your accounts' network has ended unexpectedly."),
               tr("Nothing is lost; open it again."));
    }
}

// --- From the program ----------------------------------------------------------------------------

/// One function for every method of the interface in data/im.otrguard.xml.
struct NetworkBridge::Calls {
    /// Null, and the call is answered, when a limit is broken.
    static std::optional<model::AccountId> read(GDBusMethodInvocation* call, GVariant* account,
                                                const char* word) {
        auto named = ipc::account_from(account);
        if (!named || !ipc::is_within(word, ipc::name_bytes)) {
            ipc::refuse(call, "beyond the limits");
            return std::nullopt;
        }
        return named;
    }
    /// What came of it, in a sentence.
    template <typename Act>
    static std::string act_on(NetworkBridge& bridge, const model::AccountId& name, Act&& act) {
        PurpleAccount* account = find_account(name);
        if (account == nullptr) {
            return tr("This account no longer exists, so nothing was changed.");
        }
        const Answer answer = act(account);
        bridge.changed_soon();
        return answer ? *answer : answer.error();
    }

    static gboolean require(OtrGuardNetwork* object, GDBusMethodInvocation* call, GVariant* account,
                            const char* way, NetworkBridge* bridge) {
        return ipc::handled("require", [&] {
            if (const auto name = read(call, account, way)) {
                const std::string answer = act_on(*bridge, *name, [way](PurpleAccount* found) {
                    return require_way(found, way);
                });
                otr_guard_network_complete_require(object, call, answer.c_str());
            }
        });
    }
    static gboolean new_identity(OtrGuardNetwork* object, GDBusMethodInvocation* call,
                                 GVariant* account, NetworkBridge* bridge) {
        return ipc::handled("new_identity", [&] {
            if (const auto name = read(call, account, "")) {
                const std::string answer = act_on(*bridge, *name, plugin::new_identity);
                otr_guard_network_complete_new_identity(object, call, answer.c_str());
            }
        });
    }
    static gboolean mend(OtrGuardNetwork* object, GDBusMethodInvocation* call, GVariant* account,
                         const char* what, NetworkBridge* bridge) {
        return ipc::handled("mend", [&] {
            const auto name = read(call, account, what);
            const auto remedy = remedy_from_word(what);
            if (!name) {
                return;
            }
            if (!remedy) {
                ipc::refuse(call, "no such remedy");
                return;
            }
            const std::string answer = act_on(*bridge, *name, [&remedy](PurpleAccount* found) { //
                return plugin::mend(found, *remedy);
            });
            otr_guard_network_complete_mend(object, call, answer.c_str());
        });
    }
    static gboolean closed(OtrGuardNetwork* object, GDBusMethodInvocation* call,
                           NetworkBridge* bridge) {
        return ipc::handled("closed", [&] {
            bridge->m_is_open = false;
            otr_guard_network_complete_closed(object, call);
        });
    }
};

bool NetworkBridge::attach(GDBusConnection& connection) {
    m_window = WindowProgram::window(connection, otr_guard_network_window_proxy_new_sync);
    OtrGuardNetwork* calls = otr_guard_network_skeleton_new();
    m_calls.reset(calls);
    const auto connect = [this, calls](const char* signal, GCallback callback) {
        g_signal_connect(calls, signal, callback, this);
    };
    connect("handle-require", G_CALLBACK(Calls::require));
    connect("handle-new-identity", G_CALLBACK(Calls::new_identity));
    connect("handle-mend", G_CALLBACK(Calls::mend));
    connect("handle-closed", G_CALLBACK(Calls::closed));
    return m_window != nullptr && ipc::export_on(connection, ipc::client_path, calls);
}

void NetworkBridge::detach() {
    m_calls.reset();
    m_window.reset();
}

} // namespace otr_guard::plugin
