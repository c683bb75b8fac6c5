// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the core answers to its host: what to do with a message, and what a conversation's state is.
// Plain values without libotr types.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/fingerprint.h"
#include "model/states.h"

namespace otr_guard::core {

/// What becomes of a message that was about to be sent.
struct Outgoing {
    enum class Action {
        SendAsIs,        ///< in clear, as typed
        SendReplacement, ///< `text` instead: encrypted, or the typed text with a whitespace tag
        Held,            ///< kept in the queue and shown as waiting; send nothing
        Refused,         ///< neither sent nor kept; the user has been told why; send nothing
    };
    Action action;
    std::string text;
};

/// Who wrote a message that is about to be sent.
enum class Origin {
    User,
    Automatic, ///< away message and the like: sent privately or not at all, never queued
};

/// What becomes of a message that came in.
struct Incoming {
    enum class Action {
        ShowAsIs,     ///< an ordinary message in clear
        ShowStripped, ///< `html` is an ordinary message in clear without its whitespace tag
        ShowPrivate,  ///< `html` was decrypted and is safe to display
        ShowInClear,  ///< `html` came in clear although the conversation is or should be private
        Swallow,      ///< nothing to show
    };
    Action action;
    std::string html;
    /// With ShowPrivate: under a key that is not the verified or expected one.
    bool is_suspect = false;
};

struct InstanceStatus {
    unsigned number = 0; ///< as in `/otr session N`; never reused for one peer
    model::InstanceTag tag = 0;
    model::SessionState state = model::SessionState::Plaintext;
    std::optional<model::Fingerprint> key;
    bool is_verified = false;
    bool is_current = false;
};

struct VerificationStatus {
    enum class Stage { Idle, WaitingForPeer, Asked, Answering };
    Stage stage = Stage::Idle;
    std::string question; ///< the peer's, untrusted plain text, while Asked
    bool has_question = false;
};

struct SessionStatus {
    model::SessionState state = model::SessionState::Plaintext;
    model::HoldReason hold = model::HoldReason::None; ///< why text typed now would wait
    bool is_verified = false;
    unsigned protocol_version = 0; ///< 2, 3, or 0 without a session
    bool has_otr_guard = false;    ///< the peer's program has shown that it is one, too
    std::optional<model::Fingerprint> their_key;
    std::optional<model::Fingerprint> my_key;
    std::optional<model::Fingerprint> expected_key;
    model::Policy policy = model::Policy::Opportunistic;
    std::vector<InstanceStatus> instances;
    std::size_t queued = 0;
    VerificationStatus verification;
};

} // namespace otr_guard::core
