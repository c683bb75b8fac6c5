// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "message_size.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "model/limits.h"
#include "temporary_folder.h"

using otr_guard::plugin::MessageSizes;
using otr_guard::plugin::parse_message_sizes;
using otr_guard::tests::TemporaryFolder;

BOOST_AUTO_TEST_SUITE(message_size_tests)

BOOST_AUTO_TEST_CASE(reads_what_pidgin_otr_users_wrote) {
    const auto sizes = parse_message_sizes("prpl-jabber\t2000\nprpl-irc\t300\r\n");
    BOOST_TEST(sizes.size() == 2U);
    BOOST_TEST(sizes.at("prpl-jabber") == 2000U);
    BOOST_TEST(sizes.at("prpl-irc") == 300U);
}

BOOST_AUTO_TEST_CASE(ignores_sizes_at_which_libotr_divides_by_zero) {
    for (const char* line : {"prpl-irc\t37\n", "prpl-irc\t19\n", "prpl-irc\t0\n", "prpl-irc\t-5\n",
                             "prpl-irc\t99999999999999999999\n", "prpl-irc\tmany\n", "\t500\n",
                             "prpl-irc 500\n", "prpl-irc\t500x\n"}) {
        BOOST_TEST_CONTEXT(line) {
            BOOST_TEST(parse_message_sizes(line).empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(the_users_file_wins_over_the_built_in_sizes) {
    const TemporaryFolder folder;
    otr_guard::tests::put_file(folder / "otr.max_message_size", "prpl-yahoo\t500\nprpl-irc\t37\n");
    const MessageSizes sizes(folder.path());
    BOOST_TEST(sizes.size_for("prpl-yahoo", "a", "b") == 500U);
    BOOST_TEST(sizes.size_for("prpl-irc", "a", "b") > 37U);
}

BOOST_AUTO_TEST_CASE(irc_leaves_room_for_both_nicks) {
    const TemporaryFolder folder;
    const MessageSizes sizes(folder.path());
    const std::size_t short_names = sizes.size_for("prpl-irc", "al@irc.example.net", "bo");
    const std::size_t long_names =
        sizes.size_for("prpl-irc", "alexandrina@irc.example.net", "bartholomew");
    BOOST_TEST(short_names - long_names == 18U);
    BOOST_TEST(short_names < 512U - 2U - 63U);
    BOOST_TEST(sizes.size_for("prpl-irc", std::string(400, 'a'), std::string(400, 'b')) ==
               otr_guard::model::limits::smallest_message_size);
}

BOOST_AUTO_TEST_CASE(unknown_protocols_have_no_limit) {
    const TemporaryFolder folder;
    const MessageSizes sizes(folder.path());
    BOOST_TEST(sizes.size_for("prpl-jabber", "a", "b") == 0U);
    BOOST_TEST(sizes.size_for("prpl-novell", "a", "b") == 1792U);
}

BOOST_AUTO_TEST_SUITE_END()
