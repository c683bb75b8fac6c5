// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gcrypt.h>

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "core/code.h"
#include "core/words.h"

using namespace otr_guard;
using core::parse_code;
using model::Fingerprint;
using util::ErrorCode;

namespace {

struct Libgcrypt {
    Libgcrypt() { BOOST_REQUIRE(gcry_check_version(nullptr) != nullptr); }
};

constexpr std::string_view hex = "00c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f50617283";
constexpr std::string_view groups = "00C1D2E3 F4A5B6C7 D8E9FA0B 1C2D3E4F 50617283";
constexpr std::string_view other_hex = "ffffffff11111111222222223333333344444444";
// base64 of "bob@example.org?otr=" + hex, URL-safe and without padding, from python's base64.
constexpr std::string_view shared =
    "Ym9iQGV4YW1wbGUub3JnP290cj0wMGMxZDJlM2Y0YTViNmM3ZDhlOWZhMGIxYzJkM2U0ZjUwNjE3Mjgz";
// base64 of "b\xc3\xb6b>?~@example.org?otr=" + hex + "&m=1".
constexpr std::string_view shared_with_migration =
    "YsO2Yj4_fkBleGFtcGxlLm9yZz9vdHI9MDBjMWQyZTNmNGE1YjZjN2Q4ZTlmYTBiMWMyZDNlNGY1MDYxNzI4MyZtPTE";

Fingerprint known() {
    return *Fingerprint::from_hex(hex);
}
std::string text(std::string_view view) {
    return std::string(view);
}

bool reads_known(std::string_view code) {
    const auto found = parse_code(code);
    return found.has_value() && *found == known();
}

bool refuses(std::string_view code, ErrorCode reason = ErrorCode::Malformed) {
    const auto found = parse_code(code);
    return !found.has_value() && found.error().code == reason;
}

/// `hex` with `separator` behind every `size` digits.
std::string grouped(std::size_t size, std::string_view separator) {
    std::string result;
    for (std::size_t i = 0; i < hex.size(); i += size) {
        result += text(i == 0 ? "" : separator) + text(hex.substr(i, size));
    }
    return result;
}

/// `hex` as a number, from python, with `separator` behind every five digits.
std::string number(std::string_view separator) {
    static constexpr std::string_view digits = "0004322414972651438156404937955355339940545262211";
    std::string result;
    for (std::size_t i = 0; i < digits.size(); i += 5) {
        result += text(i == 0 ? "" : separator) + text(digits.substr(i, 5));
    }
    return result;
}

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(Libgcrypt);

BOOST_AUTO_TEST_SUITE(code)

BOOST_AUTO_TEST_CASE(reads_the_number_that_two_otr_guards_show) {
    for (const std::string_view separator : {"", " ", "-", "\n", "\xc2\xa0"}) {
        BOOST_TEST(reads_known(number(separator)));
    }
    BOOST_TEST(reads_known("My code: " + number(" ") + "."));
    BOOST_TEST(reads_known(number(" ") + ", in other programs " + text(groups)));
    BOOST_TEST(refuses(number(" ") + ", in other programs " + text(other_hex)));
    // Something is missing, or there is one digit too many.
    BOOST_TEST(refuses(number(" ") + "0"));
    BOOST_TEST(refuses(number(" ").substr(1)));
    BOOST_TEST(refuses(number(" ") + " 12345"));
    BOOST_TEST(refuses(std::string(49, '9')));
}

BOOST_AUTO_TEST_CASE(reads_digits_in_any_grouping) {
    BOOST_TEST(reads_known(hex));
    BOOST_TEST(reads_known(groups));
    for (const std::size_t size : {1U, 2U, 4U, 5U, 8U, 10U, 20U}) {
        for (const std::string_view separator :
             {" ", ":", "-", "\n", "\r\n", "\t", "  ", " - ", "\n    ", "\xc2\xa0", "\xe2\x80\x8b",
              "\xe2\x80\x91", "\xe2\x80\xaf"}) {
            BOOST_TEST(reads_known(grouped(size, separator)));
        }
    }
}

BOOST_AUTO_TEST_CASE(reads_digits_between_words) {
    BOOST_TEST(reads_known("Fingerprint for bob@example.org: " + text(groups)));
    BOOST_TEST(reads_known("my key is " + text(groups) + ". See you!"));
    BOOST_TEST(reads_known("\"" + text(hex) + "\""));
    BOOST_TEST(reads_known("<code>" + text(groups) + "</code>"));
    BOOST_TEST(reads_known("OTR=" + text(hex) + ";"));
    BOOST_TEST(reads_known("a " + text(groups)));
    BOOST_TEST(reads_known("2024: " + text(groups)));
    BOOST_TEST(reads_known(text(groups) + "\nBe careful, Dad"));
    BOOST_TEST(reads_known("\xe2\x80\x9e" + text(groups) + "\xe2\x80\x9c"));
}

BOOST_AUTO_TEST_CASE(reads_the_same_code_several_times) {
    BOOST_TEST(reads_known(text(hex) + "\n" + text(hex)));
    BOOST_TEST(reads_known(text(groups) + "\n" + text(groups) + "\n" + text(hex)));
    BOOST_TEST(reads_known(text(groups) + ", in words: " + core::to_words(known())));
    BOOST_TEST(reads_known("xmpp:bob@example.org?otr-fingerprint=" + text(hex) + " (" +
                           text(groups) + ")"));
}

BOOST_AUTO_TEST_CASE(reads_words) {
    BOOST_TEST(reads_known(core::to_words(known())));
    BOOST_TEST(reads_known("Here you are: " + core::to_words(known()) + "."));
}

BOOST_AUTO_TEST_CASE(reads_addresses_with_a_fingerprint) {
    const std::string digits = text(hex);
    BOOST_TEST(reads_known("xmpp:bob@example.org?otr-fingerprint=" + digits));
    BOOST_TEST(reads_known("xmpp:bob@example.org?subscribe;otr-fingerprint=" + digits));
    BOOST_TEST(reads_known("XMPP:cafe@dead.beef?otr-fingerprint=" + digits + ";subscribe"));
    BOOST_TEST(reads_known(core::to_xmpp_uri("bob@example.org", known())));
}

BOOST_AUTO_TEST_CASE(reads_share_links) {
    const std::string link = "https://chatsecure.org/i/";
    BOOST_TEST(reads_known(link + "#" + text(shared)));
    BOOST_TEST(reads_known(link + "#" + text(shared) + "="));
    BOOST_TEST(reads_known("Add me: " + link + "#" + text(shared) + " thanks"));
    BOOST_TEST(reads_known("<a href=\"" + link + "#" + text(shared) + "\">me</a>"));
    BOOST_TEST(reads_known(link + "?i=" + text(shared) + "&x=y"));
    BOOST_TEST(reads_known(link + "#i=" + text(shared) + "&x=y"));
    BOOST_TEST(reads_known(link + "#" + text(shared_with_migration)));
}

BOOST_AUTO_TEST_CASE(refuses_different_codes) {
    BOOST_TEST(refuses(text(hex) + " " + text(other_hex)));
    BOOST_TEST(refuses(text(hex) + ", " + text(other_hex)));
    BOOST_TEST(refuses(text(other_hex) + ": " + core::to_words(known())));
    BOOST_TEST(refuses("https://chatsecure.org/i/#" + text(shared) + "\n" + text(other_hex)));
    BOOST_TEST(
        refuses("xmpp:a@b?otr-fingerprint=" + text(hex) + ";otr-fingerprint=" + text(other_hex)));
}

BOOST_AUTO_TEST_CASE(a_broken_share_link_is_not_passed_over) {
    BOOST_TEST(refuses("https://chatsecure.org/i/#Ym9iQGV4YW1wbGUub3JnP290cj0wMGMx " + text(hex)));
}

BOOST_AUTO_TEST_CASE(refuses_what_has_two_readings) {
    BOOST_TEST(refuses("12:" + grouped(2, ":")));
    BOOST_TEST(refuses("2024 " + grouped(4, " ")));
    BOOST_TEST(refuses(grouped(4, " ") + " cafe"));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_code) {
    BOOST_TEST(refuses(""));
    BOOST_TEST(refuses("hello"));
    BOOST_TEST(refuses(hex.substr(1)));
    BOOST_TEST(refuses(text(hex) + "0"));
    BOOST_TEST(refuses(text(hex) + "g"));
    BOOST_TEST(refuses("0x" + text(hex)));
    BOOST_TEST(refuses(grouped(8, ".")));
    BOOST_TEST(refuses(grouped(8, " x ")));
    BOOST_TEST(refuses(std::string(64, 'a')));
    BOOST_TEST(refuses(grouped(8, std::string_view("\0", 1))));
    BOOST_TEST(refuses("https://chatsecure.org/i/#"));
    BOOST_TEST(refuses("https://chatsecure.org/i/#Ym9iQGV4YW1wbGUub3JnP290cj0wMGMx"));
    BOOST_TEST(refuses("xmpp:bob@example.org?otr-fingerprint=" + text(hex.substr(2))));
    BOOST_TEST(refuses(std::string(4096, 'g')));
}

BOOST_AUTO_TEST_CASE(refuses_more_than_four_kibibytes) {
    BOOST_TEST(reads_known(std::string(4096 - hex.size() - 1, 'g') + " " + text(hex)));
    BOOST_TEST(refuses(std::string(4096 - hex.size(), 'g') + " " + text(hex), ErrorCode::TooLarge));
}

BOOST_AUTO_TEST_CASE(writes_the_address_that_a_phone_can_scan) {
    BOOST_TEST(core::to_xmpp_uri("alice@example.org", known()) ==
               "xmpp:alice@example.org?subscribe;otr-fingerprint=" + text(hex));
    BOOST_TEST(core::to_xmpp_uri("alice@example.org/Home?x=y", known()) ==
               "xmpp:alice@example.org?subscribe;otr-fingerprint=" + text(hex));
    BOOST_TEST(core::to_xmpp_uri("a;b&c? d#\xc3\xbc@example.org", known()) ==
               "xmpp:a%3Bb%26c%3F%20d%23%C3%BC@example.org?subscribe;otr-fingerprint=" + text(hex));
}

BOOST_AUTO_TEST_CASE(a_pin_has_six_digits_and_each_place_takes_every_digit) {
    constexpr int drawn = 2000;
    std::array<std::array<int, 10>, 6> seen{};
    std::set<std::string> different;
    for (int i = 0; i < drawn; ++i) {
        const util::SecretString pin = core::make_pin();
        BOOST_REQUIRE(pin.size() == 6);
        for (std::size_t place = 0; place < 6; ++place) {
            const char digit = pin.view()[place];
            BOOST_REQUIRE(digit >= '0');
            BOOST_REQUIRE(digit <= '9');
            ++seen[place][static_cast<std::size_t>(digit - '0')];
        }
        different.insert(text(pin.view()));
    }
    // 200 expected each, 8 standard deviations around it.
    for (const auto& place : seen) {
        BOOST_TEST(std::ranges::all_of(place, [](int n) { return n > 90 && n < 310; }));
    }
    BOOST_TEST(different.size() > drawn - 30);
}

RC_BOOST_PROP(junk_never_becomes_a_fingerprint, (const std::string& junk)) {
    RC_ASSERT(!parse_code(junk).has_value());
}

RC_BOOST_PROP(digits_of_any_mixed_grouping_are_read, ()) {
    std::string code;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        const char upper = hex[i] >= 'a' ? static_cast<char>(hex[i] - 'a' + 'A') : hex[i];
        code += *rc::gen::element(upper, hex[i]);
        code += *rc::gen::element<std::string>("", "", " ", ":", "-", "\n", " \n ");
    }
    RC_ASSERT(reads_known(code));
}

RC_BOOST_PROP(what_is_found_stands_in_the_text, ()) {
    const auto code = *rc::gen::container<std::string>(
        rc::gen::element('0', 'a', 'F', '9', ' ', ':', '\n', 'g', '.', '='));
    const std::string repeated = code + code + code + code;
    const auto found = parse_code(repeated);
    if (found) {
        std::string digits;
        std::ranges::copy_if(repeated, std::back_inserter(digits), [](char c) {
            return std::string_view("0aF9").find(c) != std::string_view::npos;
        });
        std::ranges::replace(digits, 'F', 'f');
        RC_ASSERT(digits.find(found->to_hex()) != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_pin_may_be_typed_in_other_digits) {
    const auto usual = [](const char* typed) {
        return std::string(otr_guard::core::pin_in_usual_digits(typed).view());
    };
    BOOST_TEST(usual("\u0660\u0661\u0662\u0663\u0664\u0669") == "012349");
    BOOST_TEST(usual("\u06f0\u06f1\u06f2\u06f3\u06f4\u06f9") == "012349");
    for (const char* other : {"012349", "", "\u0660\u0661\u0662\u0663\u0664", "horse",
                              "\u0660\u0661\u0662\u0663\u0664\u0669\u0669",
                              "1\u0661\u0662\u0663\u0664\u0669", "\xd9\xd9\xd9\xd9\xd9\xd9"}) {
        BOOST_TEST(usual(other) == other);
    }
}

BOOST_AUTO_TEST_SUITE_END()
