// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "windows/known_keys_model.h"

using otr_guard::ipc::KnownKey;
using otr_guard::model::PeerId;
using otr_guard::windows::KnownKeysModel;
using Column = KnownKeysModel::Column;
using Filter = KnownKeysModel::Filter;
using Names = std::vector<std::string>;

namespace {

PeerId peer(const std::string& name) {
    return {{"alice@example.org/", "prpl-jabber"}, name + "@example.org"};
}

KnownKey key(const std::string& name, char digit) {
    KnownKey made;
    made.peer = peer(name);
    made.name = name;
    made.account = "alice@example.org/ (XMPP)";
    made.key.assign(40, digit);
    return made;
}

struct Four {
    KnownKeysModel model;
    Four() {
        KnownKey bob = key("Bob", 'b');
        bob.is_verified = true;
        bob.verified_at = 100;
        bob.last_used = 300;
        KnownKey new_bob = key("Bob", 'd');
        new_bob.is_changed = true;
        new_bob.state = "private now";
        new_bob.last_used = 500;
        KnownKey eva = key("Éva", 'e');
        eva.is_verified = true;
        eva.verified_at = 50;
        model.replace({eva, new_bob, key("carol", 'c'), bob});
    }
    [[nodiscard]] Names shown() const {
        Names names;
        for (const KnownKey* shown : model.shown()) {
            names.push_back(shown->name + shown->key.front());
        }
        return names;
    }
};

} // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(Names)

BOOST_AUTO_TEST_SUITE(known_keys_model_tests)

BOOST_FIXTURE_TEST_CASE(shows_all_by_name_whatever_their_case, Four) {
    BOOST_TEST((shown() == Names{"Bobb", "Bobd", "carolc", "Évae"}));
    model.sort_by(Column::Name, true);
    BOOST_TEST((shown() == Names{"Évae", "carolc", "Bobb", "Bobd"}));
}

BOOST_FIXTURE_TEST_CASE(finds_parts_of_names_and_codes_as_people_type_them, Four) {
    model.search("  BOB ");
    BOOST_TEST((shown() == Names{"Bobb", "Bobd"}));
    model.search("bob example.org");
    BOOST_TEST((shown() == Names{"Bobb", "Bobd"}));
    model.search("e\xcc\x81va"); // the accent as a character of its own
    BOOST_TEST((shown() == Names{"Évae"}));
    model.search("CCCCCCCC CCCCCCCC cccc");
    BOOST_TEST((shown() == Names{"carolc"}));
    model.search("nobody");
    BOOST_TEST(shown().empty());
    BOOST_TEST(model.size() == 4U);
    model.search("");
    BOOST_TEST(shown().size() == 4U);
}

BOOST_FIXTURE_TEST_CASE(filters_beside_the_search, Four) {
    model.filter(Filter::Unverified);
    BOOST_TEST((shown() == Names{"Bobd", "carolc"}));
    model.search("bob");
    BOOST_TEST((shown() == Names{"Bobd"}));
    model.search("");
    model.filter(Filter::Changed);
    BOOST_TEST((shown() == Names{"Bobd"}));
    model.filter(Filter::InUse);
    BOOST_TEST((shown() == Names{"Bobd"}));
}

BOOST_FIXTURE_TEST_CASE(sorts_by_any_column_and_by_name_among_equals, Four) {
    model.sort_by(Column::Verified, false);
    BOOST_TEST((shown() == Names{"Bobd", "carolc", "Évae", "Bobb"}));
    model.sort_by(Column::LastUsed, true);
    BOOST_TEST((shown() == Names{"Bobd", "Bobb", "carolc", "Évae"}));
    model.sort_by(Column::Key, true);
    BOOST_TEST((shown() == Names{"Évae", "Bobd", "carolc", "Bobb"}));
}

BOOST_FIXTURE_TEST_CASE(takes_a_peers_keys_anew_and_no_others, Four) {
    KnownKey stray = key("mallory", '1');
    model.update(peer("Bob"), {key("Bob", 'f'), stray});
    BOOST_TEST((shown() == Names{"Bobf", "carolc", "Évae"}));
    BOOST_TEST((model.find({peer("Bob"), std::string(40, 'b')}) == nullptr));
    BOOST_TEST((model.find({peer("Bob"), std::string(40, 'f')}) != nullptr));
    model.update(peer("Bob"), {});
    BOOST_TEST((shown() == Names{"carolc", "Évae"}));
}

BOOST_FIXTURE_TEST_CASE(a_history_begins_with_the_newest, Four) {
    const auto history = model.history_of(peer("Bob"));
    BOOST_REQUIRE(history.size() == 2U);
    BOOST_TEST(history[0]->key.front() == 'd');
    BOOST_TEST(history[1]->key.front() == 'b');
    BOOST_TEST(model.history_of(peer("nobody")).empty());
}

BOOST_AUTO_TEST_SUITE_END()
