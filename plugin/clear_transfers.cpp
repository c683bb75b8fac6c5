// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "clear_transfers.h"

#include <cctype>
#include <string_view>

#include "core/engine.h"
#include "file_dialogs.h"
#include "file_sharing.h"
#include "inband_guard.h"
#include "model/file_limits.h"
#include "names.h"
#include "plugin.h"
#include "purple_host.h"
#include "ui.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace limits = model::limits;
using model::NoticeKind;

namespace {

/// Where a tag for a picture begins, from `at` on.
std::size_t find_picture(std::string_view html, std::size_t at) {
    constexpr std::string_view tag = "<img";
    for (at = html.find('<', at); at < html.size(); at = html.find('<', at + 1)) {
        const bool is_tag = html.size() - at >= tag.size() &&
                            g_ascii_strncasecmp(html.data() + at, tag.data(), tag.size()) == 0;
        const std::size_t behind = at + tag.size();
        if (is_tag && (behind == html.size() ||
                       std::isalnum(static_cast<unsigned char>(html[behind])) == 0)) {
            return at;
        }
    }
    return std::string_view::npos;
}

} // namespace

std::string without_picture_tags(const std::string& html) {
    std::string text;
    std::size_t at = 0;
    for (;;) {
        const std::size_t start = find_picture(html, at);
        text += html.substr(at, start - at);
        const std::size_t end = start == std::string::npos ? start : html.find('>', start);
        if (end == std::string::npos) {
            return text;
        }
        at = end + 1;
    }
}

ClearTransfers::ClearTransfers(Plugin& plugin)
    : m_plugin(plugin), m_told(limits::clear_transfers_told, std::chrono::minutes(1)) {
    set_transfer_keeper(this);
    purple_signal_connect(purple_xfers_get_handle(), "file-recv-request", this,
                          as_callback(receiving_file), this);
    if (PurplePlugin* xmpp = purple_find_prpl("prpl-jabber")) {
        purple_signal_connect_priority(xmpp, "jabber-receiving-xmlnode", this,
                                       as_callback(receiving_xml), this,
                                       PURPLE_SIGNAL_PRIORITY_HIGHEST);
    }
}

ClearTransfers::~ClearTransfers() {
    set_transfer_keeper(nullptr);
    purple_signals_disconnect_by_handle(this);
}

// --- Deciding ----------------------------------------------------------------------------------

bool ClearTransfers::is_stopped(const model::PeerId& peer) const {
    return m_plugin.engine().forbids_clear_text(peer);
}

bool ClearTransfers::is_private(const model::PeerId& peer) const {
    return m_plugin.engine().status(peer).state == model::SessionState::Private;
}

void ClearTransfers::allow_once(const model::PeerId& peer) {
    allow(peer, true);
}

void ClearTransfers::allow(const model::PeerId& peer, bool is_incoming_too) {
    m_allowed[peer] = {m_plugin.host().now() + limits::clear_transfer_allowed, is_incoming_too,
                       is_private(peer)};
}

bool ClearTransfers::has_allowance(const model::PeerId& peer, Direction direction) const {
    const auto found = m_allowed.find(peer);
    return found != m_allowed.end() && m_plugin.host().now() < found->second.until &&
           is_private(peer) == found->second.was_private &&
           (direction == Direction::Outgoing || found->second.is_incoming_too);
}

bool ClearTransfers::use_allowance(const model::PeerId& peer, Direction direction) {
    const bool may_pass = has_allowance(peer, direction);
    const auto found = m_allowed.find(peer);
    const bool is_stale = found != m_allowed.end() && is_private(peer) != found->second.was_private;
    if (may_pass || is_stale) {
        m_allowed.erase(peer);
    }
    return may_pass;
}

void ClearTransfers::tell(const model::PeerId& peer, const char* word) {
    if (m_told.allow(m_plugin.host().now())) {
        m_plugin.host().tell(peer, {NoticeKind::TransferStopped, {word}});
    }
}

// --- What the user begins ----------------------------------------------------------------------

bool ClearTransfers::has_private_way(PurpleConnection* connection, const char* who) {
    const model::PeerId peer = peer_id(purple_connection_get_account(connection), who);
    const std::size_t longest = m_plugin.host().max_message_size(peer);
    return is_private(peer) && (longest == 0 || longest >= limits::file_message_bytes);
}

bool ClearTransfers::may_send_file(PurpleConnection* connection, const char* who,
                                   const char* file) {
    const model::PeerId peer = peer_id(purple_connection_get_account(connection), who);
    if (!is_stopped(peer) || use_allowance(peer, Direction::Outgoing)) {
        return true;
    }
    if (is_private(peer)) {
        if (file != nullptr) {
            m_plugin.file_sharing().send(peer, file);
        } else {
            m_plugin.file_sharing().choose_and_send(peer);
        }
        return false;
    }
    tell(peer, "out");
    const std::string full_name = who;
    const std::string path = file != nullptr ? file : "";
    m_plugin.ui().files().ask_about_clear(peer, [this, peer, full_name, path] {
        PurpleConnection* still_there = find_connection(peer.account);
        if (still_there != nullptr) {
            if (!is_private(peer)) { // else it goes the private way
                allow(peer, false);
            }
            serv_send_file(still_there, full_name.c_str(), path.empty() ? nullptr : path.c_str());
        }
    });
    return false;
}

bool ClearTransfers::may_have_calls(PurpleAccount* account, const char* who) {
    const model::PeerId peer = peer_id(account, who);
    return !is_stopped(peer) || has_allowance(peer, Direction::Outgoing);
}

bool ClearTransfers::may_call(PurpleAccount* account, const char* who) {
    const model::PeerId peer = peer_id(account, who);
    if (!is_stopped(peer) || use_allowance(peer, Direction::Outgoing)) {
        return true;
    }
    tell(peer, "call");
    return false;
}

std::optional<std::string> ClearTransfers::without_pictures(const model::PeerId& peer,
                                                            std::string_view html) {
    if (find_picture(html, 0) == std::string_view::npos || !is_stopped(peer)) {
        return std::nullopt;
    }
    tell(peer, "picture");
    return without_picture_tags(std::string(html));
}

// --- What a peer begins ------------------------------------------------------------------------

void ClearTransfers::receiving_file(PurpleXfer* transfer, ClearTransfers* self) {
    const bool may_come = util::guarded("receiving_file", false, [&] {
        if (transfer->who == nullptr) {
            return true;
        }
        const model::PeerId peer = peer_id(transfer->account, transfer->who);
        if (!self->is_stopped(peer) || self->use_allowance(peer, Direction::Incoming)) {
            return true;
        }
        self->tell(peer, "in");
        return false;
    });
    if (!may_come) {
        transfer->status = PURPLE_XFER_STATUS_CANCEL_LOCAL; // libpurple looks at it and refuses
    }
}

void ClearTransfers::receiving_xml(PurpleConnection* connection, xmlnode** packet,
                                   ClearTransfers* self) {
    util::guarded("receiving_xml", [&] {
        const char* from =
            packet != nullptr && *packet != nullptr ? xmlnode_get_attrib(*packet, "from") : nullptr;
        if (from == nullptr) {
            return;
        }
        const bool is_call = begins_call(*packet);
        if (!is_call && !has_inline_pictures(*packet)) {
            return;
        }
        const model::PeerId peer = peer_id(purple_connection_get_account(connection), from);
        if (!self->is_stopped(peer)) {
            return;
        }
        if (!is_call) {
            drop_inline_pictures(*packet); // libpurple would ask for them
        } else if (!self->use_allowance(peer, Direction::Incoming)) {
            self->tell(peer, "call");
            refuse_request(connection, packet);
        }
    });
}

} // namespace otr_guard::plugin
