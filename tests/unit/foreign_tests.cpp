// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <rapidcheck.h>
#include <string>

#include "core/dsa_numbers.h"
#include "core/foreign_profile.h"
#include "core/identity.h"
#include "core/java_properties.h"
#include "model/limits.h"
#include "temporary_folder.h"
#include "util/file.h"

using namespace otr_guard;
namespace fs = std::filesystem;
using core::Doubt;
using core::ForeignProblem;
using core::ForeignProfile;
using core::Sealed;
using util::SecretString;

namespace {

struct Crypto {
    Crypto() { BOOST_TEST(core::initialise_libotr().has_value()); }
};

const std::string bob(40, 'b');
const std::string hex_bob = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0";
const std::string hex_eve = "e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7";
const std::string hex_zoe = "2020202020202020202020202020202020202020";
/// Of the second line of dsa_keys.txt, as libotr computes it.
const std::string hex_own = "2402e3b57d4b4ca60a3996f136653431f1db37d7";

fs::path fixture(const std::string& name) {
    return fs::path(OTR_GUARD_TEST_DATA) / "foreign" / name;
}

ForeignProfile read(const fs::path& path, std::string_view passphrase = {}) {
    auto profile = core::read_foreign(path, SecretString(passphrase));
    BOOST_REQUIRE(profile.has_value());
    return std::move(*profile);
}

ForeignProfile read_text(const std::string& name, std::string_view text,
                         std::string_view passphrase = {}) {
    std::vector<core::FileContent> files;
    files.push_back({name, SecretString(text)});
    return core::read_foreign_files(files, SecretString(passphrase));
}

std::string content(const std::string& name) {
    auto text = util::read_file(fixture(name), model::limits::foreign_file_bytes);
    BOOST_REQUIRE(text.has_value());
    return std::move(*text);
}

/// "account protocol user code trust doubt", one a line.
std::string described(const ForeignProfile& profile) {
    std::string text;
    for (const core::ForeignOwnKey& own : profile.own) {
        text += "own " + own.account.username + " " + own.account.protocol + " " +
                own.key.fingerprint.to_hex() + "\n";
    }
    for (const core::ForeignKey& entry : profile.keys) {
        const auto& [peer, key] = entry.key;
        text += peer.account.username + " " + peer.account.protocol + " " + peer.username + " " +
                key.fingerprint.to_hex() + " " +
                (entry.is_rejected ? "rejected" : std::string(key.trust_word));
        constexpr std::array doubts{"", "?word", "?keysync", "?answered"};
        text += std::string(doubts.at(static_cast<std::size_t>(entry.doubt))) + "\n";
    }
    return text;
}

std::vector<ForeignProblem> problems(const ForeignProfile& profile) {
    std::vector<ForeignProblem> found;
    for (const core::ForeignRemark& remark : profile.remarks) {
        found.push_back(remark.problem);
    }
    return found;
}

bool is_only(const ForeignProfile& profile, ForeignProblem problem) {
    return profile.own.empty() && profile.keys.empty() && problems(profile) == std::vector{problem};
}

core::DsaNumbers test_key() {
    auto numbers = core::read_potr_key(content("gajim/localhost.key3"));
    BOOST_REQUIRE(numbers.has_value());
    return std::move(*numbers);
}

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(Crypto);

BOOST_AUTO_TEST_SUITE(foreign_tests)

// --- The programs ------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(every_program_s_keys_and_marks_are_read) {
    const std::string alice = "alice@localhost ";
    const auto profile_of = [&](const std::string& account, const std::string& bob_name,
                                const std::string& bob_trust, const std::string& eve_name,
                                const std::string& eve_trust) {
        return "own " + account + hex_own + "\n" + account + bob_name + " " + hex_bob + " " +
               bob_trust + "\n" + account + eve_name + " " + hex_eve + " " + eve_trust + "\n";
    };
    const std::string jabber_bob = "bob@localhost";
    const std::string jabber_eve = "eve@localhost";
    const std::map<std::string, std::string> expected{
        {"adium", profile_of(alice + "libpurple-Jabber ", jabber_bob, "verified", jabber_eve, "")},
        {"psi", profile_of(alice + "prpl-jabber ", jabber_bob, "verified", jabber_eve, "?word")},
        {"psi-plus/.local/share/psi+/profiles/default",
         "own alice@localhost prpl-jabber d24abdaf3c5229212e18ec1a44ca82f5ab6f6eda\n"
         "alice@localhost prpl-jabber bob@localhost "
         "6b41d12ef38398069b537271d41412d010219fb1 verified\n"},
        {"tor-messenger", profile_of(alice + "jabber ", jabber_bob, "verified", jabber_eve, "")},
        {"chatsecure-ios", profile_of(alice + "xmpp ", jabber_bob, "verified", jabber_eve, "") +
                               alice + "xmpp zoe@localhost " + hex_zoe + " rejected\n"},
        {"gajim", profile_of(alice + "xmpp ", jabber_bob, "smp", jabber_eve, "")},
        {"weechat", profile_of("alice@127.0.0.1 irc ", "bob", "verified", "eve", "")},
        {"coyim", profile_of(alice + "xmpp ", jabber_bob, "verified", jabber_eve, "?answered") +
                      alice + "xmpp eve@localhost " + hex_zoe + " \n"},
        {"chatsecure-android", profile_of(alice + "xmpp ", jabber_bob, "verified", jabber_eve, "")},
        {"irssi", "own test IRC d322d75eb4b1ed73acd0862551d51a277e5709be\n"
                  "test IRC bob fda0b8adc54bdc1eb70ae5ab1b118ac7bd67b949 verified\n"},
        {"profanity", "own alice@localhost xmpp d5423dbe9795f058a992d47498f2a587a5dd4201\n"
                      "alice@localhost xmpp bob@localhost "
                      "31cbce0a00cff0b5ea993d265e822eb5c28f78cb verified\n"},
        {"pidgin-otr", "own alice@localhost/ prpl-jabber f2cba1011dd29ff78e6137a75ac5755bfc2bc9e6\n"
                       "alice@localhost/ prpl-jabber bob@localhost "
                       "9f1103c575253dc8504c47086e47656a5a17e9e9 smp\n"},
    };
    for (const auto& [program, keys] : expected) {
        BOOST_TEST_CONTEXT(program) {
            const ForeignProfile profile = read(fixture(program));
            BOOST_TEST(described(profile) == keys);
            // The only oddity is Gajim's old key.
            BOOST_TEST(
                (problems(profile) == (program == "gajim" ? std::vector{ForeignProblem::Pickle}
                                                          : std::vector<ForeignProblem>{})));
        }
    }
}

BOOST_AUTO_TEST_CASE(keysyncs_file_needs_its_passphrase_and_its_marks_are_not_believed) {
    const fs::path file = fixture("keysync/otr_keystore.ofcaes");
    BOOST_TEST((read(file).sealed == Sealed::NeedsPassphrase));
    BOOST_TEST((read(file, "wrong").sealed == Sealed::WrongPassphrase));
    const ForeignProfile profile = read(file, "correct horse");
    BOOST_TEST((profile.sealed == Sealed::Nothing));
    BOOST_TEST(described(profile) == "own alice@localhost xmpp " + hex_own +
                                         "\nalice@localhost xmpp bob@localhost " + hex_bob +
                                         " ?keysync\nalice@localhost xmpp eve@localhost " +
                                         hex_eve + " ?keysync\n");
    const std::string in_base64 = core::to_base64(content("keysync/otr_keystore.ofcaes"));
    BOOST_TEST(described(read_text("x", in_base64, "correct horse")) == described(profile));
    const auto plain = core::open_openssl_file(in_base64, SecretString("correct horse"));
    BOOST_REQUIRE(plain.has_value());
    BOOST_TEST(described(read_text("otr_keystore", plain->view())) == described(profile));
}

BOOST_AUTO_TEST_CASE(single_files_take_their_names_from_what_is_beside_them) {
    BOOST_TEST(described(read(fixture("adium/otr.private_key"))) ==
               "own alice@localhost libpurple-Jabber " + hex_own + "\n");
    BOOST_TEST(described(read(fixture("gajim/localhost.key3"))) ==
               "own alice@localhost xmpp " + hex_own + "\n");
    BOOST_TEST(described(read_text("localhost.key3", content("gajim/localhost.key3"))) ==
               "own localhost  " + hex_own + "\n");
}

BOOST_AUTO_TEST_CASE(our_own_lists_and_backups_are_known) {
    const ForeignProfile list =
        read_text("codes.json", R"({"format": "otr-guard-known-keys", "version": 1, "keys": [
        {"account": "a", "protocol": "prpl-irc", "user": "bob", "fingerprint": ")" +
                                    hex_bob + R"(", "trust": "verified"}], "peers": []})");
    BOOST_TEST(described(list) == "a prpl-irc bob " + hex_bob + " verified\n");
    const std::string backup = R"({"otr-guard-key": 1})";
    BOOST_TEST(read_text("key.json", backup).backup == backup);
}

// --- What is refused ---------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(pickles_and_what_cannot_be_opened_are_refused_by_name) {
    for (const std::string& text :
         {std::string("(dp0\nS'a'\n."), std::string("\x80\x02}q\0.", 6), std::string("(lp1\n."),
          std::string("ccopy_reg\n_reconstructor"), std::string("(ipotr\n")}) {
        BOOST_TEST(is_only(read_text("old.key2", text), ForeignProblem::Pickle));
    }
    BOOST_TEST(is_only(read_text("accounts.json.enc", R"({"Params": {}, "Data": "00"})"),
                       ForeignProblem::Locked));
    BOOST_TEST(is_only(read_text("otr_keystore.ofc", "\x01\x02"), ForeignProblem::Locked));
    for (const std::string text :
         {"hello", "(privkeys", "{", "{\"version\": 2}", "[1]", "{\"Accounts\": 7}", "a\tb\tc\n"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(is_only(read_text("x", text), ForeignProblem::Malformed));
        }
    }
    for (const std::string text : {"", " \r\n", "<xml/>", "(privkeys)"}) {
        const ForeignProfile profile = read_text("x", text);
        BOOST_TEST((profile.own.empty() && profile.keys.empty() && profile.remarks.empty()));
    }
}

BOOST_AUTO_TEST_CASE(a_key_of_another_size_or_with_another_half_is_no_key) {
    const std::string good = content("gajim/localhost.key3");
    const core::DsaNumbers numbers = test_key();
    BOOST_TEST(core::write_potr_key(numbers) == good);
    for (std::string core::DsaNumbers::*number :
         {&core::DsaNumbers::p, &core::DsaNumbers::q, &core::DsaNumbers::g, &core::DsaNumbers::y,
          &core::DsaNumbers::x}) {
        core::DsaNumbers changed = numbers;
        (changed.*number).back() = static_cast<char>((changed.*number).back() ^ 2);
        BOOST_TEST(!core::key_of(changed).has_value());
        BOOST_TEST(
            is_only(read_text("a.key3", core::write_potr_key(changed)), ForeignProblem::BadKey));
        (changed.*number) = std::string(300, '\xff');
        BOOST_TEST(!core::key_of(changed).has_value());
        changed.*number = {};
        BOOST_TEST(core::key_of(changed).has_value() == (number == &core::DsaNumbers::y));
    }
    for (const std::string& bad :
         {good.substr(0, good.size() - 1), good + "x", std::string("\0\0\xff\xff\xff\xff", 6)}) {
        BOOST_TEST(!core::read_potr_key(bad).has_value());
    }
}

BOOST_AUTO_TEST_CASE(one_bad_key_of_a_list_does_not_take_the_others_along) {
    std::string text = content("adium/otr.private_key");
    const std::size_t digit = text.find("(x #") + 10;
    std::string broken = text;
    broken[digit] = broken[digit] == '0' ? '1' : '0';
    text = broken.substr(0, broken.rfind(')')) + text.substr(text.find(" (account"));
    const ForeignProfile profile = read_text("otr.private_key", text);
    BOOST_TEST(described(profile) == "own 1 libpurple-Jabber " + hex_own + "\n");
    BOOST_TEST((problems(profile) == std::vector{ForeignProblem::BadKey}));
}

BOOST_AUTO_TEST_CASE(a_fingerprint_must_be_that_of_the_key_beside_it) {
    const std::string keystore = content("chatsecure-android/otr_keystore");
    std::string key;
    for (const auto& [name, value] : core::parse_java_properties(keystore)) {
        if (name.ends_with(".publicKey")) {
            std::ranges::remove_copy(value, std::back_inserter(key), '\n');
        }
    }
    const std::string start = "zoe@localhost.publicKey=" + key + "\nzoe@localhost.fingerprint=";
    BOOST_TEST(described(read_text("otr_keystore", start + hex_own)) ==
               " xmpp zoe@localhost " + hex_own + " \n");
    BOOST_TEST(is_only(read_text("otr_keystore", start + hex_zoe), ForeignProblem::BadFingerprint));
}

BOOST_AUTO_TEST_CASE(files_that_others_may_write_and_links_in_folders_are_left_alone) {
    const tests::TemporaryFolder folder;
    const fs::path file = folder.path() / "otr.fingerprints";
    BOOST_TEST(util::write_file_atomically(file, content("adium/otr.fingerprints")).has_value());
    BOOST_TEST(read(folder.path()).keys.size() == 2U);
    fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
    BOOST_TEST(is_only(read(folder.path()), ForeignProblem::Writable));
    BOOST_TEST(is_only(read(file), ForeignProblem::Writable));
    fs::remove(file);
    fs::create_symlink(fixture("adium/otr.fingerprints"), file);
    BOOST_TEST(read(folder.path()).keys.empty());
    BOOST_TEST(read(file).keys.size() == 2U); // named by the user
    const auto nothing = core::read_foreign(folder.path() / "none", SecretString());
    BOOST_TEST((!nothing && nothing.error().code == util::ErrorCode::NotFound));
}

// --- Forms -------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(lines_are_read_in_every_form_that_programs_write) {
    const std::string start = "bob\talice@host\tirc\t";
    const std::string groups = "BBBBBBBB BBBBBBBB BBBBBBBB BBBBBBBB BBBBBBBB";
    for (const std::string& line : {start + bob, start + bob + "\t", start + groups + "\r\n",
                                    "\xef\xbb\xbf" + start + bob + "\t\n\n"}) {
        BOOST_TEST(described(read_text("otr.fp", line)) == "alice@host irc bob " + bob + " \n");
    }
    const std::map<std::string, std::string> words{
        {"verified", "verified"}, {"smp", "smp"},         {"VERIFIED", "verified"},
        {"trusted", "verified"},  {"manual", "verified"}, {"TrustedUser", "verified"},
        {"TrustedTofu", ""},      {"UntrustedNew", ""},   {"UntrustedUser", "rejected"},
        {"Verified", "?word"},    {"yes", "?word"},       {"0", "?word"}};
    for (const auto& [word, meaning] : words) {
        BOOST_TEST(described(read_text("otr.fp", start + bob + "\t" + word)) ==
                   "alice@host irc bob " + bob + " " + meaning + "\n");
    }
    const ForeignProfile torn = read_text("otr.fp", start + bob + "\nhalf a li");
    BOOST_TEST(torn.keys.size() == 1U);
    BOOST_TEST((problems(torn) == std::vector{ForeignProblem::Malformed}));
}

BOOST_AUTO_TEST_CASE(java_s_escapes_and_continuations_are_resolved) {
    const auto properties = core::parse_java_properties("# comment\n! another\n\n"
                                                        "a\\:b\\=c = d\\te\\\\\n"
                                                        "long: one \\\n   two\\\r\n\tthree\n"
                                                        "\\u00e9t\\u00e9 \\u12\n"
                                                        "last\\");
    const std::vector<std::pair<std::string, std::string>> expected{
        {"a:b=c", "d\te\\"}, {"long", "one twothree"}, {"\xc3\xa9t\xc3\xa9", "u12"}, {"last", ""}};
    BOOST_TEST((properties == expected));
}

BOOST_AUTO_TEST_CASE(coyims_older_settings_are_read) {
    const std::string text = R"({"Accounts": [{"Account": "a@b", "KnownFingerprints": [
        {"UserID": "bob@b", "FingerprintHex": ")" +
                             bob + R"(", "Untrusted": false},
        {"UserID": "eve@b", "FingerprintHex": ")" +
                             hex_eve + R"(", "Untrusted": true}]}]})";
    BOOST_TEST(described(read_text("accounts.json", text)) ==
               "a@b xmpp bob@b " + bob + " verified\na@b xmpp eve@b " + hex_eve + " \n");
}

BOOST_AUTO_TEST_CASE(what_is_written_for_coyim_is_what_it_reads) {
    const model::AccountId alice{"alice@localhost/home", "prpl-jabber"};
    const model::AccountId irc{"alice@127.0.0.1", "prpl-irc"};
    const auto key = [](const model::AccountId& account, const std::string& hex,
                        std::string_view word) {
        core::KnownKey known{};
        known.fingerprint = *model::Fingerprint::from_hex(hex);
        known.trust_word = word;
        return core::KeyOfPeer({account, "bob@localhost"}, known);
    };
    const auto own = core::key_of(test_key());
    BOOST_REQUIRE(own.has_value());
    const std::array<core::NamedKey, 2> own_keys{core::NamedKey{alice, own->text.view()},
                                                 core::NamedKey{irc, own->text.view()}};
    const SecretString text = core::coyim_accounts(
        {key(alice, hex_bob, "smp"), key(alice, hex_eve, "yes"), key(irc, hex_zoe, "verified")},
        own_keys);
    BOOST_TEST(described(read_text("accounts.json", text.view())) ==
               "own alice@localhost xmpp " + hex_own + "\nalice@localhost xmpp bob@localhost " +
                   hex_bob + " verified\nalice@localhost xmpp bob@localhost " + hex_eve + " \n");
    const SecretString nothing = core::coyim_accounts({key(irc, hex_zoe, "")}, {});
    BOOST_TEST(described(read_text("accounts.json", nothing.view())).empty());
}

BOOST_AUTO_TEST_CASE(accounts_are_named_within_one_element) {
    BOOST_TEST((core::account_names("<a><id>1</id></a><b><jid>x@y</jid></b>").empty()));
    const auto names = core::account_names("<a><b><jid>no@t</jid></b><id t='q'>1</id>"
                                           "<jid>x@y</jid></a><jid/></a></a><");
    BOOST_TEST((names == std::map<std::string, std::string>{{"1", "x@y"}}));
}

// --- Properties --------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(numbers_of_any_key_survive_potr_s_form) {
    BOOST_TEST(rc::check("what is written is read", [] {
        const auto number = rc::gen::map(rc::gen::string<std::string>(), [](std::string bytes) {
            bytes.resize(std::min<std::size_t>(bytes.size(), 200));
            return bytes.substr(std::min(bytes.find_first_not_of('\0'), bytes.size()));
        });
        const core::DsaNumbers numbers{*number, *number, *number, *number, *number};
        const auto read = core::read_potr_key(core::write_potr_key(numbers));
        RC_ASSERT(read.has_value());
        RC_ASSERT(*read == numbers);
    }));
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_read_without_inventing_a_key) {
    const std::vector<std::string> names{"adium/otr.private_key",
                                         "adium/Accounts.plist",
                                         "coyim/accounts.json",
                                         "profanity/alice_at_localhost/keys.txt",
                                         "chatsecure-android/otr_keystore",
                                         "gajim/localhost.key3"};
    std::map<std::string, std::string> files;
    std::vector<std::string> own;
    for (const std::string& name : names) {
        files[name] = content(name);
        for (const core::ForeignOwnKey& key : read_text(name, files[name]).own) {
            own.push_back(key.key.fingerprint.to_hex());
        }
    }
    BOOST_TEST(rc::check("own keys stay what they were or are refused", [&] {
        const std::string name = *rc::gen::elementOf(names);
        std::string text = files[name];
        const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
        if (*rc::gen::arbitrary<bool>()) {
            text.resize(place);
        } else {
            text[place] = *rc::gen::arbitrary<char>();
        }
        for (const core::ForeignOwnKey& key : read_text(name, text).own) {
            RC_ASSERT(std::ranges::find(own, key.key.fingerprint.to_hex()) != own.end());
        }
    }));
}

BOOST_AUTO_TEST_SUITE_END()
