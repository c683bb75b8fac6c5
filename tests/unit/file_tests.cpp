// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "temporary_folder.h"
#include "util/file.h"

using namespace otr_guard;
using tests::content_of;
using tests::mode_of;
using tests::put_file;
using util::ErrorCode;

namespace {

constexpr std::size_t plenty = 1U << 20;
using Names = std::vector<std::string>;

template <typename T> ErrorCode code_of(const util::Expected<T>& result) {
    BOOST_REQUIRE(!result.has_value());
    BOOST_TEST(!result.error().detail.empty());
    return result.error().code;
}

/// No file may grow beyond `bytes` while this lives: what a full disk looks like.
class SmallDisk {
public:
    explicit SmallDisk(rlim_t bytes) : m_handler(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit small{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallDisk() {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

private:
    rlimit m_before{};
    void (*m_handler)(int);
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(file, tests::TemporaryFolder)

BOOST_AUTO_TEST_CASE(reads_a_whole_file) {
    std::string bytes;
    for (int i = 0; i < 300000; ++i) {
        bytes += static_cast<char>(i * 7);
    }
    put_file(path() / "a", bytes);
    BOOST_TEST((util::read_file(path() / "a", plenty) == bytes));
    put_file(path() / "b", "");
    BOOST_TEST(util::read_file(path() / "b", 0).value() == "");
}

BOOST_AUTO_TEST_CASE(reads_a_file_whose_size_is_not_known_beforehand) {
    const auto status = util::read_file("/proc/self/status", plenty);
    BOOST_REQUIRE(status.has_value());
    BOOST_TEST(status->starts_with("Name:"));
    BOOST_TEST(status->size() > 500U);
    BOOST_TEST((code_of(util::read_file("/proc/self/status", 100)) == ErrorCode::TooLarge));
}

BOOST_AUTO_TEST_CASE(tells_a_missing_file_from_one_that_cannot_be_read) {
    BOOST_TEST((code_of(util::read_file(path() / "none", plenty)) == ErrorCode::NotFound));
    BOOST_TEST((code_of(util::read_file(path() / "no" / "folder", plenty)) == ErrorCode::NotFound));
    put_file(path() / "file", "x");
    BOOST_TEST((code_of(util::read_file(path() / "file" / "below", plenty)) == ErrorCode::Io));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_file_without_waiting) {
    std::filesystem::create_directory(path() / "folder");
    BOOST_TEST((code_of(util::read_file(path() / "folder", plenty)) == ErrorCode::Io));
    BOOST_REQUIRE(::mkfifo((path() / "fifo").c_str(), 0600) == 0);
    BOOST_TEST((code_of(util::read_file(path() / "fifo", plenty)) == ErrorCode::Io));
    BOOST_TEST((code_of(util::read_file("/dev/zero", plenty)) == ErrorCode::Io));
}

BOOST_AUTO_TEST_CASE(reads_up_to_the_limit_and_not_beyond) {
    put_file(path() / "a", "12345");
    BOOST_TEST(util::read_file(path() / "a", 5).value() == "12345");
    BOOST_TEST((code_of(util::read_file(path() / "a", 4)) == ErrorCode::TooLarge));
}

BOOST_AUTO_TEST_CASE(writes_and_replaces_and_leaves_nothing_else) {
    const std::string binary("a\0b\n\xff", 5);
    BOOST_REQUIRE(util::write_file_atomically(path() / "a", "first"));
    BOOST_TEST(content_of(path() / "a") == "first");
    BOOST_REQUIRE(util::write_file_atomically(path() / "a", binary));
    BOOST_TEST(content_of(path() / "a") == binary);
    BOOST_REQUIRE(util::write_file_atomically(path() / "a", ""));
    BOOST_TEST(content_of(path() / "a") == "");
    BOOST_TEST(names() == Names{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(is_private_whatever_the_umask_and_the_old_mode) {
    {
        const tests::Umask none(0);
        BOOST_REQUIRE(util::write_file_atomically(path() / "a", "x"));
        BOOST_TEST(mode_of(path() / "a") == 0600U);
        ::chmod((path() / "a").c_str(), 0644);
        BOOST_REQUIRE(util::write_file_atomically(path() / "a", "y"));
        BOOST_TEST(mode_of(path() / "a") == 0600U);
    }
    const tests::Umask all(0777);
    BOOST_REQUIRE(util::write_file_atomically(path() / "b", "x"));
    BOOST_TEST(mode_of(path() / "b") == 0600U);
}

BOOST_AUTO_TEST_CASE(keeps_a_link_and_replaces_its_target) {
    std::filesystem::create_directory(path() / "real");
    put_file(path() / "real" / "keys", "old");
    std::filesystem::create_symlink("real/keys", path() / "relative");
    std::filesystem::create_symlink(path() / "real" / "keys", path() / "absolute");
    std::filesystem::create_symlink("real/none-yet", path() / "dangling");

    BOOST_REQUIRE(util::write_file_atomically(path() / "relative", "one"));
    BOOST_TEST(content_of(path() / "real" / "keys") == "one");
    BOOST_REQUIRE(util::write_file_atomically(path() / "absolute", "two"));
    BOOST_TEST(content_of(path() / "real" / "keys") == "two");
    BOOST_REQUIRE(util::write_file_atomically(path() / "dangling", "three"));
    BOOST_TEST(content_of(path() / "real" / "none-yet") == "three");
    for (const char* link : {"relative", "absolute", "dangling"}) {
        BOOST_TEST(std::filesystem::is_symlink(path() / link));
    }
    BOOST_TEST(names() == (Names{"absolute", "dangling", "real", "relative"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(fails_on_a_folder_in_its_place_and_leaves_it) {
    std::filesystem::create_directories(path() / "a" / "inside");
    BOOST_TEST((code_of(util::write_file_atomically(path() / "a", "x")) == ErrorCode::Io));
    BOOST_TEST(std::filesystem::is_directory(path() / "a" / "inside"));
    BOOST_TEST(names() == Names{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(fails_when_the_folder_is_missing_or_no_folder) {
    put_file(path() / "file", "old");
    BOOST_TEST((code_of(util::write_file_atomically(path() / "no" / "a", "x")) == ErrorCode::Io));
    BOOST_TEST((code_of(util::write_file_atomically(path() / "file" / "a", "x")) == ErrorCode::Io));
    BOOST_TEST(content_of(path() / "file") == "old");
    BOOST_TEST(names() == Names{"file"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(keeps_the_old_file_when_the_disk_is_full) {
    put_file(path() / "a", "old");
    const std::string much(100000, 'x');
    {
        const SmallDisk disk(50000);
        BOOST_TEST((code_of(util::write_file_atomically(path() / "a", much)) == ErrorCode::Io));
    }
    BOOST_TEST(content_of(path() / "a") == "old");
    BOOST_TEST(names() == Names{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(leaves_no_file_descriptor_open) {
    const auto open_files = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
    };
    const auto before = open_files();
    static_cast<void>(util::write_file_atomically(path() / "a", "x"));
    static_cast<void>(util::write_file_atomically(path(), "x"));
    static_cast<void>(util::read_file(path() / "a", 0));
    static_cast<void>(util::read_file(path(), plenty));
    BOOST_TEST(open_files() == before);
}

BOOST_AUTO_TEST_CASE(sets_a_file_aside_under_a_name_of_its_own) {
    Names expected;
    for (const char* content : {"one", "two", "three"}) {
        put_file(path() / "otr.private_key", content);
        const auto kept = util::set_aside(path() / "otr.private_key");
        BOOST_REQUIRE(kept.has_value());
        BOOST_TEST(kept->parent_path() == path());
        BOOST_TEST(kept->filename().string().starts_with("otr.private_key.unreadable-"));
        BOOST_TEST(content_of(*kept) == content);
        expected.push_back(kept->filename().string());
    }
    std::ranges::sort(expected);
    BOOST_TEST(names() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cannot_set_aside_what_is_not_there) {
    BOOST_TEST((code_of(util::set_aside(path() / "none")) == ErrorCode::NotFound));
    BOOST_TEST(names().empty());
}

BOOST_AUTO_TEST_CASE(one_process_holds_a_lock_until_it_lets_go_or_dies) {
    const auto path = this->path() / "lock";
    /// What another process gets.
    const auto others = [&path] {
        const pid_t child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0) {
            const auto lock = util::lock_file(path);
            ::_exit(lock ? 0 : lock.error().code == ErrorCode::Busy ? 1 : 2);
        }
        int status = 0;
        BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
        return WEXITSTATUS(status);
    };
    BOOST_TEST(others() == 0);
    {
        const auto lock = util::lock_file(path);
        BOOST_REQUIRE(lock.has_value());
        BOOST_TEST(others() == 1);
    }
    BOOST_TEST(others() == 0);
    BOOST_TEST((mode_of(path) & 0777U) == 0600U);
    std::filesystem::create_directory(this->path() / "folder");
    BOOST_TEST((code_of(util::lock_file(this->path() / "folder")) == ErrorCode::Io));
    BOOST_TEST((code_of(util::lock_file(this->path() / "none" / "lock")) == ErrorCode::NotFound));
}

BOOST_AUTO_TEST_CASE(removes_what_a_killed_write_left_and_nothing_else) {
    for (const char* name : {"keys", "keys.otr-guard-a1B2c3", "keys.backup", "keys.otr-guard-",
                             "keys.otr-guard-a1B2c3d", "other.otr-guard-a1B2c3"}) {
        put_file(path() / name, name);
    }
    util::remove_leftovers(path() / "keys");
    BOOST_TEST((names() == Names{"keys", "keys.backup", "keys.otr-guard-", "keys.otr-guard-a1B2c3d",
                                 "other.otr-guard-a1B2c3"}));
    util::remove_leftovers(path() / "none" / "keys");
}

BOOST_AUTO_TEST_CASE(makes_private_but_never_wider) {
    put_file(path() / "a", "x");
    const auto after = [&](mode_t mode) {
        ::chmod((path() / "a").c_str(), mode);
        util::make_private(path() / "a");
        return mode_of(path() / "a");
    };
    BOOST_TEST(after(0644) == 0600U);
    BOOST_TEST(after(0666) == 0600U);
    BOOST_TEST(after(0440) == 0400U);
    BOOST_TEST(after(0400) == 0400U);
    BOOST_TEST(after(0600) == 0600U);
    util::make_private(path() / "none");
}

BOOST_AUTO_TEST_SUITE_END()
