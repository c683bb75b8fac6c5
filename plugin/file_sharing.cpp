// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_sharing.h"

#include <filesystem>
#include <memory>
#include <system_error>

#include "file_checks.h"
#include "file_dialogs.h"
#include "names.h"
#include "plugin.h"
#include "settings.h"
#include "ui.h"

namespace otr_guard::plugin {

namespace {

bool is_folder(const std::string& path) {
    std::error_code error;
    return !path.empty() && std::filesystem::is_directory(path, error);
}

/// Where nothing can be asked.
std::string usual_folder() {
    const char* downloads = g_get_user_special_dir(G_USER_DIRECTORY_DOWNLOAD);
    return downloads != nullptr && is_folder(downloads) ? downloads : g_get_home_dir();
}

} // namespace

void FileSharing::send(const model::PeerId& peer, const std::string& path) {
    core::FileTransfers& files = m_plugin.engine().files();
    if (!files.may_offer(peer)) {
        return;
    }
    check_file(m_plugin, peer, from_home(path),
               [&files, peer](const std::string& checked, const std::shared_ptr<const void>& keep) {
                   files.offer(peer, checked, keep);
               });
}

void FileSharing::choose_and_send(const model::PeerId& peer) {
    if (m_plugin.engine().files().may_offer(peer)) {
        m_plugin.ui().files().choose_file(peer);
    }
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
