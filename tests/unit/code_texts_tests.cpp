// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/code_texts.h"

#include <boost/test/unit_test.hpp>

#include <clocale>
#include <cstdlib>

#include "util/parts.h"

namespace windows = otr_guard::windows;

namespace {

const std::string key = "0123456789abcdef0123456789abcdef01234567";

} // namespace

BOOST_AUTO_TEST_SUITE(code_texts_tests)

BOOST_AUTO_TEST_CASE(a_key_is_shown_in_groups_and_as_a_number) {
    BOOST_TEST(windows::groups_of(key) == "01234567 89ABCDEF 01234567 89ABCDEF 01234567");
    BOOST_TEST(windows::digits_of(key) == "00064 95562 83258 17906 63061\n"
                                          "89257 46348 53316 33152 1383");
    for (const std::string text : {"", "0123", "no key at all"}) {
        BOOST_TEST(windows::groups_of(text).empty());
        BOOST_TEST(windows::digits_of(text).empty());
    }
}

BOOST_AUTO_TEST_CASE(a_pin_is_two_groups_and_digits_are_spoken_one_by_one) {
    BOOST_TEST(windows::pin_text("123456") == "123 456");
    BOOST_TEST(windows::spaced("F4BE6CED") == "F 4 B E  6 C E D");
}

BOOST_AUTO_TEST_CASE(digits_stay_from_left_to_right_in_languages_that_are_not) {
    BOOST_REQUIRE(std::setlocale(LC_ALL, "C.UTF-8") != nullptr);
    BOOST_REQUIRE(::setenv("LANGUAGE", "ar", 1) == 0);
    otr_guard::util::bind_translations(OTR_GUARD_LOCALES);
    BOOST_TEST(windows::pin_text("123456") == "\u2066123 456\u2069");
    BOOST_TEST(windows::spaced("12345678") == "\u20661 2 3 4  5 6 7 8\u2069");
    BOOST_TEST(windows::digits_of(key) == "\u206600064 95562 83258 17906 63061\u2069\n"
                                          "\u206689257 46348 53316 33152 1383\u2069");
    BOOST_REQUIRE(::setenv("LANGUAGE", "en", 1) == 0);
    std::setlocale(LC_ALL, "C");
}

BOOST_AUTO_TEST_CASE(the_groups_that_differ_are_found) {
    std::string other = key;
    BOOST_TEST(windows::compare_groups(key, other).size() == 5U);
    for (const auto& group : windows::compare_groups(key, other)) {
        BOOST_TEST(!group.differs);
    }
    other[9] = 'f'; // in the second
    other[39] = '0';
    std::string differ;
    for (const auto& group : windows::compare_groups(key, other)) {
        differ += group.differs ? "x" : "-";
    }
    BOOST_TEST(differ == "-x--x");
    BOOST_TEST(windows::compare_groups(key, other)[1].text == "89ABCDEF");
    BOOST_TEST(windows::compare_groups(key, "").empty());
    BOOST_TEST(windows::compare_groups("", key).empty());
}

BOOST_AUTO_TEST_SUITE_END()
