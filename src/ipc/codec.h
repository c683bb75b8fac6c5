// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What goes over the channel between the plugin and the windows program, as values, and the limits
// of all of it. Both ends read with these functions and take nothing that breaks a limit: the
// windows program is not trusted with more than its user could type, nor the plugin with more than
// it could show.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <gio/gio.h>

#include "model/account.h"

namespace otr_guard::ipc {

/// Both ends refuse another.
inline constexpr unsigned protocol_version = 4;

inline constexpr const char* windows_path = "/im/otrguard/Windows";
inline constexpr const char* client_path = "/im/otrguard/Client";

inline constexpr std::size_t name_bytes = 4096;   ///< of an account, a protocol, a peer
inline constexpr std::size_t text_bytes = 16384;  ///< sentences, questions, pasted codes
inline constexpr std::size_t secret_bytes = 4096; ///< answers and secrets

enum class Look { NotPrivate, Unverified, Private, Finished };
enum class Stage { Idle, WaitingForPeer, Asked, Answering };

/// What the verification window shows of a conversation. Texts are plain and translated.
struct VerificationState {
    std::string name;    ///< the peer's, for people
    std::string account; ///< the user's, for people
    Look look = Look::NotPrivate;
    std::string explanation; ///< of the look
    std::string key;         ///< theirs, 40 hexadecimal digits; empty without a private session
    std::string words;       ///< the same as 15 words
    std::string my_key;
    std::string my_words;
    std::string my_uri;      ///< what the QR code says; empty when the network has no such address
    std::string verified;    ///< how and when, in words
    std::string verified_us; ///< whether the peer has verified the user, in a sentence
    std::string question;    ///< the peer's, while asked
    bool is_verified = false;
    bool has_question = false;  ///< asked with a question, not for a shared secret
    bool has_otr_guard = false; ///< the peer's program is one, too, and shows codes as we do
    Stage stage = Stage::Idle;
    unsigned protocol_version = 0; ///< OTR's

    bool operator==(const VerificationState&) const = default;
};

/// What a conversation was told that concerns a verification.
enum class Told {
    Pin,       ///< `detail` is the PIN
    Succeeded, ///< the key is verified now
    Answered,  ///< our answer was right: they have verified us
    Failed,    ///< also aborted, expired, too often: `text` says which
    Differs,   ///< a code was compared and is another: sending is blocked; `detail` is that code
               ///< in groups, empty when the user has compared
    NoReply,   ///< still waiting, and it may be in vain
    Note,      ///< anything else to know
};

[[nodiscard]] std::string_view to_word(Told told);
[[nodiscard]] std::optional<Told> told_from_word(std::string_view word);

// Writing: a new floating reference.
[[nodiscard]] GVariant* to_variant(const model::PeerId& peer);
[[nodiscard]] GVariant* to_variant(const VerificationState& state);

// Reading: nothing when a limit is broken or a value unknown.
[[nodiscard]] std::optional<model::PeerId> peer_from(GVariant* variant);
[[nodiscard]] std::optional<VerificationState> state_from(GVariant* variant);
/// Empty or 40 hexadecimal digits.
[[nodiscard]] bool is_key(std::string_view text);
[[nodiscard]] bool is_within(const char* text, std::size_t limit);
/// D-Bus carries UTF-8 and nothing else.
[[nodiscard]] bool can_be_named(const model::PeerId& peer);

} // namespace otr_guard::ipc
