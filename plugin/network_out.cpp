// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "network_out.h"

#include <algorithm>
#include <utility>

#include "core/wire.h"
#include "names.h"
#include "plugin.h"
#include "purple_host.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

bool is_ciphertext(std::string_view text) {
    return core::is_data_message(text) || text.starts_with("?OTR|") || text.starts_with("?OTR,");
}

bool is_line_of(std::string_view message, std::string_view line) {
    while (!message.empty()) {
        const std::size_t end = std::min(message.find('\n'), message.size());
        if (message.substr(0, end) == line) {
            return true;
        }
        message.remove_prefix(std::min(end + 1, message.size()));
    }
    return false;
}

/// Turns an IRC line into one that says nothing, of the same length: libpurple's send queue counts
/// the bytes of the original and would send what is left of it, or never end without a line.
void overwrite(char* line) {
    constexpr std::string_view harmless = "PONG :";
    const std::string_view end = "\r\n";
    std::string text(std::string_view(line).size(), 'x');
    text.replace(0, std::min(harmless.size(), text.size()), harmless, 0,
                 std::min(harmless.size(), text.size()));
    if (text.size() >= end.size()) {
        text.replace(text.size() - end.size(), end.size(), end);
    }
    std::ranges::copy(text, line);
}

} // namespace

NetworkOut::NetworkOut(Plugin& plugin) : m_plugin(plugin) {
    for (GList* item = purple_plugins_get_protocols(); item != nullptr; item = item->next) {
        take_over(static_cast<PurplePlugin*>(item->data));
    }
}

NetworkOut::~NetworkOut() {
    for (const auto& [info, original] : m_originals) {
        if (info->send_im == send_im) {
            info->send_im = original;
        }
    }
    purple_signals_disconnect_by_handle(this);
}

void NetworkOut::take_over(PurplePlugin* protocol) {
    PurplePluginProtocolInfo* info = PURPLE_PLUGIN_PROTOCOL_INFO(protocol);
    if (info == nullptr || info->send_im == nullptr || info->send_im == send_im) {
        return;
    }
    m_originals[info] = info->send_im;
    info->send_im = send_im;
    if (std::string_view(purple_plugin_get_id(protocol)) == "prpl-irc") {
        purple_signal_connect_priority(protocol, "irc-sending-text", this, as_callback(irc_sending),
                                       this, PURPLE_SIGNAL_PRIORITY_LOWEST);
    }
}

NetworkOut::SendIm NetworkOut::original_of(PurpleConnection* connection) const {
    PurplePlugin* protocol = purple_connection_get_prpl(connection);
    const auto found = m_originals.find(PURPLE_PLUGIN_PROTOCOL_INFO(protocol));
    return found == m_originals.end() ? nullptr : found->second;
}

bool NetworkOut::send(PurpleConnection* connection, const char* who, std::string_view wire) {
    const std::string_view outer = std::exchange(m_sending, wire);
    const std::string text(wire);
    const SendIm original = original_of(connection);
    const int result =
        original == nullptr ? -1 : original(connection, who, text.c_str(), PURPLE_MESSAGE_RAW);
    m_sending = outer;
    return result >= 0;
}

void NetworkOut::approve(const model::PeerId& peer, std::string_view who, std::string text) {
    m_approval = Approval{peer, std::string(who), std::move(text)};
}

bool NetworkOut::consume_approval(PurpleAccount* account, const char* who, std::string_view text) {
    const std::optional<Approval> approval = std::exchange(m_approval, std::nullopt);
    if (!approval || approval->text != text || !is_named(account, approval->peer.account)) {
        return false;
    }
    // A conversation may have been bound to another resource of the peer in the meantime.
    if (approval->who != who && approval->peer != peer_id(account, who)) {
        return false;
    }
    return is_ciphertext(text) || !m_plugin.engine().forbids_clear_text(approval->peer);
}

int NetworkOut::send_im(PurpleConnection* connection, const char* who, const char* text,
                        PurpleMessageFlags flags) {
    return util::guarded("send_im", -1, [&] {
        Plugin* plugin = Plugin::instance();
        if (plugin == nullptr || who == nullptr || text == nullptr) {
            return -1;
        }
        return plugin->network_out().pass_on(connection, who, text, flags);
    });
}

int NetworkOut::pass_on(PurpleConnection* connection, const char* who, const char* text,
                        PurpleMessageFlags flags) {
    const SendIm original = original_of(connection);
    if (original == nullptr) {
        return -1;
    }
    PurpleAccount* account = purple_connection_get_account(connection);
    if (m_sending.empty() && consume_approval(account, who, text)) {
        return original(connection, who, text, flags);
    }
    const model::PeerId peer = peer_id(account, who);
    if (!m_sending.empty()) {
        // Another plugin, while the protocol sends something of ours: the core, which may be in the
        // middle of a key exchange, cannot be asked to encrypt it now.
        if (core::is_protocol_message(text) || !m_plugin.engine().forbids_clear_text(peer)) {
            return original(connection, who, text, flags);
        }
        send_later(account, who, text, flags);
        return 0;
    }
    const auto origin =
        (flags & PURPLE_MESSAGE_AUTO_RESP) != 0 ? core::Origin::Automatic : core::Origin::User;
    const core::Outgoing outgoing = m_plugin.engine().send(peer, text, origin);
    switch (outgoing.action) {
    case core::Outgoing::Action::SendAsIs:
        return original(connection, who, text, flags);
    case core::Outgoing::Action::SendReplacement:
        return original(connection, who, outgoing.text.c_str(), flags);
    case core::Outgoing::Action::Held:
    case core::Outgoing::Action::Refused:
        break;
    }
    return 0;
}

void NetworkOut::send_later(PurpleAccount* account, const char* who, const char* text,
                            PurpleMessageFlags flags) {
    m_plugin.host().post([this, flags, of = account_id(account), to = std::string(who),
                          what = std::string(text)] {
        PurpleAccount* const sender = find_account(of);
        PurpleConnection* const connection = find_connection(of);
        if (connection != nullptr) {
            serv_send_im(connection, to.c_str(), what.c_str(), flags);
        } else if (sender != nullptr) {
            m_plugin.host().tell(peer_id(sender, to.c_str()), {model::NoticeKind::SendFailed, {}});
        }
    });
}

void NetworkOut::irc_sending(PurpleConnection* connection, char** line, void* data) {
    const bool may_pass = util::guarded("irc_sending", false, [&] {
        return line == nullptr || *line == nullptr ||
               static_cast<NetworkOut*>(data)->allows_irc_line(connection, *line);
    });
    if (!may_pass) {
        overwrite(*line);
    }
}

bool NetworkOut::allows_irc_line(PurpleConnection* connection, std::string_view line) {
    constexpr std::string_view command = "PRIVMSG ";
    if (!line.starts_with(command)) {
        return true;
    }
    line.remove_prefix(command.size());
    const std::size_t end = line.find(" :");
    if (end == std::string_view::npos || line.starts_with('#') || line.starts_with('&')) {
        return true;
    }
    const std::string who(line.substr(0, end));
    const model::PeerId peer = peer_id(purple_connection_get_account(connection), who.c_str());
    const std::string_view text = line.substr(end + 2, line.find_last_not_of("\r\n") - end - 1);
    const bool is_ours = is_line_of(m_sending, text);
    if (is_ours || core::is_protocol_message(text) ||
        m_plugin.engine().status(peer).state == model::SessionState::Plaintext) {
        return true;
    }
    m_plugin.host().tell(peer, {model::NoticeKind::SendFailed, {}});
    return false;
}

} // namespace otr_guard::plugin
