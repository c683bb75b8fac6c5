// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

#include "ipc/codec.h"
#include "ipc/gobject_ptr.h"
#include "windows/network_model.h"

using namespace otr_guard;
using ipc::Finding;
using ipc::NetworkAccount;
using ipc::Way;
using windows::NetworkModel;
using windows::worst_of;

namespace {

NetworkAccount account_of(const std::string& name) {
    return {.account = {name, "prpl-jabber"},
            .label = name + " (XMPP)",
            .way = Way::Socks5,
            .host = "127.0.0.1",
            .port = 9050,
            .rows = {{Finding::Good, "fine", "", ""},
                     {Finding::Attention, "not so fine", "picture", "Do not show it"}}};
}

std::optional<std::vector<NetworkAccount>> there_and_back(const std::vector<NetworkAccount>& all) {
    const ipc::GVariantPtr variant(g_variant_ref_sink(ipc::to_variant(all)));
    return ipc::network_accounts_from(variant.get());
}

std::string chosen_in(const NetworkModel& model) {
    return model.chosen() != nullptr ? model.chosen()->account.username : "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(network_model)

BOOST_AUTO_TEST_CASE(shows_the_first_account_and_stays_with_what_was_chosen) {
    NetworkModel model;
    BOOST_TEST(chosen_in(model) == "none");
    model.replace({account_of("alice"), account_of("bob")});
    BOOST_TEST(chosen_in(model) == "alice");
    model.choose({"bob", "prpl-jabber"});
    model.replace({account_of("carol"), account_of("bob")});
    BOOST_TEST(chosen_in(model) == "bob");
    model.replace({account_of("carol")});
    BOOST_TEST(chosen_in(model) == "carol");
    model.replace({account_of("carol"), account_of("bob")});
    BOOST_TEST(chosen_in(model) == "bob");
}

BOOST_AUTO_TEST_CASE(an_account_is_as_good_as_its_worst_row) {
    NetworkAccount account = account_of("alice");
    BOOST_TEST((worst_of(account) == Finding::Attention));
    account.rows.push_back({Finding::Problem, "bad", "", ""});
    account.rows.push_back({Finding::Good, "fine", "", ""});
    BOOST_TEST((worst_of(account) == Finding::Problem));
    account.rows.clear();
    BOOST_TEST((worst_of(account) == Finding::Good));
}

BOOST_AUTO_TEST_CASE(only_whole_addresses_are_asked_for) {
    const auto words = [](Way way, const char* host, const char* port) {
        const auto typed = windows::typed_way(way, host, port);
        BOOST_TEST(typed.words.empty() != typed.problem.empty());
        return typed.words;
    };
    BOOST_TEST(words(Way::AsSettings, "nonsense", "x") == "off");
    BOOST_TEST(words(Way::Tor, "", "") == "tor");
    BOOST_TEST(words(Way::Tor, "127.0.0.1", "9150") == "tor 127.0.0.1 9150");
    BOOST_TEST(words(Way::Socks5, "10.0.0.1", "1080") == "proxy socks5 10.0.0.1 1080");
    BOOST_TEST(words(Way::Http, "::1", "3128") == "proxy http ::1 3128");
    BOOST_TEST(words(Way::Socks5, "", "").empty());
    BOOST_TEST(words(Way::Tor, "", "9050").empty());
    BOOST_TEST(words(Way::Tor, "localhost", "9050").empty());
    for (const char* port : {"", "0", "65536", "-1", "1 2", "90a", "99999999999"}) {
        BOOST_TEST(words(Way::Http, "10.0.0.1", port).empty());
    }
}

BOOST_AUTO_TEST_CASE(the_channel_carries_accounts_whole) {
    std::vector<NetworkAccount> all{account_of("alice"), account_of("böb")};
    all.back().way = Way::AsSettings;
    all.back().rows.clear();
    BOOST_TEST((there_and_back(all) == all));
    BOOST_TEST((there_and_back({}) == std::vector<NetworkAccount>()));
    for (const Way way : {Way::AsSettings, Way::Tor, Way::Socks5, Way::Http}) {
        BOOST_TEST((ipc::way_from_word(ipc::to_word(way)) == way));
    }
}

BOOST_AUTO_TEST_CASE(the_channel_takes_nothing_beyond_its_limits) {
    const std::string endless(ipc::text_bytes + 1, 'a');
    const std::vector<std::function<void(NetworkAccount&)>> offences{
        [&](NetworkAccount& one) { one.label = endless; },
        [&](NetworkAccount& one) { one.host = endless; },
        [&](NetworkAccount& one) { one.account.username = endless; },
        [&](NetworkAccount& one) { one.rows.front().text = endless; },
        [&](NetworkAccount& one) { one.rows.front().remedy = endless; },
        [](NetworkAccount& one) { one.port = 65536; },
        [](NetworkAccount& one) { one.rows.front().finding = static_cast<Finding>(3); },
        [](NetworkAccount& one) { one.rows.resize(ipc::most_check_rows + 1); }};
    for (const auto& offend : offences) {
        NetworkAccount account = account_of("alice");
        offend(account);
        BOOST_TEST(!there_and_back({account}).has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()
