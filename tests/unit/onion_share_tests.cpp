// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <string>
#include <vector>

#include "core/metadata_report.h"
#include "core/onion_share.h"

using namespace otr_guard::core;
using Output = OnionShareOutput;
using Trouble = Output::Trouble;

namespace {

// The public key is 0 to 31; the rest was computed with python's hashlib.
const std::string host = "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion";
const std::string address = "http://" + host;
const std::string key = "E2GOT5LTUTP3OAMRCRXO4GSH6VKJEUOXZQUC336SRKAHTTT5OVSA";

std::vector<Output::News> news_of(std::string_view text, std::size_t piece = 4096) {
    Output output;
    std::vector<Output::News> all;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        output.take(text.substr(0, piece));
        while (auto news = output.next()) {
            all.push_back(*std::move(news));
        }
    }
    return all;
}

/// What version 2.6 writes, with the lines that look like others of it.
std::string whole_run(const std::string& where) {
    return "\xe2\x95\xad\xe2\x94\x80 v2.6 https://onionshare.org/\n"
           "\rConnecting to the Tor network: 5% - Connecting\x1b[K"
           "\rConnecting to the Tor network: 100% - Done\x1b[K\n"
           "Compressing files.\n"
           " * Running on http://127.0.0.1:17605\n"
           "Press CTRL+C to quit\n\n"
           "Give this address and private key to the recipient:\n" +
           where + "\nPrivate key: " + key +
           "\n\nPress Ctrl+C to stop the server\n"
           "\r100.0 KiB, 34.13%          \r293.0 KiB, 100.00%          \n"
           "Stopped because transfer is complete\n";
}

bool is_trouble(std::string_view line, Trouble trouble) {
    const auto news = news_of(std::string(line) + "\n");
    return news.size() == 1 && std::holds_alternative<Trouble>(news.front()) &&
           std::get<Trouble>(news.front()) == trouble;
}

} // namespace

BOOST_AUTO_TEST_SUITE(onion_share_tests)

BOOST_AUTO_TEST_CASE(names_of_onion_services_have_check_digits) {
    BOOST_TEST(is_onion_host(host));
    for (std::size_t i = 0; i < host.size(); ++i) {
        std::string wrong = host;
        wrong[i] = wrong[i] == 'b' ? 'c' : 'b';
        BOOST_TEST(!is_onion_host(wrong), wrong);
    }
    BOOST_TEST(!is_onion_host("a" + host));
    BOOST_TEST(!is_onion_host(host.substr(1)));
    BOOST_TEST(!is_onion_host("expyuzz4wqqyqhjn.onion")); // version 2
    BOOST_TEST(!is_onion_host(""));
}

BOOST_AUTO_TEST_CASE(a_whole_run_is_understood_in_pieces_of_any_size) {
    for (const std::size_t piece : {4096U, 1U, 7U}) {
        const auto news = news_of(whole_run(address), piece);
        BOOST_REQUIRE(news.size() == 6U);
        BOOST_TEST(std::get<Output::Connecting>(news[0]).percent == 5U);
        BOOST_TEST(std::get<Output::Connecting>(news[1]).percent == 100U);
        BOOST_TEST((std::get<Output::Ready>(news[2]).share ==
                    OnionShareAddress{.address = address, .key = key, .is_local = false}));
        BOOST_TEST(std::get<Output::Downloading>(news[3]).percent == 34U);
        BOOST_TEST(std::get<Output::Downloading>(news[4]).percent == 100U);
        BOOST_TEST(std::holds_alternative<Output::Complete>(news[5]));
    }
}

BOOST_AUTO_TEST_CASE(without_tor_the_address_is_local) {
    const auto news = news_of(whole_run("http://127.0.0.1:17605"));
    BOOST_REQUIRE(news.size() == 6U);
    BOOST_TEST(std::get<Output::Ready>(news[2]).share.is_local);
}

BOOST_AUTO_TEST_CASE(nothing_else_is_taken_for_an_address) {
    const std::string head = "Give this address and private key to the recipient:\n";
    const std::string tail = "\nPrivate key: " + key + "\n";
    for (const std::string& where :
         {std::string("http://example.org"), "https://" + host, address + "/path", host,
          "http://" + host.substr(1), std::string("http://127.0.0.1"),
          std::string("http://127.0.0.1:0"), std::string("http://127.0.0.1:99999"),
          std::string("http://127.0.0.1:80x"), std::string("http://127.0.0.2:80"), " " + address,
          std::string()}) {
        BOOST_TEST(news_of(head + where + tail).empty(), where);
    }
    BOOST_TEST(news_of(head + address + "\nsomething else" + tail).empty());
    BOOST_TEST(news_of(head + address + "\nPrivate key: " + key + "A\n").empty());
    BOOST_TEST(news_of(head + address + "\nPrivate key: short\n").empty());
    BOOST_TEST(news_of(address + tail).empty());
    BOOST_TEST(news_of(std::string(10000, 'x') + "\n" + head + address + tail).size() == 1U);
    const auto open = news_of("Give this address to the recipient:\n" + address + "\n");
    BOOST_REQUIRE(open.size() == 1U);
    BOOST_TEST(std::get<Output::Ready>(open.front()).share.key.empty());
}

BOOST_AUTO_TEST_CASE(troubles_have_names) {
    BOOST_TEST(is_trouble("You must install tor to use OnionShare from the command line",
                          Trouble::TorMissing));
    BOOST_TEST(is_trouble("OnionShare could not connect to Tor:", Trouble::NoTor));
    BOOST_TEST(is_trouble("Could not connect to the Tor controller. Is Tor Browser (available from "
                          "torproject.org) running in the background?",
                          Trouble::NoTor));
    BOOST_TEST(
        is_trouble("Can't connect to the Tor controller at 127.0.0.1:9051.", Trouble::NoTor));
    BOOST_TEST(is_trouble("Taking too long to connect to Tor. Maybe you aren't connected to the "
                          "Internet, or have an inaccurate system clock?",
                          Trouble::TooSlow));
    BOOST_TEST(is_trouble("/home/x/f is not a readable file.", Trouble::File));
    BOOST_TEST(is_trouble("No space left on device", Trouble::File));
}

BOOST_AUTO_TEST_CASE(addresses_are_found_in_what_people_write) {
    const OnionShareAddress with_key{.address = address, .key = key, .is_local = false};
    const OnionShareAddress alone{.address = address, .key = {}, .is_local = false};
    BOOST_TEST((find_onion_address(address + "\nPrivate key: " + key) == with_key));
    BOOST_TEST((find_onion_address("Here: " + address + "/ key " + key + ".") == with_key));
    BOOST_TEST((find_onion_address("Look at " + host + ".") == alone));
    BOOST_TEST((find_onion_address(host + " " + key + "A") == alone));
    for (const std::string& none :
         {std::string(), std::string("nothing.onion"), "x" + host, host + "x", "evil." + host,
          host + ".example.org", "http://127.0.0.1:17605 " + key,
          "http://" + host.substr(0, 55) + ".onion"}) {
        BOOST_TEST(!find_onion_address(none).has_value(), none);
    }
    // The first that is none hides no other.
    BOOST_TEST((find_onion_address("x.onion " + address) == alone));
}

RC_BOOST_PROP(only_addresses_with_right_check_digits_are_found, (const std::string& noise)) {
    const auto found = find_onion_address(noise + ".onion " + noise);
    if (found) {
        RC_ASSERT(is_onion_host(found->address.substr(7)));
    }
}

// --- Metadata ------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(metadata_of_a_picture_is_named) {
    // mat2 0.13.3 about a picture with EXIF.
    const auto report = parse_metadata_report("[+] Metadata for a.jpg:\n"
                                              "    Artist: Jane Doe\n"
                                              "    ExifByteOrder: Big-endian (Motorola, MM)\n"
                                              "    GPSPosition: 52 deg 30' 0.00\" N\n"
                                              "    Model: Phone\n"
                                              "    ModifyDate: 2026:01:02 03:04:05\n");
    BOOST_TEST((report.outcome == MetadataReport::Outcome::Found));
    BOOST_TEST(report.tells_place);
    BOOST_TEST(report.tells_person);
    BOOST_TEST(report.tells_device);
    BOOST_TEST(report.tells_time);
    BOOST_TEST(report.count == 5U);
    BOOST_TEST((report.names == std::vector<std::string>{"Artist", "GPSPosition", "Model",
                                                         "ModifyDate", "ExifByteOrder"}));
}

BOOST_AUTO_TEST_CASE(metadata_of_parts_and_of_several_files_is_put_together) {
    const auto report = parse_metadata_report("  No metadata found in d/t.txt.\n"
                                              "[-] d/x.bin's format (None) is not supported\n"
                                              "[+] Metadata for d/x.docx:\n"
                                              "[++] Metadata for docProps/core.xml:\n"
                                              "      cp:lastModifiedBy: Jane\n"
                                              "      date_time: 2026-01-02 03:04:05\n"
                                              "      dc:creator: Jane Doe\n"
                                              "[++] Metadata for word/document.xml:\n"
                                              "      date_time: 2026-01-02 03:04:05\n");
    BOOST_TEST(
        (report.names == std::vector<std::string>{"cp:lastModifiedBy", "date_time", "dc:creator"}));
    BOOST_TEST(report.tells_person);
    BOOST_TEST(!report.tells_place);
}

BOOST_AUTO_TEST_CASE(no_metadata_and_no_idea_are_told_apart) {
    using Outcome = MetadataReport::Outcome;
    const auto outcome = [](std::string_view text) { return parse_metadata_report(text).outcome; };
    BOOST_TEST((outcome("  No metadata found in t.txt.\n") == Outcome::None));
    BOOST_TEST((outcome("[-] x.bin's format (application/octet-stream) is not supported\n") ==
                Outcome::Unsupported));
    BOOST_TEST(
        (outcome("[-] something went wrong when processing bad.jpg: \n") == Outcome::Unreadable));
    for (const std::string_view skipped :
         {"[-] d/x.bin's format (None) is not supported\n", "[-] d/link doesn't exist.\n",
          "[-] d/socket is not a regular file.\n", "[-] d/secret is not readable.\n",
          "[-] something went wrong when processing d/bad.jpg: \n"}) {
        const std::string clean = "  No metadata found in d/t.txt.\n";
        BOOST_TEST((outcome(clean + std::string(skipped)) != Outcome::None), skipped);
        BOOST_TEST((outcome(std::string(skipped) + clean) != Outcome::None), skipped);
        BOOST_TEST((outcome(std::string(skipped) + "    Artist: Jane\n") == Outcome::Found));
    }
    BOOST_TEST((outcome("") == Outcome::Unreadable));
    BOOST_TEST((outcome("Traceback (most recent call last):\n") == Outcome::Unreadable));
    BOOST_TEST(may_carry_metadata("Holiday.JPG"));
    BOOST_TEST(may_carry_metadata("/a/b.docx"));
    BOOST_TEST(!may_carry_metadata("notes.txt"));
    BOOST_TEST(!may_carry_metadata(".jpg"));
}

RC_BOOST_PROP(names_of_metadata_are_few_and_short, (const std::vector<std::string>& names)) {
    std::string output = "[+] Metadata for x:\n";
    for (const std::string& name : names) {
        output += "    " + name + ": value\n";
    }
    const auto report = parse_metadata_report(output);
    RC_ASSERT(report.names.size() <= 8U);
    RC_ASSERT(report.count <= 1000U);
    for (const std::string& name : report.names) {
        RC_ASSERT(!name.empty() && name.find('\n') == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
