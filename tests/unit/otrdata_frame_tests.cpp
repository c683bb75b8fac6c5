// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <string>
#include <variant>

#include "core/otrdata_frame.h"
#include "model/file_limits.h"

using namespace std::string_literals;
using namespace otr_guard;
using namespace otr_guard::core::otrdata;

namespace {

const std::string sha1(40, 'a');
const std::string sha256(64, 'b');

/// As ChatSecure for iOS writes it.
const std::string ios_offer = "OFFER otr-in-band:/storage/1F0A/holiday.jpg HTTP/1.1\r\n"
                              "Request-Id: 77\r\nFile-Length: 5000\r\nFile-Hash-SHA1: " +
                              sha1 + "\r\nMime-Type: image/jpeg\r\nFile-Name: holiday.jpg\r\n\r\n";
/// And as ChatSecure for Android does.
const std::string android_offer = "OFFER otr-in-band:/storage/holiday.jpg HTTP/1.1\r\n"
                                  "Request-Id: 77\r\nFile-Length: 5000\r\nFile-Hash-SHA1: " +
                                  sha1 + "\r\n\r\n";

Offer offer_in(const std::string& bytes) {
    auto request = read_request(bytes);
    BOOST_REQUIRE(request);
    BOOST_REQUIRE(std::holds_alternative<Offer>(*request));
    return std::get<Offer>(*request);
}

Get get_in(const std::string& bytes) {
    auto request = read_request(bytes);
    BOOST_REQUIRE(request);
    BOOST_REQUIRE(std::holds_alternative<Get>(*request));
    return std::get<Get>(*request);
}

std::string reason_of(const std::string& bytes) {
    const auto request = read_request(bytes);
    return request ? "accepted" : request.error().reason;
}

std::string get_with(const std::string& headers) {
    return "GET otr-in-band:/storage/a HTTP/1.1\r\nRequest-Id: 5\r\n" + headers + "\r\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    text.replace(text.find(what), what.size(), by);
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(otrdata_frame_tests)

BOOST_AUTO_TEST_CASE(offers_of_both_chatsecures_are_read) {
    const Offer ios = offer_in(ios_offer);
    BOOST_TEST(ios.url == "otr-in-band:/storage/1F0A/holiday.jpg");
    BOOST_TEST(ios.length == 5000U);
    BOOST_TEST(ios.name == "holiday.jpg");
    BOOST_TEST(ios.media_type == "image/jpeg");
    BOOST_TEST(!ios.is_from_guard);
    const Offer android = offer_in(android_offer);
    BOOST_TEST(android.name == "holiday.jpg");
    BOOST_TEST(android.request_id == "77");
    BOOST_TEST(!android.sha256.has_value());
}

BOOST_AUTO_TEST_CASE(a_name_in_the_address_is_freed_of_its_escapes) {
    const std::string url = make_url("id", "m\u00fcde & \u201ca\u201d/..\\b.txt");
    BOOST_TEST(url.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-._~:/%") == std::string::npos);
    const std::string offer = replaced(android_offer, "otr-in-band:/storage/holiday.jpg", url);
    BOOST_TEST(offer_in(offer).name == "m\u00fcde & \u201ca\u201d/..\\b.txt");
    BOOST_TEST(offer_in(offer).url == url);
}

BOOST_AUTO_TEST_CASE(requests_for_a_range_are_read) {
    const Get get = get_in(get_with("Range: bytes=16384-32767\r\n"));
    BOOST_TEST(get.start == 16384U);
    BOOST_TEST(get.end == 32767U);
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_named_in_the_words_that_chatsecure_uses) {
    BOOST_TEST(reason_of(replaced(ios_offer, "otr-in-band:", "chatsecure:")) == "Unknown scheme");
    BOOST_TEST(reason_of(replaced(ios_offer, "File-Length", "File-Size")) ==
               "File-Length must be supplied");
    BOOST_TEST(reason_of(replaced(ios_offer, "File-Hash-SHA1", "File-Hash")) ==
               "File-Hash-SHA1 must be supplied");
    BOOST_TEST(reason_of(get_with("")) == "Must have Range header");
    BOOST_TEST(reason_of(get_with("Range: lines=1-2\r\n")) == "Range must start with bytes=");
    BOOST_TEST(reason_of(get_with("Range: bytes=1\r\n")) == "Range must be START-END");
    for (const char* range : {"2-1", "-1", "1-", "-", "1-x", " 1-2", "1--2", "0x1-2",
                              "9999999999999999-99999999999999999", "1-2,5-6"}) {
        BOOST_TEST(reason_of(get_with(std::string("Range: bytes=") + range + "\r\n")) ==
                   "Invalid Range");
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_request_is_refused) {
    for (const std::string& bytes :
         {std::string(),
          std::string("\r\n\r\n"),
          std::string("OFFER"),
          std::string(5000, 'a'),
          std::string("OFFER otr-in-band:/a HTTP/1.1\r\n"),
          ios_offer + "body",
          replaced(ios_offer, "HTTP/1.1", "HTTP/2"),
          replaced(ios_offer, "OFFER ", "OFFER"),
          replaced(ios_offer, "storage/", "sto rage/"),
          replaced(ios_offer, "Request-Id: 77", "Request-Id: "),
          replaced(ios_offer, "Request-Id: 77", "Request-Id: " + std::string(101, '7')),
          replaced(ios_offer, "Request-Id: 77", "Request-Id: 7\n7"),
          replaced(ios_offer, "Request-Id: 77", "Request-Id: 77\r\nrequest-id: 78"),
          replaced(ios_offer, "Mime-Type: image/jpeg", "no colon"),
          replaced(ios_offer, "Mime-Type: image/jpeg", "Mime-Type: " + std::string(5000, 'a')),
          replaced(ios_offer, sha1, sha1 + "a"),
          replaced(ios_offer, sha1, std::string(40, 'g')),
          replaced(ios_offer, "5000", "-5000"),
          replaced(ios_offer, "5000", "5000000000000000000"),
          replaced(ios_offer, "OFFER", "DELETE"),
          replaced(ios_offer, "Mime-Type", "File-Hash-SHA256")}) {
        BOOST_TEST_CONTEXT(bytes.substr(0, 200)) {
            BOOST_TEST(!read_request(bytes));
        }
    }
    std::string many = android_offer;
    for (std::size_t i = 0; i <= model::limits::otrdata_headers; ++i) {
        many.insert(many.size() - 2, "X-" + std::to_string(i) + ": 1\r\n");
    }
    BOOST_TEST(!read_request(many));
}

BOOST_AUTO_TEST_CASE(a_refusal_answers_only_where_an_id_is_known) {
    BOOST_TEST(write(read_request("OFFER\r\n\r\n").error()).empty());
    const auto refusal = read_request(replaced(ios_offer, "OFFER", "DELETE"));
    const std::string text = write(refusal.error());
    const auto answer = read_answer(text);
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->status == 400U);
    BOOST_TEST(answer->request_id == "77");
}

BOOST_AUTO_TEST_CASE(answers_have_a_body_of_any_bytes) {
    const std::string body = "\0\r\n\r\nRequest-Id: 9\r\n\xff"s;
    const std::string text = "HTTP/1.1 200 OK\r\nRequest-Id: 5\r\n\r\n" + body;
    const auto answer = read_answer(text);
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->status == 200U);
    BOOST_TEST(answer->body == body);
    BOOST_TEST(!answer->is_from_guard);
    for (const char* bad : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 xx OK\r\nRequest-Id: 5\r\n\r\n",
                            "HTTP/1.1 99 OK\r\nRequest-Id: 5\r\n\r\n", "", "HTTP/1.1",
                            "HTTP/1.1 200 OK\r\nRequest-Id: 5\r\n"}) {
        BOOST_TEST(!read_answer(bad));
    }
}

BOOST_AUTO_TEST_CASE(what_we_write_is_a_line_for_each_header) {
    const std::string text = write(Offer{.url = "otr-in-band:/storage/1/a",
                                         .request_id = "1",
                                         .length = 1,
                                         .sha1 = sha1,
                                         .sha256 = sha256,
                                         .name = "a\r\nFile-Length: 7\r\n\r\n",
                                         .media_type = "",
                                         .is_from_guard = true});
    const Offer read = offer_in(text);
    BOOST_TEST(read.length == 1U);
    BOOST_TEST(read.is_from_guard);
    BOOST_TEST(read.sha256.value() == sha256);
}

RC_BOOST_PROP(what_is_written_is_read_again, ()) {
    const auto start = *rc::gen::inRange<std::uint64_t>(0, 1U << 30);
    const auto length = *rc::gen::inRange<std::uint64_t>(0, 1U << 30);
    const Get get{make_url("id", *rc::gen::arbitrary<std::string>()), "id-1", start, start + length,
                  true};
    const auto request = read_request(write(get));
    RC_ASSERT(request.has_value());
    const Get& read = std::get<Get>(*request);
    RC_ASSERT(read.url == get.url && read.start == get.start && read.end == get.end);
    const auto body = *rc::gen::arbitrary<std::string>();
    const std::string text = write(Answer{206, "A reason", "id-2", body, true});
    const auto answer = read_answer(text);
    RC_ASSERT(answer.has_value());
    RC_ASSERT(answer->body == body && answer->request_id == "id-2" && answer->status == 206U);
}

RC_BOOST_PROP(damaged_requests_are_read_or_refused, ()) {
    std::string bytes = *rc::gen::elementOf(
        std::vector<std::string>{ios_offer, android_offer, get_with("Range: bytes=0-16383\r\n"),
                                 write(Note{Word::Done, "otr-in-band:/a", "1"})});
    const auto count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
        bytes[at] = *rc::gen::arbitrary<char>();
    }
    bytes.resize(bytes.size() - *rc::gen::inRange<std::size_t>(0, 3));
    if (const auto request = read_request(bytes)) {
        if (const auto* get = std::get_if<Get>(&*request)) {
            RC_ASSERT(get->start <= get->end);
        }
    } else {
        RC_ASSERT(request.error().reason.find('\n') == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
