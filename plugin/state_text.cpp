// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "state_text.h"

#include "i18n.h"

namespace otr_guard::plugin {

namespace {

using model::HoldReason;
using model::SessionState;

StateText by_state(const core::SessionStatus& status) {
    switch (status.state) {
    case SessionState::Plaintext:
        return {Look::NotPrivate, tr("Not private"),
                tr("What you and {name} write can be read on the way: by the chat server, by "
                   "whoever runs the network, and by whoever gets hold of what they keep.")};
    case SessionState::Finished:
        return {Look::Finished, tr("Finished"),
                tr("The private conversation with {name} is over. What you type now waits and is "
                   "not sent, until you start a private conversation or end this one for good.")};
    case SessionState::Private:
        break;
    }
    if (status.is_verified) {
        return {Look::Private, tr("Private"),
                tr("Only you and {name} can read this conversation, and you have verified that it "
                   "is them.")};
    }
    return {Look::Unverified, tr("Unverified"),
            tr("This conversation is encrypted, but you have not verified that it is {name} who "
               "reads it: it could be somebody in between. Verify to be sure.")};
}

/// Why text typed now would wait; empty when it would not, or when the state has said so already.
std::string hold_text(const core::SessionStatus& status) {
    switch (status.hold) {
    case HoldReason::NoSession:
    case HoldReason::KeyGeneration:
        return tr("What you type waits until it can be sent privately.");
    case HoldReason::Interrupted:
    case HoldReason::NotConnected:
        return tr("It is interrupted right now: what you type waits.");
    case HoldReason::KeyChanged:
    case HoldReason::WrongKey:
        return tr("The code (fingerprint) in use is not the one that you have verified or "
                  "expect: what you type waits for your decision.");
    case HoldReason::NotVerified:
        return tr("What you type waits until you have verified {name}.");
    case HoldReason::None:
    case HoldReason::Finished:
        break;
    }
    return {};
}

} // namespace

Look look_of(const core::SessionStatus& status) {
    switch (status.state) {
    case SessionState::Plaintext:
        return Look::NotPrivate;
    case SessionState::Finished:
        return Look::Finished;
    case SessionState::Private:
        break;
    }
    return status.is_verified ? Look::Private : Look::Unverified;
}

StateText describe(const core::SessionStatus& status, const std::string& name) {
    StateText text = by_state(status);
    const std::string hold = hold_text(status);
    text.explanation =
        format(hold.empty() ? text.explanation : text.explanation + " " + hold, {{"name", name}});
    return text;
}

bool has_question_to_answer(const core::SessionStatus& status) {
    const bool is_asked = status.verification.stage == core::VerificationStatus::Stage::Asked;
    const bool is_doubtful = status.hold == HoldReason::KeyChanged ||
                             status.hold == HoldReason::WrongKey ||
                             status.hold == HoldReason::Finished;
    return is_asked && !is_doubtful;
}

std::string decision_text(const core::SessionStatus& status, const std::string& name) {
    std::string pattern;
    if (has_question_to_answer(status)) {
        return format(tr("{name} wants to know whether it is really you, and asks you something."),
                      {{"name", name}});
    }
    switch (status.hold) {
    case HoldReason::Finished:
        pattern = tr("{name} has ended the private conversation. What you type waits.");
        break;
    case HoldReason::KeyChanged:
        pattern = tr("The code (fingerprint) of {name} has changed. What you type waits.");
        break;
    case HoldReason::WrongKey:
        pattern = tr("This is not the code (fingerprint) that {name} should have. What you type "
                     "waits.");
        break;
    case HoldReason::NotVerified:
        pattern = tr("{name} is not verified yet. What you type waits.");
        break;
    case HoldReason::None:
    case HoldReason::NoSession:
    case HoldReason::Interrupted:
    case HoldReason::NotConnected:
    case HoldReason::KeyGeneration: // goes by itself
        break;
    }
    return format(pattern, {{"name", name}});
}

} // namespace otr_guard::plugin
