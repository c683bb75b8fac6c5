// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>
#include <optional>

#include "core/exchange_keys.h"
#include "core/records.h"
#include "core/wire.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::HoldReason;
using model::SessionState;

namespace {

bool is_fragment(std::string_view wire) {
    return wire.find("?OTR|") != std::string_view::npos ||
           wire.find("?OTR,") != std::string_view::npos;
}

/// Nothing to read comes before it; Pidgin wraps its query in XHTML.
bool begins_with_query(std::string_view message) {
    const std::string before = markup::to_plain(message.substr(0, message.find("?OTR")));
    return before.find_first_not_of(" \t\r\n") == std::string::npos;
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
        Reassembler::Result result =
            m_services.reassembler.add(m_peer, wire, own_tag.value_or(0), m_services.host.now());
        if (result.outcome == Reassembler::Outcome::Dropped && !wire.starts_with("?OTR")) {
            return receive_plain(wire); // somebody wrote about fragments
        }
        if (result.is_broken && m_state == SessionState::Private) {
            private_message_lost();
        }
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
        start_from_tag(std::string(find_whitespace_tag(text)));
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

// Gets the tag alone: in the text around it, libotr and we would find other messages.
void Session::start_from_tag(const std::string& tag) {
    if (!rules().offers || m_state == SessionState::Private) {
        return;
    }
    const Incoming ignored = receive_protocol(tag, OTRL_MSGTYPE_TAGGEDPLAINTEXT);
    static_cast<void>(ignored);
}

bool Session::may_answer(OtrlMessageType type) {
    const auto now = m_services.host.now();
    const bool begins = type == OTRL_MSGTYPE_QUERY || type == OTRL_MSGTYPE_TAGGEDPLAINTEXT ||
                        type == OTRL_MSGTYPE_DH_COMMIT;
    if (begins && now < m_shunned_until) {
        return false;
    }
    switch (type) {
    case OTRL_MSGTYPE_QUERY:
    case OTRL_MSGTYPE_TAGGEDPLAINTEXT:
        return m_queries_answered.allow(now) && may_begin_with_us();
    case OTRL_MSGTYPE_DH_COMMIT:
        return m_exchanges_answered.allow(now) && may_begin_with_us();
    case OTRL_MSGTYPE_NOTOTR:
    case OTRL_MSGTYPE_DATA:
    case OTRL_MSGTYPE_DH_KEY:
    case OTRL_MSGTYPE_REVEALSIG:
    case OTRL_MSGTYPE_SIGNATURE:
    case OTRL_MSGTYPE_V1_KEYEXCH:
    case OTRL_MSGTYPE_ERROR:
    case OTRL_MSGTYPE_UNKNOWN:
        break;
    }
    return true;
}

bool Session::may_begin_with_us() {
    const auto now = m_services.host.now();
    return !is_stranger() || (m_services.strangers.exchanges.allow(now) &&
                              m_services.strangers.daily_exchanges.allow(now));
}

// libotr makes a context for whatever it looks at, and does not give all of it back. So it sees
// nothing that it could only drop.
bool Session::is_expected(OtrlMessageType type, const std::optional<Header>& header) const {
    if (type == OTRL_MSGTYPE_QUERY || type == OTRL_MSGTYPE_TAGGEDPLAINTEXT ||
        type == OTRL_MSGTYPE_DH_COMMIT) {
        return true;
    }
    const ConnContext* const master = known_master_context();
    if (master == nullptr || !header || header->version != 3) {
        return master != nullptr;
    }
    // The answer to our commit, which went to whatever instance there is.
    const bool is_answer =
        type == OTRL_MSGTYPE_DH_KEY && master->auth.authstate == OTRL_AUTHSTATE_AWAITING_DHKEY;
    return is_answer || context_of(header->sender) != nullptr;
}

void Session::turn_away(OtrlMessageType type, const std::optional<Header>& header) {
    const bool is_ours =
        header && (header->version != 3 ||
                   header->receiver == m_services.identity.instance_tag_of(m_peer.account));
    if (header && !is_ours) {
        other_device_received();
    } else if (type == OTRL_MSGTYPE_DATA && !(header && header->is_expendable)) {
        private_message_lost();
    }
}

bool Session::has_room_for(const std::optional<Header>& header) {
    if (!header || header->version != 3 || context_of(header->sender) != nullptr) {
        return true;
    }
    ConnContext* const master = master_context();
    std::size_t count = 0;
    for (const ConnContext* context = master; context != nullptr && context->m_context == master;
         context = context->next) {
        ++count;
    }
    if (count <= limits::contexts_per_peer) {
        return true;
    }
    // Forgetting is for libotr all or nothing, and impossible while anything is private.
    const Contexts::InUse in_use(m_contexts);
    return !is_live() && m_contexts_renewed.allow(m_services.host.now()) &&
           otrl_context_forget(master) == 0;
}

Incoming Session::receive_otr(const std::string& message) {
    const OtrlMessageType type = otrl_proto_message_type(message.c_str());
    const bool is_whole = message.starts_with("?OTR");
    const bool is_text =
        !is_whole || (type == OTRL_MSGTYPE_UNKNOWN && !is_protocol_message(message));
    if ((type == OTRL_MSGTYPE_ERROR || type == OTRL_MSGTYPE_UNKNOWN) && is_text) {
        return receive_plain(message);
    }
    if (type == OTRL_MSGTYPE_ERROR) {
        handle_peer_error(error_text_of(message));
        return {Incoming::Action::Swallow, {}};
    }
    Incoming shown = receive_protocol(message, type);
    const bool is_sentence = type == OTRL_MSGTYPE_QUERY && !begins_with_query(message);
    return is_sentence ? receive_plain(message) : shown;
}

bool Session::admit(const std::string& message, OtrlMessageType type,
                    const std::optional<Header>& header, const MessageDigest& digest) {
    const bool is_repeated =
        type == OTRL_MSGTYPE_DATA && header && has_read(header->sender, digest);
    if (is_repeated || !may_answer(type)) {
        return false;
    }
    if (!is_expected(type, header)) {
        turn_away(type, header);
        watch_if_interrupted();
        return false;
    }
    return has_room_for(header) && (type != OTRL_MSGTYPE_DH_COMMIT || !is_outdone(message));
}

Incoming Session::receive_protocol(const std::string& message, OtrlMessageType type) {
    const auto header =
        header_of(std::string_view(message).substr(std::min(message.find("?OTR"), message.size())));
    const MessageDigest digest = digest_of(message);
    const bool is_data = type == OTRL_MSGTYPE_DATA;
    if (!admit(message, type, header, digest)) {
        return {Incoming::Action::Swallow, {}};
    }
    if (type == OTRL_MSGTYPE_QUERY || type == OTRL_MSGTYPE_TAGGEDPLAINTEXT) {
        finish_end(); // the peer wants a new conversation
    }
    if (!is_data) {
        give_receipts(); // while the peer can still read them
    }
    m_offer = Offer::NotMade;
    const Decoded decoded = decode(message, type);
    const bool is_goodbye = otrl_tlv_find(decoded.tlvs.get(), OTRL_TLV_DISCONNECTED) != nullptr;
    const bool is_read = is_data && (has_event(OTRL_MSGEVENT_LOG_HEARTBEAT_RCVD) || is_goodbye ||
                                     decoded.text != nullptr);
    const bool is_lost =
        is_data && !is_read && !(header && header->is_expendable) && is_loss(decoded.tag);
    if (is_lost) {
        m_events.clear();
    }
    if (is_read && !is_goodbye) {
        note_read(decoded.tag);
        take_receipt(decoded.tag, decoded.tlvs.get(), decoded.text != nullptr);
    }
    follow_exchange(type, decoded.tag);
    process_events();
    if (is_goodbye) {
        peer_said_goodbye(decoded.tag);
    } else if (is_read) {
        take_smp_records(decoded.tag, decoded.tlvs.get());
    }
    if (is_lost) {
        private_message_lost();
    }
    watch_if_interrupted();
    Incoming shown{Incoming::Action::Swallow, {}};
    if (is_data && decoded.text != nullptr) {
        if (is_first_reading(decoded.tag, digest, decoded.tlvs.get())) {
            shown = show_decrypted(decoded.text.get(), decoded.tlvs.get(), decoded.tag);
        }
        note_shown(decoded.tag, digest);
    }
    resend_overdue();
    flush();
    if (is_read && !is_goodbye) {
        take_file_records(decoded.tag, decoded.tlvs.get());
    }
    return shown;
}

void Session::watch_if_interrupted() {
    if (m_state != SessionState::Private) {
        return;
    }
    // Asked after every message, so the usual answer comes first.
    const Instance* instance = current();
    const bool is_fine =
        instance != nullptr && is_usable(*instance) && !m_is_doubtful && m_rekeying == Rekeying::No;
    if (!is_fine && hold_reason() == HoldReason::Interrupted) {
        watch_for_interruption(limits::exchange_retry);
    }
}

Session::Decoded Session::decode(const std::string& message, OtrlMessageType type) {
    static_cast<void>(m_services.identity.instance_tag_of(m_peer.account));
    static_cast<void>(master_context());
    if (!is_data_message(message)) { // which needs no key of ours that may still be made
        m_in_progress = &message;
    }
    m_events.clear();
    char* text = nullptr;
    OtrlTLV* tlvs = nullptr;
    ConnContext* context = nullptr;
    const Contexts::InUse in_use(m_contexts);
    keep_libotr_from_proving();
    std::optional<ExchangeKeys> old_keys;
    if (ExchangeKeys::are_made_by(type)) {
        old_keys.emplace(m_contexts);
    }
    const int is_internal = otrl_message_receiving(
        in_use.state(), &m_services.ops, m_services.opdata, m_peer.account.username.c_str(),
        m_peer.account.protocol.c_str(), m_peer.username.c_str(), message.c_str(), &text, &tlvs,
        &context, nullptr, nullptr);
    old_keys.reset();
    punish_proving();
    m_in_progress = nullptr;
    Decoded decoded{OtrMessagePtr(text), TlvPtr(tlvs),
                    context != nullptr ? context->their_instance : 0};
    if (is_internal != 0) {
        decoded.text.reset();
    }
    return decoded;
}

bool Session::has_event(OtrlMessageEvent wanted) const {
    return std::ranges::find(m_events, wanted, &LibotrEvent::message_event) != m_events.end();
}

bool Session::is_loss(model::InstanceTag tag) {
    // libotr says nothing about a message of a session that only the peer still remembers, and
    // takes one for a session that it has dropped itself for somebody else's.
    const Instance* instance = find_instance(tag);
    return m_events.empty() || has_event(OTRL_MSGEVENT_RCVDMSG_NOT_IN_PRIVATE) ||
           (instance != nullptr && instance->state == SessionState::Private &&
            !is_usable(*instance));
}

// The higher hash wins (OTRv3, "Receiving a D-H Commit Message"). libotr looks for the two in
// different contexts since version 3, answers theirs although ours is under way, and then both
// sides wait for a signature.
bool Session::is_outdone(const std::string& commit) {
    ConnContext* const master = known_master_context();
    const bool has_committed = master != nullptr && m_committed &&
                               master->auth.authstate == OTRL_AUTHSTATE_AWAITING_DHKEY &&
                               m_services.host.now() - *m_committed < limits::exchange_retry;
    const auto theirs = commit_hash_of(commit);
    if (!has_committed || !theirs) {
        return false;
    }
    if (!std::ranges::lexicographical_compare(master->auth.hashgx, *theirs)) {
        return true;
    }
    master->auth.authstate = OTRL_AUTHSTATE_NONE;
    m_committed.reset();
    return false;
}

void Session::follow_exchange(OtrlMessageType type, model::InstanceTag tag) {
    const bool is_question = type == OTRL_MSGTYPE_QUERY || type == OTRL_MSGTYPE_TAGGEDPLAINTEXT;
    if (is_question && known_master_context()->auth.authstate == OTRL_AUTHSTATE_AWAITING_DHKEY) {
        m_committed = m_services.host.now();
    }
    if (type == OTRL_MSGTYPE_DH_COMMIT) {
        expect_new_keys(tag);
    } else if (type == OTRL_MSGTYPE_DH_KEY) {
        mend_after_dh_key(tag);
    }
}

bool Session::has_read(model::InstanceTag tag, const MessageDigest& digest) const {
    const auto device = m_read.find(tag);
    return device != m_read.end() && device->second.contains(digest);
}

bool Session::is_first_reading(model::InstanceTag tag, const MessageDigest& digest,
                               const OtrlTLV* tlvs) {
    const auto first = resend_from_tlvs(tlvs);
    const bool is_known = first && has_read(tag, *first);
    if (!m_read.contains(tag) && m_read.size() >= limits::contexts_per_peer) {
        m_read.erase(m_read.begin());
    }
    RememberedDigests& read = m_read[tag];
    read.add(digest);
    if (first && !is_known) {
        read.add(*first);
    }
    return !is_known;
}

Incoming Session::show_decrypted(std::string_view text, const OtrlTLV* tlvs,
                                 model::InstanceTag tag) {
    Instance* instance = find_instance(tag);
    const markup::TextFormat format = learn_format(instance, text, tlvs);
    const HoldReason hold = instance != nullptr ? key_hold(instance->key) : HoldReason::WrongKey;
    const bool is_suspect = hold == HoldReason::KeyChanged || hold == HoldReason::WrongKey;
    return {Incoming::Action::ShowPrivate, markup::to_display(text, format), is_suspect};
}

markup::TextFormat Session::learn_format(Instance* sender, std::string_view text,
                                         const OtrlTLV* tlvs) const {
    const auto known = sender != nullptr ? sender->format : std::nullopt;
    auto format = format_from_tlvs(tlvs);
    // A program that once did not escape never does: its "&amp;" was typed.
    if (!format && known != markup::TextFormat::Plain) {
        format = markup::detect_format(text);
    }
    if (format && sender != nullptr) {
        sender->format = format;
    }
    return format.value_or(known.value_or(default_format(m_peer.account.protocol)));
}

void Session::note_read(model::InstanceTag tag) {
    const ConnContext* context = context_of(tag);
    Instance* instance = find_instance(tag);
    const bool is_followed = instance != nullptr && instance->state == SessionState::Private;
    if (!is_followed && !m_is_ending && context != nullptr &&
        context->msgstate == OTRL_MSGSTATE_ENCRYPTED) {
        gone_secure(tag); // libotr knows a session that we have lost sight of
        return;
    }
    if (!is_followed) {
        return;
    }
    instance->last_heard = m_services.host.now();
    instance->is_heard = true;
    if (current() == instance && !m_exchange) {
        m_is_doubtful = false;
    }
}

} // namespace otr_guard::core
