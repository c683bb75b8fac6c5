// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>

#include "core/wire.h"

namespace otr_guard::core {

namespace limits = model::limits;
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
    begin_exchange(StartCause::User);
}

void Session::begin_exchange(StartCause cause, FirstMove first) {
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
    if (m_exchange && cause != StartCause::User) {
        return;
    }
    m_exchange = cause;
    m_exchange_tries = 0;
    if (cause == StartCause::User) {
        tell(NoticeKind::StartRequested);
    }
    if (first == FirstMove::Theirs) {
        m_exchange_timer = Timer(m_services.host, std::chrono::milliseconds(limits::peer_restart),
                                 [this] { exchange_timer_fired(); });
    } else {
        send_query();
    }
    changed();
}

void Session::send_query() {
    ++m_exchange_tries;
    m_services.host.send_raw(m_peer, make_query(m_services.host.peer_text(PeerText::Query)));
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
    if (std::exchange(m_waits_for_key, false) && m_exchange) {
        const StartCause cause = *m_exchange;
        m_exchange.reset();
        begin_exchange(cause);
    }
    for (const std::string& message : std::exchange(m_stalled, {})) {
        const Incoming result = receive_otr(message);
        if (result.action == Incoming::Action::ShowPrivate) {
            m_services.host.show_received(m_peer, result.html);
        }
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
    if (m_stalled.size() < limits::stalled_messages && !m_in_progress.empty()) {
        m_stalled.push_back(m_in_progress);
    }
    m_services.request_key(m_peer.account);
}

void Session::peer_online() {
    const bool waits_for_session =
        m_state == SessionState::Plaintext || (m_state == SessionState::Finished && m_suspended);
    if (!m_outbox.empty() && waits_for_session) {
        begin_exchange(StartCause::Policy);
    }
}

// --- A key exchange has ended ------------------------------------------------------------------

void Session::gone_secure(model::InstanceTag tag) {
    const ConnContext* context = context_of(tag);
    if (context == nullptr || context->msgstate != OTRL_MSGSTATE_ENCRYPTED ||
        context->active_fingerprint == nullptr) {
        return;
    }
    const model::Fingerprint key = fingerprint_of(*context->active_fingerprint);
    const auto expected = m_services.trust.expected(m_peer);
    if (expected && *expected != key) {
        tell(NoticeKind::WrongKey, {key.to_groups(), expected->to_groups()});
        otrl_message_disconnect(m_services.identity.user_state(), &m_services.ops,
                                m_services.opdata, m_peer.account.username.c_str(),
                                m_peer.account.protocol.c_str(), m_peer.username.c_str(), tag);
        changed();
        return;
    }
    Instance* known = find_instance(tag);
    Instance& instance = known != nullptr ? *known : add_instance(tag);
    const bool is_refresh = m_state == SessionState::Private &&
                            instance.state == SessionState::Private && instance.key == key;
    const bool is_new_key =
        m_services.trust.add(m_peer, key, m_services.host.wall_clock());
    if (is_new_key) {
        m_services.trust_changed();
    }
    if (m_verification_instance == tag) {
        end_verification();
    }
    if (m_last_key != key) {
        m_code_mismatch = false;
    }
    adopt_key(instance, *context);
    exchange_done();
    m_interruption_timer.stop();
    if (is_refresh) {
        tell(NoticeKind::SessionRefreshed);
    } else {
        announce(key, is_new_key);
    }
    changed();
}

void Session::adopt_key(Instance& instance, const ConnContext& context) {
    instance.state = SessionState::Private;
    instance.key = fingerprint_of(*context.active_fingerprint);
    instance.version = context.protocol_version;
    instance.last_heard = m_services.host.now();
    m_state = SessionState::Private;
    m_suspended = false;
    m_last_key = instance.key;
    m_told_hold.reset();
}

void Session::announce(const model::Fingerprint& key, bool is_new_key) {
    const auto& keys = m_services.trust.keys_of(m_peer);
    if (key_hold(key) == HoldReason::KeyChanged) {
        const auto verified = std::ranges::find_if(
            keys, [](const KnownKey& candidate) { return candidate.is_verified(); });
        tell(NoticeKind::KeyChanged, {key.to_groups(), verified->fingerprint.to_groups()});
        return;
    }
    tell(m_services.trust.is_verified(m_peer, key) ? NoticeKind::SessionStarted
                                                   : NoticeKind::SessionStartedUnverified);
    if (is_new_key) {
        tell(keys.size() > 1 ? NoticeKind::AdditionalKey : NoticeKind::NewKey, {key.to_groups()});
    }
    const auto is_private = [](const Instance& instance) {
        return instance.state == SessionState::Private;
    };
    if (std::ranges::count_if(m_instances, is_private) > 1) {
        tell(NoticeKind::OtherDeviceStarted, {std::to_string(m_instances.back().number)});
    }
}

void Session::still_secure(model::InstanceTag tag) {
    const Instance* instance = find_instance(tag);
    if (m_state == SessionState::Private && instance != nullptr && is_usable(*instance)) {
        exchange_done();
        tell(NoticeKind::SessionRefreshed);
        changed();
        return;
    }
    gone_secure(tag);
}

// --- Ends --------------------------------------------------------------------------------------

void Session::say_goodbye() {
    otrl_message_disconnect_all_instances(
        m_services.identity.user_state(), &m_services.ops, m_services.opdata,
        m_peer.account.username.c_str(), m_peer.account.protocol.c_str(), m_peer.username.c_str());
    m_events.clear();
    for (Instance& instance : m_instances) {
        instance.state = SessionState::Plaintext;
    }
    m_chosen_instance.reset();
    m_accepted_keys.clear();
    m_code_mismatch = false;
    m_last_sent.reset();
    m_interruption_timer.stop();
    exchange_done();
    end_verification();
    m_services.reassembler.forget(m_peer);
}

void Session::end() {
    m_last_used = m_services.host.now();
    if (m_state == SessionState::Plaintext) {
        exchange_done();
        tell(NoticeKind::NotPrivate);
        changed();
        return;
    }
    say_goodbye();
    m_state = SessionState::Plaintext;
    m_suspended = false;
    m_told_hold.reset();
    tell(NoticeKind::SessionEndedByUs);
    changed();
}

void Session::suspend() {
    exchange_done();
    m_interruption_timer.stop();
    if (m_state != SessionState::Private || !m_services.host.says_goodbye()) {
        return;
    }
    say_goodbye();
    m_state = SessionState::Finished;
    m_suspended = true;
    m_told_hold.reset();
    tell(NoticeKind::SessionEndedByUs);
    changed();
}

void Session::policy_changed() {
    if (rules().is_off && is_live()) {
        end();
    }
    flush();
    changed();
}

void Session::peer_said_goodbye(model::InstanceTag tag) {
    Instance* instance = find_instance(tag);
    if (instance == nullptr || instance->state != SessionState::Private) {
        return;
    }
    instance->state = SessionState::Finished;
    if (m_verification_instance == tag) {
        end_verification();
    }
    if (m_chosen_instance == tag) {
        m_chosen_instance.reset();
    }
    const Instance* other = current();
    if (other != nullptr) {
        tell(NoticeKind::DeviceSwitched, {std::to_string(other->number)});
    } else {
        m_state = SessionState::Finished;
        m_suspended = false;
        m_told_hold.reset();
        m_accepted_keys.clear();
        exchange_done();
        m_interruption_timer.stop();
        tell(NoticeKind::SessionEndedByPeer);
    }
    changed();
}

// --- Interruption ------------------------------------------------------------------------------

void Session::watch_for_interruption() {
    // An honest refresh passes through this state for one round trip and ends by itself.
    m_interruption_timer = Timer(m_services.host, std::chrono::milliseconds(limits::exchange_retry),
                                 [this] { recover(); });
}

void Session::recover() {
    if (m_state != SessionState::Private || hold_reason() != HoldReason::Interrupted) {
        flush();
        return;
    }
    if (m_restarts.allow(m_services.host.now())) {
        tell(NoticeKind::SessionInterrupted);
        begin_exchange(StartCause::Recovery);
        return;
    }
    m_interruption_timer =
        Timer(m_services.host, std::chrono::milliseconds(limits::restart_interval),
              [this] { recover(); });
}

bool Session::inject(std::string_view wire) {
    if (wire.starts_with("?OTR Error") && !m_errors_sent.allow(m_services.host.now())) {
        return false;
    }
    return m_services.host.send_raw(m_peer, wire);
}

} // namespace otr_guard::core
