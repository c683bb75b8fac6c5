// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <utility>

// What libotr and the peer's program say of a message that was not, or could not be, read: to whom
// it is told, how often, and what is done to mend it.

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;
using model::SessionState;

void Session::process_events() {
    for (const LibotrEvent& event : std::exchange(m_events, {})) {
        switch (event.kind) {
        case LibotrEvent::Kind::GoneSecure:
            gone_secure(event.instance);
            break;
        case LibotrEvent::Kind::StillSecure:
            still_secure(event.instance);
            break;
        case LibotrEvent::Kind::Message:
            handle_message_event(event);
            break;
        }
    }
}

void Session::handle_message_event(const LibotrEvent& event) {
    switch (event.message_event) {
    case OTRL_MSGEVENT_ENCRYPTION_ERROR:
        tell(NoticeKind::SendFailed);
        break;
    case OTRL_MSGEVENT_SETUP_ERROR:
        if (!is_stranger() && m_setup_told.allow(m_services.host.now())) {
            tell(NoticeKind::SetupFailed);
        }
        break;
    case OTRL_MSGEVENT_MSG_REFLECTED:
        if (m_setup_told.allow(m_services.host.now())) {
            tell(NoticeKind::ReflectedReceived);
        }
        break;
    case OTRL_MSGEVENT_RCVDMSG_UNREADABLE:
    case OTRL_MSGEVENT_RCVDMSG_MALFORMED:
        if (may_complain() && m_losses_told.allow(m_services.host.now())) {
            tell(NoticeKind::UnreadableReceived);
        }
        break;
    case OTRL_MSGEVENT_RCVDMSG_FOR_OTHER_INSTANCE:
        other_device_received();
        break;
    case OTRL_MSGEVENT_NONE:
    case OTRL_MSGEVENT_ENCRYPTION_REQUIRED:
    case OTRL_MSGEVENT_CONNECTION_ENDED:
    case OTRL_MSGEVENT_RCVDMSG_NOT_IN_PRIVATE:
    case OTRL_MSGEVENT_MSG_RESENT:
    case OTRL_MSGEVENT_LOG_HEARTBEAT_RCVD:
    case OTRL_MSGEVENT_LOG_HEARTBEAT_SENT:
    case OTRL_MSGEVENT_RCVDMSG_GENERAL_ERR:
    case OTRL_MSGEVENT_RCVDMSG_UNENCRYPTED:
    case OTRL_MSGEVENT_RCVDMSG_UNRECOGNIZED:
        break;
    }
}

void Session::other_device_received() {
    if (is_live() && m_other_device_told.allow(m_services.host.now())) {
        tell(NoticeKind::OtherSessionReceived);
    }
}

bool Session::may_complain() {
    return !is_stranger() || m_services.strangers.complaints.allow(m_services.host.now());
}

void Session::private_message_lost() {
    if (!may_complain()) {
        return;
    }
    if (m_losses_told.allow(m_services.host.now())) {
        tell(NoticeKind::UnreadableReceived);
    }
    if (rules().is_off || !m_restarts.allow(m_services.host.now())) {
        return;
    }
    // The error tells the peer's program that its message is lost: it may send it again.
    static_cast<void>(
        inject("?OTR Error: " + m_services.host.peer_text(m_peer.account, PeerText::Unreadable)));
    begin_exchange(StartCause::Recovery, restart_delay(RestartCause::Loss));
}

void Session::handle_peer_error(std::string_view text) {
    if (m_is_ending || !may_complain()) {
        return;
    }
    if (m_errors_told.allow(m_services.host.now())) {
        tell(NoticeKind::PeerError,
             {markup::to_single_line(markup::to_plain(text), limits::error_text_characters)});
    }
    if (m_state != SessionState::Private || !m_restarts.allow(m_services.host.now())) {
        return;
    }
    requeue_after_error();
    begin_exchange(StartCause::Recovery, restart_delay(RestartCause::PeerError));
}

} // namespace otr_guard::core
