// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "import_bridge.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "dialogs.h"
#include "i18n.h"
#include "import_texts.h"
#include "ipc/codec.h"
#include "ipc/key_codec.h"
#include "model/own_key_texts.h"
#include "names.h"
#include "own_key_list.h"
#include "purple_host.h"

namespace otr_guard::plugin {

using ImportPtr = std::shared_ptr<ProfileImport>;
using Step = ProfileImport::Step;

namespace {

const char* to_word(Step step) {
    switch (step) {
    case Step::Passphrase:
        return "passphrase";
    case Step::Accounts:
        return "accounts";
    case Step::Choice:
        return "choice";
    case Step::Over:
    case Step::Backup:
        break;
    }
    return "over";
}

std::vector<ipc::ImportableKey> choices_of(const core::ImportPlan& plan) {
    std::map<model::AccountId, std::string> accounts;
    std::vector<ipc::ImportableKey> keys;
    for (const core::PlannedKey& planned : plan.keys) {
        if (keys.size() == ipc::most_keys) {
            break;
        }
        const auto& [peer, key] = planned.key;
        auto account = accounts.find(peer.account);
        if (account == accounts.end()) {
            account = accounts.emplace(peer.account, account_label(peer.account)).first;
        }
        keys.push_back({.name = isolated(display_name(peer)),
                        .account = account->second,
                        .key = key.fingerprint.to_hex(),
                        .effect = effect_label(planned),
                        .is_chosen = planned.conflict == core::Conflict::None});
    }
    return keys;
}

std::vector<ipc::ImportableOwnKey> own_choices_of(Plugin& plugin, const ProfileImport& import) {
    std::vector<ipc::ImportableOwnKey> keys;
    for (const core::PlannedOwnKey& planned : import.plan().own) {
        const auto known = find_own_key(plugin, planned.account);
        keys.push_back({.account = account_label(planned.account),
                        .key = import.fingerprint_of(planned).to_hex(),
                        .warning = planned.replaces
                                       ? model::replace_key_warning(known ? known->people : 0)
                                       : std::string()});
    }
    return keys;
}

/// Without duplicates; nothing when one of them is not below `end`.
std::optional<std::vector<std::size_t>> places_in(GVariant* array, std::size_t end) {
    gsize count = 0;
    const auto* places =
        static_cast<const guint32*>(g_variant_get_fixed_array(array, &count, sizeof(guint32)));
    if (std::any_of(places, places + count, [end](guint32 place) { return place >= end; })) {
        return std::nullopt;
    }
    const std::set<std::size_t> unique(places, places + count);
    return std::vector<std::size_t>(unique.begin(), unique.end());
}

/// For an array of strings in a call.
class Strings {
public:
    void add(const std::string& text) { m_texts.push_back(text); }
    /// Valid while this object is, and until the next add().
    [[nodiscard]] const char* const* pointers() {
        m_pointers.clear();
        for (const std::string& text : m_texts) {
            m_pointers.push_back(text.c_str());
        }
        m_pointers.push_back(nullptr);
        return m_pointers.data();
    }

private:
    std::vector<std::string> m_texts;
    std::vector<const char*> m_pointers;
};

} // namespace

ImportBridge::ImportBridge(Plugin& plugin, WindowProgram& program, Others others)
    : WindowBridge(program), m_plugin(plugin), m_others(std::move(others)), m_reader(plugin) {}

// --- To the program ------------------------------------------------------------------------------

void ImportBridge::show(const std::string& path) {
    m_waiting = {path, m_plugin.event_time()};
    if (program().is_ready()) {
        send();
    } else {
        program().start();
    }
}

void ImportBridge::ready() {
    if (m_waiting) {
        send();
    }
}

void ImportBridge::send() {
    m_is_open = true;
    otr_guard_import_window_call_show(m_window.get(), m_waiting->path.c_str(), 0, m_waiting->time,
                                      program().cancellable(), show_answered, this);
}

void ImportBridge::shown() {
    m_waiting.reset();
}

void ImportBridge::give_up() {
    m_is_open = false;
    m_import.reset();
    if (const auto waiting = std::exchange(m_waiting, std::nullopt)) {
        m_others.show_plainly(waiting->path);
    }
}

void ImportBridge::lost() {
    m_import.reset();
    if (m_waiting) {
        give_up();
    } else if (std::exchange(m_is_open, false)) {
        inform(m_plugin, tr("The window of the import has ended unexpectedly."),
               tr("Nothing is lost; open it again."));
    }
}

// --- From the program ----------------------------------------------------------------------------

/// One function for every method of the interface in data/im.otrguard.xml.
struct ImportBridge::Calls {
    /// What is being taken, after the user has chosen.
    struct Taking {
        ImportPtr import;
        std::vector<std::size_t> own; ///< left to take
        std::string text;             ///< what was done, a line each
        unsigned undo = 0;
        ipc::LateAnswer<OtrGuardImport> answer;
        ImportBridge* bridge; ///< as long as it is alive
        std::weak_ptr<bool> alive;
    };

    /// False, and the call is answered, when this step of this import is not due.
    static bool check(GDBusMethodInvocation* call, const ImportBridge& bridge, guint32 number,
                      Step step) {
        const bool is_due =
            bridge.m_import != nullptr && bridge.m_number == number && bridge.m_step == step;
        if (!is_due) {
            ipc::refuse(call, "not due");
        }
        return is_due;
    }
    /// The step that comes next, and what the window is told of it.
    static ProfileImport::Next go_on(ImportBridge& bridge, ProfileImport::Next next) {
        bridge.m_step = next.step;
        bridge.m_is_listed = false;
        if (next.step == Step::Backup) {
            next.text = tr("This is a key of your own that was exported from OTR Guard.");
            next.detail = tr("Import it in the window of your codes, which has opened.");
            bridge.m_others.open_backup(bridge.m_import->backup());
        }
        if (next.step == Step::Over || next.step == Step::Backup) {
            bridge.m_import.reset();
        }
        return next;
    }

    static gboolean read(OtrGuardImport* object, GDBusMethodInvocation* call, guint32 number,
                         const char* path, const char* passphrase, ImportBridge* bridge) {
        return ipc::handled("read", [&] {
            if (!ipc::is_within(path, ipc::name_bytes) ||
                !ipc::is_within(passphrase, ipc::secret_bytes)) {
                ipc::refuse(call, "beyond the limits");
                return;
            }
            const auto import = std::make_shared<ProfileImport>(bridge->m_plugin, path);
            bridge->m_is_open = true; // the window may have opened itself
            bridge->m_import = import;
            bridge->m_number = number;
            bridge->m_step = Step::Over;
            bridge->m_reader.read(
                import->path(), util::SecretString(passphrase),
                [bridge, import, answer = ipc::later(object, call)](auto profile) {
                    // Another one was begun meanwhile, or the window is closed.
                    const bool is_wanted = bridge->m_import == import;
                    const auto next = is_wanted ? go_on(*bridge, import->take(std::move(profile)))
                                                : ProfileImport::Next{Step::Over, {}, {}};
                    otr_guard_import_complete_read(answer.object.get(), answer.call,
                                                   to_word(next.step), next.text.c_str(),
                                                   next.detail.c_str());
                });
        });
    }
    /// As check, and what there is to choose was not listed yet.
    static bool may_list(GDBusMethodInvocation* call, ImportBridge& bridge, guint32 number,
                         Step step) {
        if (!check(call, bridge, number, step)) {
            return false;
        }
        const bool is_first = !std::exchange(bridge.m_is_listed, true);
        if (!is_first) {
            ipc::refuse(call, "asked twice");
        }
        return is_first;
    }
    static gboolean accounts(OtrGuardImport* object, GDBusMethodInvocation* call, guint32 number,
                             ImportBridge* bridge) {
        return ipc::handled("accounts", [&] {
            if (!may_list(call, *bridge, number, Step::Accounts)) {
                return;
            }
            Strings theirs;
            Strings ours;
            for (const model::AccountId& account : bridge->m_import->unknown()) {
                theirs.add(foreign_label(account));
            }
            for (const model::AccountId& account : bridge->m_import->ours()) {
                ours.add(account_label(account));
            }
            otr_guard_import_complete_accounts(object, call, theirs.pointers(), ours.pointers());
        });
    }
    static gboolean match(OtrGuardImport* object, GDBusMethodInvocation* call, guint32 number,
                          GVariant* places, ImportBridge* bridge) {
        return ipc::handled("match", [&] {
            if (!check(call, *bridge, number, Step::Accounts)) {
                return;
            }
            if (g_variant_n_children(places) > bridge->m_import->unknown().size()) {
                ipc::refuse(call, "no such account");
                return;
            }
            std::vector<std::optional<std::size_t>> matched;
            for (gsize i = 0; i < g_variant_n_children(places); ++i) {
                guint32 place = 0;
                g_variant_get_child(places, i, "u", &place);
                matched.emplace_back(place > 0 ? std::optional(place - 1U) : std::nullopt);
            }
            const auto next = go_on(*bridge, bridge->m_import->match(matched));
            otr_guard_import_complete_match(object, call, to_word(next.step), next.text.c_str(),
                                            next.detail.c_str());
        });
    }
    static gboolean choices(OtrGuardImport* object, GDBusMethodInvocation* call, guint32 number,
                            ImportBridge* bridge) {
        return ipc::handled("choices", [&] {
            if (may_list(call, *bridge, number, Step::Choice)) {
                const ProfileImport& import = *bridge->m_import;
                otr_guard_import_complete_choices(
                    object, call, ipc::to_variant(choices_of(import.plan())),
                    ipc::to_variant(own_choices_of(bridge->m_plugin, import)));
            }
        });
    }
    static gboolean take(OtrGuardImport* object, GDBusMethodInvocation* call, guint32 number,
                         GVariant* keys, GVariant* own, ImportBridge* bridge) {
        return ipc::handled("take", [&] {
            if (!check(call, *bridge, number, Step::Choice)) {
                return;
            }
            const core::ImportPlan& plan = bridge->m_import->plan();
            const auto places = places_in(keys, plan.keys.size());
            const auto own_places = places_in(own, plan.own.size());
            if (!places || !own_places) {
                ipc::refuse(call, "no such choice");
                return;
            }
            const ImportPtr import = std::exchange(bridge->m_import, nullptr);
            if (import->has_changed(*places)) {
                ipc::say_changed(call, "contradicts what is known by now");
                return;
            }
            const auto taking = std::make_shared<Taking>(Taking{
                .import = import,
                .own = *own_places,
                .text = {},
                .answer = ipc::later(object, call),
                .bridge = bridge,
                .alive = bridge->m_alive,
            });
            if (!places->empty()) {
                const auto done = bridge->m_others.take_keys(import->keys(*places));
                taking->undo = done.undo;
                taking->text = format(tr_n("{number} code was imported.",
                                           "{number} codes were imported.", done.number),
                                      {{"number", std::to_string(done.number)}});
            }
            take_own(taking);
        });
    }
    /// One after the other; answers when there is none left.
    static void take_own(const std::shared_ptr<Taking>& taking) {
        if (taking->own.empty()) {
            otr_guard_import_complete_take(taking->answer.object.get(), taking->answer.call,
                                           taking->text.c_str(), taking->undo);
            if (!taking->bridge->m_is_open) { // nobody else says it
                inform(taking->bridge->m_plugin, taking->text, {});
            }
            return;
        }
        const std::size_t place = taking->own.back();
        taking->own.pop_back();
        taking->import->take_own_key(place, [taking](const std::string& text) {
            if (!taking->alive.expired()) {
                taking->text += (taking->text.empty() ? "" : "\n") + text;
                take_own(taking);
            }
        });
    }
    static gboolean forget(OtrGuardImport* object, GDBusMethodInvocation* call,
                           ImportBridge* bridge) {
        return ipc::handled("forget", [&] {
            bridge->m_import.reset();
            otr_guard_import_complete_forget(object, call);
        });
    }
    static gboolean closed(OtrGuardImport* object, GDBusMethodInvocation* call,
                           ImportBridge* bridge) {
        return ipc::handled("closed", [&] {
            bridge->m_is_open = false;
            bridge->m_import.reset();
            otr_guard_import_complete_closed(object, call);
        });
    }
};

bool ImportBridge::attach(GDBusConnection& connection) {
    m_window = WindowProgram::window(connection, otr_guard_import_window_proxy_new_sync);
    OtrGuardImport* calls = otr_guard_import_skeleton_new();
    m_calls.reset(calls);
    const auto connect = [this, calls](const char* signal, GCallback callback) {
        g_signal_connect(calls, signal, callback, this);
    };
    connect("handle-read", G_CALLBACK(Calls::read));
    connect("handle-accounts", G_CALLBACK(Calls::accounts));
    connect("handle-match", G_CALLBACK(Calls::match));
    connect("handle-choices", G_CALLBACK(Calls::choices));
    connect("handle-take", G_CALLBACK(Calls::take));
    connect("handle-forget", G_CALLBACK(Calls::forget));
    connect("handle-closed", G_CALLBACK(Calls::closed));
    return m_window != nullptr && ipc::export_on(connection, ipc::client_path, calls);
}

void ImportBridge::detach() {
    m_calls.reset();
    m_window.reset();
}

} // namespace otr_guard::plugin
