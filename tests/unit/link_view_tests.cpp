// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/link_view.h"
#include "core/punycode.h"
#include "model/sharing_limits.h"

using namespace otr_guard::core;
using Finding = LinkFinding;

namespace {

LinkView seen(std::string_view address, std::string_view text = "") {
    const auto view = view_link(address, text);
    BOOST_REQUIRE_MESSAGE(view.has_value(), address);
    return *view;
}

bool has(std::string_view address, Finding finding, std::string_view text = "") {
    return seen(address, text).has(finding);
}

std::string host(std::string_view address) {
    return seen(address).host.ascii;
}

} // namespace

BOOST_AUTO_TEST_SUITE(link_view_tests)

BOOST_AUTO_TEST_CASE(an_ordinary_link_has_a_host_and_nothing_odd) {
    const LinkView view = seen("https://www.Example.org/page?id=7&lang=de#top");
    BOOST_TEST(view.scheme == "https");
    BOOST_TEST(view.host.ascii == "www.example.org");
    BOOST_TEST(view.host.readable.empty());
    BOOST_TEST(view.findings.empty());
    BOOST_TEST(view.key() == "https://www.example.org:443");
    BOOST_TEST(seen("HTTPS://example.org:443").findings.empty());
    BOOST_TEST(host("https://example.org./") == "example.org");
    BOOST_TEST(host("https://under_score.example.org") == "under_score.example.org");
}

BOOST_AUTO_TEST_CASE(only_what_every_browser_understands_alike_is_understood) {
    for (const std::string_view address : {"",
                                           "example.org",
                                           "https:example.org",
                                           "https:/example.org",
                                           "https://",
                                           "https:///x",
                                           "https:\\\\example.org",
                                           "https://example.org\\@evil.org",
                                           "https://exa mple.org",
                                           "https://example.org/\n",
                                           "https://example.org/<b>",
                                           "javascript:alert(1)",
                                           "file:///etc/passwd",
                                           "data:text/html,hi",
                                           "smb://server/x",
                                           "vbscript:x",
                                           "https://example..org",
                                           "https://.example.org",
                                           "https://exa%6dple.org",
                                           "https://example.org:0",
                                           "https://example.org:99999",
                                           "https://example.org:8a",
                                           "https://\xff\xfe.org",
                                           "https://1.2.3.4.5",
                                           "https://1.2.3.999",
                                           "https://[1.2.3.4]",
                                           "https://[::1",
                                           "https://xn--/",
                                           "https://xn--a.org",
                                           "https://exam\xe2\x80\x8bple.org",
                                           "https://example\xe3\x80\x82org",
                                           "https://\xef\xbc\xa7oogle.com",
                                           "https://ex*mple.org",
                                           "https://paypal.com\xe2\x81\x84login.example.org"}) {
        BOOST_TEST(!view_link(address, "").has_value(), address);
    }
    BOOST_TEST(!view_link("https://" + std::string(64, 'a') + ".org", "").has_value());
    const std::string longest(otr_guard::model::limits::link_bytes, 'a');
    BOOST_TEST(!view_link("https://example.org/" + longest, "").has_value());
}

BOOST_AUTO_TEST_CASE(other_programs_links_have_no_host) {
    for (const std::string_view address :
         {"mailto:bob@example.org", "xmpp:bob@example.org?message", "irc://irc.example.org/room"}) {
        BOOST_TEST(!seen(address).is_for_browser());
    }
}

BOOST_AUTO_TEST_CASE(choices_are_remembered_for_one_place_and_for_honest_links_only) {
    BOOST_TEST(seen("https://example.org/a").key() == seen("https://EXAMPLE.org:443/b?c").key());
    BOOST_TEST(seen("http://example.org/").key() == "http://example.org:80");
    BOOST_TEST(seen("http://example.org/").key() != seen("https://example.org/").key());
    BOOST_TEST(seen("https://example.org/").key() != seen("https://www.example.org/").key());
    for (const std::string_view address :
         {"https://example.org:8443/", "https://bank.example@example.org/",
          "https://example.org/?u=https://evil.example.net/", "mailto:bob@example.org",
          "xmpp:bob@example.org"}) {
        BOOST_TEST(seen(address).key().empty(), address);
    }
    BOOST_TEST(seen("https://example.org/", "bank.example").key().empty());
}

BOOST_AUTO_TEST_CASE(text_that_names_another_place_is_told) {
    const LinkView view = seen("https://evil.example.net/login", "https://bank.example.org");
    BOOST_TEST(view.has(Finding::OtherText));
    BOOST_TEST(view.claimed == "bank.example.org");
    for (const std::string_view text :
         {"bank.example.org", "BANK.example.org/login", "  http://bank.example.org  ",
          "www.bank.example.org:443", "evil.example.net.bank.example.org",
          "https://bank.example.org/ (https://evil.example.net/)", "go to bank.example.org, now",
          "evil.example.net or \"bank.example.org\""}) {
        BOOST_TEST(has("https://evil.example.net/", Finding::OtherText, text), text);
    }
    for (const std::string_view text :
         {"", "look at this", "evil.example.net", "e.g. this", "https://evil.example.net/login",
          "www.evil.example.net", "EVIL.example.net/login", "1.5", "()", "so. it is",
          "evil.example.net (https://evil.example.net/login)"}) {
        BOOST_TEST(!has("https://evil.example.net/login", Finding::OtherText, text), text);
    }
    BOOST_TEST(!has("https://www.example.org/", Finding::OtherText, "example.org"));
}

BOOST_AUTO_TEST_CASE(a_name_in_front_of_the_host_is_told) {
    const LinkView view = seen("https://bank.example.org:443@evil.example.net/");
    BOOST_TEST(view.host.ascii == "evil.example.net");
    BOOST_TEST(view.has(Finding::UserInfo));
    BOOST_TEST(view.claimed == "bank.example.org:443");
    BOOST_TEST(host("https://a@b@evil.example.net/") == "evil.example.net");
    BOOST_TEST(!has("https://example.org/@user", Finding::UserInfo));
    BOOST_TEST(!has("https://example.org?a@b", Finding::UserInfo));
    BOOST_TEST(host("https://example.org#@evil.example.net") == "example.org");
}

BOOST_AUTO_TEST_CASE(other_alphabets_are_shown_in_both_forms) {
    // Encoded forms from python's codec.
    for (const auto& [ascii, readable] :
         {std::pair("xn--80ak6aa92e.com", "\xd0\xb0\xd1\x80\xd1\x80\xd3\x8f\xd0\xb5.com"),
          std::pair("xn--mnchen-3ya.de", "m\xc3\xbcnchen.de"),
          std::pair("xn--r8jz45g.jp", "\xe4\xbe\x8b\xe3\x81\x88.jp")}) {
        for (const std::string name : {ascii, readable}) {
            const LinkView view = seen("https://" + name + "/");
            BOOST_TEST(view.host.ascii == ascii);
            BOOST_TEST(view.host.readable == readable);
            BOOST_TEST(view.has(Finding::OtherAlphabet));
            BOOST_TEST(!view.has(Finding::MixedAlphabets));
            BOOST_TEST(view.key() == "https://" + std::string(ascii) + ":443");
        }
    }
    // "paypal" with five Cyrillic letters.
    BOOST_TEST(
        has("https://\xd1\x80\xd0\xb0\xd1\x83\xd1\x80\xd0\xb0l.com", Finding::MixedAlphabets));
    BOOST_TEST(has("https://xn--l-7sba6dbr.com", Finding::MixedAlphabets));
}

BOOST_AUTO_TEST_CASE(numbers_are_told_in_every_form_that_browsers_take) {
    for (const std::string_view address :
         {"http://3232235777", "http://0xc0a80101", "http://0300.0250.1.1", "http://192.168.257",
          "http://0xC0.0xa8.1.1"}) {
        BOOST_TEST(host(address) == "192.168.1.1", address);
        BOOST_TEST(has(address, Finding::OddNumberHost), address);
        BOOST_TEST(has(address, Finding::NearHost), address);
    }
    const LinkView plain = seen("https://93.184.216.34/");
    BOOST_TEST(plain.has(Finding::NumberHost));
    BOOST_TEST(!plain.has(Finding::OddNumberHost));
    BOOST_TEST(!plain.has(Finding::NearHost));
    BOOST_TEST(host("http://[2001:DB8::1]:8080/") == "[2001:db8::1]");
}

BOOST_AUTO_TEST_CASE(what_is_near_is_told) {
    for (const std::string_view address :
         {"http://localhost:631/", "http://router/", "http://printer.local", "http://127.1.2.3/",
          "http://10.0.0.1", "http://172.31.0.1", "http://169.254.1.1", "http://[::1]/",
          "http://[fe80::1]", "http://0/", "http://a.localhost"}) {
        BOOST_TEST(has(address, Finding::NearHost), address);
    }
    for (const std::string_view address :
         {"http://172.32.0.1", "http://notlocal.org", "http://mylocal", "http://11.0.0.1"}) {
        BOOST_TEST(has(address, Finding::NearHost) == (address == "http://mylocal"), address);
    }
}

BOOST_AUTO_TEST_CASE(the_way_there_is_told) {
    BOOST_TEST(has("http://example.org", Finding::NotEncrypted));
    BOOST_TEST(has("ftp://example.org", Finding::NotEncrypted));
    BOOST_TEST(has("https://example.org:8443", Finding::OddPort));
    BOOST_TEST(seen("https://example.org:8443").port == 8443U);
    BOOST_TEST(!has("https://example.org:443", Finding::OddPort));
    const std::string_view onion =
        "http://aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion/";
    BOOST_TEST(has(onion, Finding::Onion));
    BOOST_TEST(!has(onion, Finding::NotEncrypted));
}

BOOST_AUTO_TEST_CASE(shortened_and_counted_links_are_told) {
    BOOST_TEST(has("https://bit.ly/3xYz", Finding::Shortener));
    BOOST_TEST(has("https://www.tinyurl.com/abc", Finding::Shortener));
    BOOST_TEST(!has("https://rabbit.ly/abc", Finding::Shortener));
    const LinkView view = seen("https://example.org/?id=1&UTM_Source=x&fbclid=y&utm%5Fmedium=z"
                               "&utm_source=again#utm_term=1");
    BOOST_TEST(view.has(Finding::Tracking));
    BOOST_TEST((view.tracking == std::vector<std::string>{"utm_source", "fbclid", "utm_medium"}));
    BOOST_TEST(!has("https://example.org/?utm=1&id=2", Finding::Tracking));
    const LinkView onwards =
        seen("https://example.org/away?to=https%3A%2F%2Fevil.example.net%2F&x=1");
    BOOST_TEST(onwards.has(Finding::Redirect));
    BOOST_TEST(onwards.leads_to == "evil.example.net");
    BOOST_TEST(!has("https://example.org/?back=https%3A%2F%2Fexample.org%2F", Finding::Redirect));
}

BOOST_AUTO_TEST_CASE(the_most_alarming_finding_comes_first) {
    const LinkView view = seen("http://user@bit.ly:81/?utm_id=1", "bank.example.org");
    BOOST_TEST((view.findings == std::vector{Finding::OtherText, Finding::UserInfo,
                                             Finding::OddPort, Finding::NotEncrypted,
                                             Finding::Shortener, Finding::Tracking}));
}

// --- Properties ----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(punycode_of_the_standard) {
    // RFC 3492, 7.1 (A), (L), (R).
    const std::array samples{
        std::pair(std::u32string(U"\u0644\u064A\u0647\u0645\u0627\u0628\u062A\u0643\u0644\u0645"
                                 U"\u0648\u0634\u0639\u0631\u0628\u064A\u061F"),
                  std::string("egbpdaj6bu4bxfgehfvwxn")),
        std::pair(std::u32string(U"3\u5E74B\u7D44\u91D1\u516B\u5148\u751F"),
                  std::string("3B-ww4c5e180e575a65lsy2b")),
        std::pair(std::u32string(U"\u305D\u306E\u30B9\u30D4\u30FC\u30C9\u3067"),
                  std::string("d9juau41awczczp"))};
    for (const auto& [characters, encoded] : samples) {
        BOOST_TEST((encode_punycode(characters) == encoded));
        BOOST_TEST((decode_punycode(encoded) == characters));
    }
    for (const std::string_view none : {"", "-", "-abc", "a-b-", "99999999", "abc-\xff", "a b-c"}) {
        const auto decoded = decode_punycode(none);
        BOOST_TEST((!decoded || encode_punycode(*decoded) == none), none);
    }
}

RC_BOOST_PROP(punycode_comes_back_as_it_was, ()) {
    const auto numbers = *rc::gen::container<std::vector<char32_t>>(
        rc::gen::suchThat(rc::gen::inRange<char32_t>(0x61, 0x2ffff),
                          [](char32_t c) { return c < 0xd800 || c > 0xdfff; }));
    const std::u32string characters(numbers.begin(), numbers.end());
    const auto encoded = encode_punycode(characters);
    RC_PRE(encoded.has_value() && !encoded->empty() && encoded->size() <= 255U);
    RC_ASSERT(decode_punycode(*encoded) == characters);
}

RC_BOOST_PROP(what_is_understood_has_a_host_that_means_itself, (const std::string& noise)) {
    const std::string address = "https://" + noise;
    const auto view = view_link(address, noise);
    if (view) {
        const auto again = parse_link_host(view->host.ascii);
        RC_ASSERT(again.has_value());
        RC_ASSERT(again->ascii == view->host.ascii);
        RC_ASSERT(std::ranges::is_sorted(view->findings));
        RC_ASSERT(std::ranges::all_of(
            view->host.ascii, [](char c) { return c > ' ' && static_cast<signed char>(c) > 0; }));
    }
}

RC_BOOST_PROP(whatever_stands_before_it_the_host_is_what_follows_the_last_at, ()) {
    const std::string user =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc.:@-_0123%")));
    const auto view = view_link("https://" + user + "@target.example.org/path", "");
    RC_ASSERT(view.has_value());
    RC_ASSERT(view->host.ascii == "target.example.org");
    RC_ASSERT(view->has(Finding::UserInfo));
}

BOOST_AUTO_TEST_SUITE_END()
