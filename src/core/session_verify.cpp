// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>
#include <cctype>

#include "core/code.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;
using model::SessionState;
using model::VerificationMethod;

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
    if (m_smp != nullptr) {
        tell(NoticeKind::VerificationBusy);
        return false;
    }
    return true;
}

bool Session::start_verification(VerificationMethod method,
                                 const std::optional<std::string>& question,
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
    m_smp = new_run(*current());
    const auto between = parties();
    if (!between) {
        m_smp.reset();
        tell(NoticeKind::NotPrivate);
        return false;
    }
    m_verification.start(method);
    m_smp->ask(*between, question, secret);
    m_reply_timer =
        Timer(m_services.host, std::chrono::milliseconds(limits::verification_timeout), [this] {
            if (m_verification.stage() == Verification::Stage::WaitingForPeer) {
                m_reply_is_overdue = true;
                tell(NoticeKind::VerificationNoReply);
            }
        });
    tell(NoticeKind::VerificationStarted, {std::string(model::to_word(method))});
    changed();
    return true;
}

void Session::verify_by_question(std::string_view question, const util::SecretString& answer) {
    if (start_verification(VerificationMethod::Question, std::string(question), answer)) {
        warn_about_odd_answer(answer.view());
    }
}

void Session::verify_by_secret(const util::SecretString& secret) {
    if (start_verification(VerificationMethod::Secret, std::nullopt, secret)) {
        warn_about_odd_answer(secret.view());
    }
}

void Session::verify_by_pin() {
    const util::SecretString pin = make_pin();
    const std::string question = m_services.host.peer_text(m_peer.account, PeerText::PinQuestion);
    if (!start_verification(VerificationMethod::Pin, question, pin)) {
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
    const auto between = parties();
    // The question that the user has seen may be on its way out, with another one behind it.
    if (m_verification.stage() != Verification::Stage::Asked || !m_smp->awaits_answer() ||
        !between) {
        tell(NoticeKind::VerificationNothing);
        return;
    }
    m_verification.answer();
    m_smp->answer(*between, answer);
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

void Session::end_verification() {
    m_smp.reset();
    m_verification.reset();
    m_reply_is_overdue = false;
    m_reply_timer.stop();
    m_pin_timer.stop();
}

void Session::lose_verification(NoticeKind kind) {
    if (m_verification.stage() == Verification::Stage::Idle) {
        m_smp.reset(); // of which the user has not heard
        return;
    }
    const bool was_verified = m_services.trust.is_verified(m_peer, m_verification_key);
    end_verification();
    tell(kind, {was_verified ? "kept" : "none"});
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
    flush();
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
