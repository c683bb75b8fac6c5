// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <array>
#include <string>

#include "core/utf8.h"

namespace utf8 = otr_guard::core::utf8;

namespace {

bool is_refused(std::string_view bytes) {
    const utf8::Decoded decoded = utf8::decode(bytes);
    return !decoded.is_valid && decoded.length == 1 && decoded.code_point == utf8::replacement;
}

} // namespace

BOOST_AUTO_TEST_SUITE(utf8_text)

BOOST_AUTO_TEST_CASE(every_code_point_survives) {
    for (char32_t code_point = 0; code_point <= 0x10ffff; ++code_point) {
        std::string text;
        utf8::append(text, code_point);
        const utf8::Decoded decoded = utf8::decode(text);
        const bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
        BOOST_REQUIRE(decoded.is_valid);
        BOOST_REQUIRE(decoded.length == text.size());
        BOOST_REQUIRE(decoded.code_point == (is_surrogate ? utf8::replacement : code_point));
    }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_the_shortest_form_of_a_character) {
    for (const std::string_view bytes :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
          "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
          "\xc3z", "\xe2\x82z", "\xf0\x9f\x98z"}) {
        BOOST_TEST(is_refused(bytes));
    }
}

BOOST_AUTO_TEST_CASE(writes_the_replacement_for_what_is_no_character) {
    std::string text;
    utf8::append(text, 0x110000);
    utf8::append(text, 0xdfff);
    BOOST_TEST(text == "\xef\xbf\xbd\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(cuts_between_characters) {
    const std::string text = "a\xc3\xa4\xf0\x9f\x98\x80"; // 1, 2 and 4 bytes
    const std::array<std::size_t, 9> kept{0, 1, 1, 3, 3, 3, 3, 7, 7};
    for (std::size_t bytes = 0; bytes < kept.size(); ++bytes) {
        BOOST_TEST(utf8::cut(text, bytes) == text.substr(0, kept.at(bytes)));
    }
    BOOST_TEST(utf8::cut("\x80\x80\x80", 2) == "");
}

RC_BOOST_PROP(reads_arbitrary_bytes_to_their_end, (const std::string& bytes)) {
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const utf8::Decoded decoded = utf8::decode(rest);
        RC_ASSERT(decoded.length >= 1);
        RC_ASSERT(decoded.length <= rest.size());
        std::string again;
        utf8::append(again, decoded.code_point);
        RC_ASSERT(!decoded.is_valid || again == rest.substr(0, decoded.length));
        rest.remove_prefix(decoded.length);
    }
}

BOOST_AUTO_TEST_SUITE_END()
