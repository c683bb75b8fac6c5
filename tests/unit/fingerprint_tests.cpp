// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <map>

#include "model/fingerprint.h"

using otr_guard::model::Fingerprint;

namespace {

constexpr std::string_view lower_case = "0123456789abcdef0123456789abcdef01234567";
constexpr std::string_view upper_case = "0123456789ABCDEF0123456789ABCDEF01234567";
constexpr std::string_view groups = "01234567 89ABCDEF 01234567 89ABCDEF 01234567";

} // namespace

BOOST_AUTO_TEST_SUITE(fingerprint)

BOOST_AUTO_TEST_CASE(is_the_same_in_bytes_and_digits) {
    std::array<std::uint8_t, Fingerprint::size> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(0xf0 + i);
    }
    const Fingerprint from_bytes{std::span<const std::uint8_t, Fingerprint::size>(bytes)};
    BOOST_TEST(from_bytes.to_hex() == "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff00010203");
    const auto from_digits = Fingerprint::from_hex(from_bytes.to_hex());
    BOOST_REQUIRE(from_digits.has_value());
    BOOST_TEST((*from_digits == from_bytes));
    BOOST_TEST((from_digits->bytes() == bytes));
}

BOOST_AUTO_TEST_CASE(reads_digits_of_either_case) {
    const auto from_lower = Fingerprint::from_hex(lower_case);
    const auto from_upper = Fingerprint::from_hex(upper_case);
    BOOST_REQUIRE(from_lower.has_value());
    BOOST_REQUIRE(from_upper.has_value());
    BOOST_TEST((*from_lower == *from_upper));
}

BOOST_AUTO_TEST_CASE(writes_the_forms_of_the_files_and_of_the_windows) {
    const auto fingerprint = Fingerprint::from_hex(upper_case);
    BOOST_REQUIRE(fingerprint.has_value());
    BOOST_TEST(fingerprint->to_hex() == lower_case);
    BOOST_TEST(fingerprint->to_groups() == groups);
}

BOOST_AUTO_TEST_CASE(refuses_everything_but_forty_digits) {
    const std::string exact(lower_case);
    BOOST_TEST(!Fingerprint::from_hex("").has_value());
    BOOST_TEST(!Fingerprint::from_hex(exact.substr(1)).has_value());
    BOOST_TEST(!Fingerprint::from_hex(exact + "0").has_value());
    BOOST_TEST(!Fingerprint::from_hex(groups).has_value());
    BOOST_TEST(!Fingerprint::from_hex(" " + exact.substr(1)).has_value());
    BOOST_TEST(!Fingerprint::from_hex("0x" + exact.substr(2)).has_value());
}

BOOST_AUTO_TEST_CASE(refuses_every_character_that_is_no_digit_in_every_place) {
    for (std::size_t place = 0; place < lower_case.size(); ++place) {
        for (int value = 0; value < 256; ++value) {
            std::string text(lower_case);
            text[place] = static_cast<char>(value);
            const bool is_digit = (value >= '0' && value <= '9') ||
                                  (value >= 'a' && value <= 'f') || (value >= 'A' && value <= 'F');
            BOOST_REQUIRE(Fingerprint::from_hex(text).has_value() == is_digit);
        }
    }
}

BOOST_AUTO_TEST_CASE(orders_like_its_digits) {
    std::map<Fingerprint, int> table;
    for (const char first : {'f', '0', '8', '7'}) {
        table[*Fingerprint::from_hex(first + std::string(39, '1'))] = first;
    }
    std::string order;
    for (const auto& entry : table) {
        order += entry.first.to_hex().front();
    }
    BOOST_TEST(order == "078f");
    BOOST_TEST((Fingerprint() == *Fingerprint::from_hex(std::string(40, '0'))));
}

BOOST_AUTO_TEST_SUITE_END()
