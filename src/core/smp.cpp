// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/smp.h"

namespace otr_guard::core {

void Verification::start(model::VerificationMethod method) {
    m_status = {Stage::WaitingForPeer, {}, false};
    m_method = method;
}

void Verification::answer() {
    m_method = m_status.has_question ? model::VerificationMethod::Question
                                     : model::VerificationMethod::Secret;
    m_status.stage = Stage::Answering;
}

void Verification::reset() {
    m_status = {};
}

Verification::Effect Verification::handle(Event event, std::string_view question) {
    const Stage stage = m_status.stage;
    switch (event) {
    case Event::AskedQuestion:
    case Event::AskedSecret:
        if (stage == Stage::WaitingForPeer || stage == Stage::Answering) {
            return Effect::AbortRun;
        }
        m_status = {Stage::Asked, std::string(question), event == Event::AskedQuestion};
        return Effect::ShowQuestion;
    case Event::InProgress:
        return Effect::Nothing;
    case Event::Success:
        m_failures = 0;
        if (stage == Stage::WaitingForPeer) {
            return Effect::TrustPeer;
        }
        if (stage == Stage::Answering) {
            return m_status.has_question ? Effect::PeerTrustsUs : Effect::TrustPeer;
        }
        return Effect::Nothing;
    case Event::Failure:
        if (stage == Stage::Idle) {
            return Effect::Nothing;
        }
        ++m_failures;
        return Effect::ReportFailure;
    case Event::Abort:
        return stage == Stage::Idle ? Effect::Nothing : Effect::ReportAbort;
    case Event::OutOfOrder:
        return stage == Stage::Idle ? Effect::AbortSilently : Effect::AbortRun;
    case Event::Violation:
        return stage == Stage::Idle ? Effect::AbortSilently : Effect::AbortAndReport;
    }
    return Effect::AbortAndReport;
}

} // namespace otr_guard::core
