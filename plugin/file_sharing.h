// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The private way for files, from whatever the user did (command, menu, dragging) to the core, and
// from a peer's offer to a folder that the user chose.

#include <optional>
#include <string>

#include "model/account.h"

namespace otr_guard::plugin {

class Plugin;

class FileSharing {
public:
    explicit FileSharing(Plugin& plugin) : m_plugin(plugin) {}
    FileSharing(const FileSharing&) = delete;
    FileSharing& operator=(const FileSharing&) = delete;

    /// Offers it to the peer; tells the user why not.
    void send(const model::PeerId& peer, const std::string& path);
    /// Lets the user choose a file first.
    void choose_and_send(const model::PeerId& peer);
    /// Asks for a folder when none was chosen yet. Without a number: the only one that waits.
    void accept(const model::PeerId& peer, std::optional<unsigned> number);
    /// Declines or cancels. Without a number: the only one that is not over.
    void cancel(const model::PeerId& peer, std::optional<unsigned> number);

private:
    Plugin& m_plugin;
};

} // namespace otr_guard::plugin
