// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "notices.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "file_texts.h"
#include "i18n.h"
#include "labels.h"

namespace otr_guard::plugin {

using model::NoticeKind;

namespace {

/// A notice without a choice of words: where its arguments go.
struct Sentence {
    NoticeKind kind{};
    const char* pattern = nullptr;
    std::array<std::string_view, 2> places{};
};

struct HoldSentence {
    std::string_view word;
    const char* pattern;
};

constexpr std::array session_sentences{
    Sentence{NoticeKind::SessionStarted,
             mark("This conversation is private now, and the code (fingerprint) of {name} is "
                  "verified.")},
    Sentence{NoticeKind::SessionStartedUnverified,
             mark("This conversation is private now, but not verified: it could be somebody else "
                  "in place of {name}. Verify with /otr verify.")},
    Sentence{NoticeKind::SessionRefreshed,
             mark("The private conversation with {name} goes on with fresh keys.")},
    Sentence{NoticeKind::SessionEndedByUs,
             mark("The private conversation with {name} was ended on your side. To talk privately "
                  "again: /otr start.")},
    Sentence{NoticeKind::SessionSuspended,
             mark("The private conversation with {name} was ended because your account goes "
                  "offline. What you type waits until it is private again; to go on without "
                  "privacy: /otr end.")},
    Sentence{NoticeKind::SessionStopped,
             mark("OTR Guard is switched off, and the private conversation with {name} is over. "
                  "What you type from now on can be read on the way. To talk privately again, "
                  "switch OTR Guard on.")},
    Sentence{NoticeKind::SessionEndedByPeer,
             mark("{name} has ended the private conversation. What you type now waits and is not "
                  "sent. To talk privately again: /otr start. To go on without privacy: /otr "
                  "end.")},
    Sentence{NoticeKind::SessionInterrupted,
             mark("The private conversation with {name} was interrupted and is being started "
                  "again. What you type waits and is sent when it is private again.")},
    Sentence{NoticeKind::SessionLost,
             mark("The program of {name} seems to have lost the private conversation and does not "
                  "answer. To try again: /otr start. To go on without privacy: /otr end.")},
    Sentence{NoticeKind::StartRequested,
             mark("{name} was asked for a private conversation. What you type before the answer "
                  "may not be private yet.")},
    Sentence{NoticeKind::RefreshRequested,
             mark("{name} was asked for fresh keys. What you type meanwhile stays private.")},
    Sentence{NoticeKind::NotPrivate,
             mark("This needs a private conversation with {name}. Start one with /otr start.")},
    Sentence{NoticeKind::OtherDeviceStarted,
             mark("{name} talks privately on more than one device or program now (the new one is "
                  "number {number}). See them with /otr sessions; to choose where to send: /otr "
                  "session {number}."),
             {"number"}},
    Sentence{NoticeKind::DeviceSwitched,
             mark("What you type goes to device or program number {number} of {name} from now on. "
                  "See all with /otr sessions."),
             {"number"}},
    Sentence{NoticeKind::SetupFailed,
             mark("The private conversation with {name} could not be set up. Try again with /otr "
                  "start.")},
};

constexpr std::array key_sentences{
    Sentence{NoticeKind::KeyChanged,
             mark("{name} shows another code (fingerprint) than the one that you verified: a new "
                  "device, or somebody else. What you type waits. New: {new}. Verified: "
                  "{verified}. Ask {name} in person or by phone, then: /otr verify. To send "
                  "anyway: /otr queue release. To stop: /otr end."),
             {"new", "verified"}},
    Sentence{NoticeKind::AdditionalKey,
             mark("This conversation is private now, but {name} shows another code (fingerprint) "
                  "than before: {code}. It can be a new device, or somebody else. To find out: "
                  "/otr verify."),
             {"code"}},
    Sentence{NoticeKind::WrongKey,
             mark("Stopped: {name} shows the code (fingerprint) {theirs}, and you expect "
                  "{expected}. What you type waits. If the expected code is out of date: /otr "
                  "expect none."),
             {"theirs", "expected"}},
    Sentence{NoticeKind::KeyBeingMade,
             mark("Your key for this account is being made. This continues by itself as soon as "
                  "the key is there.")},
    Sentence{NoticeKind::KeyMade,
             mark("The key of {name} was made. Its code (fingerprint), for others to compare: "
                  "{code}."),
             {"code"}},
    Sentence{NoticeKind::KeyFailed,
             mark("The key of {name} could not be made: {reason}. Without it nothing can be "
                  "private on this account. Try again with /otr start."),
             {"reason"}},
    Sentence{NoticeKind::Trusted,
             mark("The code (fingerprint) {code} of {name} counts as verified from now on. To take "
                  "that back: /otr untrust."),
             {"code"}},
    Sentence{NoticeKind::Untrusted,
             mark("The code (fingerprint) {code} of {name} no longer counts as verified. To verify "
                  "it again: /otr verify."),
             {"code"}},
    Sentence{NoticeKind::ExpectationSet,
             mark("From now on only this code (fingerprint) will do for {name}: {code}. To change "
                  "that: /otr expect none."),
             {"code"}},
    Sentence{NoticeKind::ExpectationCleared,
             mark("No particular code (fingerprint) is expected of {name} any more.")},
};

constexpr std::array own_key_sentences{
    Sentence{NoticeKind::SessionEndedForKey,
             mark("The private conversation with {name} has ended, because your key for this "
                  "account changes. What you type starts a new one and waits for it.")},
    Sentence{NoticeKind::KeyImported,
             mark("A key of {name} was imported. Its code (fingerprint), for others to compare: "
                  "{code}."),
             {"code"}},
    Sentence{NoticeKind::KeyDeleted, mark("The key of {name} was deleted.")},
};

constexpr std::array message_sentences{
    Sentence{NoticeKind::QueueFull,
             mark("Not sent and not kept: too much text waits for {name} already. See it with "
                  "/otr queue.")},
    Sentence{NoticeKind::SendFailed,
             mark("A message to {name} could not be sent privately, so it was not sent. If this "
                  "stays so: /otr refresh.")},
    Sentence{NoticeKind::AutomaticReplyHeld,
             mark("An automatic reply to {name} was not sent, because it could not be sent "
                  "privately. There is nothing to do.")},
    Sentence{NoticeKind::UnreadableReceived,
             mark("A private message from {name} could not be read. Ask for it again; if this "
                  "stays so: /otr refresh.")},
    Sentence{NoticeKind::OtherSessionReceived,
             mark("{name} wrote to another device or program of yours. The message can only be "
                  "read there; to talk here: /otr refresh.")},
    Sentence{NoticeKind::ReflectedReceived,
             mark("Your own private messages come back to you. Are you talking to your own "
                  "account? If not, the server may be at fault: /otr end.")},
    Sentence{NoticeKind::PeerError,
             mark("The program of {name} reports a problem (anybody on the way could have written "
                  "this): \"{text}\". If messages get lost: /otr refresh."),
             {"text"}},
};

constexpr std::array verification_sentences{
    Sentence{NoticeKind::VerificationAsked,
             mark("{name} wants to know whether it is really you, and asks: \"{question}\" Answer "
                  "with /otr answer, followed by your answer; or refuse with /otr abort."),
             {"question"}},
    Sentence{NoticeKind::VerificationAskedSecret,
             mark("{name} wants to compare a secret that only the two of you know. Give it with "
                  "/otr answer, followed by the secret; or refuse with /otr abort.")},
    Sentence{NoticeKind::PinReady,
             mark("Your PIN for {name}: {pin}. Tell it in person or by phone, not in this chat. "
                  "It is good for one try within 10 minutes."),
             {"pin"}},
    Sentence{NoticeKind::VerificationNoReply,
             mark("{name} has not answered yet. Their program may not support questions (Adium "
                  "and ChatSecure for iPhone do not). Compare codes instead: /otr theirfp, /otr "
                  "code.")},
    Sentence{NoticeKind::VerificationAnswered,
             mark("Your answer was right: {name} has verified you. That does not verify {name} "
                  "for you; to ask back: /otr verify.")},
    Sentence{NoticeKind::VerificationCancelled,
             mark("You have cancelled the check with {name}. To start another one: /otr verify.")},
    Sentence{NoticeKind::VerificationTooMany,
             mark("Several checks with {name} have failed in a row. Do not go on guessing: ask "
                  "{name} in person or by phone, and compare codes: /otr theirfp, /otr code.")},
    Sentence{NoticeKind::VerificationBusy,
             mark("A check with {name} is under way. Answer it with /otr answer, wait for its end, "
                  "or cancel it with /otr abort.")},
    Sentence{NoticeKind::VerificationNothing,
             mark("No check with {name} is waiting for you. To start one: /otr verify.")},
    Sentence{NoticeKind::PinExpired,
             mark("The PIN for {name} is no longer valid, because nobody answered in time. For a "
                  "new one: /otr pin.")},
    Sentence{NoticeKind::CodeMatches,
             mark("The code (fingerprint) is the one that {name} uses: it is verified now.")},
    Sentence{NoticeKind::CodeDiffers,
             mark("The codes (fingerprints) differ: you gave {given}, this conversation uses "
                  "{used}. Somebody else may be in place of {name}, so nothing you type is sent. "
                  "Ask {name} in person or by phone; to compare again: /otr code; to stop: /otr "
                  "end."),
             {"given", "used"}},
    Sentence{NoticeKind::KeyRejected,
             mark("You found that the code (fingerprint) in use, {used}, is not the one of {name}. "
                  "Somebody else may be in their place, so nothing you type is sent. If you were "
                  "mistaken: /otr trust; to stop: /otr end."),
             {"used"}},
    Sentence{NoticeKind::CodeIsOurs,
             mark("This is your own code (fingerprint). Ask {name} for theirs.")},
    Sentence{NoticeKind::CodeMalformed,
             mark("There is not exactly one whole code (fingerprint) in this text: 40 digits and "
                  "letters from a to f, or 15 words. Copy it again.")},
    Sentence{NoticeKind::AnswerLooksOdd,
             mark("Take note: what you gave as the answer begins or ends with a space, or mixes "
                  "capital and small letters. {name} must type it exactly so.")},
};

constexpr std::array file_sentences{
    Sentence{NoticeKind::FileUnreadable,
             mark("The file {file} could not be read and was put aside as {kept}; nothing in it "
                  "was changed. If you have a copy of it, close this program and put it back."),
             {"file", "kept"}},
    Sentence{
        NoticeKind::FileKept,
        mark("The file {file} could not be read in full: {reason}. It stays as it is, and what "
             "could not be read is not written over."),
        {"file", "reason"}},
    Sentence{NoticeKind::ProfileInUse,
             mark("Another chat program that is running uses the same keys. Here they can be used, "
                  "but no key is made, and what you verify or change is forgotten when this "
                  "program ends. Close one of the two, and start this one again.")},
    Sentence{NoticeKind::FileNotWritten,
             mark("The file {file} could not be written: {reason}. What you decided is in effect "
                  "and will be written as soon as possible. Is the disk full?"),
             {"file", "reason"}},
};

constexpr std::array hold_sentences{
    HoldSentence{"no-session",
                 mark("What you type waits until this conversation with {name} is private. To see "
                      "or discard it: /otr queue.")},
    HoldSentence{"finished",
                 mark("What you type waits, because the private conversation with {name} is over. "
                      "To send it privately: /otr start. To go on without privacy: /otr end.")},
    HoldSentence{"interrupted",
                 mark("What you type waits a moment: the private conversation with {name} is "
                      "interrupted. It is sent as soon as it is private again.")},
    HoldSentence{"key-changed",
                 mark("What you type waits, because {name} shows another code (fingerprint) than "
                      "before. To check it: /otr verify. To send anyway: /otr queue release.")},
    HoldSentence{"not-verified",
                 mark("What you type waits until {name} is verified, as you have chosen. To "
                      "verify: /otr verify. To choose otherwise: /otr policy.")},
    HoldSentence{"wrong-key",
                 mark("What you type waits, because {name} does not show the code (fingerprint) "
                      "that it should be. To compare again: /otr code. To stop: /otr end.")},
    HoldSentence{"not-connected", mark("What you type waits until this account is online again.")},
    HoldSentence{"key-generation",
                 mark("What you type waits until your key for this account is made. It is sent by "
                      "itself then.")},
};

const Sentence* find_sentence(NoticeKind kind) {
    const auto find_in = [kind](std::span<const Sentence> sentences) -> const Sentence* {
        const auto found = std::ranges::find(sentences, kind, &Sentence::kind);
        return found == sentences.end() ? nullptr : &*found;
    };
    for (const std::span<const Sentence> sentences :
         {std::span<const Sentence>(session_sentences), std::span<const Sentence>(key_sentences),
          std::span<const Sentence>(own_key_sentences),
          std::span<const Sentence>(message_sentences),
          std::span<const Sentence>(verification_sentences),
          std::span<const Sentence>(file_sentences)}) {
        if (const Sentence* found = find_in(sentences)) {
            return found;
        }
    }
    return nullptr;
}

std::string argument(const model::Notice& notice, std::size_t index) {
    return index < notice.arguments.size() ? notice.arguments[index] : std::string();
}

unsigned long number_argument(const model::Notice& notice) {
    const std::string text = argument(notice, 0);
    unsigned long number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string no_answer_text(const model::Notice& notice, std::string_view name) {
    std::string text = format(
        tr("{name} does not answer: perhaps offline, or with a program without off-the-record "
           "messaging. To try again: /otr start."),
        {{"name", name}});
    if (const unsigned long waiting = number_argument(notice); waiting > 0) {
        text += " " + format(tr_n("{number} message waits: /otr queue shows it.",
                                  "{number} messages wait: /otr queue shows them.", waiting),
                             {{"number", std::to_string(waiting)}});
    }
    return text;
}

std::string queue_text(const model::Notice& notice, std::string_view name) {
    const unsigned long number = number_argument(notice);
    const std::string pattern =
        notice.kind == NoticeKind::QueueSent
            ? tr_n("{number} message that waited was sent to {name}, privately.",
                   "{number} messages that waited were sent to {name}, privately.", number)
        : number == 0
            ? tr("Nothing was waiting for {name}.")
            : tr_n("{number} message to {name} was discarded and will not be sent.",
                   "{number} messages to {name} were discarded and will not be sent.", number);
    return format(pattern, {{"number", std::to_string(number)}, {"name", name}});
}

std::string unread_text(const model::Notice& notice, std::string_view name) {
    const unsigned long number = number_argument(notice);
    const std::string pattern =
        notice.kind == NoticeKind::Resent
            ? tr_n("Your last message had not been read; it was sent to {name} again, privately.",
                   "Your last {number} messages had not been read; they were sent to {name} again, "
                   "privately.",
                   number)
        : notice.kind == NoticeKind::KeptUnread
            ? tr_n("{name} may not have read your last message. It waits for the next private "
                   "conversation: /otr start. Not to send it: /otr queue discard.",
                   "{name} may not have read your last {number} messages. They wait for the next "
                   "private conversation: /otr start. Not to send them: /otr queue discard.",
                   number)
            : tr_n("{name} may not have read your last message. Ask, or send it again.",
                   "{name} may not have read your last {number} messages. Ask, or send them again.",
                   number);
    return format(pattern, {{"number", std::to_string(number)}, {"name", name}});
}

std::string policy_text(const model::Notice& notice, std::string_view name) {
    const auto policy = model::policy_from_word(argument(notice, 0));
    if (policy == model::Policy::Never) {
        return format(tr("Private conversations with {name} are switched off. To allow them: /otr "
                         "policy opportunistic."),
                      {{"name", name}});
    }
    return format(tr("For {name} from now on: {policy} ({word})."),
                  {{"name", name},
                   {"policy", policy ? label_of(*policy) : argument(notice, 0)},
                   {"word", argument(notice, 0)}});
}

std::string verification_started_text(const model::Notice& notice, std::string_view name) {
    const std::string pattern =
        argument(notice, 0) == model::to_word(model::VerificationMethod::Secret)
            ? tr("{name} was asked for the secret. Waiting for an answer; to cancel: /otr abort.")
            : tr("The question went to {name}. Waiting for an answer; to cancel: /otr abort.");
    return format(pattern, {{"name", name}});
}

std::string verification_succeeded_text(const model::Notice& notice, std::string_view name) {
    const auto method = model::method_from_word(argument(notice, 0));
    return format(method == model::VerificationMethod::Secret
                      ? tr("Both sides know the same secret: the code (fingerprint) that {name} "
                           "uses is verified now.")
                      : tr("The answer was right: the code (fingerprint) that {name} uses is "
                           "verified now."),
                  {{"name", name}});
}

std::string failure_pattern(NoticeKind kind) {
    return kind == NoticeKind::VerificationAborted
               ? tr("The check with {name} was cancelled on their side.")
           : kind == NoticeKind::VerificationCheated
               ? tr("The check with {name} was stopped, because it did not follow the rules: it "
                    "may be an attempt to deceive, or a fault of their program.")
               : tr("The check with {name} failed: the two answers are not the same. A typing "
                    "mistake is the usual reason (capital letters and spaces count). Somebody else "
                    "in their place is another.");
}

std::string verification_failed_text(const model::Notice& notice, std::string_view name) {
    const std::string next = argument(notice, 0) == "kept"
                                 ? tr("The earlier verification stays. To try again: /otr verify.")
                                 : tr("{name} is still not verified. To try again: /otr verify.");
    return format(failure_pattern(notice.kind) + " " + next, {{"name", name}});
}

std::string hold_sentence_for(std::string_view hold_word, std::string_view name) {
    const auto found = std::ranges::find(hold_sentences, hold_word, &HoldSentence::word);
    const std::string pattern = found != hold_sentences.end()
                                    ? tr(found->pattern)
                                    : tr("What you type waits. To see it: /otr queue.");
    return format(pattern, {{"name", name}});
}

std::string waiting_text(const model::Notice& notice, std::string_view name) {
    return hold_sentence_for(argument(notice, 0), name);
}

/// A notice whose words depend on its arguments.
struct Writer {
    NoticeKind kind;
    std::string (*write)(const model::Notice& notice, std::string_view name);
};

constexpr std::array writers{Writer{NoticeKind::NoAnswer, no_answer_text},
                             Writer{NoticeKind::Waiting, waiting_text},
                             Writer{NoticeKind::QueueSent, queue_text},
                             Writer{NoticeKind::QueueDiscarded, queue_text},
                             Writer{NoticeKind::Resent, unread_text},
                             Writer{NoticeKind::KeptUnread, unread_text},
                             Writer{NoticeKind::MaybeUnread, unread_text},
                             Writer{NoticeKind::PolicyChanged, policy_text},
                             Writer{NoticeKind::VerificationStarted, verification_started_text},
                             Writer{NoticeKind::VerificationSucceeded, verification_succeeded_text},
                             Writer{NoticeKind::VerificationFailed, verification_failed_text},
                             Writer{NoticeKind::VerificationAborted, verification_failed_text},
                             Writer{NoticeKind::VerificationCheated, verification_failed_text}};

} // namespace

std::string failure_text(const model::Notice& notice, std::string_view peer_name) {
    return format(failure_pattern(notice.kind), {{"name", isolated(peer_name)}});
}

std::string hold_text(std::string_view hold_word, std::string_view peer_name) {
    return hold_sentence_for(hold_word, isolated(peer_name));
}

std::string text_of(const model::Notice& notice, std::string_view peer_name) {
    const std::string name = isolated(peer_name);
    if (const Sentence* sentence = find_sentence(notice.kind)) {
        return format(tr(sentence->pattern),
                      {{"name", name},
                       {sentence->places[0], isolated(argument(notice, 0))},
                       {sentence->places[1], isolated(argument(notice, 1))}});
    }
    const auto writer = std::ranges::find(writers, notice.kind, &Writer::kind);
    return writer != writers.end() ? writer->write(notice, name)
                                   : file_text_of(notice, name).value_or(std::string());
}

bool opens_conversation(NoticeKind kind) {
    return kind == NoticeKind::VerificationAsked || kind == NoticeKind::VerificationAskedSecret ||
           kind == NoticeKind::PinReady || kind == NoticeKind::FileOffered;
}

bool is_urgent(NoticeKind kind) {
    constexpr std::array urgent{
        NoticeKind::VerificationAsked,   NoticeKind::VerificationAskedSecret,
        NoticeKind::KeyChanged,          NoticeKind::WrongKey,
        NoticeKind::CodeDiffers,         NoticeKind::KeyRejected,
        NoticeKind::VerificationFailed,  NoticeKind::VerificationCheated,
        NoticeKind::VerificationTooMany, NoticeKind::SessionEndedByPeer,
        NoticeKind::FileOffered,         NoticeKind::TransferStopped};
    return std::ranges::find(urgent, kind) != urgent.end();
}

const char* peer_text(core::PeerText which) {
    switch (which) {
    case core::PeerText::Query:
        return mark("Requesting an off-the-record private conversation. If you see this line, your "
                    "program does not support it.");
    case core::PeerText::PinQuestion:
        return mark("Please type the PIN that I told you: six digits, without spaces.");
    case core::PeerText::EncryptionError:
        return mark("The message could not be encrypted.");
    case core::PeerText::Unreadable:
        return mark("Your private message could not be read.");
    case core::PeerText::Malformed:
        return mark("Your private message arrived damaged.");
    }
    return "";
}

} // namespace otr_guard::plugin
