// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Who is verifying whom in one session (OTRv3, "Socialist Millionaires' Protocol"). Keeps one run
// at a time and decides what its end means for trust: only the asker of a question gains trust, a
// shared secret proves both sides, and nothing that fails takes an earlier verification away.
// Pure state: talks neither to libotr nor to the user.

#include <optional>
#include <string>
#include <string_view>

#include "core/messages.h"
#include "model/states.h"

namespace otr_guard::core {

class Verification {
public:
    using Stage = VerificationStatus::Stage;

    /// What happened in the run, see SmpRun.
    enum class Event {
        AskedQuestion,
        AskedSecret,
        InProgress,
        Success,
        Failure,
        Abort,
        OutOfOrder, ///< a step that was not due: two questions that crossed, mostly
        Violation,  ///< a proof that does not hold
    };

    /// What the session has to do about it.
    enum class Effect {
        Nothing,
        ShowQuestion, ///< or the request for a secret
        TrustPeer,    ///< the key is proven; method() says how
        PeerTrustsUs, ///< our answer was right; says nothing about them
        ReportFailure,
        ReportAbort,
        // The peer must be told to abort:
        AbortSilently,  ///< nothing that the user knows of was under way
        AbortRun,       ///< reported as an abort
        AbortAndReport, ///< reported as a violation
    };

    /// Ours goes out. The caller has checked that stage() is Idle.
    void start(model::VerificationMethod method);
    /// We answer what was asked.
    void answer();
    /// Back to Idle, whoever ended it.
    void reset();

    /// `question` is the peer's, already cut and cleaned; empty for a secret.
    [[nodiscard]] Effect handle(Event event, std::string_view question);

    [[nodiscard]] Stage stage() const { return m_status.stage; }
    [[nodiscard]] const VerificationStatus& status() const { return m_status; }
    /// Meaningful from start() or answer() until reset().
    [[nodiscard]] model::VerificationMethod method() const { return m_method; }
    /// Failures in a row in this session.
    [[nodiscard]] int failures() const { return m_failures; }
    void forget_failures() { m_failures = 0; }

private:
    VerificationStatus m_status;
    model::VerificationMethod m_method = model::VerificationMethod::Question;
    int m_failures = 0;
};

} // namespace otr_guard::core
