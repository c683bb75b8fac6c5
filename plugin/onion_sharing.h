// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Sharing a file or folder with one person through OnionShare: its program is started here, its
// address goes to that person inside the private conversation and nowhere else, and it ends with
// the download, on request, or with this object. The file itself takes its own way, through Tor.
// When the conversation ends after the address has gone out, the sharing goes on: the other one may
// be downloading.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/onion_share.h"
#include "file_metadata.h"
#include "plugin.h"

namespace otr_guard::plugin {

/// What is being shared with one person, for display.
struct ShareStatus {
    model::PeerId peer;
    unsigned number = 0; ///< never used twice
    std::string name;    ///< of the file or folder, isolated
    std::string state;   ///< in a sentence
    std::string address; ///< the beginning of it, enough to know it again; empty before it was sent
    unsigned percent = 0;
    bool is_ending = false;
};

class OnionSharing {
public:
    /// Why a command did nothing, a sentence for the user; nothing when it did.
    using Refusal = std::optional<std::string>;

    OnionSharing(Plugin& plugin, FileMetadata& metadata);
    /// Ends all sharing.
    ~OnionSharing();
    OnionSharing(const OnionSharing&) = delete;
    OnionSharing& operator=(const OnionSharing&) = delete;

    /// Looks at the metadata first, and asks the user about it. `path` as it was typed.
    [[nodiscard]] Refusal start(const model::PeerId& peer, const std::string& path);
    [[nodiscard]] Refusal stop(const model::PeerId& peer);
    [[nodiscard]] bool is_sharing(const model::PeerId& peer) const;
    /// How it stands, in a sentence.
    [[nodiscard]] std::string state_text(const model::PeerId& peer) const;
    /// With everybody.
    [[nodiscard]] std::vector<ShareStatus> all() const;

    /// A message of theirs has been shown; plain text. A line says what can be done with an address
    /// in it.
    void received(const model::PeerId& peer, std::string_view plain);
    [[nodiscard]] bool has_address_of(const model::PeerId& peer) const;
    /// Opens the last address that they sent in Tor Browser.
    [[nodiscard]] Refusal open(const model::PeerId& peer);

private:
    struct Share;
    using Number = unsigned;

    /// Why nothing can be shared with them now.
    [[nodiscard]] Refusal examine(const model::PeerId& peer) const;
    [[nodiscard]] Share* find(const model::PeerId& peer, Number number);
    void checked(const model::PeerId& peer, Number number, const MetadataAnswer& answer);
    void ask(const model::PeerId& peer, Number number, const MetadataAnswer& answer);
    void clean(const model::PeerId& peer, Number number);
    void launch(Share& share);
    void said(const model::PeerId& peer, Number number, std::string_view bytes);
    void take(Share& share, const core::OnionShareOutput::News& news);
    void send_address(Share& share, const core::OnionShareAddress& address);
    /// Privately to the holder of the key with whom it was begun, or not at all.
    [[nodiscard]] bool send_privately(const Share& share, const std::string& html);
    void ended(const model::PeerId& peer, Number number);
    void say(const model::PeerId& peer, const std::string& text) const;
    /// What is shown of it is drawn anew.
    void changed() const;

    Plugin& m_plugin;
    FileMetadata& m_metadata;
    std::map<model::PeerId, std::unique_ptr<Share>> m_shares;
    std::map<model::PeerId, core::OnionShareAddress> m_addresses;
    Number m_next = 1;
};

} // namespace otr_guard::plugin
