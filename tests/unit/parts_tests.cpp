// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>

#include <boost/test/unit_test.hpp>

#include "temporary_folder.h"
#include "util/parts.h"

namespace util = otr_guard::util;
using otr_guard::tests::put_file;
using otr_guard::tests::TemporaryFolder;

namespace {

const util::Layout layout{
    .prefix = "/usr",
    .binary_folders = {"/usr/lib/machine/purple-2", "/usr/libexec/otr-guard", "/usr/bin"}};
constexpr const char* help = "/usr/share/otr-guard/help";

} // namespace

BOOST_AUTO_TEST_SUITE(parts_tests)

BOOST_AUTO_TEST_CASE(a_part_is_where_it_was_configured_to_be) {
    for (const auto& folder : layout.binary_folders) {
        BOOST_TEST(util::moved(help, folder, layout) == help);
    }
}

BOOST_AUTO_TEST_CASE(a_part_moves_with_the_installation) {
    for (const char* folder :
         {"/opt/a b/lib/machine/purple-2", "/opt/a b/libexec/otr-guard", "/opt/a b/bin"}) {
        BOOST_TEST(util::moved(help, folder, layout) == "/opt/a b/share/otr-guard/help");
    }
    BOOST_TEST(util::moved(help, "/bin", layout) == "/share/otr-guard/help");
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_no_installation_of_ours_says_nothing) {
    for (const char* folder :
         {"/home/alice/.purple/plugins", "/tmp/machine/purple-2", "/opt/lib/purple-2",
          "/opt/lib/machine/purple-2/more", "purple-2", "/", ""}) {
        BOOST_TEST(util::moved(help, folder, layout) == help, folder);
    }
}

BOOST_AUTO_TEST_CASE(what_is_configured_outside_of_the_prefix_stays_there) {
    BOOST_TEST(util::moved("/etc/otr-guard", "/opt/bin", layout) == "/etc/otr-guard");
    util::Layout apart = layout;
    apart.binary_folders = {"/srv/plugins"};
    BOOST_TEST(util::moved(help, "/opt/srv/plugins", apart) == help);
    BOOST_TEST(util::moved(help, "/srv/plugins", apart) == help);
}

BOOST_AUTO_TEST_CASE(what_is_beside_the_binary_comes_first) {
    const TemporaryFolder elsewhere;
    put_file(elsewhere.path() / "part", "text");
    BOOST_TEST(util::find_part("no such part", elsewhere.path() / "part") ==
               elsewhere.path() / "part");
    BOOST_TEST(util::find_part("parts_tests", elsewhere.path() / "part").parent_path() !=
               elsewhere.path());
}

BOOST_AUTO_TEST_SUITE_END()
