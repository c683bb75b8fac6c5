// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "guarded_protocols.h"

#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "auto_away.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

/// The protocol's own functions; nullptr where it has none.
struct Originals {
    decltype(PurplePluginProtocolInfo::login) login;
    decltype(PurplePluginProtocolInfo::close) close;
    decltype(PurplePluginProtocolInfo::register_user) register_user;
    decltype(PurplePluginProtocolInfo::unregister_user) unregister_user;
    decltype(PurplePluginProtocolInfo::send_typing) send_typing;
    decltype(PurplePluginProtocolInfo::set_idle) set_idle;
    decltype(PurplePluginProtocolInfo::set_status) set_status;
    decltype(PurplePluginProtocolInfo::can_receive_file) can_receive_file;
    decltype(PurplePluginProtocolInfo::send_file) send_file;
    decltype(PurplePluginProtocolInfo::new_xfer) new_xfer;
    decltype(PurplePluginProtocolInfo::initiate_media) initiate_media;
    decltype(PurplePluginProtocolInfo::get_media_caps) get_media_caps;
};

struct State {
    ProtocolKeeper* keeper = nullptr;
    TransferKeeper* transfers = nullptr;
    std::unordered_map<PurplePluginProtocolInfo*, Originals> originals;
    /// Connections that the protocol knows nothing of.
    std::unordered_set<PurpleConnection*> not_begun;
    AutoAway auto_away;
};

/// Never destroyed: protocols have our functions until the process ends.
State& state() {
    static State* const only = std::make_unique<State>().release();
    return *only;
}

PurplePluginProtocolInfo* info_of(PurpleAccount* account) {
    PurplePlugin* protocol = purple_find_prpl(purple_account_get_protocol_id(account));
    return protocol != nullptr ? PURPLE_PLUGIN_PROTOCOL_INFO(protocol) : nullptr;
}

const Originals* originals_of(PurplePluginProtocolInfo* info) {
    const auto found = state().originals.find(info);
    return found == state().originals.end() ? nullptr : &found->second;
}

const Originals* originals_of(PurpleAccount* account) {
    return originals_of(info_of(account));
}

/// The protocol of a connection, even when its account has been given another one since.
const Originals* originals_of(PurpleConnection* connection) {
    return originals_of(PURPLE_PLUGIN_PROTOCOL_INFO(purple_connection_get_prpl(connection)));
}

bool is_bound(PurpleAccount* account) {
    return util::guarded("is_bound", true, [&] { return state().keeper->is_bound(account); });
}

bool is_bound(PurpleConnection* connection) {
    return is_bound(purple_connection_get_account(connection));
}

bool may_tell(PurpleAccount* account, Tale what) {
    return util::guarded("may_tell", false, [&] {
        return !state().keeper->is_bound(account) || state().keeper->may_tell(account, what);
    });
}

bool may_tell(PurpleConnection* connection, Tale what) {
    return may_tell(purple_connection_get_account(connection), what);
}

// --- Beginning and ending ---------------------------------------------------------------------

void run(PurpleAccount* account, Beginning what, const Originals& originals) {
    if (!may_tell(account, Tale::Idle)) {
        AutoAway::undo_before_log_in(account); // a log-in tells the status by itself
    }
    const auto original = what == Beginning::LogIn ? originals.login : originals.register_user;
    if (original != nullptr) {
        original(account);
    }
}

void try_to_begin(PurpleAccount* account, Beginning what) {
    PurpleConnection* connection = purple_account_get_connection(account);
    const Originals* originals = originals_of(account);
    if (connection == nullptr || originals == nullptr) {
        return;
    }
    const bool may_begin = util::guarded("may_begin", false, [&] {
        state().not_begun.insert(connection);
        if (!state().keeper->may_begin(connection, what)) {
            return false;
        }
        state().not_begun.erase(connection);
        state().keeper->beginning(account, false);
        return true;
    });
    if (may_begin) {
        run(account, what, *originals);
        util::guarded("begun", [&] { state().keeper->beginning(account, true); });
    }
}

void log_in(PurpleAccount* account) {
    try_to_begin(account, Beginning::LogIn);
}

void register_user(PurpleAccount* account) {
    try_to_begin(account, Beginning::Register);
}

/// An account that is not connected would be connected for this, past the log-in.
void unregister_user(PurpleAccount* account, PurpleAccountUnregistrationCb done, void* data) {
    const Originals* originals = originals_of(account);
    if (originals == nullptr || originals->unregister_user == nullptr) {
        return;
    }
    PurpleConnection* connection = purple_account_get_connection(account);
    if (purple_account_is_connected(account) || !is_bound(account)) {
        originals->unregister_user(account, done, data);
        return;
    }
    util::guarded("unregister_user", [&] {
        if (connection != nullptr) {
            state().not_begun.insert(connection);
            state().keeper->refused_transfer(connection, {});
        }
    });
    if (done != nullptr) {
        done(account, FALSE, data);
    }
}

void close_connection(PurpleConnection* connection) {
    const bool was_begun = util::guarded("close_connection", true, [&] {
        const bool begun = state().not_begun.erase(connection) == 0;
        state().auto_away.forget(purple_connection_get_account(connection));
        state().keeper->forget(connection);
        return begun;
    });
    const Originals* originals = originals_of(connection);
    if (was_begun && originals != nullptr) {
        originals->close(connection);
    }
}

// --- Direct connections -----------------------------------------------------------------------

/// What `ask` answers; `otherwise` without anybody to ask, and `safe` when that fails.
template <typename Ask> bool ask_keeper(bool otherwise, bool safe, Ask ask) {
    TransferKeeper* keeper = state().transfers;
    return keeper == nullptr ? otherwise
                             : util::guarded("transfer", safe, [&] { return ask(*keeper); });
}

gboolean can_receive_file(PurpleConnection* connection, const char* who) {
    const Originals* originals = originals_of(connection);
    if (who != nullptr && ask_keeper(false, false, [&](TransferKeeper& keeper) {
            return keeper.has_private_way(connection, who);
        })) {
        return TRUE;
    }
    if (originals == nullptr || is_bound(connection)) {
        return FALSE;
    }
    return originals->can_receive_file != nullptr ? originals->can_receive_file(connection, who)
                                                  : TRUE;
}

void send_file(PurpleConnection* connection, const char* who, const char* file) {
    const Originals* originals = originals_of(connection);
    if (originals == nullptr || originals->send_file == nullptr) {
        return;
    }
    if (who != nullptr && !ask_keeper(true, false, [&](TransferKeeper& keeper) {
            return keeper.may_send_file(connection, who, file);
        })) {
        return;
    }
    if (!is_bound(connection)) {
        originals->send_file(connection, who, file);
        return;
    }
    util::guarded("send_file",
                  [&] { state().keeper->refused_transfer(connection, who != nullptr ? who : ""); });
}

PurpleXfer* new_xfer(PurpleConnection* connection, const char* who) {
    const Originals* originals = originals_of(connection);
    const bool may =
        originals != nullptr && originals->new_xfer != nullptr && !is_bound(connection);
    return may ? originals->new_xfer(connection, who) : nullptr;
}

gboolean initiate_media(PurpleAccount* account, const char* who, PurpleMediaSessionType type) {
    const Originals* originals = originals_of(account);
    const bool may = originals != nullptr && originals->initiate_media != nullptr &&
                     !is_bound(account) &&
                     (who == nullptr || ask_keeper(true, false, [&](TransferKeeper& keeper) {
                          return keeper.may_call(account, who);
                      }));
    return may ? originals->initiate_media(account, who, type) : FALSE;
}

PurpleMediaCaps get_media_caps(PurpleAccount* account, const char* who) {
    const Originals* originals = originals_of(account);
    const bool may = originals != nullptr && originals->get_media_caps != nullptr &&
                     !is_bound(account) &&
                     (who == nullptr || ask_keeper(true, false, [&](TransferKeeper& keeper) {
                          return keeper.may_have_calls(account, who);
                      }));
    return may ? originals->get_media_caps(account, who) : PURPLE_MEDIA_CAPS_NONE;
}

// --- Notices ----------------------------------------------------------------------------------

unsigned send_typing(PurpleConnection* connection, const char* who, PurpleTypingState now) {
    const Originals* originals = originals_of(connection);
    const bool may = originals != nullptr && originals->send_typing != nullptr &&
                     may_tell(connection, Tale::Typing);
    return may ? originals->send_typing(connection, who, now) : 0;
}

void set_idle(PurpleConnection* connection, int seconds) {
    const Originals* originals = originals_of(connection);
    // That the user is back is told in any case: it can have been allowed before.
    if (originals != nullptr && originals->set_idle != nullptr &&
        (seconds == 0 || may_tell(connection, Tale::Idle))) {
        originals->set_idle(connection, seconds);
    }
}

void set_status(PurpleAccount* account, PurpleStatus* status) {
    const Originals* originals = originals_of(account);
    const bool is_undone = util::guarded("set_status", true, [&] {
        if (!may_tell(account, Tale::Idle)) {
            return state().auto_away.undoes(account, status);
        }
        state().auto_away.forget(account);
        return false;
    });
    if (originals != nullptr && originals->set_status != nullptr && !is_undone) {
        originals->set_status(account, status);
    }
}

// --- Taking over ------------------------------------------------------------------------------

/// Older protocols end before the newest functions.
bool reaches(const PurplePluginProtocolInfo* info, std::size_t end) {
    return info->struct_size >= end;
}

void take_over(PurplePlugin* protocol) {
    PurplePluginProtocolInfo* info = PURPLE_PLUGIN_PROTOCOL_INFO(protocol);
    if (info == nullptr || info->login == nullptr || info->login == log_in) {
        return;
    }
    Originals originals{.login = info->login,
                        .close = info->close,
                        .register_user = info->register_user,
                        .unregister_user = info->unregister_user,
                        .send_typing = info->send_typing,
                        .set_idle = info->set_idle,
                        .set_status = info->set_status,
                        .can_receive_file = info->can_receive_file,
                        .send_file = info->send_file,
                        .new_xfer = info->new_xfer,
                        .initiate_media = nullptr,
                        .get_media_caps = nullptr};
    const bool has_calls = reaches(info, G_STRUCT_OFFSET(PurplePluginProtocolInfo, get_moods));
    if (has_calls) {
        originals.initiate_media = info->initiate_media;
        originals.get_media_caps = info->get_media_caps;
    }
    state().originals[info] = originals;
    info->login = log_in;
    info->close = close_connection;
    // What a protocol cannot do must still be missing: clients look whether it is there.
    const auto replace = [](auto& function, auto by) {
        function = function != nullptr ? by : nullptr;
    };
    replace(info->register_user, register_user);
    replace(info->unregister_user, unregister_user);
    replace(info->send_typing, send_typing);
    replace(info->set_idle, set_idle);
    replace(info->set_status, set_status);
    replace(info->new_xfer, new_xfer);
    if (info->send_file != nullptr) {
        info->send_file = send_file;
        info->can_receive_file = can_receive_file;
    }
    if (has_calls) {
        replace(info->initiate_media, initiate_media);
        replace(info->get_media_caps, get_media_caps);
    }
    watch_inside(protocol, *state().keeper);
}

void take_over_all() {
    for (GList* item = purple_plugins_get_protocols(); item != nullptr; item = item->next) {
        take_over(static_cast<PurplePlugin*>(item->data));
    }
}

void plugin_loaded(PurplePlugin* plugin, void*) {
    util::guarded("plugin_loaded", [&] {
        if (plugin->info != nullptr && plugin->info->type == PURPLE_PLUGIN_PROTOCOL) {
            take_over(plugin);
        }
    });
}

} // namespace

void guard_protocols(ProtocolKeeper& keeper) {
    State& here = state();
    if (here.keeper == nullptr) {
        here.keeper = &keeper;
        purple_signal_connect(purple_plugins_get_handle(), "plugin-load", &here,
                              as_callback(plugin_loaded), nullptr);
    }
    take_over_all();
}

void set_transfer_keeper(TransferKeeper* keeper) {
    state().transfers = keeper;
}

void begin(PurpleConnection* connection, Beginning what) {
    PurpleAccount* account = purple_connection_get_account(connection);
    const Originals* originals = originals_of(connection);
    if (originals != nullptr && state().not_begun.erase(connection) > 0) {
        state().keeper->beginning(account, false);
        run(account, what, *originals);
        state().keeper->beginning(account, true);
    }
}

bool is_guarded(PurpleAccount* account) {
    const PurplePluginProtocolInfo* info = info_of(account);
    return info != nullptr && info->login == log_in;
}

} // namespace otr_guard::plugin
