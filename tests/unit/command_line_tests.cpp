// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_line.h"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <string>
#include <vector>

namespace plugin = otr_guard::plugin;
using plugin::CommandLineError;

namespace {

std::vector<std::string> words_of(std::string_view rest) {
    const auto words = plugin::split_words(rest);
    BOOST_REQUIRE_MESSAGE(words, "refused: " << rest);
    std::vector<std::string> result;
    for (const auto& word : *words) {
        result.emplace_back(word.view());
    }
    return result;
}

std::string text_of(std::string_view rest) {
    const auto text = plugin::whole_text(rest);
    BOOST_REQUIRE_MESSAGE(text, "refused: " << rest);
    return std::string(text->view());
}

using Words = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(command_line)

BOOST_AUTO_TEST_CASE(verb_is_the_first_word_in_lower_case) {
    const auto line = plugin::split_verb("  Secret \t Correct  Horse \n");
    BOOST_TEST(line.verb == "secret");
    BOOST_TEST(line.rest.view() == "Correct  Horse");
}

BOOST_AUTO_TEST_CASE(nothing_typed_is_an_empty_verb) {
    for (const std::string_view empty : {"", "   ", "\t\n"}) {
        const auto line = plugin::split_verb(empty);
        BOOST_TEST(line.verb.empty());
        BOOST_TEST(line.rest.empty());
    }
}

BOOST_AUTO_TEST_CASE(splits_at_white_space) {
    BOOST_TEST(words_of("one  two\tthree\nfour") == (Words{"one", "two", "three", "four"}));
    BOOST_TEST(words_of("").empty());
}

BOOST_AUTO_TEST_CASE(quoted_words_keep_their_spaces) {
    BOOST_TEST(words_of(R"("Where did we meet?" "in Lisbon")") ==
               (Words{"Where did we meet?", "in Lisbon"}));
    BOOST_TEST(words_of(R"("" " ")") == (Words{"", " "}));
}

BOOST_AUTO_TEST_CASE(typographic_quotation_marks_count) {
    BOOST_TEST(words_of("“Where?” ”in Lisbon” „Wo?“") == (Words{"Where?", "in Lisbon", "Wo?"}));
    BOOST_TEST(words_of("“he said \"yes\"”") == (Words{"he said \"yes\""}));
    BOOST_TEST(words_of("\"the “big” one\"") == (Words{"the “big” one"}));
}

BOOST_AUTO_TEST_CASE(backslashes_escape_quotation_marks_and_themselves_in_quotes_only) {
    BOOST_TEST(words_of(R"("a \"b\" c" "C:\\x" "C:\x")") ==
               (Words{R"(a "b" c)", R"(C:\x)", R"(C:\x)"}));
    BOOST_TEST(words_of(R"(C:\\x it"s)") == (Words{R"(C:\\x)", R"(it"s)"}));
    BOOST_TEST(words_of("“a \\” b”") == (Words{"a ” b"}));
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_quotation) {
    for (const std::string_view open : {"\"", "one \"two", "“one\"", "\"one\\\"", "\"one”"}) {
        const auto words = plugin::split_words(open);
        BOOST_REQUIRE(!words);
        BOOST_TEST((words.error() == CommandLineError::UnclosedQuote));
    }
    const auto words = plugin::split_words(R"("one"two)");
    BOOST_REQUIRE(!words);
    BOOST_TEST((words.error() == CommandLineError::TextAfterQuote));
}

BOOST_AUTO_TEST_CASE(a_text_needs_no_quotation_marks) {
    BOOST_TEST(text_of("  correct   horse ") == "correct   horse");
    BOOST_TEST(text_of(R"(it's "fine" \ so)") == R"(it's "fine" \ so)");
    BOOST_TEST(text_of("") == "");
}

BOOST_AUTO_TEST_CASE(a_text_in_quotation_marks_loses_them) {
    BOOST_TEST(text_of(R"(" outer spaces ")") == " outer spaces ");
    BOOST_TEST(text_of("“in Lisbon”") == "in Lisbon");
    const auto text = plugin::whole_text(R"("yes" he said)");
    BOOST_REQUIRE(!text);
    BOOST_TEST((text.error() == CommandLineError::TextAfterQuote));
}

RC_BOOST_PROP(any_input_is_taken_apart_or_refused, (const std::string& line)) {
    const auto command = plugin::split_verb(line);
    const auto words = plugin::split_words(command.rest.view());
    const auto text = plugin::whole_text(command.rest.view());
    RC_ASSERT(command.verb.size() + command.rest.size() <= line.size());
    RC_ASSERT(!words || words->size() <= line.size());
    RC_ASSERT(!text || text->size() <= line.size());
}

RC_BOOST_PROP(quotation_marks_and_backslashes_are_taken_apart_or_refused, ()) {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("\"", "\\", "“", "”", "„", " ", "\n", "a", "\xe2", "\x80"));
    std::string line;
    for (const std::string& piece : pieces) {
        line += piece;
    }
    const auto words = plugin::split_words(line);
    const auto text = plugin::whole_text(line);
    RC_ASSERT(!words || words->size() <= line.size());
    RC_ASSERT(!text || text->size() <= line.size());
}

RC_BOOST_PROP(quoted_text_is_read_back, (const std::string& text)) {
    const auto read = plugin::whole_text(plugin::quote(text));
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->view() == text);
}

RC_BOOST_PROP(quoted_words_are_read_back, ()) {
    const auto piece = rc::gen::element<std::string>("\"", "\\", "“", "”", "„", " ", "\n", "a", "");
    const auto words = *rc::gen::container<std::vector<std::string>>(
        rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
            std::string word;
            for (const std::string& part : pieces) {
                word += part;
            }
            return word;
        }));
    std::string line;
    for (const std::string& word : words) {
        line += plugin::quote(word) + " ";
    }
    RC_ASSERT(words_of(line) == words);
}

BOOST_AUTO_TEST_CASE(a_command_behind_something_invisible_is_recognised) {
    for (const char* text : {" /otr secret horse", "\u200f/otr start", "\u2066/guard check",
                             "\n\u00a0 \u200e /OTR", "\ufeff/otr\tpin", "/otr\u3000secret horse",
                             "/OTR\u00a0start", "\u3000/guard\u200bcheck"}) {
        BOOST_TEST(plugin::is_marked_command(text), text);
    }
    for (const char* text : {"/otr secret horse", "", " ", "\u200f", " /otrs", " look: /otr start",
                             "\u200fhello", "/otrs\u3000x", " / otr", "x/otr"}) {
        BOOST_TEST(!plugin::is_marked_command(text), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
