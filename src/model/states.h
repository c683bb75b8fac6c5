// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The words of the domain: states, policies, ways to verify. Each has one spelling that commands,
// preferences and status lines share.

#include <cstdint>
#include <optional>
#include <string_view>

namespace otr_guard::model {

/// What we promise the user about a conversation. Ours, not libotr's: it leaves Private only when
/// the user ends it, we end it, or the peer's authenticated goodbye arrives.
enum class SessionState { Plaintext, Private, Finished };

enum class Policy {
    Never,         ///< OTR is off: nothing is offered, answered or decoded
    Manual,        ///< private when somebody asks for it
    Opportunistic, ///< offered with a whitespace tag, started when the other side can
    Known,         ///< required for whoever has a known key, opportunistic for everybody else
    Always,        ///< required: text waits until it can be sent privately
    Verified,      ///< required, and only to a verified key
};

/// What happens to history while a conversation is private.
enum class Logging {
    Off,      ///< nothing is written
    Redacted, ///< a line that something private was said, without the text
    On,       ///< written like everything else; the conversation says so
};

/// Why typed text is waiting instead of being sent.
enum class HoldReason {
    None,
    NoSession,     ///< private is required and no private conversation exists yet
    Finished,      ///< the peer ended the private conversation
    Interrupted,   ///< our state says private, libotr's does not
    KeyChanged,    ///< another key than the verified one
    NotVerified,   ///< policy `verified`, key not verified
    WrongKey,      ///< another key than the expected one, or a pasted code that did not match
    NotConnected,  ///< the account is offline
    KeyGeneration, ///< our own key is still being made
};

/// How a key was verified. Stored in the side file under these words.
enum class VerificationMethod {
    ByHand,   ///< "verified" in otr.fingerprints
    Question, ///< "smp"
    Secret,   ///< "smp"
    Pin,      ///< "smp"
    Code,     ///< compared by the machine; "verified"
    Imported, ///< was marked so by another program
};

/// How one instance (device, login) of a peer is identified; 0 is OTR version 2, which has none
/// (OTRv3, "Instance tags").
using InstanceTag = std::uint32_t;

[[nodiscard]] std::string_view to_word(SessionState state);
[[nodiscard]] std::string_view to_word(Policy policy);
[[nodiscard]] std::string_view to_word(Logging logging);
[[nodiscard]] std::string_view to_word(VerificationMethod method);

/// Exact, lower-case words only.
[[nodiscard]] std::optional<Policy> policy_from_word(std::string_view word);
[[nodiscard]] std::optional<Logging> logging_from_word(std::string_view word);
[[nodiscard]] std::optional<VerificationMethod> method_from_word(std::string_view word);

} // namespace otr_guard::model
