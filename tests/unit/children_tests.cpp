// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/children.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace otr_guard;

BOOST_AUTO_TEST_SUITE(children_tests)

BOOST_AUTO_TEST_CASE(both_ways_find_the_same_children_and_nobody_else) {
    BOOST_TEST(run::children_found_by_parent().empty());
    std::vector<pid_t> children;
    for (int i = 0; i < 3; ++i) {
        const pid_t child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            // What looks like the end of a name, and like another parent.
            ::prctl(PR_SET_NAME, ") S 1 (");
            ::pause();
            ::_exit(0);
        }
        children.push_back(child);
    }
    auto found = run::children_found_by_parent();
    std::ranges::sort(children);
    std::ranges::sort(found);
    BOOST_TEST(found == children, boost::test_tools::per_element());
    if (auto listed = run::listed_children()) {
        std::ranges::sort(*listed);
        BOOST_TEST(*listed == children, boost::test_tools::per_element());
    }
    for (const pid_t child : children) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    BOOST_TEST(run::children_found_by_parent().empty());
}

BOOST_AUTO_TEST_SUITE_END()
