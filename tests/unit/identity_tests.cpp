// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "core/identity.h"
#include "core/key_text.h"
#include "temporary_folder.h"
#include "util/file.h"

using namespace otr_guard;
using core::Identity;
using model::AccountId;
using tests::content_of;
using tests::put_file;
using util::ErrorCode;
using namespace std::string_literals;

namespace {

using Names = std::vector<std::string>;

const AccountId alice{"alice@example.org/", "prpl-jabber"};
const AccountId nick{"nick@irc.example.org", "prpl-irc"};
const AccountId odd{"a \"b\" (c) Ĵ\\", "prpl-irc"};

util::SecretString made_key() {
    return std::move(core::make_key().value().text);
}

/// The two steps of a change with the write between them, as OwnKeys does it.
util::Expected<void> carry_out(Identity& identity, const core::KeyChange& change) {
    auto pending = identity.prepare(change);
    if (!pending) {
        return tl::unexpected(pending.error());
    }
    auto written = util::write_file_atomically(pending->path, pending->text.view());
    if (written) {
        identity.commit(std::move(*pending));
    }
    return written;
}

util::Expected<void> adopt_key(Identity& identity, const AccountId& account) {
    return carry_out(identity, {account, std::nullopt, made_key()});
}

util::Expected<void> delete_key(Identity& identity, const AccountId& account) {
    return carry_out(identity, {account, identity.fingerprint_of(account), {}});
}

/// Keys that libotr itself made and wrote, made once for all cases.
const std::string& file_of_libotr() {
    static const std::string text = [] {
        tests::TemporaryFolder folder;
        const core::UserStatePtr state(otrl_userstate_create());
        for (const AccountId& account : {alice, nick}) {
            BOOST_REQUIRE(otrl_privkey_generate(state.get(), (folder / "keys").c_str(),
                                                account.username.c_str(),
                                                account.protocol.c_str()) == 0);
        }
        return content_of(folder / "keys");
    }();
    return text;
}

std::string hex_in(OtrlUserState state, const AccountId& account) {
    std::array<char, OTRL_PRIVKEY_FPRINT_HUMAN_LEN> text{};
    return otrl_privkey_fingerprint(state, text.data(), account.username.c_str(),
                                    account.protocol.c_str()) != nullptr
               ? text.data()
               : "none";
}

/// The fingerprint of an account's key as another program finds it in the file.
std::string hex_in_file(const std::filesystem::path& path, const AccountId& account) {
    const core::UserStatePtr state(otrl_userstate_create());
    BOOST_REQUIRE(otrl_privkey_read(state.get(), path.c_str()) == 0);
    return hex_in(state.get(), account);
}

std::string hex_of(const Identity& identity, const AccountId& account) {
    const auto fingerprint = identity.fingerprint_of(account);
    return fingerprint ? fingerprint->to_groups() : "none";
}

/// A profile folder with the files of an Identity.
struct Profile : tests::TemporaryFolder {
    Profile() {
        BOOST_REQUIRE(core::initialise_libotr().has_value());
        std::filesystem::create_directory(folder);
    }
    const std::filesystem::path folder = path() / "profile";
    const std::filesystem::path keys = folder / "otr.private_key";
    const std::filesystem::path tags = folder / "otr.instance_tags";

    static void load(Identity& identity) {
        for (const core::FileProblem& problem : identity.load()) {
            BOOST_ERROR(problem.name + ": " + problem.reason);
        }
    }
    [[nodiscard]] Names files() const {
        Names found;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            found.push_back(entry.path().filename().string());
        }
        std::ranges::sort(found);
        return found;
    }
    /// Puts a file in the folder's place; what was in the folder is in "moved".
    void take_folder_away() const {
        std::filesystem::rename(folder, path() / "moved");
        put_file(folder, "");
    }
    void bring_folder_back() const {
        std::filesystem::remove(folder);
        std::filesystem::rename(path() / "moved", folder);
    }
};

/// What another plugin that uses libgcrypt would go through; 0 when nothing broke.
int be_second_user_of_libgcrypt() {
    gcry_check_version(nullptr);
    gcry_control(GCRYCTL_DISABLE_SECMEM_WARN);
    gcry_control(GCRYCTL_INIT_SECMEM, 16384, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    gcry_mpi_t number = gcry_mpi_snew(2048);
    gcry_mpi_randomize(number, 2048, GCRY_WEAK_RANDOM);
    gcry_mpi_t plain = gcry_mpi_new(2048);
    gcry_mpi_randomize(plain, 2048, GCRY_WEAK_RANDOM);
    if (!core::initialise_libotr()) {
        return 1;
    }
    gcry_mpi_release(number);
    gcry_mpi_release(plain);
    std::vector<void*> blocks;
    for (int i = 0; i < 400; ++i) {
        blocks.push_back(gcry_malloc_secure(1024));
        if (blocks.back() == nullptr) {
            return 2;
        }
    }
    std::ranges::for_each(blocks, gcry_free);
    const core::UserStatePtr state(otrl_userstate_create());
    void* key = nullptr;
    if (otrl_privkey_generate_start(state.get(), "a", "b", &key) != 0 ||
        otrl_privkey_generate_calculate(key) != 0) {
        return 3;
    }
    otrl_privkey_generate_cancelled(state.get(), key);
    return 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(identity)

// Stands first: this process must not have touched libgcrypt yet.
BOOST_AUTO_TEST_CASE(leaves_the_memory_of_earlier_users_of_libgcrypt_alone) {
    BOOST_REQUIRE(gcry_control(GCRYCTL_ANY_INITIALIZATION_P) == 0);
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        for (const int number : {SIGABRT, SIGSEGV, SIGBUS}) {
            std::signal(number, SIG_DFL);
        }
        ::_exit(be_second_user_of_libgcrypt());
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST(WIFEXITED(status));
    BOOST_TEST(WEXITSTATUS(status) == 0);
}

BOOST_AUTO_TEST_CASE(initialises_libotr_once_and_says_so_to_others) {
    BOOST_TEST(core::initialise_libotr().has_value());
    BOOST_TEST(core::initialise_libotr().has_value());
    BOOST_TEST(gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) != 0);
}

BOOST_FIXTURE_TEST_CASE(starts_without_files_and_writes_none, Profile) {
    Identity identity(folder);
    load(identity);
    BOOST_TEST(identity.accounts_with_keys().empty());
    BOOST_TEST(!identity.fingerprint_of(alice).has_value());
    BOOST_TEST(files().empty());
}

// --- Keys --------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(reads_what_libotr_wrote, Profile) {
    put_file(keys, file_of_libotr());
    ::chmod(keys.c_str(), 0644);
    Identity identity(folder);
    load(identity);
    BOOST_TEST((identity.accounts_with_keys() == std::vector{alice, nick}));
    for (const AccountId& account : {alice, nick}) {
        BOOST_TEST(hex_of(identity, account) == hex_in_file(keys, account));
    }
    BOOST_TEST(hex_of(identity, alice) != hex_of(identity, nick));
    BOOST_TEST(hex_of(identity, {alice.username, nick.protocol}) == "none");
    BOOST_TEST((content_of(keys) == file_of_libotr()));
    BOOST_TEST(tests::mode_of(keys) == 0600U);
    load(identity);
    BOOST_TEST(identity.accounts_with_keys().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(adopts_keys_one_after_the_other, Profile) {
    const tests::Umask none(0);
    Identity identity(folder);
    load(identity);
    std::vector<AccountId> adopted;
    for (const AccountId& account : {alice, nick, odd}) {
        BOOST_REQUIRE(adopt_key(identity, account));
        adopted.push_back(account);
        BOOST_TEST(identity.accounts_with_keys().size() == adopted.size());
        for (const AccountId& known : adopted) {
            BOOST_TEST(hex_of(identity, known) == hex_in_file(keys, known));
        }
        BOOST_TEST(tests::mode_of(keys) == 0600U);
        BOOST_TEST(files() == Names{"otr.private_key"}, boost::test_tools::per_element());
    }
    const std::string hex = hex_of(identity, odd);
    Identity again(folder);
    load(again);
    BOOST_TEST(hex_of(again, odd) == hex);
    BOOST_TEST(again.accounts_with_keys().size() == 3U);
}

BOOST_FIXTURE_TEST_CASE(keeps_a_link_to_the_key_file, Profile) {
    std::filesystem::create_directory(path() / "safe");
    put_file(path() / "safe" / "keys", file_of_libotr());
    std::filesystem::create_symlink("../safe/keys", keys);
    Identity identity(folder);
    load(identity);
    BOOST_REQUIRE(adopt_key(identity, odd));
    BOOST_TEST(std::filesystem::is_symlink(keys));
    BOOST_TEST(hex_in_file(path() / "safe" / "keys", odd) == hex_of(identity, odd));
    BOOST_TEST(hex_in_file(path() / "safe" / "keys", alice) == hex_of(identity, alice));
}

BOOST_FIXTURE_TEST_CASE(keeps_all_keys_when_the_new_one_cannot_be_written, Profile) {
    put_file(keys, file_of_libotr());
    Identity identity(folder);
    load(identity);
    const std::string hex = hex_of(identity, alice);
    take_folder_away();
    const auto adopted = adopt_key(identity, odd);
    BOOST_REQUIRE(!adopted.has_value());
    BOOST_TEST((adopted.error().code == ErrorCode::Io));
    BOOST_TEST((identity.accounts_with_keys() == std::vector{alice, nick}));
    BOOST_TEST(hex_of(identity, alice) == hex);
    bring_folder_back();
    BOOST_TEST((content_of(keys) == file_of_libotr()));
    BOOST_TEST(files() == Names{"otr.private_key"}, boost::test_tools::per_element());

    BOOST_REQUIRE(adopt_key(identity, odd));
    BOOST_TEST(hex_in_file(keys, alice) == hex);
    BOOST_TEST(identity.accounts_with_keys().size() == 3U);
}

BOOST_FIXTURE_TEST_CASE(keeps_all_keys_when_there_is_no_room, Profile) {
    put_file(keys, file_of_libotr());
    Identity identity(folder);
    load(identity);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const auto adopt_within = [&](rlim_t bytes) {
        core::KeyChange change{odd, std::nullopt, made_key()};
        const rlimit small{bytes, before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
        auto result = carry_out(identity, change);
        ::setrlimit(RLIMIT_FSIZE, &before);
        return result;
    };
    for (const rlim_t bytes : {rlim_t(0), rlim_t(10), rlim_t(file_of_libotr().size())}) {
        BOOST_TEST(!adopt_within(bytes).has_value());
        BOOST_TEST((identity.accounts_with_keys() == std::vector{alice, nick}));
        BOOST_TEST((content_of(keys) == file_of_libotr()));
        BOOST_TEST(files() == Names{"otr.private_key"}, boost::test_tools::per_element());
    }
    BOOST_TEST(adopt_within(before.rlim_cur).has_value());
    std::signal(SIGXFSZ, handler);
}

BOOST_FIXTURE_TEST_CASE(sets_aside_what_is_no_list_of_keys, Profile) {
    const std::string good = file_of_libotr();
    const std::size_t second = good.find(" (account", 20);
    std::string half_bad = good;
    half_bad.replace(half_bad.rfind("private-key"), 11, "privat-key0");
    for (const std::string& text :
         {""s, "x"s, "(privkeys"s, "(other)"s, "()"s, "(privkeys (acount))"s, "(privkeys x)"s,
          "(privkeys (account (name a)(protocol b)(private-key (rsa))))"s,
          good.substr(0, good.size() / 2), good.substr(0, second), std::string(5000, '\0'),
          half_bad}) {
        Profile fresh;
        put_file(fresh.keys, text);
        Identity identity(fresh.folder);
        const auto problems = identity.load();
        BOOST_REQUIRE(problems.size() == 1U);
        BOOST_TEST(problems[0].name == "otr.private_key");
        BOOST_TEST(!problems[0].reason.empty());
        BOOST_TEST(content_of(fresh.folder / problems[0].kept_as) == text);
        BOOST_TEST(fresh.files() == Names{problems[0].kept_as}, boost::test_tools::per_element());
        BOOST_TEST(identity.accounts_with_keys().empty());
    }
}

BOOST_FIXTURE_TEST_CASE(makes_a_new_file_after_the_old_one_was_set_aside, Profile) {
    put_file(keys, "damaged");
    Identity identity(folder);
    const auto problems = identity.load();
    BOOST_REQUIRE(problems.size() == 1U);
    BOOST_REQUIRE(adopt_key(identity, alice));
    BOOST_TEST(hex_in_file(keys, alice) == hex_of(identity, alice));
    BOOST_TEST(content_of(folder / problems[0].kept_as) == "damaged");
}

BOOST_FIXTURE_TEST_CASE(never_writes_over_a_key_file_that_it_could_not_read, Profile) {
    std::filesystem::create_directory(keys);
    Identity identity(folder);
    const auto problems = identity.load();
    BOOST_REQUIRE(problems.size() == 1U);
    BOOST_TEST(problems[0].kept_as == "");
    const auto adopted = adopt_key(identity, alice);
    BOOST_REQUIRE(!adopted.has_value());
    BOOST_TEST((adopted.error().code == ErrorCode::Refused));
    BOOST_TEST(std::filesystem::is_directory(keys));
    std::filesystem::remove(keys);
    BOOST_TEST(adopt_key(identity, alice).has_value());
    BOOST_TEST(adopt_key(identity, nick).has_value());
}

BOOST_FIXTURE_TEST_CASE(deletes_one_key_and_keeps_the_others, Profile) {
    put_file(keys, file_of_libotr());
    Identity identity(folder);
    load(identity);
    BOOST_REQUIRE(adopt_key(identity, odd));
    const std::string nick_hex = hex_of(identity, nick);
    const std::string odd_hex = hex_of(identity, odd);
    BOOST_REQUIRE(delete_key(identity, alice));
    BOOST_TEST(hex_of(identity, alice) == "none");
    BOOST_TEST(hex_in_file(keys, alice) == "none");
    BOOST_TEST(hex_in_file(keys, nick) == nick_hex);
    BOOST_TEST(hex_in_file(keys, odd) == odd_hex);
    BOOST_TEST(tests::mode_of(keys) == 0600U);

    take_folder_away();
    BOOST_TEST(!delete_key(identity, nick).has_value());
    BOOST_TEST(hex_of(identity, nick) == nick_hex);
    bring_folder_back();
    BOOST_REQUIRE(delete_key(identity, nick));
    BOOST_REQUIRE(delete_key(identity, odd));
    Identity again(folder);
    load(again);
    BOOST_TEST(again.accounts_with_keys().empty());
}

BOOST_FIXTURE_TEST_CASE(writes_byte_for_byte_what_libotr_wrote, Profile) {
    put_file(keys, file_of_libotr());
    Identity identity(folder);
    load(identity);
    for (int i = 0; i < 2; ++i) { // libotr turns the order round each time
        BOOST_REQUIRE(adopt_key(identity, odd));
        BOOST_REQUIRE(delete_key(identity, odd));
    }
    BOOST_TEST((content_of(keys) == file_of_libotr()));
}

BOOST_FIXTURE_TEST_CASE(replaces_a_key_only_when_told_which_one, Profile) {
    put_file(keys, file_of_libotr());
    Identity identity(folder);
    load(identity);
    const auto old = identity.fingerprint_of(alice);
    const std::string nick_hex = hex_of(identity, nick);
    for (const auto& wrong : {std::optional<model::Fingerprint>(), identity.fingerprint_of(nick)}) {
        for (const bool has_key : {true, false}) {
            const auto refused =
                carry_out(identity, {alice, wrong, has_key ? made_key() : util::SecretString()});
            BOOST_REQUIRE(!refused.has_value());
            BOOST_TEST((refused.error().code == ErrorCode::Refused));
            BOOST_TEST((identity.fingerprint_of(alice) == old));
            BOOST_TEST((content_of(keys) == file_of_libotr()));
        }
    }
    BOOST_TEST((carry_out(identity, {odd, old, made_key()}).error().code == ErrorCode::Refused));

    auto made = core::make_key().value();
    BOOST_REQUIRE(carry_out(identity, {alice, old, std::move(made.text)}));
    BOOST_TEST((identity.fingerprint_of(alice) == made.fingerprint));
    BOOST_TEST(hex_in_file(keys, alice) == made.fingerprint.to_groups());
    BOOST_TEST(hex_in_file(keys, nick) == nick_hex);
    BOOST_TEST(identity.accounts_with_keys().size() == 2U);
    BOOST_TEST(tests::mode_of(keys) == 0600U);
}

BOOST_FIXTURE_TEST_CASE(changes_nothing_until_a_change_is_committed, Profile) {
    put_file(keys, file_of_libotr());
    Identity identity(folder);
    load(identity);
    const auto old = identity.fingerprint_of(alice);
    const auto pending = identity.prepare({alice, old, made_key()});
    BOOST_REQUIRE(pending.has_value());
    BOOST_TEST((pending->path == keys));
    BOOST_TEST((identity.fingerprint_of(alice) == old));
    BOOST_TEST((content_of(keys) == file_of_libotr()));
}

BOOST_FIXTURE_TEST_CASE(gives_out_one_key_that_fits_in_again, Profile) {
    put_file(keys, file_of_libotr());
    Identity identity(folder);
    load(identity);
    const auto text = identity.key_of(alice);
    BOOST_REQUIRE(text.has_value());
    const auto checked = core::check_key_text(text->view());
    BOOST_REQUIRE(checked.has_value());
    BOOST_TEST((checked->fingerprint == identity.fingerprint_of(alice)));
    BOOST_TEST((identity.key_of(odd).error().code == ErrorCode::NotFound));

    Profile elsewhere;
    Identity other(elsewhere.folder);
    load(other);
    BOOST_REQUIRE(carry_out(other, {odd, std::nullopt, util::SecretString(text->view())}));
    BOOST_TEST((other.fingerprint_of(odd) == identity.fingerprint_of(alice)));
    BOOST_TEST(hex_in_file(elsewhere.keys, odd) == hex_of(identity, alice));
}

BOOST_FIXTURE_TEST_CASE(does_not_write_what_is_no_key, Profile) {
    put_file(keys, file_of_libotr());
    Identity identity(folder);
    load(identity);
    for (const std::string& text : {"x"s, ")"s, "(private-key (rsa))"s, "(private-key (dsa))"s}) {
        const auto pending = identity.prepare({odd, std::nullopt, util::SecretString(text)});
        BOOST_REQUIRE(!pending.has_value());
        BOOST_TEST((pending.error().code == ErrorCode::Crypto));
    }
    BOOST_TEST(identity.accounts_with_keys().size() == 2U);
}

// --- Instance tags -----------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(makes_a_tag_once_and_keeps_those_of_others, Profile) {
    const tests::Umask none(0);
    put_file(tags, "# WARNING!\n" + nick.username + "\tprpl-irc\t0000abcd\n" +
                       "old\tprpl-msn\tFFFFFFFF\r\n");
    ::chmod(tags.c_str(), 0644);
    Identity identity(folder);
    load(identity);
    BOOST_TEST(tests::mode_of(tags) == 0600U);
    BOOST_TEST(identity.instance_tag_of(nick).value() == 0xabcdU);
    const model::InstanceTag made = identity.instance_tag_of(alice).value();
    BOOST_TEST(made >= 0x100U);
    BOOST_TEST(identity.instance_tag_of(alice).value() == made);
    BOOST_TEST(tests::mode_of(tags) == 0600U);
    BOOST_TEST(files() == Names{"otr.instance_tags"}, boost::test_tools::per_element());

    const core::UserStatePtr state(otrl_userstate_create());
    BOOST_REQUIRE(otrl_instag_read(state.get(), tags.c_str()) == 0);
    const auto tag_in_file = [&](const char* account, const char* protocol) {
        const OtrlInsTag* tag = otrl_instag_find(state.get(), account, protocol);
        return tag != nullptr ? tag->instag : 0U;
    };
    BOOST_TEST(tag_in_file(alice.username.c_str(), "prpl-jabber") == made);
    BOOST_TEST(tag_in_file(nick.username.c_str(), "prpl-irc") == 0xabcdU);
    BOOST_TEST(tag_in_file("old", "prpl-msn") == 0xffffffffU);

    Identity again(folder);
    load(again);
    BOOST_TEST(again.instance_tag_of(alice).value() == made);
}

BOOST_FIXTURE_TEST_CASE(gives_a_new_tag_to_whoever_writes, Profile) {
    Identity identity(folder);
    load(identity);
    std::string written;
    identity.write_by([&](const std::filesystem::path& path, std::string content) {
        BOOST_TEST(path == tags);
        written = std::move(content);
    });
    const model::InstanceTag made = identity.instance_tag_of(alice).value();
    BOOST_TEST(files() == Names{}, boost::test_tools::per_element());
    put_file(tags, written);
    Identity later(folder);
    load(later);
    BOOST_TEST(later.instance_tag_of(alice).value() == made);
}

BOOST_FIXTURE_TEST_CASE(sets_damaged_tags_aside_and_goes_on_with_the_good_ones, Profile) {
    for (const std::string& bad :
         {"x"s, "a\tb"s, "a\tb\t123"s, "a\tb\t000000ff"s, "a\tb\t0000zzzz"s, "\tb\t00001000"s,
          std::string(40, '\0'), std::string(2000, 'a') + "\tb\t00001000", "a\tb\t00001000\tc"s}) {
        Profile fresh;
        const std::string text = "# x\n" + bad + "\n" + nick.username + "\tprpl-irc\t0000abcd\n";
        put_file(fresh.tags, text);
        Identity identity(fresh.folder);
        const auto problems = identity.load();
        BOOST_REQUIRE(problems.size() == 1U);
        BOOST_TEST(problems[0].name == "otr.instance_tags");
        BOOST_TEST(content_of(fresh.folder / problems[0].kept_as) == text);
        BOOST_TEST(identity.instance_tag_of(nick).value() == 0xabcdU);
        Identity again(fresh.folder);
        load(again);
        BOOST_TEST(again.instance_tag_of(nick).value() == 0xabcdU);
    }
}

BOOST_FIXTURE_TEST_CASE(refuses_names_that_the_tag_file_cannot_hold, Profile) {
    Identity identity(folder);
    load(identity);
    for (const std::string& name :
         {""s, "a\tb"s, "a\nb"s, "a\rb"s, "#a"s, std::string(1000, 'a')}) {
        const auto tag = identity.instance_tag_of({name, "prpl-irc"});
        BOOST_REQUIRE(!tag.has_value());
        BOOST_TEST((tag.error().code == ErrorCode::Malformed));
    }
    BOOST_TEST(files().empty());
}

BOOST_FIXTURE_TEST_CASE(uses_a_tag_that_cannot_be_written, Profile) {
    std::filesystem::create_directory(tags);
    Identity identity(folder);
    BOOST_TEST(identity.load().size() == 1U);
    const model::InstanceTag made = identity.instance_tag_of(alice).value();
    BOOST_TEST(identity.instance_tag_of(alice).value() == made);
    BOOST_TEST(std::filesystem::is_directory(tags));
    std::filesystem::remove(tags);
    BOOST_REQUIRE(identity.instance_tag_of(nick).has_value());
    Identity again(folder);
    load(again);
    BOOST_TEST(again.instance_tag_of(alice).value() == made);
}

BOOST_AUTO_TEST_SUITE_END()
