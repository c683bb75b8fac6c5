// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The dialogs about files, drawn with libpurple's requests. They open when the user has done
// something, never because of an offer.

#include <functional>
#include <string>

#include "core/file_desk.h"
#include "dialogs.h"

namespace otr_guard::plugin {

class FileDialogs {
public:
    FileDialogs(Plugin& plugin, Dialogs& dialogs) : m_plugin(plugin), m_dialogs(dialogs) {}
    FileDialogs(const FileDialogs&) = delete;
    FileDialogs& operator=(const FileDialogs&) = delete;

    /// Which file to send privately.
    void choose_file(const model::PeerId& peer, std::function<void(const std::string&)> chosen);
    /// Where files go that are received; false when the client cannot ask.
    bool choose_folder(const model::PeerId& peer, std::function<void(const std::string&)> chosen);
    /// The oldest offer that waits: to take or to decline.
    void show_offer(const model::PeerId& peer);
    /// All of them, in every conversation, and what is shared.
    void show_all();
    /// Which one to cancel.
    void show_open_files(const model::PeerId& peer);
    /// A file was going to pass in clear: what to do instead. `allow` lets it, once.
    void ask_about_clear(const model::PeerId& peer, std::function<void()> allow);
    /// Closes what is about files that are decided.
    void state_changed(const model::PeerId& peer);

private:
    [[nodiscard]] std::vector<core::FileStatus> open_files(const model::PeerId& peer) const;

    Plugin& m_plugin;
    Dialogs& m_dialogs;
};

} // namespace otr_guard::plugin
