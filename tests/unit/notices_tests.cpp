// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "notices.h"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <array>
#include <set>
#include <string>

#include "core/wire.h"
#include "file_texts.h"
#include "i18n.h"
#include "labels.h"
#include "window_notices.h"

namespace plugin = otr_guard::plugin;
namespace model = otr_guard::model;
using model::NoticeKind;

namespace {

constexpr std::array holds{model::HoldReason::NoSession,    model::HoldReason::Finished,
                           model::HoldReason::Interrupted,  model::HoldReason::KeyChanged,
                           model::HoldReason::NotVerified,  model::HoldReason::WrongKey,
                           model::HoldReason::NotConnected, model::HoldReason::KeyGeneration};

std::string text_of(NoticeKind kind, std::vector<std::string> arguments = {}) {
    return plugin::text_of({kind, std::move(arguments)}, "Bob");
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(notices)

BOOST_AUTO_TEST_CASE(every_notice_is_one_whole_line) {
    for (int kind = 0; kind <= static_cast<int>(NoticeKind::TransferStopped); ++kind) {
        const std::string text = text_of(static_cast<NoticeKind>(kind), {"3", "4"});
        BOOST_TEST_CONTEXT("kind " << kind) {
            BOOST_TEST(text.size() > 10);
            BOOST_TEST(!contains(text, "\n"));
            BOOST_TEST(!contains(text, "{"));
            BOOST_TEST(!contains(text, "}"));
        }
    }
}

BOOST_AUTO_TEST_CASE(missing_arguments_leave_no_place_open) {
    for (int kind = 0; kind <= static_cast<int>(NoticeKind::TransferStopped); ++kind) {
        const std::string text = text_of(static_cast<NoticeKind>(kind));
        BOOST_TEST_CONTEXT("kind " << kind) {
            BOOST_TEST(!contains(text, "{"));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_private_conversation_is_not_called_verified_when_it_is_not) {
    const std::string unverified = text_of(NoticeKind::SessionStartedUnverified);
    BOOST_TEST(contains(unverified, "not verified"));
    BOOST_TEST(contains(unverified, "/otr verify"));
    BOOST_TEST(contains(text_of(NoticeKind::VerificationAnswered), "does not verify"));
}

BOOST_AUTO_TEST_CASE(a_changed_key_shows_both_codes) {
    const std::string text = text_of(NoticeKind::KeyChanged, {"AAAA", "BBBB"});
    BOOST_TEST(contains(text, "New: AAAA"));
    BOOST_TEST(contains(text, "Verified: BBBB"));
}

BOOST_AUTO_TEST_CASE(a_failed_check_says_what_stays) {
    for (const NoticeKind kind : {NoticeKind::VerificationFailed, NoticeKind::VerificationAborted,
                                  NoticeKind::VerificationCheated}) {
        BOOST_TEST(contains(text_of(kind, {"kept"}), "earlier verification stays"));
        BOOST_TEST(contains(text_of(kind, {"none"}), "still not verified"));
    }
}

BOOST_AUTO_TEST_CASE(windows_have_buttons_instead_of_commands) {
    for (const NoticeKind kind :
         {NoticeKind::VerificationSucceeded, NoticeKind::CodeMatches, NoticeKind::Trusted,
          NoticeKind::VerificationAnswered, NoticeKind::VerificationFailed,
          NoticeKind::VerificationAborted, NoticeKind::VerificationTooMany,
          NoticeKind::VerificationCheated, NoticeKind::PinExpired, NoticeKind::CodeDiffers,
          NoticeKind::KeyRejected, NoticeKind::VerificationNoReply,
          NoticeKind::VerificationCancelled, NoticeKind::VerificationBusy,
          NoticeKind::VerificationNothing, NoticeKind::AnswerLooksOdd, NoticeKind::CodeIsOurs,
          NoticeKind::Untrusted, NoticeKind::NoAnswer}) {
        for (const std::string argument : {"kept", "none"}) {
            const std::string text = plugin::window_text_of({kind, {argument}}, "Bob");
            BOOST_TEST_CONTEXT(text) {
                BOOST_TEST(text.size() > 10);
                BOOST_TEST(!contains(text, "/otr"));
                BOOST_TEST(!contains(text, "{"));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_failed_check_says_in_a_window_what_stays_and_that_mistyping_comes_first) {
    const auto shown = [](NoticeKind kind, const std::string& argument) {
        return plugin::window_text_of({kind, {argument}}, "Bob");
    };
    for (const NoticeKind kind : {NoticeKind::VerificationFailed, NoticeKind::VerificationAborted,
                                  NoticeKind::VerificationCheated}) {
        BOOST_TEST(contains(shown(kind, "kept"), "stays, unless you take it back"));
        BOOST_TEST(contains(shown(kind, "none"), "still not verified"));
    }
    const std::string failed = shown(NoticeKind::VerificationFailed, "none");
    BOOST_TEST(failed.find("typing mistake") < failed.find("Somebody else"));
}

BOOST_AUTO_TEST_CASE(every_hold_has_its_own_reason) {
    const std::string unknown = plugin::hold_text("something", "Bob");
    for (const model::HoldReason reason : holds) {
        const std::string text = plugin::hold_text(otr_guard::core::hold_word(reason), "Bob");
        BOOST_TEST(text != unknown);
        BOOST_TEST(text ==
                   text_of(NoticeKind::Waiting, {std::string(otr_guard::core::hold_word(reason))}));
    }
}

BOOST_AUTO_TEST_CASE(numbers_choose_the_words) {
    BOOST_TEST(contains(text_of(NoticeKind::QueueSent, {"1"}), "1 message "));
    BOOST_TEST(contains(text_of(NoticeKind::QueueSent, {"2"}), "2 messages "));
    BOOST_TEST(contains(text_of(NoticeKind::QueueDiscarded, {"0"}), "Nothing was waiting"));
    BOOST_TEST(!contains(text_of(NoticeKind::NoAnswer, {"0"}), "/otr queue"));
    BOOST_TEST(contains(text_of(NoticeKind::NoAnswer, {"2"}), "2 messages wait"));
}

BOOST_AUTO_TEST_CASE(what_is_said_to_peers_is_one_short_line) {
    using otr_guard::core::PeerText;
    for (const PeerText which : {PeerText::Query, PeerText::PinQuestion, PeerText::EncryptionError,
                                 PeerText::Unreadable, PeerText::Malformed}) {
        const std::string text = plugin::peer_text(which);
        BOOST_TEST(!text.empty());
        BOOST_TEST(text.size() < 120);
        BOOST_TEST(!contains(text, "\n"));
        BOOST_TEST(!contains(text, "<"));
        BOOST_TEST(!contains(text, "OTR Guard"));
    }
}

BOOST_AUTO_TEST_CASE(other_writing_directions_stay_their_own) {
    BOOST_TEST(plugin::isolated("Bob") == "Bob");
    BOOST_TEST(plugin::isolated("בוב") == "\u2068בוב\u2069");
}

BOOST_AUTO_TEST_CASE(every_choice_has_a_label) {
    for (const model::Policy policy : plugin::all_policies) {
        BOOST_TEST(!plugin::label_of(policy).empty());
    }
    for (const model::Logging logging : plugin::all_loggings) {
        BOOST_TEST(!plugin::label_of(logging).empty());
    }
}

BOOST_AUTO_TEST_CASE(a_verification_tells_how_and_when) {
    otr_guard::core::KnownKey key{.fingerprint = {},
                                  .trust_word = "smp",
                                  .method = model::VerificationMethod::Pin,
                                  .verified_at =
                                      otr_guard::core::WallTime(std::chrono::seconds(1777800000)),
                                  .first_seen = {},
                                  .last_failed_check = {},
                                  .last_used = {},
                                  .verified_us = {}};
    BOOST_TEST(contains(plugin::verification_of(key), "verified by a one-time PIN on 2026-05-03"));
    key.last_failed_check = key.verified_at;
    BOOST_TEST(contains(plugin::verification_of(key), "last check failed on 2026-05-03"));
    key.trust_word = "UntrustedUser";
    BOOST_TEST(plugin::verification_of(key) == "not verified");
    key.verified_us = key.verified_at;
    BOOST_TEST(plugin::verification_of(key) ==
               "not verified, they have verified you on 2026-05-03");
}

BOOST_AUTO_TEST_CASE(places_are_filled_in_once) {
    BOOST_TEST(plugin::format("{a} and {b}", {{"a", "{b}"}, {"b", "x"}}) == "{b} and x");
    BOOST_TEST(plugin::format("{a}{c} {", {{"a", "1"}}) == "1{c} {");
    BOOST_TEST(plugin::format("{{a}}", {{"a", "1"}}) == "{1}");
}

RC_BOOST_PROP(nothing_in_an_argument_is_taken_for_a_place, (const std::string& name)) {
    const std::string text = plugin::text_of({NoticeKind::KeyChanged, {"{name}", "{new}"}}, name);
    RC_ASSERT(contains(text, "New: {name}"));
    RC_ASSERT(contains(text, "Verified: {new}"));
    RC_ASSERT(contains(text, name));
}

BOOST_AUTO_TEST_CASE(an_offer_says_what_it_is_and_from_whom) {
    const auto offer = [](const char* risk, const char* standing) {
        return text_of(NoticeKind::FileOffered,
                       {"3", "a.exe", "1234567", "image/png", risk, standing});
    };
    BOOST_TEST(contains(offer("", "verified"),
                        "Bob (verified) offers you file 3: a.exe, 1.2 MB, image/png."));
    BOOST_TEST(contains(offer("", "unverified"), "NOT verified"));
    BOOST_TEST(contains(offer("", ""), "NOT verified"));
    BOOST_TEST(contains(offer("program", "verified"), "can run a program"));
    BOOST_TEST(contains(offer("macros", "verified"), "macros"));
    BOOST_TEST(contains(offer("", "verified"), "/otr accept 3"));
    BOOST_TEST(contains(offer("", "verified"), "/otr decline 3"));
}

BOOST_AUTO_TEST_CASE(every_end_of_a_file_has_words_of_its_own) {
    std::set<std::string> texts;
    for (const char* word : {"cancelled", "declined", "by-peer", "hash", "size", "range", "changed",
                             "disk", "expired", "peer-limit", "too-large", "no-file"}) {
        texts.insert(text_of(NoticeKind::FileStopped, {"3", "a.txt", word, "detail"}));
    }
    BOOST_TEST(texts.size() == 12U);
    texts.clear();
    for (const char* word :
         {"not-private", "not-verified", "short-messages", "too-many", "full", "nothing"}) {
        texts.insert(text_of(NoticeKind::FileRefused, {word}));
        BOOST_TEST(text_of(NoticeKind::FileRefused, {word, "1"}) ==
                   text_of(NoticeKind::FileRefused, {word}));
        BOOST_TEST(text_of(NoticeKind::FileRefused, {word, "84"}) ==
                   "84 files were not sent. " + text_of(NoticeKind::FileRefused, {word}));
    }
    for (const char* word : {"out", "in", "call", "picture"}) {
        texts.insert(text_of(NoticeKind::TransferStopped, {word}));
    }
    BOOST_TEST(texts.size() == 10U);
}

BOOST_AUTO_TEST_CASE(sizes_are_written_for_people) {
    BOOST_TEST(plugin::size_text(0) == "0 bytes");
    BOOST_TEST(plugin::size_text(999) == "999 bytes");
    BOOST_TEST(plugin::size_text(16384) == "16.4 kB");
    BOOST_TEST(plugin::size_text(100'000'000) == "100 MB");
    BOOST_TEST(plugin::size_text(1'500'000'000) == "1.5 GB");
}

BOOST_AUTO_TEST_SUITE_END()
