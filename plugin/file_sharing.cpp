// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_sharing.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "core/file_desk.h"
#include "dialogs.h"
#include "file_checks.h"
#include "file_dialogs.h"
#include "i18n.h"
#include "model/file_limits.h"
#include "names.h"
#include "plugin.h"
#include "purple_host.h"
#include "settings.h"
#include "ui.h"

namespace otr_guard::plugin {

namespace {

bool is_folder(const std::string& path) {
    std::error_code error;
    return std::filesystem::path(path).is_absolute() && std::filesystem::is_directory(path, error);
}

/// Of the user's own, those that are not over.
std::size_t count_offered(const std::vector<core::FileStatus>& files) {
    return static_cast<std::size_t>(std::ranges::count_if(files, [](const core::FileStatus& file) {
        return !file.is_incoming && file.state != core::FileState::Done &&
               file.state != core::FileState::Stopped;
    }));
}

/// Where nothing can be asked.
std::string usual_folder() {
    const char* downloads = g_get_user_special_dir(G_USER_DIRECTORY_DOWNLOAD);
    return downloads != nullptr && is_folder(downloads) ? downloads : g_get_home_dir();
}

} // namespace

FileSharing::Key FileSharing::key_of(const model::PeerId& peer) const {
    return m_plugin.engine().status(peer).their_key;
}

void FileSharing::send(const model::PeerId& peer, const std::string& path) {
    send_to(peer, path, key_of(peer));
}

void FileSharing::choose_and_send(const model::PeerId& peer) {
    if (const auto reason = m_plugin.engine().files().refusal(peer)) {
        refuse(peer, *reason);
        return;
    }
    const auto chosen = [this, peer, key = key_of(peer)](const std::string& path) {
        send_to(peer, path, key);
    };
    m_plugin.ui().files().choose_file(peer, chosen);
}

void FileSharing::send_to(const model::PeerId& peer, const std::string& path, const Key& key) {
    const std::string whole = from_home(path);
    if (!std::filesystem::path(whole).is_absolute()) {
        say(m_plugin, peer, tr("Write the whole path of the file or folder, from / or ~ on."));
        return;
    }
    if (const auto reason = m_plugin.engine().files().refusal(peer)) {
        refuse(peer, *reason);
        return;
    }
    std::deque<Begun>& begun = m_begun[peer].files;
    if (begun.size() + count_offered(m_plugin.engine().files().files_of(peer)) >=
        model::limits::files_per_peer) {
        refuse(peer, core::file_reason::full);
        return;
    }
    begun.push_back({whole, key});
    if (begun.size() == 1) {
        look_at_next(peer);
    }
}

void FileSharing::refuse(const model::PeerId& peer, std::string_view reason) {
    if (++m_refused[{peer, std::string(reason)}] > 1) {
        return;
    }
    m_plugin.host().post([this, which = std::pair(peer, std::string(reason))] {
        const unsigned files = m_refused.extract(which).mapped();
        m_plugin.host().tell(
            which.first, {model::NoticeKind::FileRefused, {which.second, std::to_string(files)}});
    });
}

void FileSharing::look_at_next(const model::PeerId& peer) {
    const auto remark = [this, peer](const std::string& text) {
        if (m_begun.at(peer).remarks.insert(text).second) {
            say(m_plugin, peer, text);
        }
    };
    check_file(m_plugin, peer, m_begun.at(peer).files.front().path, remark,
               [this, peer](const std::optional<CheckedFile>& file) {
                   Batch& batch = m_begun.at(peer);
                   const Key key = batch.files.front().key;
                   batch.files.pop_front();
                   if (file) {
                       offer(peer, key, *file);
                   }
                   if (batch.files.empty()) {
                       m_begun.erase(peer);
                   } else {
                       look_at_next(peer);
                   }
               });
}

void FileSharing::offer(const model::PeerId& peer, const Key& key, const CheckedFile& file) {
    if (const Key now = key_of(peer); now && now != key) {
        say(m_plugin, peer,
            tr("The file is not sent.") + " " +
                tr("The private conversation has changed in the meantime, so nothing was done. "
                   "Have a look and try again."));
        return;
    }
    m_plugin.engine().files().offer(peer, file.path, file.keep);
}

void FileSharing::accept(const model::PeerId& peer, std::optional<unsigned> number) {
    core::FileTransfers& files = m_plugin.engine().files();
    Settings& settings = m_plugin.settings();
    if (const std::string folder = from_home(settings.file_folder()); is_folder(folder)) {
        files.accept(peer, number, folder);
        return;
    }
    const auto chosen = [&files, &settings, peer, number](const std::string& folder) {
        settings.set_file_folder(folder);
        files.accept(peer, number, folder);
    };
    if (!m_plugin.ui().files().choose_folder(peer, chosen)) {
        files.accept(peer, number, usual_folder());
    }
}

void FileSharing::cancel(const model::PeerId& peer, std::optional<unsigned> number) {
    m_plugin.engine().files().cancel(peer, number);
}

} // namespace otr_guard::plugin
