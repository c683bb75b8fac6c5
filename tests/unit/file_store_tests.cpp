// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later

// The linker puts the functions below in place of calls that some filesystems do not know (see
// CMakeLists.txt).

#include <boost/test/unit_test.hpp>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file_store.h"
#include "model/file_limits.h"
#include "temporary_folder.h"

using namespace otr_guard;
using core::PartFile;
using core::SourceFile;
using tests::content_of;
using tests::put_file;
using Names = std::vector<std::string>;

namespace {

/// What the filesystem cannot do.
struct Lacks {
    bool nameless = false;
    bool links = false;
    bool careful_renaming = false;
    bool naming = false; ///< of what had no name
};
Lacks lacks;

struct Without {
    explicit Without(Lacks what) { lacks = what; }
    ~Without() { lacks = {}; }
    Without(const Without&) = delete;
    Without& operator=(const Without&) = delete;
};

int fail(int reason) {
    errno = reason;
    return -1;
}

} // namespace

// NOLINTBEGIN: the linker's names
extern "C" {
int __real_open(const char* path, int flags, mode_t mode);
int __wrap_open(const char* path, int flags, ...) {
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    return lacks.nameless && (flags & O_TMPFILE) == O_TMPFILE ? fail(EOPNOTSUPP)
                                                              : __real_open(path, flags, mode);
}
int __real_link(const char* from, const char* to);
int __wrap_link(const char* from, const char* to) {
    return lacks.links ? fail(EPERM) : __real_link(from, to);
}
int __real_linkat(int from_folder, const char* from, int to_folder, const char* to, int flags);
int __wrap_linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
    return lacks.naming ? fail(EACCES) : __real_linkat(from_folder, from, to_folder, to, flags);
}
int __real_renameat2(int from_folder, const char* from, int to_folder, const char* to,
                     unsigned flags);
int __wrap_renameat2(int from_folder, const char* from, int to_folder, const char* to,
                     unsigned flags) {
    return lacks.careful_renaming ? fail(EINVAL)
                                  : __real_renameat2(from_folder, from, to_folder, to, flags);
}
}
// NOLINTEND

BOOST_AUTO_TEST_SUITE(file_store_tests)

BOOST_AUTO_TEST_CASE(hashes_are_those_of_the_standards) {
    const tests::TemporaryFolder folder;
    put_file(folder / "abc", "abc"); // FIPS 180, its first example
    const auto source = SourceFile::open(folder / "abc");
    BOOST_REQUIRE(source);
    const auto hashes = (*source)->hash();
    BOOST_REQUIRE(hashes);
    BOOST_TEST(hashes->sha1 == "a9993e364706816aba3e25717850c26c9cd0d89d");
    BOOST_TEST(hashes->sha256 ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(only_files_are_sent) {
    const tests::TemporaryFolder folder;
    BOOST_REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    for (const std::filesystem::path& path :
         {folder.path(), folder / "missing", folder / "fifo", std::filesystem::path("/dev/zero")}) {
        BOOST_TEST(!SourceFile::open(path));
    }
    put_file(folder / "large", "");
    std::filesystem::resize_file(folder / "large", model::limits::file_bytes + 1);
    BOOST_REQUIRE(!SourceFile::open(folder / "large"));
    BOOST_TEST((SourceFile::open(folder / "large").error().code == util::ErrorCode::TooLarge));
}

BOOST_AUTO_TEST_CASE(a_file_that_changes_is_not_sent_on) {
    const tests::TemporaryFolder folder;
    put_file(folder / "file", "content");
    const auto source = SourceFile::open(folder / "file");
    BOOST_REQUIRE(source);
    BOOST_TEST((*source)->read(3, 4).value() == "tent");
    BOOST_TEST(!(*source)->read(3, 5));
    put_file(folder / "file", "contents");
    BOOST_TEST(!(*source)->read(3, 4));
    BOOST_TEST(!(*source)->hash());
}

BOOST_AUTO_TEST_CASE(what_comes_has_no_name_before_it_is_whole) {
    const tests::TemporaryFolder folder;
    const auto part = PartFile::create(folder.path());
    BOOST_REQUIRE(part);
    BOOST_TEST((*part)->write(0, "secret").has_value());
    BOOST_TEST(folder.names() == Names{}, boost::test_tools::per_element());
    const auto path = (*part)->finish("a.txt");
    BOOST_REQUIRE(path);
    BOOST_TEST(content_of(*path) == "secret");
}

BOOST_AUTO_TEST_CASE(without_nameless_files_the_temporary_one_is_private) {
    const Without without({.nameless = true});
    const tests::TemporaryFolder folder;
    const tests::Umask open_to_all(0);
    const auto part = PartFile::create(folder.path());
    BOOST_REQUIRE(part);
    BOOST_REQUIRE(folder.names().size() == 1U);
    BOOST_TEST(folder.names().front().front() == '.');
    BOOST_TEST(tests::mode_of(folder / folder.names().front()) == 0600U);
}

/// On all kinds of filesystems.
const std::array<Lacks, 6> kinds{{{},
                                  {.nameless = true},
                                  {.nameless = true, .links = true},
                                  {.nameless = true, .links = true, .careful_renaming = true},
                                  {.naming = true},
                                  {.links = true, .careful_renaming = true, .naming = true}}};

BOOST_AUTO_TEST_CASE(what_comes_is_private_and_takes_nobodys_name) {
    for (const Lacks& kind : kinds) {
        const Without without(kind);
        const tests::TemporaryFolder folder;
        put_file(folder / "a.txt", "mine");
        const tests::Umask open_to_all(0);
        auto part = PartFile::create(folder.path());
        BOOST_REQUIRE(part);
        BOOST_TEST((*part)->write(4, "5678").has_value());
        BOOST_TEST((*part)->write(0, "1234").has_value());
        const auto path = (*part)->finish("a.txt");
        BOOST_REQUIRE(path);
        BOOST_TEST(path->filename().string() == "a (2).txt");
        BOOST_TEST(content_of(*path) == "12345678");
        BOOST_TEST(tests::mode_of(*path) == 0600U);
        BOOST_TEST(content_of(folder / "a.txt") == "mine");
        part->reset();
        BOOST_TEST(folder.names() == (Names{"a (2).txt", "a.txt"}),
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_link_in_the_way_is_neither_followed_nor_replaced) {
    for (const Lacks& kind : kinds) {
        const Without without(kind);
        const tests::TemporaryFolder folder;
        std::filesystem::create_symlink(folder / "elsewhere", folder / "a.txt");
        auto part = PartFile::create(folder.path());
        BOOST_REQUIRE(part);
        BOOST_REQUIRE((*part)->write(0, "x"));
        BOOST_TEST((*part)->finish("a.txt")->filename().string() == "a (2).txt");
        BOOST_TEST(std::filesystem::is_symlink(folder / "a.txt"));
        BOOST_TEST(!std::filesystem::exists(folder / "elsewhere"));
    }
}

BOOST_AUTO_TEST_CASE(what_was_not_finished_leaves_nothing) {
    for (const Lacks& kind : kinds) {
        const Without without(kind);
        const tests::TemporaryFolder folder;
        {
            const auto part = PartFile::create(folder.path());
            BOOST_REQUIRE(part);
            BOOST_TEST((*part)->write(0, "secret").has_value());
        }
        BOOST_TEST(folder.names().empty());
        BOOST_TEST(!PartFile::create(folder / "missing"));
    }
}

BOOST_AUTO_TEST_CASE(large_files_survive_that_they_may_not_be_named) {
    const Without without({.naming = true});
    const tests::TemporaryFolder folder;
    std::string content(200'000, 'x');
    for (std::size_t i = 0; i < content.size(); ++i) {
        content[i] = static_cast<char>(i * 31 % 251);
    }
    auto part = PartFile::create(folder.path());
    BOOST_REQUIRE(part);
    BOOST_TEST((*part)->write(0, content).has_value());
    const auto path = (*part)->finish("a.txt");
    BOOST_REQUIRE(path);
    BOOST_TEST((content_of(*path) == content));
    BOOST_TEST(tests::mode_of(*path) == 0600U);
}

BOOST_AUTO_TEST_SUITE_END()
