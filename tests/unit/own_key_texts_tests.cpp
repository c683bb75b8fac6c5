// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <string>

#include "model/own_key_texts.h"

using namespace otr_guard;
using model::Strength;
using model::strength_of;

BOOST_AUTO_TEST_SUITE(own_key_texts)

BOOST_AUTO_TEST_CASE(tells_easy_passphrases_from_good_ones) {
    for (const char* text : {"", "a", "short", "ab cd e", "\xc3\xa4\xc3\xb6\xc3\xbc"}) {
        BOOST_TEST((strength_of(text) == Strength::TooShort));
    }
    for (const char* text : {"password", "12345678", "aaaaaaaaaaaaaaaaaaaaaaaaaa", "abababababab",
                             "19840101", "Sommer24"}) {
        BOOST_TEST((strength_of(text) == Strength::Weak), text);
    }
    for (const char* text :
         {"correct horse battery staple", "vM3$kk0-Qx7!bT", "lamp frost violin carpet ocean"}) {
        BOOST_TEST((strength_of(text) == Strength::Good), text);
    }
    BOOST_TEST((strength_of("horse battery staple") == Strength::Fair));
}

BOOST_AUTO_TEST_CASE(names_all_consequences_and_how_many_people_they_concern) {
    for (const std::string& text :
         {model::new_key_warning(3), model::delete_key_warning(3), model::replace_key_warning(3)}) {
        BOOST_TEST(text.find("verify you again (3 people") != std::string::npos);
        BOOST_TEST(text.find("refuse you") != std::string::npos);
        BOOST_TEST(text.find("Private conversations on this account end") != std::string::npos);
    }
    BOOST_TEST(model::new_key_warning(1).find("(1 person") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(has_a_sentence_for_every_strength) {
    for (const Strength strength :
         {Strength::TooShort, Strength::Weak, Strength::Fair, Strength::Good}) {
        BOOST_TEST(!model::text_of(strength).empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
