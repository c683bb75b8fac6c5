// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <set>
#include <utility>

#include "core/wire.h"

// Where the messages of a verification come from and go to. Each is a record (TLV) of a data
// message without text.

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;
using model::SessionState;
using Event = Verification::Event;

namespace {

TlvPtr make_record(unsigned short type, std::string_view value) {
    return TlvPtr(otrl_tlv_new(type, static_cast<unsigned short>(value.size()),
                               reinterpret_cast<const unsigned char*>(value.data())));
}

} // namespace

// libotr would compute while the main loop waits. What it expects now never comes, so it takes
// every step for one that is out of order, tells nobody (see app_ops), and hands the record to us.
// All contexts: exchanges make new ones. A goodbye puts this back, so a peer that asks and says
// goodbye in one and the same message makes libotr compute all the same: see punish_proving().
void Session::keep_libotr_from_proving() {
    for (const ConnContext* context = m_contexts.first(); context != nullptr;
         context = context->next) {
        context->smstate->nextExpected = OTRL_SMP_EXPECT5;
    }
}

// Nothing honest does that, and what it costs can be a second. So for a while the peer gets no
// other session in which to do it again, unless the user starts one.
void Session::punish_proving() {
    for (const ConnContext* context = m_contexts.first(); context != nullptr;
         context = context->next) {
        if (context->smstate->g1 != nullptr) {
            otrl_sm_state_free(context->smstate);
            m_shunned_until = m_services.host.now() + limits::shunning;
        }
    }
}

std::unique_ptr<SmpRun> Session::new_run(const Instance& instance) {
    m_verification_instance = instance.tag;
    m_verification_key = instance.key;
    return std::make_unique<SmpRun>(
        m_services.prover,
        SmpRun::Hooks{.post = [&host = m_services.host](
                                  std::function<void()> action) { host.post(std::move(action)); },
                      .send = [this](unsigned short type,
                                     std::string_view value) { send_smp_record(type, value); },
                      .happened =
                          [this, tag = instance.tag](Event event, const std::string& question) {
                              smp_happened(tag, event, question);
                          }});
}

std::optional<SmpRun::Parties> Session::parties() const {
    const ConnContext* const context = context_of(m_verification_instance);
    const auto own_key = m_services.identity.fingerprint_of(m_peer.account);
    if (context == nullptr || context->msgstate != OTRL_MSGSTATE_ENCRYPTED ||
        context->active_fingerprint == nullptr ||
        fingerprint_of(*context->active_fingerprint) != m_verification_key || !own_key) {
        return std::nullopt;
    }
    return SmpRun::Parties{*own_key,
                           m_verification_key,
                           {reinterpret_cast<const char*>(context->sessionid),
                            static_cast<std::size_t>(context->sessionid_len)}};
}

// --- In ----------------------------------------------------------------------------------------

// As in libotr, of each kind the first in a message: thousands would fit into it, and most get an
// answer.
void Session::take_smp_records(model::InstanceTag tag, const OtrlTLV* tlvs) {
    std::set<unsigned short> taken;
    for (const OtrlTLV* tlv = tlvs; tlv != nullptr; tlv = tlv->next) {
        if (!SmpRun::is_record(tlv->type) || !taken.insert(tlv->type).second) {
            continue;
        }
        const bool is_question = tlv->type == OTRL_TLV_SMP1 || tlv->type == OTRL_TLV_SMP1Q;
        if (!is_question || m_questions.allow(m_services.host.now())) {
            take_smp_record(tag, tlv->type, {reinterpret_cast<const char*>(tlv->data), tlv->len});
        }
    }
}

void Session::take_smp_record(model::InstanceTag tag, unsigned short type, std::string_view value) {
    const Instance* const instance = find_instance(tag);
    if (instance == nullptr || instance->state != SessionState::Private) {
        return;
    }
    if (m_smp != nullptr && m_verification_instance != tag) {
        // One at a time, and what another device does never counts for this one.
        if (type != OTRL_TLV_SMP_ABORT) {
            send_abort(tag);
        }
        return;
    }
    if (m_smp == nullptr) {
        m_smp = new_run(*instance);
    }
    m_smp->take(type, value);
}

void Session::smp_happened(model::InstanceTag tag, Event event, const std::string& asked) {
    const bool is_over = event == Event::Success || event == Event::Failure;
    const auto waiting = is_over ? m_smp->take_waiting() : std::deque<SmpRun::Record>();
    const std::string question = markup::to_single_line(asked, limits::question_characters);
    switch (m_verification.handle(event, question)) {
    case Verification::Effect::Nothing:
        break;
    case Verification::Effect::ShowQuestion:
        if (m_verification.status().has_question) {
            tell(NoticeKind::VerificationAsked, {question});
        } else {
            tell(NoticeKind::VerificationAskedSecret);
        }
        break;
    case Verification::Effect::TrustPeer:
        verification_succeeded();
        break;
    case Verification::Effect::PeerTrustsUs:
        peer_has_verified_us();
        break;
    case Verification::Effect::ReportFailure:
        verification_failed(NoticeKind::VerificationFailed);
        break;
    case Verification::Effect::ReportAbort:
        verification_failed(NoticeKind::VerificationAborted);
        break;
    case Verification::Effect::AbortSilently:
        send_abort(tag);
        break;
    case Verification::Effect::AbortRun:
        send_abort(tag);
        verification_failed(NoticeKind::VerificationAborted);
        break;
    case Verification::Effect::AbortAndReport:
        send_abort(tag);
        verification_failed(NoticeKind::VerificationCheated);
        break;
    }
    if (m_verification.stage() == Verification::Stage::Idle) {
        m_smp.reset();
    }
    changed();
    for (const SmpRun::Record& record : waiting) {
        take_smp_record(tag, record.type, record.value);
    }
}

// --- Out ---------------------------------------------------------------------------------------

void Session::send_smp_record(unsigned short type, std::string_view value) {
    if (!parties()) {
        lose_verification(NoticeKind::VerificationAborted);
        changed();
        return;
    }
    // One that the network does not take is one that nobody answers.
    send_record(m_verification_instance, make_record(type, value).get());
}

void Session::send_abort(model::InstanceTag tag) {
    const ConnContext* const context = context_of(tag);
    if (context != nullptr && context->msgstate == OTRL_MSGSTATE_ENCRYPTED) {
        send_record(tag, make_record(OTRL_TLV_SMP_ABORT, "").get());
    }
}

} // namespace otr_guard::core
