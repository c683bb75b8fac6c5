// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>
#include <utility>

#include "core/text_format_tlv.h"
#include "core/wire.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::HoldReason;
using model::NoticeKind;
using model::SessionState;

Session::Session(Services& services, model::PeerId peer)
    : m_services(services), m_peer(std::move(peer)), m_last_used(services.host.now()) {}

// --- State -------------------------------------------------------------------------------------

Rules Session::rules() const {
    const PeerFacts facts{.has_known_key = !m_services.trust.keys_of(m_peer).empty(),
                          .has_expected_key = m_services.trust.expected(m_peer).has_value()};
    return rules_for(m_services.host.policy_for(m_peer), facts);
}

OtrlPolicy Session::libotr_policy() const { return to_libotr(rules(), is_live()); }

ConnContext* Session::master_context() const {
    // The master must exist before any child does, or libotr takes the child for one.
    return otrl_context_find(m_services.identity.user_state(), m_peer.username.c_str(),
                             m_peer.account.username.c_str(), m_peer.account.protocol.c_str(),
                             OTRL_INSTAG_MASTER, 1, nullptr, nullptr, nullptr);
}

ConnContext* Session::context_of(model::InstanceTag tag) const {
    return otrl_context_find(m_services.identity.user_state(), m_peer.username.c_str(),
                             m_peer.account.username.c_str(), m_peer.account.protocol.c_str(), tag,
                             0, nullptr, nullptr, nullptr);
}

Session::Instance* Session::find_instance(model::InstanceTag tag) {
    const auto found = std::ranges::find(m_instances, tag, &Instance::tag);
    return found == m_instances.end() ? nullptr : &*found;
}

Session::Instance& Session::add_instance(model::InstanceTag tag) {
    if (m_instances.size() >= limits::instances_per_peer) {
        const auto oldest = std::ranges::min_element(m_instances, {}, [](const Instance& instance) {
            return std::pair(instance.state == SessionState::Private, instance.last_heard);
        });
        m_instances.erase(oldest);
    }
    m_instances.push_back(Instance{.number = m_next_instance_number++,
                                   .tag = tag,
                                   .state = SessionState::Plaintext,
                                   .key = {},
                                   .version = 0,
                                   .last_heard = m_services.host.now()});
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

bool Session::is_usable(const Instance& instance) const {
    const ConnContext* context = context_of(instance.tag);
    return context != nullptr && context->msgstate == OTRL_MSGSTATE_ENCRYPTED &&
           context->active_fingerprint != nullptr &&
           fingerprint_of(*context->active_fingerprint) == instance.key;
}

HoldReason Session::key_hold(const model::Fingerprint& key) const {
    const auto expected = m_services.trust.expected(m_peer);
    if (m_code_mismatch || (expected && *expected != key)) {
        return HoldReason::WrongKey;
    }
    const bool is_verified = m_services.trust.is_verified(m_peer, key);
    if (is_verified || expected) {
        return HoldReason::None;
    }
    if (m_services.trust.has_verified_key(m_peer) && !m_accepted_keys.contains(key)) {
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
    const Instance* instance = current();
    // While we restart a session that the peer lost, the old keys reach nobody.
    if (instance == nullptr || !is_usable(*instance) || m_exchange == StartCause::Recovery) {
        return HoldReason::Interrupted;
    }
    return key_hold(instance->key);
}

void Session::tell(NoticeKind kind, std::vector<std::string> arguments) {
    m_services.host.tell(m_peer, {kind, std::move(arguments)});
}

void Session::changed() { m_services.host.state_changed(m_peer); }

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
        status.is_verified =
            !m_code_mismatch && m_services.trust.is_verified(m_peer, active->key);
    } else {
        status.their_key = m_last_key;
    }
    return status;
}

bool Session::is_disposable() const {
    return m_state == SessionState::Plaintext && m_outbox.empty() && !m_exchange &&
           m_stalled.empty() && m_verification.stage() == Verification::Stage::Idle;
}

// --- Sending -----------------------------------------------------------------------------------

Outgoing Session::send(std::string_view html, Origin origin) {
    m_last_used = m_services.host.now();
    const Rules now = rules();
    if (m_state == SessionState::Plaintext && !now.requires_private) {
        return send_in_clear(html, now);
    }
    const HoldReason reason = hold_reason();
    if (reason != HoldReason::None) {
        return hold(html, origin, reason);
    }
    flush();
    const Instance* instance = current();
    if (!m_outbox.empty() || instance == nullptr) {
        return hold(html, origin, HoldReason::Interrupted);
    }
    std::vector<std::string> pieces = encrypt(*instance, html);
    if (pieces.empty()) {
        tell(NoticeKind::SendFailed);
        return hold(html, origin, HoldReason::Interrupted);
    }
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        if (!m_services.host.send_raw(m_peer, pieces[i])) {
            tell(NoticeKind::SendFailed);
            return hold(html, origin, HoldReason::Interrupted);
        }
    }
    remember_sent(html, instance->key);
    return {Outgoing::Action::SendReplacement, std::move(pieces.back())};
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
    m_offer = Offer::Made;
    return {Outgoing::Action::SendReplacement, std::move(tagged)};
}

Outgoing Session::hold(std::string_view html, Origin origin, HoldReason reason) {
    if (origin == Origin::Automatic) {
        tell(NoticeKind::AutomaticReplyHeld);
        return {Outgoing::Action::Refused, {}};
    }
    if (!m_outbox.push({.html = std::string(html), .bound_key = m_last_key, .is_resend = false})) {
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
    } else if (reason == HoldReason::Interrupted) {
        watch_for_interruption();
    }
    changed();
    return {Outgoing::Action::Held, {}};
}

std::vector<std::string> Session::encrypt(const Instance& instance, std::string_view html) {
    const auto format = m_peer_format.value_or(default_format(m_peer.account.protocol));
    const markup::WireText text = markup::to_wire(html, format);
    TlvPtr tlv;
    if (text.is_ambiguous) {
        tlv = make_format_tlv(text.format);
    }
    char* message = nullptr;
    ConnContext* context = nullptr;
    const gcry_error_t error = otrl_message_sending(
        m_services.identity.user_state(), &m_services.ops, m_services.opdata,
        m_peer.account.username.c_str(), m_peer.account.protocol.c_str(), m_peer.username.c_str(),
        instance.tag, text.text.c_str(), tlv.get(), &message, OTRL_FRAGMENT_SEND_SKIP, &context,
        nullptr, nullptr);
    const OtrMessagePtr owned(message);
    m_events.clear();
    if (error != 0 || message == nullptr || context == nullptr || !is_data_message(message)) {
        return {};
    }
    return split(*context, message);
}

std::vector<std::string> Session::split(ConnContext& context, const char* message) const {
    const std::string_view whole(message);
    const std::size_t limit = m_services.host.max_message_size(m_peer);
    if (limit == 0 || whole.size() <= limit) {
        return {std::string(whole)};
    }
    const std::size_t header = context.protocol_version == 3 ? 37 : 19;
    const std::size_t room = std::max(limit, limits::smallest_message_size) - header;
    const std::size_t count = (whole.size() + room - 1) / room;
    if (count > 65535) {
        return {};
    }
    std::vector<std::string> pieces;
    pieces.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        pieces.push_back(make_fragment(context.protocol_version, context.our_instance,
                                       context.their_instance, i + 1, count,
                                       whole.substr(i * room, room)));
    }
    return pieces;
}

void Session::remember_sent(std::string_view html, const model::Fingerprint& key) {
    m_last_sent = Sent{std::string(html), key, m_services.host.now(), m_sending_resend};
}

void Session::flush() {
    std::size_t sent = 0;
    while (!m_outbox.empty() && m_state == SessionState::Private &&
           hold_reason() == HoldReason::None) {
        const Instance* instance = current();
        const QueuedMessage& message = m_outbox.front();
        if (message.bound_key && *message.bound_key != instance->key &&
            !m_services.trust.is_verified(m_peer, instance->key)) {
            if (m_told_hold != HoldReason::KeyChanged) {
                m_told_hold = HoldReason::KeyChanged;
                tell(NoticeKind::Waiting, {std::string(hold_word(HoldReason::KeyChanged))});
            }
            break;
        }
        const std::vector<std::string> pieces = encrypt(*instance, message.html);
        const bool all_sent =
            !pieces.empty() && std::ranges::all_of(pieces, [this](const std::string& piece) {
                return m_services.host.send_raw(m_peer, piece);
            });
        if (!all_sent) {
            tell(NoticeKind::SendFailed);
            break;
        }
        m_sending_resend = message.is_resend;
        remember_sent(message.html, instance->key);
        m_sending_resend = false;
        if (message.is_resend) {
            tell(NoticeKind::Resent);
        } else {
            m_services.host.show_sent(m_peer, message.html);
            ++sent;
        }
        m_outbox.pop();
    }
    if (sent > 0) {
        m_told_hold.reset();
        tell(NoticeKind::QueueSent, {std::to_string(sent)});
        changed();
    }
}

void Session::release_queue() {
    const Instance* instance = current();
    if (m_state != SessionState::Private || instance == nullptr || !is_usable(*instance)) {
        tell(NoticeKind::NotPrivate);
        return;
    }
    if (key_hold(instance->key) == HoldReason::KeyChanged) {
        m_accepted_keys.insert(instance->key);
    }
    if (const HoldReason reason = key_hold(instance->key); reason != HoldReason::None) {
        tell(NoticeKind::Waiting, {std::string(hold_word(reason))});
        return;
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
    end_verification();
    tell(NoticeKind::DeviceSwitched, {std::to_string(number)});
    flush();
    changed();
}

// --- Trust -------------------------------------------------------------------------------------

void Session::trust(const model::Fingerprint& fingerprint) {
    m_services.trust.add(m_peer, fingerprint, m_services.host.wall_clock());
    m_services.trust.set_verified(m_peer, fingerprint, model::VerificationMethod::ByHand,
                                  m_services.host.wall_clock());
    m_services.trust_changed();
    if (const Instance* instance = current(); instance != nullptr && instance->key == fingerprint) {
        m_code_mismatch = false;
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

void Session::expect(std::optional<model::Fingerprint> fingerprint) {
    m_services.trust.set_expected(m_peer, fingerprint);
    m_services.trust_changed();
    if (!fingerprint) {
        tell(NoticeKind::ExpectationCleared);
        changed();
        return;
    }
    tell(NoticeKind::ExpectationSet, {fingerprint->to_groups()});
    const Instance* instance = current();
    if (m_state == SessionState::Private && instance != nullptr && instance->key != *fingerprint) {
        tell(NoticeKind::WrongKey, {instance->key.to_groups(), fingerprint->to_groups()});
        say_goodbye();
    }
    flush();
    changed();
}

} // namespace otr_guard::core
