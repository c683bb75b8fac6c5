// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "files_bridge.h"

#include <algorithm>
#include <string>

#include "core/file_desk.h"
#include "dialogs.h"
#include "file_sharing.h"
#include "file_texts.h"
#include "i18n.h"
#include "ipc/codec.h"
#include "names.h"
#include "onion_sharing.h"
#include "purple_host.h"

namespace otr_guard::plugin {

using core::FileState;
using core::FileStatus;
using ipc::Transfer;
using ipc::TransferKind;
using ipc::TransferStage;

namespace {

constexpr guint update_interval_ms = 250;

TransferStage stage_of(const FileStatus& file) {
    switch (file.state) {
    case FileState::Preparing:
        return TransferStage::Preparing;
    case FileState::Offered:
        return TransferStage::Offered;
    case FileState::Asked:
        return TransferStage::Asked;
    case FileState::Running:
        return file.is_interrupted ? TransferStage::Waiting : TransferStage::Running;
    case FileState::Checking:
        return TransferStage::Checking;
    case FileState::Done:
        return TransferStage::Done;
    case FileState::Stopped:
        break;
    }
    return TransferStage::Stopped;
}

/// A file that goes on without a word; OnionShare is heard.
bool is_moving(const Transfer& transfer) {
    using enum TransferStage;
    return transfer.kind != TransferKind::Share &&
           (transfer.stage == Preparing || transfer.stage == Running || transfer.stage == Checking);
}

std::string folder_of(const FileStatus& file) {
    if (file.path.empty()) {
        return {};
    }
    const std::string folder = file.path.parent_path().string();
    const util::CPtr<char, g_free> uri(g_filename_to_uri(folder.c_str(), nullptr, nullptr));
    return uri != nullptr ? uri.get() : std::string();
}

Transfer shown(Plugin& plugin, const FileStatus& file) {
    Transfer transfer;
    transfer.peer = file.peer;
    transfer.kind = file.is_incoming ? TransferKind::In : TransferKind::Out;
    transfer.number = file.number;
    transfer.stage = stage_of(file);
    transfer.with = isolated(display_name(file.peer));
    transfer.account = account_label(file.peer.account);
    transfer.name = isolated(file.name);
    transfer.size = size_text(file.size);
    transfer.state = file_state_text(file);
    if (file.is_incoming && file.state == FileState::Asked) {
        transfer.remarks =
            offer_remarks(file, plugin.engine().status(file.peer).is_verified, transfer.with);
    }
    transfer.folder = folder_of(file);
    transfer.percent = percent_of(file);
    return transfer;
}

Transfer shown(const ShareStatus& share) {
    Transfer transfer;
    transfer.peer = share.peer;
    transfer.kind = TransferKind::Share;
    transfer.number = share.number;
    transfer.stage = share.is_ending ? TransferStage::Stopped : TransferStage::Running;
    transfer.with = isolated(display_name(share.peer));
    transfer.account = account_label(share.peer.account);
    transfer.name = share.name;
    transfer.state = share.state;
    transfer.remarks = share.address;
    transfer.percent = std::min(share.percent, 100U);
    return transfer;
}

std::vector<Transfer> all_shown(Plugin& plugin) {
    std::vector<Transfer> transfers;
    for (const FileStatus& file : plugin.engine().files().all()) {
        if (transfers.size() < ipc::most_transfers && ipc::can_be_named(file.peer)) {
            transfers.push_back(shown(plugin, file));
        }
    }
    for (const ShareStatus& share : plugin.onion_sharing().all()) {
        if (transfers.size() < ipc::most_transfers && ipc::can_be_named(share.peer)) {
            transfers.push_back(shown(share));
        }
    }
    return transfers;
}

} // namespace

FilesBridge::FilesBridge(Plugin& plugin, WindowProgram& program, std::function<void()> show_plainly)
    : WindowBridge(program), m_plugin(plugin), m_show_plainly(std::move(show_plainly)) {}

FilesBridge::~FilesBridge() {
    if (m_update != 0) {
        purple_timeout_remove(m_update);
    }
}

// --- To the program ------------------------------------------------------------------------------

void FilesBridge::show() {
    m_waiting = m_plugin.event_time();
    if (program().is_ready()) {
        send();
    } else {
        program().start();
    }
}

void FilesBridge::ready() {
    if (m_waiting) {
        send();
    }
}

void FilesBridge::send() {
    m_is_open = true;
    m_shown = all_shown(m_plugin);
    otr_guard_files_window_call_show(m_window.get(), ipc::to_variant(m_shown), 0, *m_waiting,
                                     program().cancellable(), show_answered, this);
    changed_soon();
}

void FilesBridge::changed_soon() {
    if (m_is_open && m_update == 0) {
        m_update = purple_timeout_add(
            update_interval_ms,
            [](gpointer self) {
                auto* bridge = static_cast<FilesBridge*>(self);
                bridge->m_update = 0;
                util::guarded("changed", [&] { bridge->changed(); });
                return gboolean{FALSE};
            },
            this);
    }
}

void FilesBridge::changed() {
    if (!m_is_open || !m_is_answered || !program().is_ready()) {
        return; // what comes next looks again
    }
    std::vector<Transfer> transfers = all_shown(m_plugin);
    const bool goes_on = std::ranges::any_of(transfers, is_moving);
    if (transfers != m_shown) {
        m_shown = std::move(transfers);
        m_is_answered = false;
        otr_guard_files_window_call_replace(m_window.get(), ipc::to_variant(m_shown),
                                            program().cancellable(), answered, this);
    } else if (goes_on) {
        changed_soon();
    }
}

void FilesBridge::taken() {
    m_is_answered = true;
    changed_soon();
}

void FilesBridge::shown() {
    m_waiting.reset();
}

void FilesBridge::give_up() {
    m_is_open = false;
    if (std::exchange(m_waiting, std::nullopt)) {
        m_show_plainly();
    }
}

void FilesBridge::lost() {
    if (m_waiting) {
        give_up();
    } else if (std::exchange(m_is_open, false)) {
        inform(m_plugin, tr("The window of files has ended unexpectedly."),
               tr("Nothing is lost; open it again."));
    }
}

// --- From the program ----------------------------------------------------------------------------

/// One function for every method of the interface in data/im.otrguard.xml.
struct FilesBridge::Calls {
    static std::string over() {
        return tr("This is over, or not waiting for an answer any more, so nothing was done.");
    }

    /// `act` when there is such a file in such a state.
    template <typename Act>
    static std::string act_on_file(FilesBridge& bridge, const model::PeerId& peer, unsigned number,
                                   bool (*is_meant)(const FileStatus&), Act&& act) {
        const auto files = bridge.m_plugin.engine().files().files_of(peer);
        const auto file = std::ranges::find(files, number, &FileStatus::number);
        if (file == files.end() || !is_meant(*file)) {
            bridge.changed_soon();
            return over();
        }
        act(bridge.m_plugin.file_sharing());
        bridge.changed_soon();
        return {};
    }

    using Complete = void (*)(OtrGuardFiles*, GDBusMethodInvocation*, const char*);

    /// What `act` returns about the peer that the program names goes back to it.
    template <Complete complete, typename Act>
    static gboolean answer(const char* name, OtrGuardFiles* object, GDBusMethodInvocation* call,
                           GVariant* variant, Act&& act) {
        return ipc::handled(name, [&] {
            if (const auto peer = ipc::peer_from(variant)) {
                complete(object, call, act(*peer).c_str());
            } else {
                ipc::refuse(call, "beyond the limits");
            }
        });
    }

    static gboolean accept(OtrGuardFiles* object, GDBusMethodInvocation* call, GVariant* variant,
                           guint32 number, FilesBridge* bridge) {
        const auto is_meant = [](const FileStatus& file) {
            return file.is_incoming && file.state == FileState::Asked;
        };
        return answer<otr_guard_files_complete_accept>(
            "accept", object, call, variant, [&](const model::PeerId& peer) {
                return act_on_file(*bridge, peer, number, is_meant,
                                   [&](FileSharing& files) { files.accept(peer, number); });
            });
    }
    static gboolean cancel(OtrGuardFiles* object, GDBusMethodInvocation* call, GVariant* variant,
                           guint32 number, FilesBridge* bridge) {
        const auto is_meant = [](const FileStatus& file) {
            return file.state != FileState::Done && file.state != FileState::Stopped;
        };
        return answer<otr_guard_files_complete_cancel>(
            "cancel", object, call, variant, [&](const model::PeerId& peer) {
                return act_on_file(*bridge, peer, number, is_meant,
                                   [&](FileSharing& files) { files.cancel(peer, number); });
            });
    }
    static gboolean stop_sharing(OtrGuardFiles* object, GDBusMethodInvocation* call,
                                 GVariant* variant, guint32 number, FilesBridge* bridge) {
        return answer<otr_guard_files_complete_stop_sharing>(
            "stop_sharing", object, call, variant, [&](const model::PeerId& peer) {
                OnionSharing& sharing = bridge->m_plugin.onion_sharing();
                const auto shares = sharing.all();
                const bool is_there = std::ranges::any_of(shares, [&](const ShareStatus& share) {
                    return share.peer == peer && share.number == number;
                });
                bridge->changed_soon();
                return is_there ? sharing.stop(peer).value_or("") : over();
            });
    }
    static gboolean closed(OtrGuardFiles* object, GDBusMethodInvocation* call,
                           FilesBridge* bridge) {
        return ipc::handled("closed", [&] {
            bridge->m_is_open = false;
            otr_guard_files_complete_closed(object, call);
        });
    }
};

bool FilesBridge::attach(GDBusConnection& connection) {
    m_is_answered = true;
    m_window = WindowProgram::window(connection, otr_guard_files_window_proxy_new_sync);
    OtrGuardFiles* calls = otr_guard_files_skeleton_new();
    m_calls.reset(calls);
    const auto connect = [this, calls](const char* signal, GCallback callback) {
        g_signal_connect(calls, signal, callback, this);
    };
    connect("handle-accept", G_CALLBACK(Calls::accept));
    connect("handle-cancel", G_CALLBACK(Calls::cancel));
    connect("handle-stop-sharing", G_CALLBACK(Calls::stop_sharing));
    connect("handle-closed", G_CALLBACK(Calls::closed));
    return m_window != nullptr && ipc::export_on(connection, ipc::client_path, calls);
}

void FilesBridge::detach() {
    m_calls.reset();
    m_window.reset();
}

} // namespace otr_guard::plugin
