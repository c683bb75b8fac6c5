// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The private way for files, from whatever the user did (command, menu, dragging) to the core, and
// from a peer's offer to a folder that the user chose.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/account.h"
#include "model/fingerprint.h"

namespace otr_guard::plugin {

class Plugin;
struct CheckedFile;

class FileSharing {
public:
    explicit FileSharing(Plugin& plugin) : m_plugin(plugin) {}
    FileSharing(const FileSharing&) = delete;
    FileSharing& operator=(const FileSharing&) = delete;

    /// Offers it to the peer, after those that are being looked at; tells the user why not. It goes
    /// to the holder of the key that is in use now, or not at all.
    void send(const model::PeerId& peer, const std::string& path);
    /// Lets the user choose a file first.
    void choose_and_send(const model::PeerId& peer);
    /// Asks for a folder when none was chosen yet. Without a number: the only one that waits.
    void accept(const model::PeerId& peer, std::optional<unsigned> number);
    /// Declines or cancels. Without a number: the only one that is not over.
    void cancel(const model::PeerId& peer, std::optional<unsigned> number);

private:
    using Key = std::optional<model::Fingerprint>;
    struct Begun {
        std::string path;
        Key key; ///< with whom the user began it
    };
    /// What the user has begun with one peer; the first one is being looked at.
    struct Batch {
        std::deque<Begun> files;
        std::set<std::string> remarks; ///< said about one of them, which need not be said again
    };

    [[nodiscard]] Key key_of(const model::PeerId& peer) const;
    void send_to(const model::PeerId& peer, const std::string& path, const Key& key);
    void look_at_next(const model::PeerId& peer);
    void offer(const model::PeerId& peer, const Key& key, const CheckedFile& file);
    /// Many files may be dragged at once: a line for each reason, not for each file.
    void refuse(const model::PeerId& peer, std::string_view reason);

    Plugin& m_plugin;
    std::map<model::PeerId, Batch> m_begun;
    /// By reason, until the main loop is back.
    std::map<std::pair<model::PeerId, std::string>, unsigned> m_refused;
};

} // namespace otr_guard::plugin
