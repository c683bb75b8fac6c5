// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <malloc.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/libotr.h"
#include "core/trust_store.h"
#include "temporary_folder.h"

// libotr 4.1.1 frees a context without its private part (otrl_context_forget).
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() {
    return "leak:otrl_context_priv_new\n";
}

using namespace otr_guard;
using core::KnownKey;
using core::TrustStore;
using core::WallTime;
using model::PeerId;
using model::VerificationMethod;
using tests::content_of;
using tests::put_file;
using util::ErrorCode;
using namespace std::string_literals;

namespace {

using Names = std::vector<std::string>;

const WallTime monday{std::chrono::seconds(1777800000)};
const WallTime tuesday{std::chrono::seconds(1777886400)};
const PeerId bob{{"alice@example.org/", "prpl-jabber"}, "bob@example.org"};
const PeerId carol{{"alice@example.org/", "prpl-jabber"}, "carol@example.org"};
const PeerId irc_bob{{"alice@irc.example.org", "prpl-irc"}, "bob"};
const std::string hex_a = "00c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f50617283";
const std::string hex_b = "ffffffff11111111222222223333333344444444";

model::Fingerprint key(const std::string& hex) {
    return *model::Fingerprint::from_hex(hex);
}
const model::Fingerprint key_a = key(hex_a);
const model::Fingerprint key_b = key(hex_b);

std::string line(const PeerId& peer, const std::string& hex, const std::string& rest) {
    return peer.username + "\t" + peer.account.username + "\t" + peer.account.protocol + "\t" +
           hex + rest;
}

/// A user's folder with a store over it.
struct Store : tests::TemporaryFolder {
    const std::filesystem::path fingerprints = path() / "otr.fingerprints";
    const std::filesystem::path side = path() / "otr-guard.json";
    TrustStore store{path()};

    void load(const std::string& text) {
        put_file(fingerprints, text);
        load();
    }
    void load() {
        for (const core::FileProblem& problem : store.load()) {
            BOOST_ERROR(problem.name + ": " + problem.reason);
        }
    }
    /// What would be written if something changed.
    std::string rewritten(const std::string& text) {
        load(text);
        return store.fingerprints_text();
    }
    const KnownKey& known(const PeerId& peer, const model::Fingerprint& fingerprint) {
        const KnownKey* found = store.find(peer, fingerprint);
        BOOST_REQUIRE(found != nullptr);
        return *found;
    }
};

/// What libotr itself makes of a file and writes again, sorted as it does.
std::string through_libotr(const std::string& text) {
    const core::UserStatePtr state(otrl_userstate_create());
    if (!text.empty()) {
        std::string copy = text;
        const util::FilePtr in(::fmemopen(copy.data(), copy.size(), "r"));
        BOOST_REQUIRE(
            otrl_privkey_read_fingerprints_FILEp(state.get(), in.get(), nullptr, nullptr) == 0);
    }
    char* buffer = nullptr;
    std::size_t size = 0;
    {
        const util::FilePtr out(::open_memstream(&buffer, &size));
        BOOST_REQUIRE(otrl_privkey_write_fingerprints_FILEp(state.get(), out.get()) == 0);
    }
    const util::MallocPtr<char> owned(buffer);
    return {buffer, size};
}

// --- Random files ------------------------------------------------------------------------------

rc::Gen<std::string> any_name() {
    return rc::gen::element("bob"s, "bob@example.org"s, "alice@example.org/"s, "prpl-jabber"s,
                            "prpl-irc"s, "Ĵürgen ✓"s, "a b\rc"s, "\xff\xfe"s, "\"\\"s, "#x"s);
}
rc::Gen<std::string> any_hex() {
    return rc::gen::element(hex_a, hex_b, "FFFFFFFF11111111222222223333333344444444"s,
                            "00c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f506172"s, ""s);
}
rc::Gen<std::string> any_trust() {
    return rc::gen::element("\t"s, "\tverified"s, "\tsmp"s, "\tUntrustedUser"s, "\tVERIFIED"s,
                            "\tverified "s, "\ttwo\twords"s, ""s, "\t\xff"s);
}
/// Without a line end; may or may not be a key.
rc::Gen<std::string> any_line() {
    const auto good =
        rc::gen::map(rc::gen::tuple(any_name(), any_name(), any_name(), any_hex(), any_trust()),
                     [](const auto& columns) {
                         const auto& [user, account, protocol, hex, trust] = columns;
                         return user + "\t" + account + "\t" + protocol + "\t" + hex + trust;
                     });
    const auto junk = rc::gen::container<std::string>(
        rc::gen::element('\t', '\r', 'a', '0', ' ', '#', '\x01', '\xff'));
    return rc::gen::weightedOneOf<std::string>({{5, good}, {1, junk}});
}
rc::Gen<std::string> any_file() {
    return rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
                            rc::gen::pair(any_line(), rc::gen::element("\n"s, "\n"s, "\r\n"s))),
                        [](const auto& lines) {
                            std::string text;
                            for (const auto& [content, end] : lines) {
                                text += content + end;
                            }
                            return text;
                        });
}
/// Any bytes but zero, which have their own case.
rc::Gen<std::string> any_text() {
    return rc::gen::container<std::string>(
        rc::gen::oneOf(rc::gen::nonZero<char>(), rc::gen::element('\n', '\t', '\r')));
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string each; std::getline(stream, each);) {
        lines.push_back(each);
    }
    return lines;
}

std::vector<std::string> sorted_lines_of(const std::string& text) {
    std::vector<std::string> lines = lines_of(text);
    std::ranges::sort(lines);
    return lines;
}

/// Written anew for this test, with a state machine instead of the store's way.
bool is_key_line(const std::string& text) {
    std::array<std::string, 5> columns;
    std::size_t column = 0;
    for (const char character : text) {
        if (character == '\t' && column < 4) {
            ++column;
        } else {
            columns.at(column) += character;
        }
    }
    std::string hex = columns[3];
    if (column == 3) {
        hex = hex.substr(0, hex.find('\r'));
    }
    return column >= 3 && !columns[0].empty() && !columns[1].empty() && !columns[2].empty() &&
           hex.size() == 40 && hex.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

std::vector<std::string> other_lines_of(const std::string& text) {
    std::vector<std::string> others = lines_of(text);
    std::erase_if(others, is_key_line);
    return others;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(trust_store, Store)

// --- The file that pidgin-otr reads and writes -------------------------------------------------

BOOST_AUTO_TEST_CASE(starts_empty_without_files_and_writes_none) {
    load();
    BOOST_TEST(store.size() == 0U);
    BOOST_TEST(store.all().empty());
    BOOST_TEST(store.keys_of(bob).empty());
    BOOST_TEST(!store.is_dirty());
    BOOST_TEST(store.save().has_value());
    BOOST_TEST(names().empty());
}

BOOST_AUTO_TEST_CASE(writes_byte_for_byte_what_libotr_wrote) {
    const std::string text =
        through_libotr(line(bob, hex_a, "\tverified\n") + line(bob, hex_b, "\n") +
                       line(irc_bob, hex_b, "\tsmp\n") + line(carol, hex_a, "\tUntrustedUser\n") +
                       line({{"", ""}, ""}, hex_a, "\t\n"));
    BOOST_TEST(lines_of(text).size() == 5U);
    BOOST_TEST(rewritten(text) == text);
    store.mark_dirty();
    BOOST_REQUIRE(store.save());
    BOOST_TEST(content_of(fingerprints) == text);
    // libotr turns the order of one person's keys round each time.
    BOOST_TEST(sorted_lines_of(through_libotr(content_of(fingerprints))) == sorted_lines_of(text),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(knows_what_the_columns_say) {
    load(line(bob, hex_a, "\tverified\n") + line(bob, hex_b, "\t\n") +
         line(irc_bob, hex_b, "\tsmp\n"));
    BOOST_TEST(store.size() == 3U);
    BOOST_REQUIRE(store.keys_of(bob).size() == 2U);
    BOOST_TEST((store.keys_of(bob)[0].fingerprint == key_a));
    BOOST_TEST(store.keys_of(bob)[0].trust_word == "verified");
    BOOST_TEST(store.keys_of(bob)[0].is_verified());
    BOOST_TEST(!store.keys_of(bob)[1].is_verified());
    BOOST_TEST(store.is_verified(irc_bob, key_b));
    BOOST_TEST(!store.is_verified(irc_bob, key_a));
    BOOST_TEST(store.has_verified_key(bob));
    BOOST_TEST(!store.has_verified_key(carol));
    BOOST_TEST(store.keys_of({{"alice@example.org", "prpl-jabber"}, "bob@example.org"}).empty());
    BOOST_TEST(store.keys_of({{"alice@example.org/", "prpl-irc"}, "bob@example.org"}).empty());
    BOOST_REQUIRE(store.all().size() == 3U);
    BOOST_TEST((store.all()[2].first == irc_bob));
    BOOST_TEST((store.all()[2].second.fingerprint == key_b));
}

BOOST_AUTO_TEST_CASE(trusts_two_words_and_no_others) {
    for (const char* word : {"", "Verified", "VERIFIED", "verified ", " verified", "smp2", "SMP",
                             "UntrustedUser", "TrustedUser", "manual", "yes", "verified\tx"}) {
        const std::string text = line(bob, hex_a, "\t"s + word + "\n");
        BOOST_TEST_CONTEXT(word) {
            BOOST_TEST(rewritten(text) == text);
            BOOST_TEST(known(bob, key_a).trust_word == word);
            BOOST_TEST(!store.is_verified(bob, key_a));
            BOOST_TEST(!store.has_verified_key(bob));
        }
    }
}

BOOST_AUTO_TEST_CASE(accepts_what_other_programs_write) {
    const std::string upper = "00C1D2E3F4A5B6C7D8E9FA0B1C2D3E4F50617283";
    for (const std::string& text :
         {line(bob, upper, "\tsmp\r\n"), line(bob, hex_a, "\tsmp"), line(bob, upper, "\tsmp\r")}) {
        BOOST_TEST(rewritten(text) == line(bob, hex_a, "\tsmp\n"));
        BOOST_TEST(!store.is_dirty());
    }
    for (const std::string& text : {line(bob, hex_a, "\n"), line(bob, hex_a, "\r\n"),
                                    line(bob, upper, ""), line(bob, hex_a, "\t\r\n")}) {
        BOOST_TEST(rewritten(text) == line(bob, hex_a, "\t\n"));
    }
}

BOOST_AUTO_TEST_CASE(carries_other_lines_through_in_their_places) {
    const std::string text = "# written by hand\n\n" + line(bob, hex_a, "\tverified\n") +
                             "bob\talice\tno hex\n\n" + line(carol, hex_b, "\t\n") +
                             line(bob, "00c1", "\tsmp\n") + line(irc_bob, hex_a, "\tsmp\n") +
                             "no end";
    BOOST_TEST(rewritten(text) == text + "\n");
    BOOST_TEST(store.size() == 3U);

    BOOST_TEST(store.forget(carol, key_b));
    BOOST_TEST(store.add(carol, key_a, monday));
    const std::string expected = "# written by hand\n\n" + line(bob, hex_a, "\tverified\n") +
                                 "bob\talice\tno hex\n\n" + line(bob, "00c1", "\tsmp\n") +
                                 line(irc_bob, hex_a, "\tsmp\n") + "no end\n" +
                                 line(carol, hex_a, "\t\n");
    BOOST_TEST(store.fingerprints_text() == expected);
}

BOOST_AUTO_TEST_CASE(takes_the_last_of_two_lines_about_one_key_as_libotr_does) {
    const std::string text =
        line(bob, hex_a, "\tverified\n") + line(carol, hex_b, "\n") + line(bob, hex_a, "\t\n");
    BOOST_TEST(rewritten(text) == line(bob, hex_a, "\t\n") + line(carol, hex_b, "\t\n"));
    BOOST_TEST(through_libotr(text) == through_libotr(store.fingerprints_text()));
    BOOST_TEST(!store.is_verified(bob, key_a));
}

BOOST_AUTO_TEST_CASE(takes_no_key_from_the_rest_of_a_long_line) {
    // libotr would find a verified key behind the first 999 bytes.
    const std::string text = std::string(999, 'x') + line(bob, hex_a, "\tverified\n");
    BOOST_REQUIRE(through_libotr(text).find("verified") != std::string::npos);
    load(text);
    BOOST_TEST(store.keys_of(bob).empty());
    BOOST_TEST(store.fingerprints_text() == text);
}

RC_BOOST_PROP(reads_and_writes_as_libotr_does, ()) {
    const std::string text = *any_file();
    Store fresh;
    const std::string written = fresh.rewritten(text);
    RC_ASSERT(through_libotr(written) == through_libotr(text));
    RC_ASSERT(fresh.rewritten(written) == written);
}

RC_BOOST_PROP(keeps_every_line_that_is_no_key, ()) {
    std::string text = *rc::gen::oneOf(any_file(), any_text());
    if (!text.ends_with('\n')) {
        text += '\n'; // else it may pass for a file that was cut
    }
    Store fresh;
    RC_ASSERT(other_lines_of(fresh.rewritten(text)) == other_lines_of(text));
}

RC_BOOST_PROP(keeps_every_verified_mark, ()) {
    const std::string text = *any_file();
    const auto verified_in = [](const TrustStore& store) {
        std::vector<std::pair<PeerId, model::Fingerprint>> verified;
        for (const auto& [peer, known] : store.all()) {
            if (known.is_verified()) {
                verified.emplace_back(peer, known.fingerprint);
            }
        }
        return verified;
    };
    Store fresh;
    fresh.load(text);
    const auto before = verified_in(fresh.store);
    fresh.store.mark_dirty();
    RC_ASSERT(fresh.store.save().has_value());
    fresh.load();
    RC_ASSERT(verified_in(fresh.store) == before);
}

// --- Changes -----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(adds_a_key_once_and_unverified) {
    load();
    BOOST_TEST(store.add(bob, key_a, monday));
    BOOST_TEST(store.is_dirty());
    BOOST_TEST(!store.add(bob, key_a, tuesday));
    BOOST_TEST(store.size() == 1U);
    BOOST_TEST(!known(bob, key_a).is_verified());
    BOOST_TEST((known(bob, key_a).first_seen == core::OptionalTime(monday)));
    BOOST_TEST(store.fingerprints_text() == line(bob, hex_a, "\t\n"));
}

BOOST_AUTO_TEST_CASE(adds_no_name_that_the_file_cannot_hold) {
    load();
    for (const std::string& name :
         {""s, "a\tb"s, "a\nb"s, "a\rb"s, "a\0b"s, std::string(1000, 'x')}) {
        BOOST_TEST(!store.add({bob.account, name}, key_a, monday));
        BOOST_TEST(!store.add({{name, "prpl-jabber"}, "bob"}, key_a, monday));
        BOOST_TEST(!store.add({{"alice", name}, "bob"}, key_a, monday));
    }
    BOOST_TEST(store.size() == 0U);
    BOOST_TEST(!store.is_dirty());
}

BOOST_AUTO_TEST_CASE(writes_the_longest_line_that_libotr_reads) {
    load();
    std::size_t length = 900;
    while (store.add({bob.account, std::string(length, 'x')}, key_a, monday)) {
        BOOST_REQUIRE(store.set_verified({bob.account, std::string(length, 'x')}, key_a,
                                         VerificationMethod::ByHand, monday));
        ++length;
    }
    BOOST_TEST(length > 901U);
    BOOST_TEST(lines_of(through_libotr(store.fingerprints_text())).size() == length - 900);
}

BOOST_AUTO_TEST_CASE(writes_the_words_that_pidgin_otr_writes) {
    load(line(bob, hex_a, "\tUntrustedUser\n"));
    const auto word_after = [&](VerificationMethod method) {
        BOOST_TEST(store.set_verified(bob, key_a, method, monday));
        BOOST_TEST(store.is_verified(bob, key_a));
        return std::string(known(bob, key_a).trust_word);
    };
    BOOST_TEST(word_after(VerificationMethod::ByHand) == "verified");
    BOOST_TEST(word_after(VerificationMethod::Question) == "smp");
    BOOST_TEST(word_after(VerificationMethod::Code) == "verified");
    BOOST_TEST(word_after(VerificationMethod::Secret) == "smp");
    BOOST_TEST(word_after(VerificationMethod::Imported) == "verified");
    BOOST_TEST(word_after(VerificationMethod::Pin) == "smp");
    BOOST_TEST(store.revoke(bob, key_a));
    BOOST_TEST(!store.revoke(bob, key_a));
    BOOST_TEST(store.fingerprints_text() == line(bob, hex_a, "\t\n"));
    BOOST_TEST(!known(bob, key_a).method.has_value());
    BOOST_TEST(!known(bob, key_a).verified_at.has_value());
}

BOOST_AUTO_TEST_CASE(changes_nothing_about_unknown_keys) {
    load(line(bob, hex_a, "\t\n"));
    BOOST_TEST(!store.set_verified(bob, key_b, VerificationMethod::ByHand, monday));
    BOOST_TEST(!store.set_verified(carol, key_a, VerificationMethod::ByHand, monday));
    BOOST_TEST(!store.revoke(bob, key_a));
    BOOST_TEST(!store.revoke(carol, key_a));
    BOOST_TEST(!store.forget(bob, key_b));
    BOOST_TEST(!store.forget(carol, key_a));
    BOOST_TEST(!store.note_failed_check(bob, key_b, monday));
    BOOST_TEST(!store.is_dirty());
}

BOOST_AUTO_TEST_CASE(keeps_the_verification_when_a_later_check_fails) {
    load(line(bob, hex_a, "\tsmp\n"));
    BOOST_TEST(store.note_failed_check(bob, key_a, tuesday));
    BOOST_TEST(store.is_verified(bob, key_a));
    BOOST_REQUIRE(store.save());
    BOOST_TEST(content_of(fingerprints) == line(bob, hex_a, "\tsmp\n"));
    load();
    BOOST_TEST((known(bob, key_a).last_failed_check == core::OptionalTime(tuesday)));
    BOOST_TEST(store.set_verified(bob, key_a, VerificationMethod::ByHand, tuesday));
    BOOST_TEST(!known(bob, key_a).last_failed_check.has_value());
}

BOOST_AUTO_TEST_CASE(the_last_use_is_a_day_in_the_side_file) {
    load(line(bob, hex_a, "\tsmp\n"));
    BOOST_TEST(store.note_used(bob, key_a, monday + std::chrono::hours(2)));
    BOOST_TEST(!store.note_used(bob, key_a, monday + std::chrono::hours(3)));
    BOOST_TEST(!store.note_used(bob, key_b, monday));
    BOOST_REQUIRE(store.save());
    BOOST_TEST(content_of(fingerprints) == line(bob, hex_a, "\tsmp\n"));
    load();
    const auto used = known(bob, key_a).last_used;
    BOOST_REQUIRE(used.has_value());
    BOOST_TEST(((*used).time_since_epoch() % std::chrono::days(1)).count() == 0);
    BOOST_TEST((std::chrono::floor<std::chrono::days>(monday) == *used));
    BOOST_TEST(store.note_used(bob, key_a, tuesday));
}

BOOST_AUTO_TEST_CASE(puts_a_forgotten_key_back_as_it_was) {
    load(line(bob, hex_a, "\tUntrustedUser\n") + line(carol, hex_b, "\t\n"));
    BOOST_TEST(store.set_verified(carol, key_b, VerificationMethod::Pin, monday));
    for (const auto& [peer, key] : store.all()) {
        const std::string before = store.fingerprints_text();
        BOOST_TEST(store.forget(peer, key.fingerprint));
        BOOST_TEST(store.put(peer, key));
        BOOST_TEST(known(peer, key.fingerprint).trust_word == key.trust_word);
        BOOST_TEST((known(peer, key.fingerprint).method == key.method));
        BOOST_TEST((known(peer, key.fingerprint).verified_at == key.verified_at));
        BOOST_TEST(store.fingerprints_text().size() == before.size());
    }
    core::KnownKey key = known(bob, key_a);
    BOOST_TEST(!store.put({{"alice\t", "prpl-jabber"}, "bob"}, key));
    key.trust_word = "verified\nmallory";
    BOOST_TEST(!store.put(bob, key));
}

/// The same changes to the store and to a plain list.
RC_BOOST_PROP(forgets_and_adds_without_mixing_up_keys, ()) {
    Store fresh;
    fresh.load("# first\n");
    std::vector<std::pair<PeerId, model::Fingerprint>> expected;
    const auto steps = *rc::gen::container<std::vector<std::tuple<bool, int, int>>>(
        rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::inRange(0, 3), rc::gen::inRange(0, 4)));
    for (const auto& [is_added, peer_number, key_number] : steps) {
        const PeerId peer = std::vector{bob, carol, irc_bob}.at(std::size_t(peer_number));
        const model::Fingerprint fingerprint =
            key(std::string(40, static_cast<char>('0' + key_number)));
        const std::pair entry(peer, fingerprint);
        const bool is_known = std::ranges::find(expected, entry) != expected.end();
        if (is_added) {
            RC_ASSERT(fresh.store.add(peer, fingerprint, monday) == !is_known);
            if (!is_known) {
                expected.push_back(entry);
            }
        } else {
            RC_ASSERT(fresh.store.forget(peer, fingerprint) == is_known);
            std::erase(expected, entry);
        }
        std::vector<std::pair<PeerId, model::Fingerprint>> actual;
        for (const auto& [known_peer, known] : fresh.store.all()) {
            actual.emplace_back(known_peer, known.fingerprint);
            RC_ASSERT(fresh.store.find(known_peer, known.fingerprint) != nullptr);
        }
        RC_ASSERT(actual == expected);
    }
    RC_ASSERT(fresh.store.fingerprints_text().starts_with("# first\n"));
}

// --- The side file -----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(remembers_how_and_when) {
    load();
    store.add(bob, key_a, monday);
    store.add(bob, key_b, monday);
    store.add(carol, key_b, tuesday);
    store.set_verified(bob, key_a, VerificationMethod::Pin, tuesday);
    store.set_verified(carol, key_b, VerificationMethod::Code, monday);
    store.note_failed_check(bob, key_b, tuesday);
    store.set_expected(irc_bob, key_b);
    store.set_stored_policy(irc_bob, model::Policy::Verified);
    store.set_stored_policy(carol, model::Policy::Always);
    BOOST_REQUIRE(store.save());
    BOOST_TEST(!store.is_dirty());
    BOOST_TEST(names() == (Names{"otr-guard.json", "otr.fingerprints"}),
               boost::test_tools::per_element());
    BOOST_TEST(tests::mode_of(side) == 0600U);
    BOOST_TEST(tests::mode_of(fingerprints) == 0600U);

    const std::string written = content_of(side);
    const auto json = nlohmann::json::parse(written);
    BOOST_TEST(json.at("version") == 1);
    BOOST_TEST(json.at("keys").size() == 3U);
    BOOST_TEST(json.at("keys").at(0).at("method") == "pin");
    BOOST_TEST(json.at("peers").size() == 2U);

    load();
    BOOST_TEST((known(bob, key_a).method == VerificationMethod::Pin));
    BOOST_TEST((known(bob, key_a).verified_at == core::OptionalTime(tuesday)));
    BOOST_TEST((known(bob, key_a).first_seen == core::OptionalTime(monday)));
    BOOST_TEST((known(bob, key_b).last_failed_check == core::OptionalTime(tuesday)));
    BOOST_TEST((known(carol, key_b).method == VerificationMethod::Code));
    BOOST_TEST((store.expected(irc_bob) == key_b));
    BOOST_TEST((store.stored_policy(irc_bob) == model::Policy::Verified));
    BOOST_TEST((store.stored_policy(carol) == model::Policy::Always));
    BOOST_TEST(!store.expected(bob).has_value());
    BOOST_TEST(store.side_text() == written);
}

BOOST_AUTO_TEST_CASE(forgets_notes_with_their_key_and_wishes_when_taken_back) {
    load();
    store.add(bob, key_a, monday);
    store.set_expected(bob, key_b);
    BOOST_TEST(!store.set_expected(bob, key_b));
    store.set_stored_policy(bob, model::Policy::Never);
    BOOST_TEST(!store.set_stored_policy(bob, model::Policy::Never));
    store.forget(bob, key_a);
    BOOST_TEST((store.expected(bob) == key_b)); // a wish about the person, not a note on the key
    BOOST_TEST(store.set_expected(bob, std::nullopt));
    BOOST_TEST(store.set_stored_policy(bob, std::nullopt));
    const auto json = nlohmann::json::parse(store.side_text());
    BOOST_TEST(json.at("keys").empty());
    BOOST_TEST(json.at("peers").empty());
}

BOOST_AUTO_TEST_CASE(keeps_names_of_any_bytes) {
    const PeerId odd{{"\xff\xfe\"\\", "prpl-irc"}, "caf\xe9\x01"};
    load();
    store.add(odd, key_a, monday);
    store.set_verified(odd, key_a, VerificationMethod::Question, tuesday);
    store.set_expected(odd, key_a);
    const PeerId fine{{"Ĵürgen", "prpl-irc"}, "\"\\\x7f ✓"};
    store.set_expected(fine, key_b);
    BOOST_REQUIRE(store.save());
    load();
    BOOST_TEST((known(odd, key_a).method == VerificationMethod::Question));
    BOOST_TEST((store.expected(odd) == key_a));
    BOOST_TEST((store.expected(fine) == key_b));
}

BOOST_AUTO_TEST_CASE(believes_the_trust_column_and_not_the_side_file) {
    load();
    store.add(bob, key_a, monday);
    store.add(carol, key_a, monday);
    store.add(irc_bob, key_a, monday);
    for (const PeerId& peer : {bob, carol, irc_bob}) {
        store.set_verified(peer, key_a, VerificationMethod::ByHand, monday);
    }
    BOOST_REQUIRE(store.save());
    // Another program took one mark away, verified one by question and put its own word.
    load(line(bob, hex_a, "\t\n") + line(carol, hex_a, "\tsmp\n") +
         line(irc_bob, hex_a, "\tmanual\n"));
    BOOST_TEST(!store.is_verified(bob, key_a));
    BOOST_TEST(store.is_verified(carol, key_a));
    for (const PeerId& peer : {bob, carol, irc_bob}) {
        BOOST_TEST(!known(peer, key_a).method.has_value());
        BOOST_TEST(!known(peer, key_a).verified_at.has_value());
        BOOST_TEST((known(peer, key_a).first_seen == core::OptionalTime(monday)));
    }
}

BOOST_AUTO_TEST_CASE(carries_what_a_later_version_added_through) {
    const std::string names_of_bob =
        R"("account": "alice@example.org/", "protocol": "prpl-jabber", "user": "bob@example.org")";
    put_file(fingerprints, line(bob, hex_a, "\tsmp\n"));
    put_file(side, R"({"version": 1, "theme": {"dark": [true, null, 1.5]}, "keys": [{)" +
                       names_of_bob + R"(, "fingerprint": ")" + hex_a +
                       R"(", "method": "pin", "verified": 1777800000, "note": "met \"her\""}],
                       "peers": [{)" +
                       names_of_bob + R"(, "policy": "always", "nick": {"x": 1}}]})");
    load();
    store.note_failed_check(bob, key_a, tuesday);
    store.set_stored_policy(bob, model::Policy::Known);
    BOOST_REQUIRE(store.save());
    const auto json = nlohmann::json::parse(content_of(side));
    BOOST_TEST((json.at("theme") == nlohmann::json::parse(R"({"dark": [true, null, 1.5]})")));
    BOOST_TEST(json.at("keys").at(0).at("note") == "met \"her\"");
    BOOST_TEST(json.at("keys").at(0).at("method") == "pin");
    BOOST_TEST(json.at("peers").at(0).at("nick").at("x") == 1);
    BOOST_TEST(json.at("peers").at(0).at("policy") == "known");
}

BOOST_AUTO_TEST_CASE(remembers_how_own_keys_came_to_be) {
    const core::OwnKeyNote made{key_a, core::OwnKeyNote::Origin::Made, monday};
    const core::OwnKeyNote imported{key_b, core::OwnKeyNote::Origin::Imported, tuesday};
    const model::AccountId odd{"caf\xe9", "prpl-irc"};
    load();
    BOOST_TEST(store.side_text().find("own-keys") == std::string::npos);
    store.note_own_key(bob.account, made);
    store.note_own_key(odd, imported);
    BOOST_REQUIRE(store.save());
    const std::string written = content_of(side);
    BOOST_TEST(nlohmann::json::parse(written).at("own-keys").size() == 2U);
    load();
    const auto first = store.own_key(bob.account, key_a);
    BOOST_REQUIRE(first.has_value());
    BOOST_TEST((first->origin == core::OwnKeyNote::Origin::Made));
    BOOST_TEST((first->when == core::OptionalTime(monday)));
    const auto second = store.own_key(odd, key_b);
    BOOST_REQUIRE(second.has_value());
    BOOST_TEST((second->origin == core::OwnKeyNote::Origin::Imported));
    BOOST_TEST((second->when == core::OptionalTime(tuesday)));
    BOOST_TEST(store.side_text() == written);
    // Another program has made another key since.
    BOOST_TEST(!store.own_key(bob.account, key_b).has_value());

    store.note_own_key(bob.account, imported);
    BOOST_TEST(!store.own_key(bob.account, key_a).has_value());
    BOOST_TEST(store.own_key(bob.account, key_b).has_value());
    store.forget_own_key(bob.account);
    BOOST_TEST(store.is_dirty());
    BOOST_TEST(!store.own_key(bob.account, key_b).has_value());
    store.forget_own_key(bob.account);
    store.forget_own_key(odd);
    BOOST_TEST(store.side_text().find("own-keys") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_has_verified_the_last_own_key_has_not_verified_the_next) {
    const core::OwnKeyNote made{key_a, core::OwnKeyNote::Origin::Made, tuesday};
    for (const bool is_new : {true, false}) {
        load();
        for (const PeerId& peer : {bob, irc_bob}) {
            store.add(peer, key_b, monday);
            BOOST_TEST(store.note_verified_us(peer, key_b, monday));
        }
        if (is_new) {
            store.note_own_key(bob.account, made);
        } else {
            store.forget_own_key(bob.account);
        }
        BOOST_TEST(!store.find(bob, key_b)->verified_us.has_value());
        BOOST_TEST(store.find(irc_bob, key_b)->verified_us.has_value());
    }
}

BOOST_AUTO_TEST_CASE(carries_notes_on_own_keys_through_that_it_does_not_understand) {
    const std::string text =
        R"({"version": 1, "keys": [], "peers": [], "own-keys": [{"account": "a", "protocol": "p",
        "fingerprint": ")" +
        hex_a + R"(", "made": 1777800000, "kept": "safe"}, 7, {"account": "b", "protocol": "p",
        "fingerprint": "zz", "made": 5}, {"account": "c", "protocol": "p", "fingerprint": ")" +
        hex_a + R"("}, {"account": "d", "protocol": "p", "fingerprint": ")" + hex_a +
        R"(", "made": 5, "imported": 5}]})";
    put_file(side, text);
    const auto problems = store.load();
    BOOST_REQUIRE(problems.size() == 1U);
    BOOST_TEST(problems[0].reason.find("4 entries") != std::string::npos);
    BOOST_TEST(store.own_key({"a", "p"}, key_a).has_value());
    BOOST_TEST((nlohmann::json::parse(store.side_text()) == nlohmann::json::parse(text)));
    put_file(side, R"({"version": 1, "own-keys": {}})");
    BOOST_TEST(store.load().size() == 1U);
}

BOOST_AUTO_TEST_CASE(reports_and_keeps_entries_that_make_no_sense) {
    const std::string names_of_bob =
        R"("account": "alice@example.org/", "protocol": "prpl-jabber", "user": "bob@example.org")";
    const std::string bad = R"({"version": 1, "keys": [7, {"fingerprint": "zz"}], "peers": [{)" +
                            names_of_bob + R"(, "expected": "not a code"}, {)" + names_of_bob +
                            R"(, "policy": 3}, {"user": "x"}]})";
    put_file(side, bad);
    const auto problems = store.load();
    BOOST_REQUIRE(problems.size() == 1U);
    BOOST_TEST(problems[0].kept_as == "");
    BOOST_TEST(problems[0].reason.find("5 entries") != std::string::npos);
    BOOST_TEST((nlohmann::json::parse(store.side_text()) == nlohmann::json::parse(bad)));
    // What the user says now takes the place of what could not be understood.
    BOOST_TEST(store.set_expected(bob, key_a));
    const auto json = nlohmann::json::parse(store.side_text());
    BOOST_TEST(json.at("peers").size() == 2U);
    BOOST_TEST(json.at("keys").size() == 2U);
}

BOOST_AUTO_TEST_CASE(sets_a_side_file_aside_that_is_not_ours) {
    for (const std::string& text :
         {""s, "{"s, "[]"s, "null"s, "{}"s, R"({"version": 2})"s, R"({"version": 4294967297})"s,
          R"({"version": "1"})"s, R"({"version": 1, "keys": {}})"s, "\xff"s,
          R"({"version": 1, "a": )"s + std::string(100000, '[') + std::string(100000, ']') + "}",
          "{\"version\": 1, \"a\": \"\xff\"}"s}) {
        Store fresh;
        put_file(fresh.fingerprints, line(bob, hex_a, "\tsmp\n"));
        put_file(fresh.side, text);
        const auto problems = fresh.store.load();
        BOOST_REQUIRE(problems.size() == 1U);
        BOOST_TEST(problems[0].name == "otr-guard.json");
        BOOST_TEST(content_of(fresh / problems[0].kept_as) == text);
        BOOST_TEST(!std::filesystem::exists(fresh.side));
        BOOST_TEST(fresh.store.is_verified(bob, key_a));
    }
}

RC_BOOST_PROP(survives_any_side_file, ()) {
    Store fresh;
    fresh.load(line(bob, hex_a, "\tsmp\n"));
    fresh.store.set_verified(bob, key_a, VerificationMethod::Pin, monday);
    fresh.store.set_expected(bob, key_a);
    std::string text = fresh.store.side_text();
    const auto changes = *rc::gen::container<std::vector<std::pair<unsigned, char>>>(
        rc::gen::pair(rc::gen::arbitrary<unsigned>(),
                      rc::gen::oneOf(rc::gen::arbitrary<char>(),
                                     rc::gen::element('"', '{', '}', '[', ']', ',', '\\', '0'))));
    for (const auto& [place, byte] : changes) {
        text[place % text.size()] = byte;
    }
    put_file(fresh.side, text);
    const auto problems = fresh.store.load();
    const std::string written = fresh.store.side_text();
    RC_ASSERT(nlohmann::json::accept(written));
    const bool is_kept = problems.size() == 1 && !problems[0].kept_as.empty();
    if (is_kept) {
        RC_ASSERT(content_of(fresh / problems[0].kept_as) == text);
    }
    put_file(fresh.side, written);
    static_cast<void>(fresh.store.load());
    RC_ASSERT(fresh.store.side_text() == written);
}

// --- Damage and failures -----------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(keeps_a_damaged_file_aside_and_goes_on_with_what_it_still_shows) {
    load(line(bob, hex_a, "\tverified\n") + line(carol, hex_b, "\tsmp\n"));
    store.set_verified(carol, key_b, VerificationMethod::Secret, monday);
    BOOST_REQUIRE(store.save());
    const std::string damaged =
        line(bob, hex_a, "\tverified\n") + std::string(4096, '\0') + "\n# end\n";
    put_file(fingerprints, damaged);
    const auto problems = store.load();
    BOOST_REQUIRE(problems.size() == 1U);
    BOOST_TEST(problems[0].name == "otr.fingerprints");
    BOOST_TEST(content_of(path() / problems[0].kept_as) == damaged);
    BOOST_TEST(store.is_verified(bob, key_a));
    BOOST_TEST(content_of(fingerprints) == line(bob, hex_a, "\tverified\n") + "# end\n");
    // Should the user mend the file, the notes about the lost key are still there.
    store.set_expected(bob, key_a);
    BOOST_REQUIRE(store.save());
    BOOST_TEST(content_of(side).find(hex_b) != std::string::npos);
    BOOST_TEST(content_of(side).find("secret") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(notices_that_the_file_was_cut) {
    const std::string whole = line(bob, hex_a, "\tverified\n") + line(carol, hex_b, "\tverified\n");
    const std::size_t second = line(bob, hex_a, "\tverified\n").size();
    const std::size_t behind_code = whole.size() - std::string_view("\tverified\n").size();
    for (std::size_t size = second + 1; size < whole.size() - 1; ++size) {
        const std::string cut = whole.substr(0, size);
        if (cut.find('\t', second) == std::string::npos) {
            continue; // a line of a name alone may be anything
        }
        if (size == behind_code || size == behind_code + 1) {
            continue; // a whole line, as libotr once wrote them
        }
        BOOST_TEST_CONTEXT(size << " bytes are left") {
            Store fresh;
            put_file(fresh.fingerprints, cut);
            const auto problems = fresh.store.load();
            BOOST_REQUIRE(problems.size() == 1U);
            BOOST_TEST(problems[0].name == "otr.fingerprints");
            BOOST_TEST(content_of(fresh / problems[0].kept_as) == cut);
            BOOST_TEST(fresh.store.is_verified(bob, key_a));
            BOOST_TEST(!fresh.store.is_verified(carol, key_b));
            const bool has_code = size > behind_code;
            BOOST_TEST((fresh.store.find(carol, key_b) != nullptr) == has_code);
            BOOST_TEST((content_of(fresh.fingerprints).find(hex_b) != std::string::npos) ==
                       has_code);
        }
    }
    // What a person may have written, or left out.
    for (const std::string& text :
         {whole, whole.substr(0, whole.size() - 1), whole + "# my friends", whole + "x"}) {
        put_file(fingerprints, text);
        BOOST_TEST(store.load().empty(), text);
        BOOST_TEST(store.is_verified(carol, key_b));
    }
}

BOOST_AUTO_TEST_CASE(never_writes_over_a_file_that_it_could_not_read) {
    std::filesystem::create_directory(fingerprints);
    put_file(fingerprints / "inside", "x");
    std::filesystem::create_directory(side);
    const auto problems = store.load();
    BOOST_REQUIRE(problems.size() == 2U);
    BOOST_TEST(problems[0].kept_as == "");
    BOOST_TEST(store.add(bob, key_a, monday));
    const auto saved = store.save();
    BOOST_REQUIRE(!saved.has_value());
    BOOST_TEST((saved.error().code == ErrorCode::Refused));
    BOOST_TEST(store.take_pending().empty());
    BOOST_TEST(store.is_dirty());
    BOOST_TEST(content_of(fingerprints / "inside") == "x");
    // Once the user has put it away it goes on by itself.
    std::filesystem::remove_all(fingerprints);
    std::filesystem::remove_all(side);
    BOOST_REQUIRE(store.save());
    BOOST_TEST(content_of(fingerprints) == line(bob, hex_a, "\t\n"));
    BOOST_TEST(!store.is_dirty());
}

BOOST_AUTO_TEST_CASE(stays_dirty_when_the_disk_refuses) {
    const std::filesystem::path folder = path() / "profile";
    std::filesystem::create_directory(folder);
    TrustStore other(folder);
    BOOST_TEST(other.load().empty());
    other.add(bob, key_a, monday);
    std::filesystem::remove(folder);
    put_file(folder, "a file in place of the folder");
    BOOST_TEST(!other.save().has_value());
    BOOST_TEST(other.is_dirty());
    std::filesystem::remove(folder);
    std::filesystem::create_directory(folder);
    BOOST_TEST(other.save().has_value());
    BOOST_TEST(content_of(folder / "otr.fingerprints") == line(bob, hex_a, "\t\n"));
}

BOOST_AUTO_TEST_CASE(hands_contents_to_a_writer_once) {
    load();
    store.add(bob, key_a, monday);
    const auto pending = store.take_pending();
    BOOST_REQUIRE(pending.size() == 2U);
    BOOST_TEST(pending[0].path == fingerprints);
    BOOST_TEST(pending[0].content == line(bob, hex_a, "\t\n"));
    BOOST_TEST(pending[1].path == side);
    BOOST_TEST(!store.is_dirty());
    BOOST_TEST(store.take_pending().empty());
    store.note_failed_check(bob, key_a, monday);
    BOOST_TEST(store.take_pending().size() == 1U);
    store.mark_dirty();
    BOOST_TEST(store.take_pending().size() == 2U);
}

BOOST_AUTO_TEST_CASE(makes_files_private_that_were_open_to_others) {
    put_file(fingerprints, line(bob, hex_a, "\t\n"));
    put_file(side, R"({"version": 1})");
    ::chmod(fingerprints.c_str(), 0644);
    ::chmod(side.c_str(), 0664);
    load();
    BOOST_TEST(tests::mode_of(fingerprints) == 0600U);
    BOOST_TEST(tests::mode_of(side) == 0600U);
}

BOOST_AUTO_TEST_CASE(forgets_what_was_loaded_before_when_it_loads_again) {
    load(line(bob, hex_a, "\tother\n") + "# a\n");
    store.set_expected(bob, key_a);
    load(line(carol, hex_b, "\tother\n"));
    BOOST_TEST(store.fingerprints_text() == line(carol, hex_b, "\tother\n"));
    BOOST_TEST(!store.expected(bob).has_value());
}

// --- Ten thousand contacts ---------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(holds_ten_thousand_contacts_in_little_room_and_time) {
    constexpr int contacts = 10000;
    std::string text;
    for (int i = 0; i < contacts; ++i) {
        std::string hex = hex_a;
        const std::string number = std::to_string(100000 + i);
        hex.replace(0, number.size(), number);
        text += line({bob.account, "contact" + number + "@example.org"}, hex,
                     i % 3 == 0 ? "\tverified\n" : "\t\n");
    }
    put_file(fingerprints, text);
    const auto before = ::mallinfo2();
    const auto start = std::clock();
    load();
    const auto loaded = std::clock();
    const auto after = ::mallinfo2();
    const std::string written = store.fingerprints_text();
    const auto built = std::clock();

    const auto in_us = [](std::clock_t time) { return time * 1000000 / CLOCKS_PER_SEC; };
    const std::size_t bytes = (after.uordblks + after.hblkhd) - (before.uordblks + before.hblkhd);
    BOOST_TEST_MESSAGE("load " << in_us(loaded - start) << " us, text " << in_us(built - loaded)
                               << " us, " << bytes / contacts << " bytes a contact");
    BOOST_TEST(written == text);
    BOOST_TEST(store.size() == std::size_t(contacts));
    // Processor time; generous, as the build may be unoptimised or sanitized. libotr needs 290 ms.
    BOOST_TEST(in_us(loaded - start) < 250000);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    BOOST_TEST(bytes / contacts <= 256U);
#endif

    for (const auto& [peer, known] : store.all()) {
        store.set_verified(peer, known.fingerprint, VerificationMethod::Pin, monday);
    }
    const auto side_start = std::clock();
    const std::string side_written = store.side_text();
    const auto side_built = std::clock();
    BOOST_REQUIRE(store.save());
    const auto side_load_start = std::clock();
    load();
    const auto side_loaded = std::clock();
    BOOST_TEST_MESSAGE("side text " << in_us(side_built - side_start) << " us, load with it "
                                    << in_us(side_loaded - side_load_start) << " us");
    BOOST_TEST(store.side_text() == side_written);
}

BOOST_AUTO_TEST_SUITE_END()
