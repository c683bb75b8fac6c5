// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>

#include "core/wire.h"

namespace otr_guard::core {

namespace limits = model::limits;
using namespace std::chrono_literals;
using model::HoldReason;
using model::NoticeKind;
using model::SessionState;

// --- Beginning ---------------------------------------------------------------------------------

void Session::start() {
    m_last_used = m_services.host.now();
    if (rules().is_off) {
        tell(NoticeKind::PolicyChanged, {std::string(model::to_word(model::Policy::Never))});
        return;
    }
    m_shunned_until = {};
    begin_exchange(StartCause::User);
}

void Session::begin_exchange(StartCause cause, std::chrono::milliseconds delay) {
    finish_end();
    if (!m_services.identity.fingerprint_of(m_peer.account)) {
        const bool is_first = !m_waits_for_key;
        m_waits_for_key = true;
        m_exchange = cause;
        if (is_first) {
            tell(NoticeKind::KeyBeingMade);
        }
        m_services.request_key(m_peer.account);
        return;
    }
    if (cause == StartCause::Recovery && m_state == SessionState::Private) {
        m_is_doubtful = true;
    }
    if (m_exchange && cause != StartCause::User) {
        return;
    }
    give_receipts();
    m_exchange = cause;
    m_exchange_tries = 0;
    if (cause == StartCause::User) {
        tell(m_state == SessionState::Private ? NoticeKind::RefreshRequested
                                              : NoticeKind::StartRequested);
    }
    if (delay > std::chrono::milliseconds::zero()) {
        m_exchange_timer = Timer(m_services.host, delay, [this] { exchange_timer_fired(); });
    } else {
        send_query();
    }
    changed();
}

// Two exchanges that cross end each other in libotr: both sides wait for a signature. What makes us
// begin may happen to the peer at the same moment, so one of the two is slower.
std::chrono::milliseconds Session::restart_delay(RestartCause cause) const {
    const auto own_key = m_services.identity.fingerprint_of(m_peer.account);
    const bool is_slower = own_key && m_last_key && *m_last_key < *own_key;
    switch (cause) {
    case RestartCause::PeerError:
        return is_slower ? limits::peer_restart / 2 : 0s;
    case RestartCause::Interruption:
        return is_slower ? limits::peer_restart : 0s;
    case RestartCause::Loss:
        return is_slower ? limits::peer_restart * 2 : limits::peer_restart;
    }
    return limits::peer_restart;
}

void Session::send_query() {
    ++m_exchange_tries;
    m_committed.reset();
    m_services.host.send_raw(m_peer,
                             make_query(m_services.host.peer_text(m_peer.account, PeerText::Query),
                                        m_services.host.max_message_size(m_peer)));
    const bool is_last = m_exchange_tries > 1;
    const auto delay = std::chrono::milliseconds(
        is_last ? limits::exchange_timeout - limits::exchange_retry : limits::exchange_retry);
    m_exchange_timer = Timer(m_services.host, delay, [this] { exchange_timer_fired(); });
}

void Session::exchange_timer_fired() {
    if (!m_exchange) {
        return;
    }
    if (m_exchange_tries < 2) {
        send_query();
        return;
    }
    const StartCause cause = *m_exchange;
    exchange_done();
    if (cause == StartCause::Recovery && m_state == SessionState::Private) {
        stop_watching(); // until the user types again, or the peer shows up
        m_told_interruption = true;
        tell(NoticeKind::SessionLost);
    } else {
        tell(NoticeKind::NoAnswer, {std::to_string(m_outbox.size())});
    }
    flush();
    changed();
}

void Session::exchange_done() {
    m_exchange.reset();
    m_exchange_timer.stop();
}

void Session::key_ready() {
    std::optional<StartCause> cause;
    if (std::exchange(m_waits_for_key, false)) {
        cause = std::exchange(m_exchange, std::nullopt);
    }
    const std::vector<std::string> stalled = std::exchange(m_stalled, {});
    for (const std::string& message : stalled) {
        const Incoming result = receive_otr(message);
        if (result.action == Incoming::Action::ShowPrivate) {
            m_services.host.show_received(m_peer, result.html);
        }
    }
    if (cause && m_state != SessionState::Private) {
        begin_exchange(*cause, stalled.empty() ? 0s : limits::peer_restart);
    }
    changed();
}

void Session::key_failed() {
    m_waits_for_key = false;
    m_stalled.clear();
    exchange_done();
    changed();
}

void Session::stall_for_key() {
    if (m_stalled.size() < limits::stalled_messages && m_in_progress != nullptr) {
        m_stalled.push_back(*m_in_progress);
    }
    m_services.request_key(m_peer.account);
}

void Session::peer_online() {
    const bool waits_for_session =
        m_state == SessionState::Plaintext || (m_state == SessionState::Finished && m_suspended);
    if (m_outbox.empty()) {
        return;
    }
    if (waits_for_session) {
        begin_exchange(StartCause::Policy);
    } else if (m_is_doubtful && !m_exchange && m_restarts.allow(m_services.host.now())) {
        begin_exchange(StartCause::Recovery);
    } else {
        flush();
    }
}

// --- A key exchange has ended ------------------------------------------------------------------

void Session::gone_secure(model::InstanceTag tag) {
    const ConnContext* context = context_of(tag);
    if (context == nullptr || context->msgstate != OTRL_MSGSTATE_ENCRYPTED ||
        context->active_fingerprint == nullptr) {
        return;
    }
    if (m_is_ending) {
        finish_end();
        return;
    }
    const model::Fingerprint key = fingerprint_of(*context->active_fingerprint);
    const auto expected = m_services.trust.expected(m_peer);
    if (expected && *expected != key) {
        refuse_key(tag, key, *expected);
        changed();
        return;
    }
    Instance* known = find_instance(tag);
    Instance& instance = known != nullptr ? *known : add_instance(tag);
    const bool is_refresh = m_state == SessionState::Private &&
                            instance.state == SessionState::Private && instance.key == key;
    const bool is_new_key = m_services.trust.add(m_peer, key, m_services.host.wall_clock());
    if (m_services.trust.note_used(m_peer, key, m_services.host.wall_clock()) || is_new_key) {
        m_services.trust_changed();
    }
    if (m_verification_instance == tag) {
        lose_verification(NoticeKind::VerificationAborted);
    }
    const bool is_asked_for = m_exchange == StartCause::User;
    adopt_key(instance, *context);
    if (is_refresh) {
        tell_refreshed(is_asked_for);
    } else {
        announce(instance, is_new_key);
    }
    changed();
}

void Session::adopt_key(Instance& instance, const ConnContext& context) {
    instance.state = SessionState::Private;
    const model::Fingerprint key = fingerprint_of(*context.active_fingerprint);
    if (instance.key != key) {
        instance.format.reset(); // another program, perhaps
    }
    instance.key = key;
    new_keys(instance);
    instance.version = context.protocol_version;
    instance.last_heard = m_services.host.now();
    m_state = SessionState::Private;
    m_suspended = false;
    m_last_key = instance.key;
    m_told_hold.reset();
    m_is_doubtful = false;
    m_rekeying = Rekeying::No;
    exchange_done();
    stop_watching();
}

void Session::new_keys(Instance& instance) {
    requeue_sent_before(instance);
    instance.keys_since = m_services.host.now();
    instance.is_heard = false;
    instance.is_silent = true;
    instance.knows_receipts = false;
}

void Session::refuse_key(model::InstanceTag tag, const model::Fingerprint& key,
                         const model::Fingerprint& expected) {
    if (m_wrong_keys_told.allow(m_services.host.now())) {
        tell(NoticeKind::WrongKey, {key.to_groups(), expected.to_groups()});
    }
    disconnect(tag);
    exchange_done();
    leave(tag);
    settle_unconfirmed(tag);
}

void Session::announce(const Instance& instance, bool is_new_key) {
    const auto& keys = m_services.trust.keys_of(m_peer);
    if (key_hold(instance.key) == HoldReason::KeyChanged) {
        const auto verified = std::ranges::find_if(
            keys, [](const KnownKey& candidate) { return candidate.is_verified(); });
        tell(NoticeKind::KeyChanged, {instance.key.to_groups(), verified->fingerprint.to_groups()});
        return;
    }
    if (m_services.trust.is_verified(m_peer, instance.key)) {
        tell(NoticeKind::SessionStarted);
    } else if (is_new_key && keys.size() > 1) {
        tell(NoticeKind::AdditionalKey, {instance.key.to_groups()});
    } else {
        tell(NoticeKind::SessionStartedUnverified);
    }
    const auto is_private = [](const Instance& candidate) {
        return candidate.state == SessionState::Private;
    };
    if (std::ranges::count_if(m_instances, is_private) > 1) {
        tell(NoticeKind::OtherDeviceStarted, {std::to_string(instance.number)});
    }
}

void Session::still_secure(model::InstanceTag tag) {
    Instance* instance = find_instance(tag);
    if (m_state == SessionState::Private && instance != nullptr &&
        instance->state == SessionState::Private && is_usable(*instance)) {
        new_keys(*instance);
        const bool is_asked_for = m_exchange == StartCause::User;
        exchange_done();
        stop_watching();
        m_is_doubtful = false;
        m_rekeying = Rekeying::No;
        m_told_hold.reset();
        if (m_verification_instance == tag && m_smp != nullptr) {
            send_abort(tag);
            lose_verification(NoticeKind::VerificationAborted);
        }
        tell_refreshed(is_asked_for);
        changed();
        return;
    }
    gone_secure(tag);
}

// Anybody on the way can have one key exchange follow another.
void Session::tell_refreshed(bool is_asked_for) {
    const bool is_awaited = std::exchange(m_told_interruption, false) || is_asked_for;
    if (is_awaited || m_refreshes_told.allow(m_services.host.now())) {
        tell(NoticeKind::SessionRefreshed);
    }
}

// --- Interruption ------------------------------------------------------------------------------

void Session::expect_new_keys(model::InstanceTag tag) {
    const Instance* instance = find_instance(tag);
    if (m_state != SessionState::Private || instance == nullptr ||
        instance->state != SessionState::Private) {
        return;
    }
    m_rekeying = Rekeying::Theirs;
    m_services.session_changed(m_peer);
    m_rekeying_timer =
        Timer(m_services.host, std::chrono::milliseconds(limits::exchange_retry), [this] {
            m_rekeying = Rekeying::No;
            flush();
        });
}

void Session::mend_after_dh_key(model::InstanceTag tag) {
    ConnContext* context = context_of(tag);
    const Instance* instance = find_instance(tag);
    if (context == nullptr || context->active_fingerprint == nullptr || instance == nullptr ||
        instance->state != SessionState::Private ||
        fingerprint_of(*context->active_fingerprint) != instance->key) {
        return;
    }
    // libotr has copied the state of its context for nobody in particular over that of a live
    // session, whose keys it still has: without them, messages on their way would be lost.
    context->msgstate = OTRL_MSGSTATE_ENCRYPTED;
    if (context->auth.authstate == OTRL_AUTHSTATE_AWAITING_SIG) {
        m_rekeying_timer.stop();
        m_rekeying = Rekeying::Ours; // anybody can have caused it: see recover()
        m_services.session_changed(m_peer);
    }
}

void Session::watch_for_interruption(std::chrono::milliseconds delay) {
    // An honest refresh passes through this state for one round trip and ends by itself.
    if (std::exchange(m_is_watching, true)) {
        return;
    }
    m_interruption_timer = Timer(m_services.host, delay, [this] { recover(); });
}

void Session::stop_watching() {
    m_is_watching = false;
    m_interruption_timer.stop();
}

void Session::recover() {
    m_is_watching = false;
    if (m_state != SessionState::Private) {
        return;
    }
    if (m_rekeying == Rekeying::Ours) {
        m_rekeying = Rekeying::No;
        m_is_doubtful = true; // until something under the old keys or new keys come
    }
    const HoldReason reason = hold_reason();
    if (reason == HoldReason::NotConnected || (reason == HoldReason::Interrupted && m_exchange)) {
        watch_for_interruption(limits::exchange_retry);
    } else if (reason != HoldReason::Interrupted) {
        flush();
    } else if (m_restarts.allow(m_services.host.now())) {
        m_told_interruption = true;
        tell(NoticeKind::SessionInterrupted);
        begin_exchange(StartCause::Recovery, restart_delay(RestartCause::Interruption));
    } else {
        watch_for_interruption(limits::restart_interval);
    }
}

bool Session::inject(std::string_view wire) {
    const std::size_t limit = m_services.host.max_message_size(m_peer);
    if (wire.starts_with("?OTR Error")) {
        const bool is_allowed =
            m_errors_sent.allow(m_services.host.now()) && (!is_stranger() || may_complain());
        return is_allowed &&
               m_services.host.send_raw(m_peer, limit == 0 ? wire : wire.substr(0, limit));
    }
    // libotr sends goodbyes and heartbeats whole, however long they are.
    const std::vector<std::string> pieces = split_message(wire, limit);
    return !pieces.empty() && std::ranges::all_of(pieces, [this](const std::string& piece) {
        return m_services.host.send_raw(m_peer, piece);
    });
}

} // namespace otr_guard::core
