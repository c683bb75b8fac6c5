// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "ipc/codec.h"
#include "ipc/gobject_ptr.h"
#include "windows/own_key_card.h"
#include "windows/own_keys_model.h"
#include "windows/qr_code.h"

using namespace otr_guard;
using windows::OwnKeysModel;
using Act = OwnKeysModel::Act;

namespace {

const std::string code = "0123456789abcdef0123456789abcdef01234567";

ipc::OwnKey key_of(const std::string& name, const std::string& key = code) {
    return {.account = {name, "prpl-jabber"},
            .label = name + " (XMPP)",
            .key = key,
            .words = key.empty() ? "" : "a b c d e f g h i j k l m n o",
            .uri = key.empty() ? "" : "xmpp:" + name + "?otr-fingerprint=" + key,
            .origin = "made on 2026-05-03",
            .people = 3};
}

std::string chosen_in(const OwnKeysModel& model) {
    return model.chosen() != nullptr ? model.chosen()->account.username : "none";
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t number = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++number;
    }
    return number;
}

} // namespace

BOOST_AUTO_TEST_SUITE(own_keys_model)

BOOST_AUTO_TEST_CASE(shows_the_first_account_with_a_key_and_stays_with_what_was_chosen) {
    OwnKeysModel model;
    BOOST_TEST(chosen_in(model) == "none");
    model.replace({key_of("new", ""), key_of("alice"), key_of("bob")});
    BOOST_TEST(chosen_in(model) == "alice");
    model.choose({"bob", "prpl-jabber"});
    model.replace({key_of("bob", ""), key_of("alice")});
    BOOST_TEST(chosen_in(model) == "bob");
    model.choose({"bob", "prpl-irc"});
    BOOST_TEST(chosen_in(model) == "bob");
    model.replace({key_of("new", "")});
    BOOST_TEST(chosen_in(model) == "new");
    model.replace({});
    BOOST_TEST(chosen_in(model) == "none");
}

BOOST_AUTO_TEST_CASE(offers_what_can_be_done) {
    const auto all = [](const OwnKeysModel& model) {
        std::string able;
        able += model.can(Act::Make) ? "make " : "";
        able += model.can(Act::Delete) ? "delete " : "";
        able += model.can(Act::Seal) ? "seal " : "";
        able += model.can(Act::Show) ? "show" : "";
        return able;
    };
    OwnKeysModel model;
    BOOST_TEST(all(model).empty());
    model.replace({key_of("alice")});
    BOOST_TEST(all(model) == "make delete seal show");
    model.replace({key_of("alice", "")});
    BOOST_TEST(all(model) == "make ");
    ipc::OwnKey busy = key_of("alice");
    busy.is_under_way = true;
    model.replace({busy});
    BOOST_TEST(all(model) == "seal show");
    ipc::OwnKey orphan = key_of("alice");
    orphan.has_account = false;
    model.replace({orphan});
    BOOST_TEST(all(model) == "delete seal show");
}

BOOST_AUTO_TEST_CASE(tells_the_story_of_a_key) {
    BOOST_TEST(windows::story_of(key_of("alice")) ==
               "This key was made on 2026-05-03. Used with 3 people.");
    ipc::OwnKey old = key_of("alice");
    old.origin.clear();
    old.people = 1;
    BOOST_TEST(windows::story_of(old) == "When it was made is not known. Used with 1 person.");
    BOOST_TEST(windows::story_of(key_of("alice", "")).find("no key yet") != std::string::npos);
    BOOST_TEST(windows::state_of(key_of("alice")) == "Has a key");
    BOOST_TEST(windows::state_of(key_of("alice", "")) == "No key yet");
}

BOOST_AUTO_TEST_CASE(takes_a_passphrase_that_was_typed_twice) {
    const std::string good = "lamp frost violin carpet ocean";
    BOOST_TEST(windows::judge(good, good).is_good);
    BOOST_TEST(windows::judge("password", "password").is_good); // and says that it is weak
    BOOST_TEST(windows::judge("password", "password").text.find("Easy to guess") == 0U);
    for (const auto& [first, second] : std::vector<std::pair<std::string, std::string>>{
             {"", ""}, {"short", "short"}, {good, ""}, {good, good + " "}, {good, "lamp"}}) {
        BOOST_TEST(!windows::judge(first, second).is_good);
        BOOST_TEST(!windows::judge(first, second).text.empty());
    }
}

// --- The card ----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(draws_a_card_with_all_of_the_code) {
    const std::string card = windows::card_of(key_of("alice@example.org"));
    for (const char* part : {"alice@example.org (XMPP)", "01234567 89ABCDEF", ">01234567<",
                             ">a b c d e<", ">f g h i j<", ">k l m n o<", "viewBox"}) {
        BOOST_TEST(card.find(part) != std::string::npos, part);
    }
    const auto qr = windows::qr_code_of(windows::qr_text_of(key_of("alice@example.org")));
    BOOST_REQUIRE(qr.width > 20);
    BOOST_TEST(count(card, "h1v1h-1z") ==
               static_cast<std::size_t>(std::count(qr.modules.begin(), qr.modules.end(), true)));
    BOOST_TEST(windows::card_of(key_of("alice", "")).empty());
}

BOOST_AUTO_TEST_CASE(puts_names_into_the_picture_as_text_alone) {
    ipc::OwnKey key = key_of("alice");
    key.label = "<script>&\"\x01" + std::string(200, 'x');
    const std::string card = windows::card_of(key);
    BOOST_TEST(card.find("<script") == std::string::npos);
    BOOST_TEST(card.find('\x01') == std::string::npos);
    BOOST_TEST(card.find("&lt;script&gt;&amp;&quot; ") != std::string::npos);
    BOOST_TEST(card.find(">" + std::string(200, 'x')) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(shows_the_digits_as_a_qr_code_where_there_is_no_link) {
    ipc::OwnKey irc = key_of("alice");
    BOOST_TEST(windows::qr_text_of(irc) == irc.uri);
    irc.uri.clear();
    BOOST_TEST(windows::qr_text_of(irc) == code);
}

BOOST_AUTO_TEST_CASE(names_files_without_separators) {
    BOOST_TEST(windows::card_file_name(key_of("alice@example.org/Home")) ==
               "otr-card-alice@example.org.svg");
    BOOST_TEST(windows::sealed_file_name(key_of("a\\b c:d")) == "otr-key-a-b-c-d.json");
}

// --- The channel -------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(keys_come_over_the_channel_as_they_are) {
    ipc::OwnKey odd = key_of("bob", "");
    odd.has_account = false;
    odd.is_under_way = true;
    const std::vector<ipc::OwnKey> keys{key_of("alice"), odd};
    const ipc::GVariantPtr sent(g_variant_ref_sink(ipc::to_variant(keys)));
    const auto read = ipc::own_keys_from(sent.get());
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST((*read == keys));
}

BOOST_AUTO_TEST_CASE(nothing_comes_over_the_channel_that_breaks_a_limit) {
    const std::vector<std::function<void(ipc::OwnKey&)>> breaks{
        [](ipc::OwnKey& key) { key.account.username = std::string(ipc::name_bytes + 1, 'a'); },
        [](ipc::OwnKey& key) { key.account.username.clear(); },
        [](ipc::OwnKey& key) { key.account.protocol.clear(); },
        [](ipc::OwnKey& key) { key.key = "0123"; },
        [](ipc::OwnKey& key) { key.key = std::string(40, 'g'); },
        [](ipc::OwnKey& key) { key.label = std::string(ipc::text_bytes + 1, 'a'); },
        [](ipc::OwnKey& key) { key.origin = std::string(ipc::text_bytes + 1, 'a'); },
    };
    for (const auto& break_it : breaks) {
        ipc::OwnKey key = key_of("alice");
        break_it(key);
        const ipc::GVariantPtr sent(
            g_variant_ref_sink(ipc::to_variant(std::vector<ipc::OwnKey>{key})));
        BOOST_TEST(!ipc::own_keys_from(sent.get()).has_value());
    }
    const ipc::GVariantPtr many(g_variant_ref_sink(
        ipc::to_variant(std::vector<ipc::OwnKey>(ipc::most_accounts + 1, key_of("alice")))));
    BOOST_TEST(!ipc::own_keys_from(many.get()).has_value());
    const ipc::GVariantPtr other(g_variant_ref_sink(g_variant_new_string("x")));
    BOOST_TEST(!ipc::own_keys_from(other.get()).has_value());
    BOOST_TEST(!ipc::account_from(other.get()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
