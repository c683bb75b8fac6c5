// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "window_notices.h"

#include <algorithm>
#include <array>

#include "i18n.h"
#include "notices.h"

namespace otr_guard::plugin {

using model::NoticeKind;

namespace {

struct Sentence {
    NoticeKind kind;
    const char* pattern;
};

constexpr std::array sentences{
    Sentence{NoticeKind::Trusted,
             mark("The code (fingerprint) of {name} counts as verified from now on.")},
    Sentence{NoticeKind::Untrusted,
             mark("The code (fingerprint) of {name} no longer counts as verified.")},
    Sentence{NoticeKind::CodeDiffers,
             mark("This is not the code (fingerprint) that the conversation uses. Somebody else "
                  "may be in place of {name}, so nothing you type is sent. Ask {name} for the code "
                  "in person or by phone, and compare again; if it is another one then, end the "
                  "private conversation.")},
    Sentence{NoticeKind::KeyRejected,
             mark("The code (fingerprint) in use is not the one of {name}. Somebody else may be in "
                  "their place, so nothing you type is sent. If you were mistaken, compare again; "
                  "if not, end the private conversation.")},
    Sentence{NoticeKind::VerificationAnswered,
             mark("Your answer was right: {name} has verified you. That does not verify {name} for "
                  "you: ask them something, too.")},
    Sentence{NoticeKind::VerificationNoReply,
             mark("{name} has not answered yet. Their program may not support questions and PINs "
                  "(Adium and ChatSecure for iPhone do not). Compare the codes instead.")},
    Sentence{NoticeKind::VerificationCancelled, mark("You have cancelled the check with {name}.")},
    Sentence{NoticeKind::VerificationTooMany,
             mark("Several checks with {name} have failed in a row. Do not go on guessing: ask "
                  "{name} in person or by phone what is wrong, and compare the codes.")},
    Sentence{NoticeKind::VerificationBusy,
             mark("A check with {name} is under way. Wait for its end, or cancel it first.")},
    Sentence{NoticeKind::VerificationNothing,
             mark("No check with {name} is waiting for you any more.")},
    Sentence{NoticeKind::PinExpired,
             mark("The PIN for {name} is no longer valid, because nobody answered in time. Make a "
                  "new one when {name} is there to type it.")},
    Sentence{NoticeKind::NoAnswer,
             mark("{name} does not answer: perhaps offline, or with a program without "
                  "off-the-record messaging. Try again later.")},
};

/// What happened, and what it means for an earlier verification.
std::string failed_text(const model::Notice& notice, std::string_view peer_name) {
    const bool was_kept = !notice.arguments.empty() && notice.arguments.front() == "kept";
    const std::string next = was_kept
                                 ? tr("The earlier verification stays, unless you take it back.")
                                 : tr("{name} is still not verified.");
    return failure_text(notice, peer_name) + " " + format(next, {{"name", isolated(peer_name)}});
}

} // namespace

std::string window_text_of(const model::Notice& notice, std::string_view peer_name) {
    if (notice.kind == NoticeKind::VerificationFailed ||
        notice.kind == NoticeKind::VerificationAborted ||
        notice.kind == NoticeKind::VerificationCheated) {
        return failed_text(notice, peer_name);
    }
    const auto found = std::ranges::find(sentences, notice.kind, &Sentence::kind);
    return found != sentences.end() ? format(tr(found->pattern), {{"name", isolated(peer_name)}})
                                    : text_of(notice, peer_name);
}

} // namespace otr_guard::plugin
