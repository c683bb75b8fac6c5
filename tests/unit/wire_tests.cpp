// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <deque>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include "core/fragments.h"
#include "core/records.h"
#include "core/wire.h"
#include "model/limits.h"

using namespace otr_guard::core;
namespace limits = otr_guard::model::limits;

namespace {

std::string encode(const std::string& message) {
    const otr_guard::util::MallocPtr<char> encoded(otrl_base64_otr_encode(
        reinterpret_cast<const unsigned char*>(message.data()), message.size()));
    return encoded.get();
}

/// A data message as libotr begins it: version, type, tags 0x5a73a599 and 0x27e31597, flags.
std::string data_message(unsigned version, unsigned char flags, std::size_t size) {
    std::string bytes;
    bytes += '\0';
    bytes += static_cast<char>(version);
    bytes += '\x03';
    if (version == 3) {
        bytes += "\x5a\x73\xa5\x99\x27\xe3\x15\x97";
    }
    bytes += static_cast<char>(flags);
    bytes.resize(std::max<std::size_t>(size, 12), 'x');
    return encode(bytes);
}

} // namespace

BOOST_AUTO_TEST_SUITE(wire_tests)

BOOST_AUTO_TEST_CASE(reads_the_open_part_of_an_encoded_message) {
    const auto third = header_of(data_message(3, 0, 40));
    BOOST_REQUIRE(third.has_value());
    BOOST_TEST(third->version == 3U);
    BOOST_TEST(third->type == 3U);
    BOOST_TEST(third->sender == 0x5a73a599U);
    BOOST_TEST(third->receiver == 0x27e31597U);
    BOOST_TEST(!third->is_expendable);
    BOOST_TEST(header_of(data_message(3, 1, 40))->is_expendable);
    const auto second = header_of(data_message(2, 1, 40));
    BOOST_TEST(second->version == 2U);
    BOOST_TEST(second->sender == 0U);
    BOOST_TEST(second->is_expendable);
    for (const char* none : {"", "?OTR:", "?OTR:AAMD", "?OTR:AAMD*************", "hello",
                             " ?OTR:AAMDAAAAAAAAAAAAAAAA"}) {
        BOOST_TEST(!header_of(none).has_value());
    }
}

BOOST_AUTO_TEST_CASE(tells_data_from_everything_else) {
    BOOST_TEST(is_data_message(data_message(3, 0, 40)));
    BOOST_TEST(is_data_message(data_message(2, 0, 40)));
    for (const char* other : {"?OTR:AAMC", "?OTRv23?", "?OTR Error: x", "?OTR|1|2,1,2,x,", "hello",
                              "x ?OTR:AAMD", ""}) {
        BOOST_TEST(!is_data_message(other));
    }
    for (const char* protocol :
         {"?OTR:x", "?OTR|x", "?OTR,x", "?OTR?", "?OTRv2?", "?OTR Error: x"}) {
        BOOST_TEST(is_protocol_message(protocol));
    }
    for (const char* sentence : {"?OTR works", "?OTR", "see ?OTR?", ""}) {
        BOOST_TEST(!is_protocol_message(sentence));
    }
}

BOOST_AUTO_TEST_CASE(finds_the_text_of_errors) {
    BOOST_TEST(is_error_message("?OTR Error: lost"));
    BOOST_TEST(error_text_of("?OTR Error: lost") == "lost");
    BOOST_TEST(error_text_of("?OTR Error:lost") == "lost");
    BOOST_TEST(error_text_of("OTR Error: lost") == "lost");
    BOOST_TEST(error_text_of("?OTR Error:") == "");
    BOOST_TEST(!is_error_message("so: ?OTR Error: lost"));
}

BOOST_AUTO_TEST_CASE(takes_whitespace_tags_out_wherever_they_are) {
    const std::string tag(whitespace_tag());
    BOOST_TEST(tag.size() == 32U);
    BOOST_TEST(strip_whitespace_tag("hello" + tag) == "hello");
    BOOST_TEST(find_whitespace_tag("?OTR Error: " + tag + "hello") == tag);
    BOOST_TEST(find_whitespace_tag("hello").empty());
    BOOST_TEST(strip_whitespace_tag(tag + "hello") == "hello");
    BOOST_TEST(strip_whitespace_tag("hel" + tag + "lo") == "hello");
    // A server may have cut trailing blanks.
    const std::string cut = "hello" + tag.substr(0, 30);
    BOOST_TEST(has_whitespace_tag(cut));
    BOOST_TEST(strip_whitespace_tag(cut).substr(0, 5) == "hello");
    BOOST_TEST(!has_whitespace_tag("hello  \t there"));
    BOOST_TEST(strip_whitespace_tag("hello  ") == "hello  ");
}

BOOST_AUTO_TEST_CASE(a_commit_tells_its_hash_when_it_is_whole) {
    std::string bytes("\x00\x03\x02\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x02gx", 17);
    bytes += std::string("\x00\x00\x00\x20", 4) + std::string(32, 'h');
    const auto hash = commit_hash_of(encode(bytes));
    BOOST_TEST_REQUIRE(hash.has_value());
    BOOST_TEST((std::ranges::all_of(*hash, [](std::uint8_t byte) { return byte == 'h'; })));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BOOST_TEST(!commit_hash_of(encode(bytes.substr(0, size))).has_value());
    }
    bytes[11] = '\x7f'; // the first field claims two gigabytes
    BOOST_TEST(!commit_hash_of(encode(bytes)).has_value());
    BOOST_TEST(!commit_hash_of("?OTR:AAMK.").has_value());
    BOOST_TEST(!commit_hash_of("hello").has_value());
}

BOOST_AUTO_TEST_CASE(a_query_without_room_has_no_explanation) {
    BOOST_TEST(make_query("please", 0) == "?OTRv23? please");
    BOOST_TEST(make_query("please", 15) == "?OTRv23? please");
    BOOST_TEST(make_query("please", 14) == "?OTRv23?");
}

BOOST_AUTO_TEST_CASE(pieces_fit_and_make_the_whole_again) {
    const otr_guard::model::PeerId peer{{"alice", "prpl-irc"}, "bob"};
    BOOST_TEST(
        rc::check("split and join", [&peer](std::uint16_t size, std::uint16_t limit, bool is_v3) {
            const std::string whole = data_message(is_v3 ? 3 : 2, 0, size);
            const auto pieces = split_message(whole, limit);
            RC_ASSERT(!pieces.empty());
            const std::size_t most = std::max<std::size_t>(limit, limits::smallest_message_size);
            if (pieces.size() == 1) {
                RC_ASSERT(pieces.front() == whole);
                return;
            }
            Reassembler reassembler;
            for (std::size_t i = 0; i < pieces.size(); ++i) {
                RC_ASSERT(pieces[i].size() <= most);
                const auto result = reassembler.add(peer, pieces[i], 0x27e31597, {});
                RC_ASSERT((result.outcome == Reassembler::Outcome::Complete) ==
                          (i + 1 == pieces.size()));
                if (result.outcome == Reassembler::Outcome::Complete) {
                    RC_ASSERT(result.message == whole);
                }
            }
        }));
    BOOST_TEST(split_message("?OTR Error: a sentence that is longer", 10).size() == 1U);
}

BOOST_AUTO_TEST_CASE(header_reading_takes_anything) {
    BOOST_TEST(rc::check("any text", [](const std::string& text) {
        static_cast<void>(header_of(text));
        static_cast<void>(header_of("?OTR:" + text));
        static_cast<void>(split_message("?OTR:" + text, 1));
        static_cast<void>(strip_whitespace_tag(text));
    }));
}

BOOST_AUTO_TEST_CASE(our_records_are_read_back_and_others_ignored) {
    using otr_guard::core::markup::TextFormat;
    for (const TextFormat format : {TextFormat::Plain, TextFormat::Html}) {
        const TlvPtr tlv = make_format_tlv(format);
        BOOST_TEST((format_from_tlvs(tlv.get()) == format));
        BOOST_TEST(!resend_from_tlvs(tlv.get()).has_value());
    }
    const MessageDigest digest = digest_of("?OTR:AAMD");
    BOOST_TEST((digest != digest_of("?OTR:AAME")));
    const TlvPtr resend = make_resend_tlv(digest);
    BOOST_TEST((resend_from_tlvs(resend.get()) == digest));
    BOOST_TEST(!format_from_tlvs(resend.get()).has_value());
    BOOST_TEST(!format_from_tlvs(nullptr).has_value());
    const unsigned char odd[] = {7, 7};
    const TlvPtr unknown(otrl_tlv_new(text_format_tlv_type, 1, odd));
    BOOST_TEST(!format_from_tlvs(unknown.get()).has_value());
    const TlvPtr too_long(otrl_tlv_new(resend_tlv_type, 2, odd));
    BOOST_TEST(!resend_from_tlvs(too_long.get()).has_value());
}

BOOST_AUTO_TEST_CASE(the_latest_digests_are_remembered) {
    otr_guard::core::RememberedDigests remembered;
    const auto number = [](std::size_t value) {
        MessageDigest digest{};
        digest[0] = static_cast<std::uint8_t>(value);
        digest[1] = static_cast<std::uint8_t>(value >> 8U);
        return digest;
    };
    constexpr std::size_t most = otr_guard::model::limits::remembered_messages;
    for (std::size_t i = 0; i < most; ++i) {
        remembered.add(number(i));
        remembered.add(number(i));
    }
    BOOST_TEST(remembered.contains(number(0)));
    remembered.add(number(most));
    BOOST_TEST(!remembered.contains(number(0)));
    BOOST_TEST(remembered.contains(number(1)));
    BOOST_TEST(remembered.contains(number(most)));
}

RC_BOOST_PROP(whatever_comes_the_latest_digests_are_remembered, ()) {
    constexpr std::size_t most = otr_guard::model::limits::remembered_messages;
    otr_guard::core::RememberedDigests remembered;
    std::deque<MessageDigest> expected;
    const auto numbers = *rc::gen::container<std::vector<std::uint16_t>>(
        2 * most, rc::gen::inRange<std::uint16_t>(0, 600));
    for (const std::uint16_t number : numbers) {
        MessageDigest digest{};
        digest[number % 2 == 0 ? 0 : 7] = static_cast<std::uint8_t>(number);
        digest[3] = static_cast<std::uint8_t>(number >> 8U);
        const bool is_known = std::ranges::find(expected, digest) != expected.end();
        RC_ASSERT(remembered.contains(digest) == is_known);
        remembered.add(digest);
        if (!is_known) {
            expected.push_back(digest);
        }
        if (expected.size() > most) {
            RC_ASSERT(!remembered.contains(expected.front()));
            expected.pop_front();
        }
        RC_ASSERT(std::ranges::all_of(
            expected, [&](const MessageDigest& each) { return remembered.contains(each); }));
    }
}

BOOST_AUTO_TEST_CASE(a_digest_is_of_what_cannot_be_changed_on_the_way) {
    for (const bool is_v3 : {true, false}) {
        std::string bytes("\x00\x03\x03", 3);
        bytes[1] = is_v3 ? 3 : 2;
        bytes += std::string(is_v3 ? 17 : 9, 'k');                  // tags, flags, keys
        bytes += std::string("\x00\x00\x00\x02gy", 6) + "counter."; // next key
        bytes += std::string("\x00\x00\x00\x04", 4) + "text";       // encrypted
        const std::string mac = "authenticator of 20b";
        const std::string old_keys = std::string("\x00\x00\x00\x03", 4) + "old";
        const auto digest = digest_of(encode(bytes + mac + old_keys));
        BOOST_TEST(std::equal(digest.begin(), digest.end(), mac.begin()));
        BOOST_TEST((digest == digest_of(encode(bytes + mac))));
        BOOST_TEST((digest == otr_guard::core::digest_of_ours(encode(bytes + mac + old_keys))));
        std::string without_end = encode(bytes + mac + old_keys);
        without_end.pop_back();
        BOOST_TEST((digest == digest_of(without_end)));
        BOOST_TEST((digest == digest_of("First. " + without_end)));
        // What libotr passes over when it reads.
        for (const char* between : {"\n", "!", " \t", "\xff"}) {
            for (std::size_t at = 5; at < without_end.size(); ++at) {
                BOOST_TEST((digest == digest_of(std::string(without_end).insert(at, between))));
            }
        }
        BOOST_TEST((digest != digest_of(encode(bytes + "another authentic..." + old_keys))));
        for (std::size_t size = 0; size < bytes.size() + digest.size(); ++size) {
            BOOST_TEST((digest != digest_of(encode((bytes + mac).substr(0, size)))));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_receipt_names_messages) {
    using namespace otr_guard::core;
    std::vector<MessageDigest> read{digest_of("?OTR:AAMD"), digest_of("?OTR:AAME")};
    BOOST_TEST((receipt_from_tlvs(make_receipt_tlv(read).get()) == read));
    const TlvPtr empty = make_receipt_tlv({});
    BOOST_TEST(empty->len == 0);
    BOOST_TEST((receipt_from_tlvs(empty.get()) == std::vector<MessageDigest>{}));
    BOOST_TEST(!receipt_from_tlvs(nullptr).has_value());
    const unsigned char odd[] = {7, 7};
    const TlvPtr half(otrl_tlv_new(receipt_tlv_type, 2, odd));
    BOOST_TEST(!receipt_from_tlvs(half.get()).has_value());
    read.resize(limits::unconfirmed_texts + 1);
    BOOST_TEST(receipt_from_tlvs(make_receipt_tlv(read).get())->size() ==
               limits::unconfirmed_texts);
    const std::vector<unsigned char> bytes(read.size() * sizeof(MessageDigest));
    const TlvPtr too_many(
        otrl_tlv_new(receipt_tlv_type, static_cast<unsigned short>(bytes.size()), bytes.data()));
    BOOST_TEST(!receipt_from_tlvs(too_many.get()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
