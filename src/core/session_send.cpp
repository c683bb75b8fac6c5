// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>
#include <utility>

#include "core/records.h"
#include "core/wire.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::HoldReason;
using model::NoticeKind;
using model::SessionState;

// --- One message -------------------------------------------------------------------------------

Outgoing Session::send(std::string_view html, Origin origin) {
    m_last_used = m_services.host.now();
    const Rules now = rules();
    if (m_state == SessionState::Plaintext && !now.requires_private) {
        return send_in_clear(html, now);
    }
    flush();
    if (const HoldReason reason = hold_reason(); reason != HoldReason::None) {
        return hold(html, origin, reason);
    }
    Instance* instance = current();
    if (!m_outbox.empty() || instance == nullptr) {
        return hold(html, origin, HoldReason::Interrupted);
    }
    Encrypted message = encrypt(*instance, html, std::nullopt);
    const auto is_taken = [this](const std::string& piece) {
        return m_services.host.send_raw(m_peer, piece);
    };
    if (message.pieces.empty() ||
        !std::all_of(message.pieces.begin(), message.pieces.end() - 1, is_taken)) {
        tell_send_failure();
        return hold(html, origin, HoldReason::Interrupted);
    }
    remember_sent(html, *instance, message.digest, std::nullopt);
    return {Outgoing::Action::SendReplacement, std::move(message.pieces.back())};
}

Outgoing Session::send_in_clear(std::string_view html, const Rules& rules) {
    if (!rules.offers || m_offer == Offer::Declined) {
        return {Outgoing::Action::SendAsIs, {}};
    }
    const std::size_t limit = m_services.host.max_message_size(m_peer);
    std::string tagged(html);
    tagged += whitespace_tag();
    if (limit != 0 && tagged.size() > limit) {
        return {Outgoing::Action::SendAsIs, {}};
    }
    finish_end();
    m_offer = Offer::Made;
    return {Outgoing::Action::SendReplacement, std::move(tagged)};
}

Outgoing Session::hold(std::string_view html, Origin origin, HoldReason reason) {
    if (origin == Origin::Automatic) {
        tell(NoticeKind::AutomaticReplyHeld);
        return {Outgoing::Action::Refused, {}};
    }
    const Instance* instance = current();
    const auto key = instance != nullptr ? std::optional(instance->key) : m_last_key;
    if (!m_outbox.push({.html = std::string(html), .bound_key = key, .resend_of = {}})) {
        tell(NoticeKind::QueueFull);
        return {Outgoing::Action::Refused, {}};
    }
    m_services.host.show_waiting(m_peer, html);
    if (m_told_hold != reason) {
        m_told_hold = reason;
        tell(NoticeKind::Waiting, {std::string(hold_word(reason))});
    }
    const bool restarts = reason == HoldReason::NoSession || reason == HoldReason::KeyGeneration ||
                          (reason == HoldReason::Finished && m_suspended);
    if (restarts) {
        begin_exchange(StartCause::Policy);
    } else if (reason == HoldReason::Interrupted && m_is_doubtful && !m_exchange &&
               m_restarts.allow(m_services.host.now())) {
        begin_exchange(StartCause::Recovery);
    } else if (reason == HoldReason::Interrupted || reason == HoldReason::NotConnected) {
        watch_for_interruption(limits::exchange_retry);
    }
    changed();
    return {Outgoing::Action::Held, {}};
}

Session::Encrypted Session::encrypt(Instance& instance, std::string_view html,
                                    const std::optional<MessageDigest>& resend_of) {
    const auto format = instance.format.value_or(default_format(m_peer.account.protocol));
    const markup::WireText text = markup::to_wire(html, format);
    // potr (Gajim, WeeChat), which speaks version 2 only, fails on records that it does not know.
    const bool takes_records = instance.version >= 3;
    TlvPtr tlvs;
    const auto take_along = [&tlvs](TlvPtr record) {
        if (record != nullptr) {
            record->next = tlvs.release();
            tlvs = std::move(record);
        }
    };
    if (takes_records) {
        take_along(receipt_for(instance));
        take_along(text.is_ambiguous ? make_format_tlv(text.format) : TlvPtr());
        take_along(resend_of ? make_resend_tlv(*resend_of) : TlvPtr());
    }
    char* message = nullptr;
    ConnContext* context = nullptr;
    const Contexts::InUse in_use(m_contexts);
    const gcry_error_t error = otrl_message_sending(
        in_use.state(), &m_services.ops, m_services.opdata, m_peer.account.username.c_str(),
        m_peer.account.protocol.c_str(), m_peer.username.c_str(), instance.tag, text.text.c_str(),
        tlvs.get(), &message, OTRL_FRAGMENT_SEND_SKIP, &context, nullptr, nullptr);
    const OtrMessagePtr owned(message);
    m_events.clear();
    // The last check behind libotr: nothing but an encrypted message leaves.
    if (error != 0 || message == nullptr || context == nullptr || !is_data_message(message)) {
        return {};
    }
    return {split_message(message, m_services.host.max_message_size(m_peer)),
            digest_of_ours(message)};
}

bool Session::send_record(model::InstanceTag tag, const OtrlTLV* record) {
    char* message = nullptr;
    const gcry_error_t error = otrl_proto_create_data(&message, context_of(tag), "", record,
                                                      OTRL_MSGFLAGS_IGNORE_UNREADABLE, nullptr);
    const OtrMessagePtr owned(message);
    return error == 0 && message != nullptr && inject(message);
}

void Session::tell_send_failure() {
    if (!std::exchange(m_told_send_failure, true)) {
        tell(NoticeKind::SendFailed);
    }
}

// --- The queue ---------------------------------------------------------------------------------

void Session::flush() {
    std::size_t typed = 0;
    std::size_t resent = 0;
    while (!m_outbox.empty() && m_state == SessionState::Private &&
           hold_reason() == HoldReason::None) {
        if (!send_first()) {
            tell_send_failure();
            watch_for_interruption(limits::restart_interval);
            break;
        }
        if (m_outbox.front().resend_of) {
            ++resent;
        } else {
            m_services.host.show_sent(m_peer, m_outbox.front().html);
            ++typed;
        }
        m_outbox.pop();
    }
    if (resent > 0) {
        tell(NoticeKind::Resent, {std::to_string(resent)});
    }
    if (typed > 0) {
        tell(NoticeKind::QueueSent, {std::to_string(typed)});
    }
    if (typed + resent > 0) {
        m_told_hold.reset();
        changed();
    }
    tell_bound_elsewhere();
}

bool Session::send_first() {
    const QueuedMessage& queued = m_outbox.front();
    Instance& instance = *current();
    const Encrypted message = encrypt(instance, queued.html, queued.resend_of);
    const bool is_sent = !message.pieces.empty() &&
                         std::ranges::all_of(message.pieces, [this](const std::string& piece) {
                             return m_services.host.send_raw(m_peer, piece);
                         });
    if (is_sent) {
        remember_sent(queued.html, instance, message.digest, queued.resend_of);
    }
    return is_sent;
}

void Session::tell_bound_elsewhere() {
    const Instance* instance = current();
    if (m_state != SessionState::Private || instance == nullptr ||
        m_told_hold == HoldReason::KeyChanged || !is_bound_elsewhere(instance->key) ||
        !is_usable(*instance)) {
        return;
    }
    m_told_hold = HoldReason::KeyChanged;
    tell(NoticeKind::Waiting, {std::string(hold_word(HoldReason::KeyChanged))});
}

void Session::release_queue() {
    const Instance* instance = current();
    if (m_state != SessionState::Private || instance == nullptr || !is_usable(*instance)) {
        tell(NoticeKind::NotPrivate);
        return;
    }
    const HoldReason reason = hold_reason();
    if (reason != HoldReason::None && reason != HoldReason::KeyChanged) {
        tell(NoticeKind::Waiting, {std::string(hold_word(reason))});
        return;
    }
    if (key_hold(instance->key) == HoldReason::KeyChanged) {
        m_accepted_keys.insert(instance->key);
        if (const HoldReason other = key_hold(instance->key); other != HoldReason::None) {
            tell(NoticeKind::Waiting, {std::string(hold_word(other))});
            return;
        }
    }
    m_outbox.unbind();
    flush();
    changed();
}

void Session::discard_queue() {
    const std::size_t count = m_outbox.clear();
    m_told_hold.reset();
    tell(NoticeKind::QueueDiscarded, {std::to_string(count)});
    changed();
}

void Session::select_instance(unsigned number) {
    const auto found = std::ranges::find(m_instances, number, &Instance::number);
    if (found == m_instances.end() || found->state != SessionState::Private) {
        tell(NoticeKind::NotPrivate);
        return;
    }
    m_chosen_instance = found->tag;
    tell(NoticeKind::DeviceSwitched, {std::to_string(number)});
    flush();
    changed();
}

} // namespace otr_guard::core
