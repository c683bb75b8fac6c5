// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "util/secret.h"

using otr_guard::util::equal_in_constant_time;
using otr_guard::util::SecretString;
using namespace std::string_view_literals;

namespace {

constexpr std::size_t watched_size = 77;
std::string* watched_blocks = nullptr; ///< what was in blocks of that size when they were freed

} // namespace

// The only way to see what a secret leaves behind: freed memory must not be read.
void* operator new(std::size_t size) {
    void* memory = std::malloc(size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t size) noexcept {
    if (size == watched_size && watched_blocks != nullptr) {
        watched_blocks->append(static_cast<const char*>(memory), size);
    }
    std::free(memory);
}

static_assert(!std::is_copy_constructible_v<SecretString>);
static_assert(!std::is_copy_assignable_v<SecretString>);
static_assert(std::is_nothrow_move_constructible_v<SecretString>);
static_assert(!std::is_convertible_v<std::string_view, SecretString>);

BOOST_AUTO_TEST_SUITE(secret)

BOOST_AUTO_TEST_CASE(wipes_what_it_is_given_and_no_more) {
    std::array<char, 6> memory{'s', 'e', 'c', 'r', 'e', 't'};
    otr_guard::util::wipe(memory.data() + 1, 4);
    BOOST_TEST((memory == std::array<char, 6>{'s', 0, 0, 0, 0, 't'}));
    otr_guard::util::wipe(nullptr, 0);
}

BOOST_AUTO_TEST_CASE(compares_whole_texts) {
    BOOST_TEST(equal_in_constant_time("", ""));
    BOOST_TEST(equal_in_constant_time("abc", "abc"));
    BOOST_TEST(equal_in_constant_time("a\0b"sv, "a\0b"sv));
    BOOST_TEST(!equal_in_constant_time("abc", "abd"));
    BOOST_TEST(!equal_in_constant_time("abc", "Abc"));
    BOOST_TEST(!equal_in_constant_time("abc", "abcd"));
    BOOST_TEST(!equal_in_constant_time("a\0b"sv, "a\0c"sv));
    BOOST_TEST(!equal_in_constant_time("\x80", "\x00"sv));
}

BOOST_AUTO_TEST_CASE(holds_any_bytes) {
    const SecretString text("p\0\xffw"sv);
    BOOST_TEST((text.view() == "p\0\xffw"sv));
    BOOST_TEST(text.size() == 4U);
    BOOST_TEST(!text.empty());
    BOOST_TEST(SecretString().empty());
    BOOST_TEST(SecretString("").view().empty());
}

BOOST_AUTO_TEST_CASE(moves_without_leaving_a_copy) {
    SecretString first("correct horse");
    const char* place = first.view().data();
    SecretString second(std::move(first));
    BOOST_TEST(first.empty()); // NOLINT(bugprone-use-after-move): that is what is asked
    BOOST_TEST(static_cast<const void*>(second.view().data()) == static_cast<const void*>(place));

    SecretString third("battery staple");
    third = std::move(second);
    BOOST_TEST((third.view() == "correct horse"));
    BOOST_TEST(second.empty()); // NOLINT(bugprone-use-after-move)
    SecretString& same = third;
    third = std::move(same);
    BOOST_TEST((third.view() == "correct horse"));
}

BOOST_AUTO_TEST_CASE(leaves_nothing_in_freed_memory) {
    const std::string text(watched_size, 's');
    std::string freed;
    freed.reserve(4 * watched_size);
    {
        SecretString first(text);
        SecretString second(text);
        watched_blocks = &freed;
        second = std::move(first);
    }
    watched_blocks = nullptr;
    BOOST_TEST((freed == std::string(2 * watched_size, '\0')));
}

BOOST_AUTO_TEST_SUITE_END()
