// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <array>
#include <set>
#include <string>

#include "model/states.h"

using namespace otr_guard::model;

namespace {

constexpr std::array sessions{SessionState::Plaintext, SessionState::Private,
                              SessionState::Finished};
constexpr std::array policies{Policy::Never, Policy::Manual, Policy::Opportunistic,
                              Policy::Known, Policy::Always, Policy::Verified};
constexpr std::array loggings{Logging::Off, Logging::Redacted, Logging::On};
constexpr std::array methods{VerificationMethod::ByHand, VerificationMethod::Question,
                             VerificationMethod::Secret, VerificationMethod::Pin,
                             VerificationMethod::Code,   VerificationMethod::Imported};

/// Different words, each lower case, none the answer for a value without a word.
template <typename Values> void check_spelling(const Values& values) {
    std::set<std::string_view> words;
    for (const auto value : values) {
        const std::string_view word = to_word(value);
        BOOST_TEST(!word.empty());
        BOOST_TEST(word != "unknown");
        BOOST_TEST(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos);
        words.insert(word);
    }
    BOOST_TEST(words.size() == values.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(states)

BOOST_AUTO_TEST_CASE(every_value_has_a_word_of_its_own) {
    check_spelling(sessions);
    check_spelling(policies);
    check_spelling(loggings);
    check_spelling(methods);
}

BOOST_AUTO_TEST_CASE(words_lead_back_to_their_values) {
    for (const Policy policy : policies) {
        BOOST_TEST((policy_from_word(to_word(policy)) == policy));
    }
    for (const Logging logging : loggings) {
        BOOST_TEST((logging_from_word(to_word(logging)) == logging));
    }
    for (const VerificationMethod method : methods) {
        BOOST_TEST((method_from_word(to_word(method)) == method));
    }
}

BOOST_AUTO_TEST_CASE(uses_the_words_that_commands_and_files_have) {
    BOOST_TEST(to_word(SessionState::Plaintext) == "plaintext");
    BOOST_TEST(to_word(SessionState::Private) == "private");
    BOOST_TEST(to_word(SessionState::Finished) == "finished");
    BOOST_TEST(to_word(Policy::Known) == "known");
    BOOST_TEST(to_word(Policy::Opportunistic) == "opportunistic");
    BOOST_TEST(to_word(Logging::Redacted) == "redacted");
    BOOST_TEST(to_word(VerificationMethod::ByHand) == "by-hand");
}

BOOST_AUTO_TEST_CASE(takes_only_the_exact_word) {
    for (const std::string_view word :
         {"", "Always", "ALWAYS", " always", "always ", "alway", "alwayss", "unknown", "0"}) {
        BOOST_TEST(!policy_from_word(word).has_value());
        BOOST_TEST(!logging_from_word(word).has_value());
        BOOST_TEST(!method_from_word(word).has_value());
    }
    BOOST_TEST(!policy_from_word("off").has_value());
    BOOST_TEST(!logging_from_word("never").has_value());
    BOOST_TEST(!method_from_word("verified").has_value());
    BOOST_TEST(!policy_from_word(std::string_view("never\0", 6)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
