// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The dialogs that actions need, whoever draws them: libpurple's own requests in any client, or the
// windows program. Must never take the keyboard for something a peer sent.

#include <string>

#include "export_dialogs.h"
#include "link_dialogs.h"
#include "metadata_dialogs.h"
#include "model/account.h"
#include "model/notice.h"

namespace otr_guard::plugin {

class FileDialogs;

class Ui {
public:
    virtual ~Ui() = default;

    /// The ways to verify a peer: one-time PIN, code, question, shared secret, fingerprints.
    virtual void show_verification(const model::PeerId& peer) = 0;
    /// The peer's question or request for a secret, and a field for the answer.
    virtual void show_question(const model::PeerId& peer) = 0;
    /// Known keys of everybody: verify, revoke, forget.
    virtual void show_known_keys() = 0;
    /// The user's own keys per account.
    virtual void show_own_keys() = 0;
    /// What is in a file or folder of another OTR program, to choose from; asks where it is when
    /// the path is empty.
    virtual void show_import(const std::string& path) = 0;
    /// Asks what of the keys goes there; see export_dialogs.h.
    virtual void show_export(ExportFormat format, const std::string& path) = 0;
    /// Policy and logging of one peer.
    virtual void show_peer_settings(const model::PeerId& peer) = 0;
    /// Policy and logging of one account; asks which one.
    virtual void show_account_settings() = 0;
    /// The way of one account into the network; asks which one.
    virtual void show_network_settings() = 0;
    virtual void show_network_of(const model::AccountId& account) = 0;
    /// All files on their way, in every conversation, and what is shared.
    virtual void show_files() = 0;
    /// Everything about files.
    [[nodiscard]] virtual FileDialogs& files() = 0;
    /// What to do with a link that was clicked. Nothing is answered when the user cancels.
    virtual void ask_about_link(const LinkQuestion& question, LinkAnswered answered) = 0;
    /// Whether a file goes out with its metadata; see metadata_dialogs.h. False when the client
    /// cannot ask.
    [[nodiscard]] virtual bool ask_about_metadata(const model::PeerId& peer,
                                                  const MetadataQuestion& question,
                                                  std::function<void(MetadataChoice)> answered) = 0;
    /// Which file, or folder, is shared with OnionShare.
    virtual void ask_what_to_share(const model::PeerId& peer, bool is_folder) = 0;
    /// What is out of date for this peer is closed or drawn anew.
    virtual void state_changed(const model::PeerId& peer) = 0;
    /// What is shared through OnionShare, or how it stands.
    virtual void sharing_changed() {}
    /// A key of the user's own was made, imported or deleted, or could not be.
    virtual void own_keys_changed() {}
    /// The conversation was told something that a dialog may want to show as well.
    virtual void told(const model::PeerId&, const model::Notice&) {}
};

} // namespace otr_guard::plugin
