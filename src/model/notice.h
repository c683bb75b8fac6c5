// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the core has to say to the user, as a kind and plain-text arguments. The words are chosen
// (and translated) by whoever shows them. Arguments that come from a peer are untrusted plain text,
// already cut to their limit: they must be escaped before they reach a markup parser.

#include <string>
#include <vector>

namespace otr_guard::model {

enum class NoticeKind {
    // Sessions. Arguments: none unless said.
    SessionStarted,           ///< private, key verified
    SessionStartedUnverified, ///< private, key not verified
    SessionRefreshed,         ///< new keys, same people
    SessionEndedByUs,
    SessionSuspended, ///< ended because the own account goes offline; typed text waits
    SessionStopped,   ///< OTR Guard itself stops: what is typed from now on is not private
    SessionEndedByPeer,
    SessionEndedForKey, ///< ended because the own key is replaced or deleted; typed text waits
    SessionInterrupted, ///< our state private, libotr's not: text is held, restart under way
    SessionLost,        ///< peer lost its side and a restart got no answer
    StartRequested,     ///< query sent
    RefreshRequested,   ///< the same, in a private conversation
    NoAnswer,           ///< nobody answered the request; [0] = number of waiting messages
    NotPrivate,         ///< the action needs a private conversation
    OtherDeviceStarted, ///< another device of the peer has a private session; [0] = session number
    DeviceSwitched,     ///< sending to another device from now on; [0] = session number
    // Keys.
    KeyChanged,    ///< other key than the verified one; sending waits; [0] new, [1] verified one
    AdditionalKey, ///< private, with another key than the known, unverified ones; [0] = fingerprint
    WrongKey,      ///< not the expected key: session ended; [0] = theirs, [1] = expected
    KeyBeingMade,  ///< own key is being made; continues by itself
    KeyMade,       ///< [0] = own fingerprint
    KeyImported,   ///< [0] = own fingerprint
    KeyDeleted,    ///< the account has none now
    KeyFailed,     ///< [0] = reason
    Trusted,       ///< [0] = fingerprint
    Untrusted,     ///< [0] = fingerprint
    // Text.
    Waiting,        ///< typed text is held; [0] = word of the HoldReason; shown once per cause
    QueueSent,      ///< [0] = number
    QueueDiscarded, ///< [0] = number
    QueueFull,
    Resent,               ///< had not been read, and were sent again; [0] = number
    KeptUnread,           ///< sent before the conversation ended, not read, kept; [0] = number
    MaybeUnread,          ///< sent, not confirmed, and nothing will be heard of them; [0] = number
    SendFailed,           ///< encryption failed, nothing was sent
    AutomaticReplyHeld,   ///< an automatic reply was not sent because it could not be private
    UnreadableReceived,   ///< a private message could not be read
    OtherSessionReceived, ///< for another device of ours
    ReflectedReceived,    ///< our own messages come back
    PeerError,            ///< [0] = peer's error text, untrusted
    SetupFailed,          ///< key exchange failed
    // Policy.
    PolicyChanged, ///< [0] = word
    // Verification.
    VerificationAsked,       ///< peer asks a question; [0] = question, untrusted
    VerificationAskedSecret, ///< peer asks for a shared secret
    VerificationStarted,     ///< ours went out; [0] = method word
    PinReady,                ///< [0] = PIN
    VerificationNoReply,     ///< 90 s without an answer
    VerificationSucceeded,   ///< the key is verified now; [0] = method word
    VerificationAnswered,    ///< peer's question answered correctly: they verified us, not we them
    VerificationFailed,      ///< [0] = "kept" when an earlier verification stays, else "none"
    VerificationAborted,     ///< by the peer; [0] as above
    VerificationCancelled,   ///< by us
    VerificationTooMany,     ///< several failures in a row
    VerificationCheated,     ///< protocol violated
    VerificationBusy,        ///< one is already running
    VerificationNothing,     ///< nothing to answer or abort
    PinExpired,
    CodeMatches, ///< pasted code equals their key; verified
    CodeDiffers, ///< [0] = pasted, [1] = theirs; sending is blocked
    KeyRejected, ///< the user found that the codes differ; sending is blocked; [0] = theirs
    CodeIsOurs,  ///< the pasted code is the user's own
    CodeMalformed,
    AnswerLooksOdd, ///< leading/trailing space or mixed case: bytes are compared exactly
    ExpectationSet, ///< [0] = fingerprint
    ExpectationCleared,
    // Files.
    FileUnreadable, ///< [0] = name, [1] = kept aside as
    FileKept,       ///< what could not be read stays in it; [0] = name, [1] = reason
    FileNotWritten, ///< [0] = name, [1] = reason
    ProfileInUse,   ///< by another process: nothing is written
    // Files that pass in a private conversation. [0] = number, [1] = name, a peer's, unless said.
    FileOffered,   ///< theirs; [2] bytes, [3] type or empty, [4] "program", "macros" or empty, [5]
                   ///< "verified" or "unverified"
    FileOfferSent, ///< ours; [2] bytes
    FileNoAnswer,  ///< the peer's program does not react to the offer
    FileStarted,   ///< [2] "in" or "out"
    FileProgress,  ///< [2] percent, [3] "in" or "out"
    FileSent,      ///< [2] "checked" when the receiver's program has said so, else "sent"
    FileReceived,  ///< [2] path
    FileStopped,   ///< [2] word of core::file_reason, [3] the system's or the peer's words
    FileRefused,   ///< the user's act did nothing; [0] word of core::file_reason
    FileOfferRefused, ///< theirs, not even shown; [0] name, [1] word of core::file_reason
    TransferStopped,  ///< one in clear; [0] "in", "out", "call" or "picture"
};

/// `arguments` are plain text.
struct Notice {
    NoticeKind kind;
    std::vector<std::string> arguments;
};

} // namespace otr_guard::model
