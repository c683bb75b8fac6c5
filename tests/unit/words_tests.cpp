// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gcrypt.h>

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "core/words.h"

using namespace otr_guard;
using core::fingerprint_from_words;
using model::Fingerprint;

namespace {

struct Libgcrypt {
    Libgcrypt() { BOOST_REQUIRE(gcry_check_version(nullptr) != nullptr); }
};

struct Vector {
    Fingerprint fingerprint;
    std::string words;
};

/// What python3-mnemonic says (tests/support/make_word_vectors.py).
std::vector<Vector> vectors() {
    std::ifstream file(OTR_GUARD_TEST_DATA "/bip39_vectors.txt");
    std::vector<Vector> result;
    std::string hex;
    std::string words;
    while (std::getline(file, hex, '\t') && std::getline(file, words)) {
        result.push_back({*Fingerprint::from_hex(hex), words});
    }
    return result;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

Fingerprint any_fingerprint() {
    const auto bytes = *rc::gen::container<std::array<std::uint8_t, Fingerprint::size>>(
        rc::gen::arbitrary<std::uint8_t>());
    return Fingerprint{std::span<const std::uint8_t, Fingerprint::size>(bytes)};
}

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(Libgcrypt);

BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(says_what_another_implementation_says) {
    const auto expected = vectors();
    BOOST_REQUIRE(expected.size() >= 40);
    for (const auto& [fingerprint, words] : expected) {
        BOOST_TEST(core::to_words(fingerprint) == words);
        BOOST_TEST((fingerprint_from_words(words) == fingerprint));
    }
}

BOOST_AUTO_TEST_CASE(gives_the_words_one_by_one) {
    const auto vector = vectors().at(2);
    const auto words = core::words_of(vector.fingerprint);
    BOOST_TEST(words.front() == "legal");
    BOOST_TEST(words.back() == "wise");
}

BOOST_AUTO_TEST_CASE(reads_words_as_people_write_them) {
    for (const auto& [fingerprint, words] : vectors()) {
        BOOST_TEST((fingerprint_from_words(upper(words)) == fingerprint));
        BOOST_TEST((fingerprint_from_words(replaced(words, " ", "-")) == fingerprint));
        BOOST_TEST((fingerprint_from_words(replaced(words, " ", ", ")) == fingerprint));
        BOOST_TEST(
            (fingerprint_from_words("\r\n " + replaced(words, " ", "\r\n") + "\n") == fingerprint));
        BOOST_TEST((fingerprint_from_words(replaced(words, " ", "\t")) == fingerprint));
    }
}

BOOST_AUTO_TEST_CASE(reads_the_first_four_letters) {
    for (const auto& [fingerprint, words] : vectors()) {
        std::string cut;
        for (const std::string_view word : core::words_of(fingerprint)) {
            cut += std::string(word.substr(0, 4)) + " ";
        }
        BOOST_TEST((fingerprint_from_words(cut) == fingerprint));
    }
}

BOOST_AUTO_TEST_CASE(refuses_what_it_would_have_to_guess) {
    const std::string good = vectors().front().words;
    BOOST_REQUIRE(fingerprint_from_words(good).has_value());
    BOOST_TEST(!fingerprint_from_words("").has_value());
    BOOST_TEST(!fingerprint_from_words("   ").has_value());
    BOOST_TEST(!fingerprint_from_words(good.substr(8)).has_value());
    BOOST_TEST(!fingerprint_from_words(good + " abandon").has_value());
    BOOST_TEST(!fingerprint_from_words(replaced(good, "address", "addres")).has_value());
    BOOST_TEST(!fingerprint_from_words(replaced(good, "address", "add")).has_value());
    BOOST_TEST(!fingerprint_from_words(replaced(good, "address", "addresses")).has_value());
    BOOST_TEST(!fingerprint_from_words(replaced(good, "address", "zzzz")).has_value());
    BOOST_TEST(!fingerprint_from_words(replaced(good, " ", "")).has_value());
    BOOST_TEST(!fingerprint_from_words(good + std::string(1, '\0')).has_value());
    BOOST_TEST(!fingerprint_from_words(replaced(good, "address", std::string(5000, 'a'))));
}

BOOST_AUTO_TEST_CASE(refuses_wrong_check_bits) {
    const std::string good = vectors().front().words;
    int accepted = 0;
    for (const std::string_view last : {"abandon", "ability", "able", "about", "zoo", "wrist"}) {
        accepted += fingerprint_from_words(replaced(good, "address", last)).has_value() ? 1 : 0;
    }
    BOOST_TEST(accepted == 0);
}

RC_BOOST_PROP(every_fingerprint_survives, ()) {
    const Fingerprint fingerprint = any_fingerprint();
    RC_ASSERT(fingerprint_from_words(core::to_words(fingerprint)) == fingerprint);
}

RC_BOOST_PROP(junk_never_becomes_a_fingerprint, (const std::string& junk)) {
    RC_ASSERT(!fingerprint_from_words(junk).has_value());
}

RC_BOOST_PROP(two_words_changed_places_are_another_code, ()) {
    const Fingerprint fingerprint = any_fingerprint();
    auto words = core::words_of(fingerprint);
    const auto first = *rc::gen::inRange<std::size_t>(0, words.size());
    const auto second = *rc::gen::inRange<std::size_t>(0, words.size());
    RC_PRE(words[first] != words[second]);
    std::swap(words[first], words[second]);
    std::string text;
    for (const std::string_view word : words) {
        text += std::string(word) + " ";
    }
    RC_ASSERT(fingerprint_from_words(text) != fingerprint);
}

BOOST_AUTO_TEST_SUITE_END()
