// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "core/contexts.h"

using otr_guard::core::ContextPlace;
using otr_guard::core::Contexts;
using otr_guard::core::UserStatePtr;

namespace {

struct Lists {
    UserStatePtr state{otrl_userstate_create()};
    ContextPlace place{state.get()};
    Contexts one{place};
    Contexts other{place};
};

void meet(Contexts& contexts, const char* name) {
    const Contexts::InUse in_use(contexts);
    otrl_context_find(in_use.state(), name, "me", "prpl-test", OTRL_INSTAG_MASTER, 1, nullptr,
                      nullptr, nullptr);
}

std::vector<std::string> names_in(const Contexts& contexts) {
    std::vector<std::string> names;
    for (const ConnContext* context = contexts.first(); context != nullptr;
         context = context->next) {
        names.emplace_back(context->username);
    }
    return names;
}

using Names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(contexts_tests)

BOOST_FIXTURE_TEST_CASE(each_list_is_its_own, Lists) {
    BOOST_TEST(one.empty());
    meet(one, "bob");
    meet(other, "eve");
    meet(one, "ann"); // sorted before bob: the beginning of the list changes
    BOOST_TEST(names_in(one) == (Names{"ann", "bob"}));
    BOOST_TEST(names_in(other) == Names{"eve"});
    BOOST_TEST(state->context_root == nullptr);
}

BOOST_FIXTURE_TEST_CASE(one_is_used_within_the_other_and_itself, Lists) {
    meet(one, "bob");
    BOOST_TEST(!one.is_in_use());
    const Contexts::InUse outer(one);
    {
        const Contexts::InUse inner(other);
        BOOST_TEST(one.is_in_use());
        BOOST_TEST(other.is_in_use());
        meet(other, "eve");
        meet(one, "ann");
        BOOST_TEST(names_in(one) == (Names{"ann", "bob"}));
        BOOST_TEST(names_in(other) == Names{"eve"});
        BOOST_TEST(state->context_root == other.first());
    }
    BOOST_TEST(one.is_in_use());
    BOOST_TEST(!other.is_in_use());
    BOOST_TEST(state->context_root == one.first());
    BOOST_TEST(names_in(one) == (Names{"ann", "bob"}));
}

BOOST_FIXTURE_TEST_CASE(forgetting_leaves_the_others, Lists) {
    meet(one, "bob");
    meet(one, "cid");
    meet(other, "eve");
    {
        const Contexts::InUse in_use(one);
        BOOST_TEST(otrl_context_forget(one.first()) == 0);
    }
    BOOST_TEST(names_in(one) == Names{"cid"});
    {
        Contexts passing(place);
        meet(passing, "dan");
    }
    BOOST_TEST(names_in(one) == Names{"cid"});
    BOOST_TEST(names_in(other) == Names{"eve"});
    BOOST_TEST(state->context_root == nullptr);
}

BOOST_FIXTURE_TEST_CASE(an_exception_leaves_everything_in_its_place, Lists) {
    meet(one, "bob");
    meet(other, "eve");
    try {
        const Contexts::InUse outer(one);
        const Contexts::InUse inner(other);
        throw std::runtime_error("from a callback");
    } catch (const std::runtime_error&) {
        BOOST_TEST(!one.is_in_use());
    }
    BOOST_TEST(state->context_root == nullptr);
    BOOST_TEST(names_in(one) == Names{"bob"});
    BOOST_TEST(names_in(other) == Names{"eve"});
}

BOOST_AUTO_TEST_SUITE_END()
