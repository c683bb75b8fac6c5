// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/wire.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::HoldReason;
using model::NoticeKind;
using model::SessionState;

Session::Session(Services& services, model::PeerId peer)
    : m_services(services), m_peer(std::move(peer)), m_contexts(services.identity.context_place()),
      m_last_used(services.host.now()) {}

// --- State -------------------------------------------------------------------------------------

const Session::Known& Session::known() const {
    const std::uint64_t settings_version = m_services.host.settings_version();
    const std::uint64_t trust_version = m_services.trust.version();
    // Every message is a use, so the clock need not be asked again.
    const bool is_old = m_known && m_last_used - m_known->since > limits::known_age;
    if (!m_known || is_old || m_known->settings_version != settings_version ||
        m_known->trust_version != trust_version) {
        const auto expected = m_services.trust.expected(m_peer);
        const PeerFacts facts{.has_known_key = !m_services.trust.keys_of(m_peer).empty(),
                              .has_expected_key = expected.has_value()};
        m_known = Known{.settings_version = settings_version,
                        .trust_version = trust_version,
                        .since = m_services.host.now(),
                        .rules = rules_for(m_services.host.policy_for(m_peer), facts),
                        .expected_key = expected,
                        .has_verified_key = m_services.trust.has_verified_key(m_peer),
                        .verified = {}};
    }
    return *m_known;
}

bool Session::is_verified(const model::Fingerprint& key) const {
    if (const auto& last = known().verified; !last || last->first != key) {
        m_known->verified = {key, m_services.trust.is_verified(m_peer, key)};
    }
    return m_known->verified->second;
}

OtrlPolicy Session::libotr_policy() const {
    return to_libotr(rules(), is_live());
}

ConnContext* Session::master_context() const {
    // The master must exist before any child does, or libotr takes the child for one.
    const Contexts::InUse in_use(m_contexts);
    return otrl_context_find(in_use.state(), m_peer.username.c_str(),
                             m_peer.account.username.c_str(), m_peer.account.protocol.c_str(),
                             OTRL_INSTAG_MASTER, 1, nullptr, nullptr, nullptr);
}

ConnContext* Session::known_master_context() const {
    return context_of(OTRL_INSTAG_MASTER);
}

ConnContext* Session::context_of(model::InstanceTag tag) const {
    const Contexts::InUse in_use(m_contexts);
    return otrl_context_find(in_use.state(), m_peer.username.c_str(),
                             m_peer.account.username.c_str(), m_peer.account.protocol.c_str(), tag,
                             0, nullptr, nullptr, nullptr);
}

Session::Instance* Session::find_instance(model::InstanceTag tag) {
    const auto found = std::ranges::find(m_instances, tag, &Instance::tag);
    return found == m_instances.end() ? nullptr : &*found;
}

Session::Instance& Session::add_instance(model::InstanceTag tag) {
    if (m_instances.size() >= limits::instances_per_peer) {
        const auto oldest =
            std::ranges::min_element(m_instances, {}, [this](const Instance& instance) {
                const bool is_being_verified =
                    m_smp != nullptr && m_verification_instance == instance.tag;
                return std::tuple(instance.state == SessionState::Private, is_being_verified,
                                  instance.last_heard);
            });
        disconnect(oldest->tag);
        m_instances.erase(oldest);
    }
    m_instances.push_back(Instance{.number = m_next_instance_number++,
                                   .tag = tag,
                                   .state = SessionState::Plaintext,
                                   .key = {},
                                   .version = 0,
                                   .last_heard = m_services.host.now(),
                                   .format = {},
                                   .keys_since = {},
                                   .to_confirm = {}});
    return m_instances.back();
}

const Session::Instance* Session::current() const {
    const Instance* best = nullptr;
    for (const Instance& instance : m_instances) {
        if (instance.state != SessionState::Private) {
            continue;
        }
        if (m_chosen_instance == instance.tag) {
            return &instance;
        }
        if (best == nullptr || instance.last_heard >= best->last_heard) {
            best = &instance;
        }
    }
    return best;
}

Session::Instance* Session::current() {
    const Instance* const found = std::as_const(*this).current();
    return found != nullptr ? find_instance(found->tag) : nullptr;
}

bool Session::is_usable(const Instance& instance) const {
    const ConnContext* context = context_of(instance.tag);
    return context != nullptr && context->msgstate == OTRL_MSGSTATE_ENCRYPTED &&
           context->active_fingerprint != nullptr &&
           fingerprint_of(*context->active_fingerprint) == instance.key;
}

void Session::disconnect(model::InstanceTag tag) {
    give_receipts();
    const Contexts::InUse in_use(m_contexts);
    otrl_message_disconnect(in_use.state(), &m_services.ops, m_services.opdata,
                            m_peer.account.username.c_str(), m_peer.account.protocol.c_str(),
                            m_peer.username.c_str(), tag);
}

bool Session::is_stranger() const {
    return !is_live() && !m_exchange && m_outbox.empty() &&
           m_services.trust.keys_of(m_peer).empty();
}

HoldReason Session::key_hold(const model::Fingerprint& key) const {
    const auto& expected = known().expected_key;
    if ((m_pasted_code && *m_pasted_code != key) || (expected && *expected != key) ||
        m_rejected_key == key) {
        return HoldReason::WrongKey;
    }
    if (expected || is_verified(key)) {
        return HoldReason::None;
    }
    if (known().has_verified_key && !m_accepted_keys.contains(key)) {
        return HoldReason::KeyChanged;
    }
    return rules().requires_verified ? HoldReason::NotVerified : HoldReason::None;
}

HoldReason Session::hold_reason() const {
    switch (m_state) {
    case SessionState::Plaintext:
        if (!rules().requires_private) {
            return HoldReason::None;
        }
        return m_waits_for_key ? HoldReason::KeyGeneration : HoldReason::NoSession;
    case SessionState::Finished:
        return HoldReason::Finished;
    case SessionState::Private:
        break;
    }
    if (!m_services.host.is_connected(m_peer.account)) {
        return HoldReason::NotConnected;
    }
    const Instance* instance = current();
    // A session that the peer may have lost, or is about to replace, reaches nobody.
    if (instance == nullptr || !is_usable(*instance) || m_is_doubtful ||
        m_rekeying != Rekeying::No) {
        return HoldReason::Interrupted;
    }
    if (const HoldReason reason = key_hold(instance->key); reason != HoldReason::None) {
        return reason;
    }
    return is_bound_elsewhere(instance->key) ? HoldReason::KeyChanged : HoldReason::None;
}

bool Session::is_bound_elsewhere(const model::Fingerprint& key) const {
    if (m_outbox.empty() || !m_outbox.front().bound_key || m_outbox.front().bound_key == key) {
        return false;
    }
    return !is_verified(key) && known().expected_key != key && !m_accepted_keys.contains(key);
}

void Session::tell(NoticeKind kind, std::vector<std::string> arguments) {
    m_services.host.tell(m_peer, {kind, std::move(arguments)});
}

void Session::changed() {
    m_services.host.state_changed(m_peer);
    m_services.session_changed(m_peer);
}

SessionStatus Session::status() const {
    SessionStatus status;
    status.state = m_state;
    status.hold = hold_reason();
    status.policy = m_services.host.policy_for(m_peer);
    status.my_key = m_services.identity.fingerprint_of(m_peer.account);
    status.expected_key = m_services.trust.expected(m_peer);
    status.queued = m_outbox.size();
    status.verification = m_verification.status();
    const Instance* active = current();
    for (const Instance& instance : m_instances) {
        const bool has_key = instance.state != SessionState::Plaintext;
        status.instances.push_back(
            {.number = instance.number,
             .tag = instance.tag,
             .state = instance.state,
             .key = has_key ? std::optional(instance.key) : std::nullopt,
             .is_verified = has_key && m_services.trust.is_verified(m_peer, instance.key),
             .is_current = &instance == active});
    }
    if (m_state == SessionState::Private && active != nullptr) {
        status.their_key = active->key;
        status.protocol_version = active->version;
        status.has_otr_guard = active->receipts == Receipts::Given;
        status.is_verified = key_hold(active->key) != HoldReason::WrongKey &&
                             m_services.trust.is_verified(m_peer, active->key);
    } else {
        status.their_key = m_last_key;
    }
    return status;
}

bool Session::is_disposable() const {
    // What a peer alone has set off, like an attempt at recovery, keeps nothing alive.
    const bool is_wanted = m_exchange && m_exchange != StartCause::Recovery;
    return m_state == SessionState::Plaintext && m_outbox.empty() && !is_wanted && !m_is_ending &&
           !m_pasted_code && !m_rejected_key && !m_contexts.is_in_use();
}

// --- Trust -------------------------------------------------------------------------------------

void Session::trust(const model::Fingerprint& fingerprint) {
    m_services.trust.add(m_peer, fingerprint, m_services.host.wall_clock());
    m_services.trust.set_verified(m_peer, fingerprint, model::VerificationMethod::ByHand,
                                  m_services.host.wall_clock());
    m_services.trust_changed();
    if (const Instance* instance = current(); instance != nullptr && instance->key == fingerprint) {
        m_pasted_code.reset();
    }
    if (m_rejected_key == fingerprint) {
        m_rejected_key.reset();
    }
    tell(NoticeKind::Trusted, {fingerprint.to_groups()});
    flush();
    changed();
}

void Session::untrust(const model::Fingerprint& fingerprint) {
    m_services.trust.revoke(m_peer, fingerprint);
    m_accepted_keys.erase(fingerprint);
    m_services.trust_changed();
    tell(NoticeKind::Untrusted, {fingerprint.to_groups()});
    changed();
}

void Session::reject(const model::Fingerprint& fingerprint) {
    if (m_services.trust.is_verified(m_peer, fingerprint)) {
        m_services.trust.revoke(m_peer, fingerprint);
        m_services.trust_changed();
    }
    m_accepted_keys.erase(fingerprint);
    m_rejected_key = fingerprint;
    tell(NoticeKind::KeyRejected, {fingerprint.to_groups()});
    changed();
}

void Session::trust_restored(const model::Fingerprint& fingerprint) {
    if (!m_services.trust.is_verified(m_peer, fingerprint)) {
        m_accepted_keys.erase(fingerprint);
    }
    flush();
    changed();
}

void Session::expect(std::optional<model::Fingerprint> fingerprint) {
    m_services.trust.set_expected(m_peer, fingerprint);
    m_services.trust_changed();
    if (!fingerprint) {
        tell(NoticeKind::ExpectationCleared);
        changed();
        return;
    }
    tell(NoticeKind::ExpectationSet, {fingerprint->to_groups()});
    for (Instance& instance : m_instances) {
        if (instance.state == SessionState::Private && instance.key != *fingerprint) {
            refuse_key(instance.tag, instance.key, *fingerprint);
        }
    }
    flush();
    changed();
}

} // namespace otr_guard::core
