// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>
#include <cctype>

#include "core/code.h"
#include "core/wire.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;
using model::SessionState;
using model::VerificationMethod;

namespace {

Verification::Event to_event(OtrlSMPEvent event) {
    switch (event) {
    case OTRL_SMPEVENT_ASK_FOR_ANSWER:
        return Verification::Event::AskedQuestion;
    case OTRL_SMPEVENT_ASK_FOR_SECRET:
        return Verification::Event::AskedSecret;
    case OTRL_SMPEVENT_SUCCESS:
        return Verification::Event::Success;
    case OTRL_SMPEVENT_FAILURE:
        return Verification::Event::Failure;
    case OTRL_SMPEVENT_ABORT:
        return Verification::Event::Abort;
    case OTRL_SMPEVENT_NONE:
    case OTRL_SMPEVENT_IN_PROGRESS:
        return Verification::Event::InProgress;
    case OTRL_SMPEVENT_ERROR:
        return Verification::Event::OutOfOrder;
    case OTRL_SMPEVENT_CHEATED:
        return Verification::Event::Violation;
    }
    return Verification::Event::Violation;
}

const unsigned char* bytes_of(const util::SecretString& secret) {
    return reinterpret_cast<const unsigned char*>(secret.view().data());
}

} // namespace

bool Session::can_verify() {
    const Instance* instance = current();
    if (m_state != SessionState::Private || instance == nullptr || !is_usable(*instance)) {
        tell(NoticeKind::NotPrivate);
        return false;
    }
    if (m_verification.stage() == Verification::Stage::WaitingForPeer && m_reply_is_overdue) {
        send_abort(m_verification_instance);
        end_verification();
    }
    if (m_verification.stage() != Verification::Stage::Idle) {
        tell(NoticeKind::VerificationBusy);
        return false;
    }
    return true;
}

bool Session::start_verification(VerificationMethod method, const std::string* question,
                                 const util::SecretString& secret) {
    m_last_used = m_services.host.now();
    if (!can_verify()) {
        return false;
    }
    if (m_verification.failures() >= limits::verification_failures) {
        tell(NoticeKind::VerificationTooMany);
        m_verification.forget_failures();
        return false;
    }
    const Instance& instance = *current();
    ConnContext* context = context_of(instance.tag);
    m_verification_instance = instance.tag;
    m_verification_key = instance.key;
    m_verification.start(method);
    m_events.clear();
    const Contexts::InUse in_use(m_contexts);
    if (question != nullptr) {
        otrl_message_initiate_smp_q(in_use.state(), &m_services.ops, m_services.opdata, context,
                                    question->c_str(), bytes_of(secret), secret.size());
    } else {
        otrl_message_initiate_smp(in_use.state(), &m_services.ops, m_services.opdata, context,
                                  bytes_of(secret), secret.size());
    }
    m_reply_timer =
        Timer(m_services.host, std::chrono::milliseconds(limits::verification_timeout), [this] {
            if (m_verification.stage() == Verification::Stage::WaitingForPeer) {
                m_reply_is_overdue = true;
                tell(NoticeKind::VerificationNoReply);
            }
        });
    process_events();
    tell(NoticeKind::VerificationStarted, {std::string(model::to_word(method))});
    changed();
    return true;
}

void Session::verify_by_question(std::string_view question, const util::SecretString& answer) {
    const std::string text(question);
    if (start_verification(VerificationMethod::Question, &text, answer)) {
        warn_about_odd_answer(answer.view());
    }
}

void Session::verify_by_secret(const util::SecretString& secret) {
    if (start_verification(VerificationMethod::Secret, nullptr, secret)) {
        warn_about_odd_answer(secret.view());
    }
}

void Session::verify_by_pin() {
    const util::SecretString pin = make_pin();
    const std::string question = m_services.host.peer_text(m_peer.account, PeerText::PinQuestion);
    if (!start_verification(VerificationMethod::Pin, &question, pin)) {
        return;
    }
    tell(NoticeKind::PinReady, {std::string(pin.view())});
    m_pin_timer = Timer(m_services.host, std::chrono::milliseconds(limits::pin_lifetime), [this] {
        if (m_verification.stage() == Verification::Stage::WaitingForPeer) {
            send_abort(m_verification_instance);
            end_verification();
            tell(NoticeKind::PinExpired);
            changed();
        }
    });
}

void Session::warn_about_odd_answer(std::string_view answer) {
    const auto is_upper = [](unsigned char character) { return std::isupper(character) != 0; };
    const auto is_lower = [](unsigned char character) { return std::islower(character) != 0; };
    const bool has_outer_space =
        !answer.empty() && (std::isspace(static_cast<unsigned char>(answer.front())) != 0 ||
                            std::isspace(static_cast<unsigned char>(answer.back())) != 0);
    const bool is_mixed =
        std::ranges::any_of(answer, is_upper) && std::ranges::any_of(answer, is_lower);
    if (has_outer_space || is_mixed) {
        tell(NoticeKind::AnswerLooksOdd);
    }
}

void Session::answer(const util::SecretString& typed) {
    const bool is_pin = m_verification.status().question.find("PIN") != std::string::npos;
    const util::SecretString answer =
        is_pin ? pin_in_usual_digits(typed.view()) : util::SecretString(typed.view());
    m_last_used = m_services.host.now();
    ConnContext* context = context_of(m_verification_instance);
    if (m_verification.stage() != Verification::Stage::Asked || context == nullptr ||
        context->msgstate != OTRL_MSGSTATE_ENCRYPTED) {
        tell(NoticeKind::VerificationNothing);
        return;
    }
    m_verification.answer();
    m_events.clear();
    const Contexts::InUse in_use(m_contexts);
    otrl_message_respond_smp(in_use.state(), &m_services.ops, m_services.opdata, context,
                             bytes_of(answer), answer.size());
    process_events();
    changed();
}

void Session::abort_verification() {
    if (m_verification.stage() == Verification::Stage::Idle) {
        tell(NoticeKind::VerificationNothing);
        return;
    }
    send_abort(m_verification_instance);
    end_verification();
    tell(NoticeKind::VerificationCancelled);
    changed();
}

void Session::send_abort(model::InstanceTag tag) {
    ConnContext* context = context_of(tag);
    if (context != nullptr && context->msgstate == OTRL_MSGSTATE_ENCRYPTED) {
        const Contexts::InUse in_use(m_contexts);
        otrl_message_abort_smp(in_use.state(), &m_services.ops, m_services.opdata, context);
        m_events.clear();
        release_proof(tag);
    }
}

// libotr writes over the exponents of an earlier run without freeing them (sm.c, steps 1 and 2a).
void Session::release_proof(model::InstanceTag tag) {
    if (ConnContext* context = context_of(tag); context != nullptr) {
        otrl_sm_state_free(context->smstate);
    }
}

void Session::end_verification() {
    release_proof(m_verification_instance);
    m_verification.reset();
    m_reply_is_overdue = false;
    m_reply_timer.stop();
    m_pin_timer.stop();
}

void Session::lose_verification(NoticeKind kind) {
    if (m_verification.stage() == Verification::Stage::Idle) {
        return;
    }
    const bool was_verified = m_services.trust.is_verified(m_peer, m_verification_key);
    end_verification();
    tell(kind, {was_verified ? "kept" : "none"});
}

void Session::handle_smp_event(const LibotrEvent& event) {
    const auto kind = to_event(event.smp_event);
    const bool is_question =
        kind == Verification::Event::AskedQuestion || kind == Verification::Event::AskedSecret;
    if (m_verification.stage() != Verification::Stage::Idle &&
        event.instance != m_verification_instance) {
        // One at a time, and what another device does never counts for this one.
        if (is_question || kind == Verification::Event::OutOfOrder ||
            kind == Verification::Event::Violation) {
            send_abort(event.instance);
        }
        return;
    }
    if (is_question && m_verification.stage() == Verification::Stage::Idle) {
        const Instance* instance = find_instance(event.instance);
        if (instance == nullptr) {
            return;
        }
        m_verification_instance = event.instance;
        m_verification_key = instance->key;
    }
    const std::string question = markup::to_single_line(event.text, limits::question_characters);
    switch (m_verification.handle(kind, question)) {
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
        send_abort(event.instance);
        break;
    case Verification::Effect::AbortRun:
        send_abort(event.instance);
        verification_failed(NoticeKind::VerificationAborted);
        break;
    case Verification::Effect::AbortAndReport:
        send_abort(event.instance);
        verification_failed(NoticeKind::VerificationCheated);
        break;
    }
    changed();
}

void Session::peer_has_verified_us() {
    end_verification();
    if (m_services.trust.note_verified_us(m_peer, m_verification_key,
                                          m_services.host.wall_clock())) {
        m_services.trust_changed();
    }
    tell(NoticeKind::VerificationAnswered);
}

void Session::verification_succeeded() {
    const VerificationMethod method = m_verification.method();
    end_verification();
    const WallTime now = m_services.host.wall_clock();
    m_services.trust.set_verified(m_peer, m_verification_key, method, now);
    if (method == VerificationMethod::Secret) { // which proves both sides to each other
        m_services.trust.note_verified_us(m_peer, m_verification_key, now);
    }
    m_services.trust_changed();
    tell(NoticeKind::VerificationSucceeded, {std::string(model::to_word(method))});
}

void Session::verification_failed(NoticeKind kind) {
    end_verification();
    const bool was_verified = m_services.trust.is_verified(m_peer, m_verification_key);
    if (was_verified && m_services.trust.note_failed_check(m_peer, m_verification_key,
                                                           m_services.host.wall_clock())) {
        m_services.trust_changed();
    }
    tell(kind, {was_verified ? "kept" : "none"});
    if (m_verification.failures() >= limits::verification_failures) {
        tell(NoticeKind::VerificationTooMany);
    }
}

void Session::compare_code(const model::Fingerprint& code) {
    m_last_used = m_services.host.now();
    if (code == m_services.identity.fingerprint_of(m_peer.account)) {
        tell(NoticeKind::CodeIsOurs);
        return;
    }
    const Instance* instance = current();
    if (m_state != SessionState::Private || instance == nullptr) {
        tell(NoticeKind::NotPrivate);
        return;
    }
    if (instance->key != code) {
        m_pasted_code = code;
        tell(NoticeKind::CodeDiffers, {code.to_groups(), instance->key.to_groups()});
        changed();
        return;
    }
    m_pasted_code.reset();
    m_rejected_key.reset();
    m_services.trust.set_verified(m_peer, instance->key, VerificationMethod::Code,
                                  m_services.host.wall_clock());
    m_services.trust_changed();
    tell(NoticeKind::CodeMatches);
    flush();
    changed();
}

} // namespace otr_guard::core
