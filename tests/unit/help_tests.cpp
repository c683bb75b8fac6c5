// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "temporary_folder.h"
#include "util/help.h"

namespace util = otr_guard::util;
using otr_guard::tests::put_file;
using otr_guard::tests::TemporaryFolder;
using Kind = util::HelpBlock::Kind;

namespace {

constexpr const char* page = "<!DOCTYPE html>\n<!-- SPDX -->\n<html><head><title>Not shown</title>"
                             "</head>\n<body>\n<h1>A title</h1>\n<p>One &amp;\n  <b>two</b>.</p>\n"
                             "<ul>\n<li>first</li>\n<li><a href=\"verify.html\">second</a></li>\n"
                             "</ul>\n<h2>More</h2>\n<p>End</p>\n</body></html>\n";

/// The variable as it was, when the test is over.
class Language {
public:
    explicit Language(const char* value) { ::setenv("LANGUAGE", value, 1); }
    ~Language() { ::unsetenv("LANGUAGE"); }
    Language(const Language&) = delete;
    Language& operator=(const Language&) = delete;
};

} // namespace

BOOST_AUTO_TEST_SUITE(help_tests)

BOOST_AUTO_TEST_CASE(blocks_are_what_is_shown_and_nothing_else) {
    const auto blocks = util::help_blocks(page);
    std::vector<Kind> kinds;
    std::vector<std::string> texts;
    for (const util::HelpBlock& block : blocks) {
        kinds.push_back(block.kind);
        texts.push_back(block.text);
    }
    const std::vector expected_kinds{Kind::Title, Kind::Paragraph, Kind::Item,
                                     Kind::Item,  Kind::Heading,   Kind::Paragraph};
    const std::vector<std::string> expected_texts{"A title", "One &amp; <b>two</b>.",
                                                  "first",   "<a href=\"verify.html\">second</a>",
                                                  "More",    "End"};
    BOOST_TEST((kinds == expected_kinds));
    BOOST_TEST(texts == expected_texts, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(gtk_gets_links_and_other_clients_get_words) {
    const auto blocks = util::help_blocks(page);
    const std::string gtk = util::help_for_gtk(blocks);
    BOOST_TEST(gtk.find("<a href=\"verify.html\">second</a>") != std::string::npos);
    BOOST_TEST(gtk.starts_with("<span size=\"x-large\" weight=\"bold\">A title</span>\n\nOne"));
    BOOST_TEST(util::help_for_clients(blocks) ==
               "<b>A title</b><br><br>One &amp; <b>two</b>.<br><br>\u2022 first<br>\u2022 second"
               "<br><br><b>More</b><br><br>End");
}

BOOST_AUTO_TEST_CASE(damaged_pages_end_where_they_end) {
    for (const std::string text :
         {"", "<", "<p", "<p>", "<p>open <b", "</p>", "text", "<p>a<p>b"}) {
        BOOST_TEST_CONTEXT(text) {
            const auto blocks = util::help_blocks(text);
            BOOST_TEST(util::help_for_clients(blocks).size() <= text.size() + 10);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_first_language_that_has_the_page_counts_and_english_is_always_there) {
    const TemporaryFolder folder;
    for (const char* language : {"en", "de"}) {
        std::filesystem::create_directory(folder / language);
    }
    put_file(folder / "en/verify.html", "english");
    put_file(folder / "en/index.html", "english index");
    put_file(folder / "de/verify.html", "deutsch");
    BOOST_TEST(util::read_help(folder.path(), "verify", {"fr", "de"}) == "deutsch");
    BOOST_TEST(util::read_help(folder.path(), "index", {"fr", "de"}) == "english index");
    BOOST_TEST(util::read_help(folder.path(), "verify", {}) == "english");
    BOOST_TEST(util::read_help(folder.path(), "missing", {"de"}).empty());
    BOOST_TEST(util::read_help(folder.path(), "../en/verify", {}).empty());
    BOOST_TEST(util::read_help(folder.path(), "verify", {"../de"}) == "english");
}

BOOST_AUTO_TEST_CASE(without_a_locale_there_is_english) {
    const Language wanted("de:fr");
    BOOST_TEST(util::help_languages().empty());
}

BOOST_AUTO_TEST_CASE(a_locale_of_no_language_takes_those_that_are_asked_for) {
    const Language wanted("de:fr");
    BOOST_REQUIRE(std::setlocale(LC_MESSAGES, "C.UTF-8") != nullptr);
    const auto languages = util::help_languages();
    std::setlocale(LC_MESSAGES, "C");
    BOOST_REQUIRE(languages.size() >= 2);
    BOOST_TEST(languages[0] == "de");
    BOOST_TEST(languages[1] == "fr");
}

BOOST_AUTO_TEST_CASE(pages_are_there_for_every_window) {
    const std::filesystem::path folder =
        std::filesystem::path(OTR_GUARD_TEST_DATA) / "../../../data/help";
    for (const char* name : {"index", "conversation", "verify", "known-codes", "my-codes", "import",
                             "network", "settings", "files"}) {
        BOOST_TEST_CONTEXT(name) {
            const auto blocks = util::help_blocks(util::read_help(folder, name, {}));
            BOOST_REQUIRE(blocks.size() > 3);
            BOOST_TEST((blocks.front().kind == Kind::Title));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
