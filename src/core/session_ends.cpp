// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;
using model::SessionState;

void Session::disconnect_all() {
    give_receipts();
    const Contexts::InUse in_use(m_contexts);
    otrl_message_disconnect_all_instances(in_use.state(), &m_services.ops, m_services.opdata,
                                          m_peer.account.username.c_str(),
                                          m_peer.account.protocol.c_str(), m_peer.username.c_str());
    m_events.clear();
}

void Session::forget_session() {
    for (Instance& instance : m_instances) {
        instance.state = SessionState::Plaintext;
    }
    m_chosen_instance.reset();
    m_accepted_keys.clear();
    m_is_doubtful = false;
    m_rekeying = Rekeying::No;
    stop_watching();
    stop_watching_for_receipts();
    exchange_done();
    lose_verification(NoticeKind::VerificationCancelled);
    m_services.reassembler.forget(m_peer);
}

void Session::end() {
    m_last_used = m_services.host.now();
    m_pasted_code.reset();
    m_rejected_key.reset();
    give_receipts();
    // Nobody confirms anything after the goodbye.
    const bool awaits_receipts = awaited_receipts() > 0;
    if (is_exchanging() || awaits_receipts) {
        m_is_ending = true;
        const auto delay = awaits_receipts ? limits::receipt_delay * 2 : limits::exchange_retry;
        m_end_timer =
            Timer(m_services.host, std::chrono::milliseconds(delay), [this] { finish_end(); });
    }
    if (m_state == SessionState::Plaintext) {
        exchange_done();
        tell(NoticeKind::NotPrivate);
        changed();
        return;
    }
    // Under the old keys the peer may not be able to read the goodbye any more, and saying it stops
    // the exchange of which the new ones would come.
    if (m_rekeying == Rekeying::No && !awaits_receipts) {
        disconnect_all();
    }
    forget_session();
    m_state = SessionState::Plaintext;
    m_suspended = false;
    m_told_hold.reset();
    tell(NoticeKind::SessionEndedByUs);
    changed();
}

void Session::suspend() {
    exchange_done();
    stop_watching();
    finish_end();
    if (m_state != SessionState::Private || !m_services.host.says_goodbye()) {
        return;
    }
    end_until_typed(NoticeKind::SessionSuspended);
}

void Session::stop() {
    exchange_done();
    stop_watching();
    finish_end();
    const bool was_live = is_live();
    if (m_state == SessionState::Private && m_services.host.says_goodbye()) {
        leave_all();
    }
    if (was_live) {
        tell(NoticeKind::SessionStopped);
    }
    tell_maybe_unread(awaited_receipts());
    m_unconfirmed.clear();
    if (const std::size_t waiting = m_outbox.clear(); waiting > 0) {
        tell(NoticeKind::QueueDiscarded, {std::to_string(waiting)});
    }
    changed();
}

void Session::own_key_leaves() {
    finish_end();
    if (m_state == SessionState::Private) {
        end_until_typed(NoticeKind::SessionEndedForKey);
    } else if (is_exchanging()) {
        // Half of it would be signed with a key that the user no longer has.
        exchange_done();
        disconnect_all();
        changed();
    }
}

void Session::leave_all() {
    disconnect_all();
    forget_session();
    m_state = SessionState::Finished;
    m_suspended = true;
    m_told_hold.reset();
}

void Session::end_until_typed(NoticeKind reason) {
    leave_all();
    tell(reason);
    keep_unread(
        m_unconfirmed.take([this](const SentText& text) { return gives_receipts(text.tag); }));
    changed();
}

void Session::policy_changed() {
    if (rules().is_off) {
        if (is_live()) {
            end();
        }
        exchange_done();
        m_waits_for_key = false;
        m_stalled.clear();
    }
    flush();
    changed();
}

bool Session::is_exchanging() const {
    if (m_exchange || m_rekeying != Rekeying::No) {
        return true;
    }
    const ConnContext* const master = master_context();
    for (const ConnContext* context = master; context != nullptr && context->m_context == master;
         context = context->next) {
        if (context->auth.authstate != OTRL_AUTHSTATE_NONE) {
            return true;
        }
    }
    return false;
}

void Session::finish_end() {
    if (m_is_ending) {
        give_receipts();
        m_is_ending = false;
        m_end_timer.stop();
        disconnect_all();
        tell_maybe_unread(awaited_receipts());
        m_unconfirmed.clear();
    }
}

bool Session::leave(model::InstanceTag tag) {
    Instance* instance = find_instance(tag);
    if (instance == nullptr || instance->state != SessionState::Private) {
        return false;
    }
    m_last_key = instance->key;
    instance->state = SessionState::Finished;
    if (m_verification_instance == tag) {
        lose_verification(NoticeKind::VerificationAborted);
    }
    if (m_chosen_instance == tag) {
        m_chosen_instance.reset();
    }
    if (current() != nullptr) {
        return false;
    }
    m_state = SessionState::Finished;
    m_suspended = false;
    m_told_hold.reset();
    m_accepted_keys.clear();
    m_is_doubtful = false;
    m_rekeying = Rekeying::No;
    exchange_done();
    stop_watching();
    return true;
}

void Session::peer_said_goodbye(model::InstanceTag tag) {
    const Instance* before = current();
    const bool was_current = before != nullptr && before->tag == tag;
    if (leave(tag)) {
        tell(NoticeKind::SessionEndedByPeer);
    } else if (was_current) {
        tell(NoticeKind::DeviceSwitched, {std::to_string(current()->number)});
    }
    settle_unconfirmed(tag);
    changed();
}

} // namespace otr_guard::core
