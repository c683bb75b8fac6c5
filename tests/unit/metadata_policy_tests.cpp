// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "core/metadata_policy.h"

using namespace otr_guard::core;

BOOST_AUTO_TEST_SUITE(metadata_policy)

BOOST_AUTO_TEST_CASE(takes_log_ins_with_a_password) {
    for (const char* name : {"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1",
                             "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-512-PLUS"}) {
        BOOST_TEST(is_quiet_mechanism(name), name);
    }
}

BOOST_AUTO_TEST_CASE(takes_no_log_in_that_names_the_computer_or_looks_names_up) {
    for (const char* name : {"GSSAPI", "GSS-SPNEGO", "GS2-KRB5", "NTLM", "ANONYMOUS", "KERBEROS_V4",
                             "EXTERNAL", "OTP", "SCRAM-SHA-1-MINUS", ""}) {
        BOOST_TEST(!is_quiet_mechanism(name), name);
    }
}

BOOST_AUTO_TEST_CASE(takes_no_other_spelling_of_a_log_in) {
    for (const char* name : {"ntlm", "gssapi", "Plain", " PLAIN", "PLAIN ", "PLAIN NTLM",
                             "PLAIN\nGSSAPI", "PLAIN-PLUS", "SCRAM-SHA-1,NTLM"}) {
        BOOST_TEST(!is_quiet_mechanism(name), name);
    }
}

BOOST_AUTO_TEST_CASE(finds_questions_to_the_program) {
    for (const char* line :
         {":m!u@h PRIVMSG alice :\001VERSION\001", ":m!u@h PRIVMSG alice \001VERSION\001",
          ":m!u@h privmsg alice :\001TIME\001", ":irc.test PrivMsg #room \001PING 1 2\001",
          ":m PRIVMSG alice :\001ACTIONS\001", ":m PRIVMSG  \001VERSION\001"}) {
        BOOST_TEST(is_program_question(line), line);
    }
}

BOOST_AUTO_TEST_CASE(leaves_what_people_say) {
    for (const char* line :
         {":m!u@h PRIVMSG alice :hello", ":m!u@h PRIVMSG alice :what is \001VERSION\001",
          ":m!u@h PRIVMSG alice :\001ACTION waves\001",
          ":m!u@h PRIVMSG alice :\001DCC SEND f 1 2 3\001",
          ":m!u@h NOTICE alice :\001VERSION irssi\001", "PING :irc.test", ":m!u@h PRIVMSG alice",
          ":m", ":", ""}) {
        BOOST_TEST(!is_program_question(line), line);
    }
}

BOOST_AUTO_TEST_CASE(finds_the_name_of_the_computer) {
    for (const char* resource : {"tower", "Tower", "home-tower", "tower.lan", "tower (home)",
                                 "Tower.example.org", "__HOSTNAME__", "at __HOSTNAME__"}) {
        BOOST_TEST(names_computer(resource, "tower.example.org"), resource);
    }
    BOOST_TEST(names_computer("TOWER", "Tower"));
}

BOOST_AUTO_TEST_CASE(takes_no_other_word_for_the_name_of_the_computer) {
    for (const char* resource : {"", "towers", "watchtower", "home", "tow"}) {
        BOOST_TEST(!names_computer(resource, "tower"), resource);
    }
    BOOST_TEST(!names_computer("home", ""));
}

BOOST_AUTO_TEST_CASE(finds_the_host_of_an_address) {
    BOOST_TEST(host_of_url("https://xmpp.test:5281/http-bind") == "xmpp.test");
    BOOST_TEST(host_of_url("HTTP://me:secret@xmpp.test/") == "xmpp.test");
    BOOST_TEST(host_of_url("https://xmpp.test") == "xmpp.test");
}

BOOST_AUTO_TEST_CASE(takes_no_host_from_an_address_that_can_be_read_otherwise) {
    for (const char* url :
         {"", "x.onion/http-bind", "evil.test/://x.onion", "http://evil.test?x.onion",
          "http://evil.test#.x.onion", "http://a@b@x.onion", "http://[fd77::4].x.onion/",
          "http://evil.test\\x.onion", "ftp://x.onion/"}) {
        BOOST_TEST(host_of_url(url) == "", url);
    }
    BOOST_TEST(host_of_url("http://x.onion?@evil.test") == "evil.test");
}

BOOST_AUTO_TEST_SUITE_END()
