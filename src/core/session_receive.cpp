// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>

#include "core/text_format_tlv.h"
#include "core/wire.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::HoldReason;
using model::NoticeKind;
using model::SessionState;

namespace {

bool is_fragment(std::string_view wire) {
    return wire.find("?OTR|") != std::string_view::npos ||
           wire.find("?OTR,") != std::string_view::npos;
}

} // namespace

Incoming Session::receive(std::string_view wire) {
    m_last_used = m_services.host.now();
    if (rules().is_off && !is_live()) {
        return {Incoming::Action::ShowAsIs, {}};
    }
    if (wire.size() > limits::incoming_message_bytes) {
        private_message_lost();
        return {Incoming::Action::Swallow, {}};
    }
    const bool mentions_otr = wire.find("?OTR") != std::string_view::npos;
    if (is_error_message(wire) && (mentions_otr || is_live())) {
        handle_peer_error(error_text_of(wire));
        return {Incoming::Action::Swallow, {}};
    }
    if (!mentions_otr) {
        return receive_plain(wire);
    }
    std::string message(wire);
    if (is_fragment(wire)) {
        const auto own_tag = m_services.identity.instance_tag_of(m_peer.account);
        Reassembler::Result result = m_services.reassembler.add(m_peer, wire, own_tag.value_or(0),
                                                                m_services.host.now());
        if (result.outcome == Reassembler::Outcome::Incomplete ||
            result.outcome == Reassembler::Outcome::Dropped) {
            return {Incoming::Action::Swallow, {}};
        }
        if (result.outcome == Reassembler::Outcome::Complete) {
            message = std::move(result.message);
        }
    }
    return receive_otr(message);
}

Incoming Session::receive_plain(std::string_view text) {
    const bool is_tagged = has_whitespace_tag(text);
    const std::string stripped = is_tagged ? strip_whitespace_tag(text) : std::string(text);
    if (is_tagged) {
        start_from_tag(std::string(text));
    } else if (m_offer == Offer::Made) {
        m_offer = Offer::Declined;
    }
    if (is_live() || rules().requires_private) {
        return {Incoming::Action::ShowInClear, stripped};
    }
    if (is_tagged) {
        return {Incoming::Action::ShowStripped, stripped};
    }
    return {Incoming::Action::ShowAsIs, {}};
}

void Session::start_from_tag(const std::string& text) {
    if (!rules().offers || m_state == SessionState::Private ||
        !m_queries_answered.allow(m_services.host.now())) {
        return;
    }
    const Incoming ignored = receive_otr(text);
    static_cast<void>(ignored);
}

Incoming Session::receive_otr(const std::string& message) {
    const OtrlMessageType type = otrl_proto_message_type(message.c_str());
    const bool is_whole = message.starts_with("?OTR");
    if ((type == OTRL_MSGTYPE_ERROR || type == OTRL_MSGTYPE_UNKNOWN) && !is_whole) {
        return receive_plain(message);
    }
    if (type == OTRL_MSGTYPE_ERROR) {
        handle_peer_error(error_text_of(message));
        return {Incoming::Action::Swallow, {}};
    }
    if (type == OTRL_MSGTYPE_QUERY && !m_queries_answered.allow(m_services.host.now())) {
        return {Incoming::Action::Swallow, {}};
    }
    static_cast<void>(m_services.identity.instance_tag_of(m_peer.account));
    static_cast<void>(master_context());
    m_offer = Offer::NotMade;
    m_in_progress = message;
    m_events.clear();
    char* text = nullptr;
    OtrlTLV* tlvs = nullptr;
    ConnContext* context = nullptr;
    const int is_internal = otrl_message_receiving(
        m_services.identity.user_state(), &m_services.ops, m_services.opdata,
        m_peer.account.username.c_str(), m_peer.account.protocol.c_str(), m_peer.username.c_str(),
        message.c_str(), &text, &tlvs, &context, nullptr, nullptr);
    const OtrMessagePtr owned_text(text);
    const TlvPtr owned_tlvs(tlvs);
    m_in_progress.clear();
    const model::InstanceTag tag = context != nullptr ? context->their_instance : 0;

    const bool is_data = type == OTRL_MSGTYPE_DATA;
    const bool has_goodbye = otrl_tlv_find(tlvs, OTRL_TLV_DISCONNECTED) != nullptr;
    const bool is_heartbeat = std::ranges::any_of(m_events, [](const LibotrEvent& event) {
        return event.message_event == OTRL_MSGEVENT_LOG_HEARTBEAT_RCVD;
    });
    const bool is_read = is_data && (is_heartbeat || has_goodbye || (!is_internal && text));
    // libotr says nothing about a message of a session that only the peer still remembers.
    const bool is_lost = is_data && !is_read && m_events.empty();
    if (is_read) {
        note_heard(tag);
    }
    process_events();
    if (has_goodbye) {
        peer_said_goodbye(tag);
    }
    if (is_lost) {
        private_message_lost();
    }
    if (m_state == SessionState::Private && hold_reason() == HoldReason::Interrupted) {
        watch_for_interruption();
    }
    flush();
    if (is_data && !is_internal && text != nullptr) {
        return show_decrypted(text, tlvs, tag);
    }
    if (type == OTRL_MSGTYPE_QUERY && !is_whole) {
        return receive_plain(message);
    }
    return {Incoming::Action::Swallow, {}};
}

Incoming Session::show_decrypted(std::string_view text, const OtrlTLV* tlvs,
                                 model::InstanceTag tag) {
    auto format = format_from_tlvs(tlvs);
    if (!format) {
        format = markup::detect_format(text);
    }
    if (format) {
        m_peer_format = format;
    }
    const Instance* instance = find_instance(tag);
    const bool is_suspect =
        instance != nullptr && (key_hold(instance->key) == HoldReason::KeyChanged ||
                                key_hold(instance->key) == HoldReason::WrongKey);
    return {Incoming::Action::ShowPrivate,
            markup::to_display(text, format.value_or(m_peer_format.value_or(
                                         default_format(m_peer.account.protocol)))),
            is_suspect};
}

void Session::note_heard(model::InstanceTag tag) {
    if (Instance* instance = find_instance(tag)) {
        instance->last_heard = m_services.host.now();
    }
}

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
        case LibotrEvent::Kind::Smp:
            handle_smp_event(event);
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
        tell(NoticeKind::SetupFailed);
        break;
    case OTRL_MSGEVENT_MSG_REFLECTED:
        tell(NoticeKind::ReflectedReceived);
        break;
    case OTRL_MSGEVENT_RCVDMSG_NOT_IN_PRIVATE:
        private_message_lost();
        break;
    case OTRL_MSGEVENT_RCVDMSG_UNREADABLE:
    case OTRL_MSGEVENT_RCVDMSG_MALFORMED:
        if (m_losses_told.allow(m_services.host.now())) {
            tell(NoticeKind::UnreadableReceived);
        }
        break;
    case OTRL_MSGEVENT_RCVDMSG_FOR_OTHER_INSTANCE:
        if (is_live() && m_other_device_told.allow(m_services.host.now())) {
            tell(NoticeKind::OtherSessionReceived);
        }
        break;
    case OTRL_MSGEVENT_NONE:
    case OTRL_MSGEVENT_ENCRYPTION_REQUIRED:
    case OTRL_MSGEVENT_CONNECTION_ENDED:
    case OTRL_MSGEVENT_MSG_RESENT:
    case OTRL_MSGEVENT_LOG_HEARTBEAT_RCVD:
    case OTRL_MSGEVENT_LOG_HEARTBEAT_SENT:
    case OTRL_MSGEVENT_RCVDMSG_GENERAL_ERR:
    case OTRL_MSGEVENT_RCVDMSG_UNENCRYPTED:
    case OTRL_MSGEVENT_RCVDMSG_UNRECOGNIZED:
        break;
    }
}

void Session::private_message_lost() {
    if (m_losses_told.allow(m_services.host.now())) {
        tell(NoticeKind::UnreadableReceived);
    }
    if (rules().is_off || !m_restarts.allow(m_services.host.now())) {
        return;
    }
    // The error tells the peer's program that its message is lost: it may send it again.
    static_cast<void>(
        inject("?OTR Error: " + m_services.host.peer_text(PeerText::Unreadable)));
    begin_exchange(StartCause::Recovery, FirstMove::Theirs);
}

void Session::handle_peer_error(std::string_view text) {
    if (m_errors_told.allow(m_services.host.now())) {
        tell(NoticeKind::PeerError, {markup::to_single_line(markup::to_plain(text),
                                                            limits::error_text_characters)});
    }
    if (!is_live() || !m_restarts.allow(m_services.host.now())) {
        return;
    }
    const bool is_recent = m_last_sent && !m_last_sent->is_resend &&
                           m_services.host.now() - m_last_sent->when < limits::resend_interval;
    if (is_recent && m_outbox.push_front({.html = m_last_sent->html,
                                          .bound_key = m_last_sent->key,
                                          .is_resend = true})) {
        m_last_sent.reset();
    }
    begin_exchange(StartCause::Recovery);
}

} // namespace otr_guard::core
