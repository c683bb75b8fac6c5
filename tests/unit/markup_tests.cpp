// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "core/markup.h"
#include "core/utf8.h"

using namespace otr_guard::core;
using namespace std::string_view_literals;
using markup::TextFormat;
using markup::to_display;
using markup::to_plain;
using markup::to_single_line;
using markup::to_wire;

namespace {

std::string from_html(std::string_view text) {
    return to_display(text, TextFormat::Html);
}
std::string from_plain(std::string_view text) {
    return to_display(text, TextFormat::Plain);
}
std::string wire_html(std::string_view html) {
    return to_wire(html, TextFormat::Html).text;
}
std::string wire_plain(std::string_view html) {
    return to_wire(html, TextFormat::Plain).text;
}

bool is_html(std::string_view text) {
    return markup::detect_format(text) == TextFormat::Html;
}
bool is_plain(std::string_view text) {
    return markup::detect_format(text) == TextFormat::Plain;
}
bool is_either(std::string_view text) {
    return !markup::detect_format(text).has_value();
}

/// Reads what to_display() wrote by its own rules, as strictly as can be: every byte must belong to
/// one of the allowed forms. Says what is wrong, or nothing.
class Checker {
public:
    explicit Checker(std::string_view html) : m_rest(html) {}

    std::string run() {
        while (!m_rest.empty() && m_problem.empty()) {
            if (m_rest.front() == '<') {
                tag();
            } else if (m_rest.front() == '&') {
                entity();
            } else {
                character();
            }
        }
        if (m_problem.empty() && !m_open.empty()) {
            m_problem = "not closed: " + m_open.back();
        }
        return m_problem;
    }

private:
    bool take(std::string_view what) {
        if (!m_rest.starts_with(what)) {
            return false;
        }
        m_rest.remove_prefix(what.size());
        return true;
    }

    void fail(const std::string& problem) {
        m_problem = problem + " at: " + std::string(m_rest.substr(0, 40));
    }

    void open(const std::string& name) {
        if (std::ranges::find(m_open, name) != m_open.end()) {
            fail("twice inside itself: " + name);
        }
        m_open.push_back(name);
    }

    void close(const std::string& name) {
        if (m_open.empty() || m_open.back() != name) {
            fail("closes what is not open: " + name);
        } else {
            m_open.pop_back();
        }
    }

    void tag() {
        if (take("<br>")) {
            return;
        }
        if (take("<font color=\"")) {
            open("font");
            colour(until_quote());
            return;
        }
        if (take("<a href=\"")) {
            open("a");
            address(until_quote());
            return;
        }
        for (const std::string name : {"b", "i", "u", "s"}) {
            if (take("<" + name + ">")) {
                open(name);
                return;
            }
        }
        for (const std::string name : {"b", "i", "u", "s", "font", "a"}) {
            if (take("</" + name + ">")) {
                close(name);
                return;
            }
        }
        fail("not allowed");
    }

    std::string_view until_quote() {
        const std::size_t end = std::min(m_rest.find("\">"), m_rest.size());
        const std::string_view value = m_rest.substr(0, end);
        m_rest.remove_prefix(std::min(end + 2, m_rest.size()));
        return value;
    }

    void colour(std::string_view value) {
        const bool is_number = value.starts_with('#') && (value.size() == 4 || value.size() == 7);
        const auto allowed = is_number ? "0123456789abcdefABCDEF"
                                       : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        if (value.substr(is_number ? 1 : 0).find_first_not_of(allowed) != value.npos ||
            value.size() < 3 || value.size() > 20) {
            fail("colour");
        }
    }

    void address(std::string_view value) {
        std::string start(value.substr(0, 8));
        std::ranges::transform(start, start.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto has = [&start](std::string_view scheme) { return start.starts_with(scheme); };
        const bool is_allowed =
            has("http://") || has("https://") || has("ftp://") || has("mailto:") || has("xmpp:");
        if (!is_allowed || value.find_first_of(" \t\n\r<>\"'\\`") != value.npos) {
            fail("address");
        }
    }

    void entity() {
        for (const std::string_view allowed : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}) {
            if (take(allowed)) {
                return;
            }
        }
        fail("entity");
    }

    void character() {
        const utf8::Decoded next = utf8::decode(m_rest);
        const char32_t c = next.code_point;
        const bool is_control = (c < 0x20 && c != '\t') || (c >= 0x7f && c < 0xa0);
        const bool is_direction = c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                                  (c >= 0x2066 && c <= 0x2069) || c == 0x61c;
        const bool is_line = c == 0x2028 || c == 0x2029;
        if (!next.is_valid || is_control || is_direction || is_line || c == '>' || c == '"' ||
            c == '\'') {
            fail("character");
            return;
        }
        m_rest.remove_prefix(next.length);
    }

    std::string_view m_rest;
    std::string m_problem;
    std::vector<std::string> m_open;
};

std::string problem_of(std::string_view html) {
    return Checker(html).run();
}

/// Pieces of HTML, whole and broken, in any order.
std::string any_html() {
    const auto pieces =
        *rc::gen::container<std::vector<std::string>>(rc::gen::weightedOneOf<std::string>(
            {{6, rc::gen::elementOf(std::vector<std::string>{
                     "<b>",
                     "</b>",
                     "<i>",
                     "</i>",
                     "<U>",
                     "</U>",
                     "<s>",
                     "</strike>",
                     "<em>",
                     "</strong>",
                     "<font color=red>",
                     "<FONT COLOR='#Ff0000' style='font-weight:bold'>",
                     "</font>",
                     "<span style=\"color: #123; text-decoration: underline\">",
                     "<span style='font-weight: normal'>",
                     "</span>",
                     "<br>",
                     "<br/>",
                     "</br>",
                     "<a href=\"http://example.org/?a=1&amp;b='2'\">",
                     "<a href=javascript:alert(1)>",
                     "<A HREF='mailto:x@example.org'>",
                     "</a>",
                     "<p>",
                     "</p>",
                     "<div style=x>",
                     "</div>",
                     "<hr>",
                     "<h1>",
                     "<td>",
                     "<script>",
                     "</script>",
                     "<style>",
                     "</style>",
                     "<title>",
                     "</head>",
                     "<img alt='<b>&lt;' src=x>",
                     "<foo>",
                     "<!-- ",
                     "-->",
                     "<!DOCTYPE html>",
                     "<?xml",
                     "http://example.org",
                     "www.example.org"})},
             {3, rc::gen::elementOf(std::vector<std::string>{
                     "&amp;", "&lt;", "&#60;", "&#x3c;script&#62;", "&quot;", "&#39;", "&nbsp;",
                     "&#10;", "&#0;", "&#8238;", "&#x110000;", "&#55296;", "&bogus;", "&", "&&",
                     "&#", "&#x;", "&lt"})},
             {3, rc::gen::elementOf(std::vector<std::string>{"<",
                                                             ">",
                                                             "\"",
                                                             "'",
                                                             "=",
                                                             "/",
                                                             "</",
                                                             "<a ",
                                                             "<a href=\"",
                                                             "<b x='",
                                                             " ",
                                                             "\n",
                                                             "\t",
                                                             "\r\n",
                                                             "\x01",
                                                             "\x7f",
                                                             "\xe2\x80\xae",
                                                             "\xe2\x81\xa6",
                                                             "\xe2\x80\xa8",
                                                             "\xc2\x85",
                                                             "\xff",
                                                             "\xe2\x80",
                                                             "\xef\xbf\xbc",
                                                             "\xf0\x9f\x98\x80"})},
             {2,
              rc::gen::map(rc::gen::inRange('!', '~'), [](char c) { return std::string(1, c); })},
             {1, rc::gen::arbitrary<std::string>()}}));
    std::string html;
    for (const std::string& piece : pieces) {
        html += piece;
    }
    return html;
}

/// What somebody may type: no control characters, everything else.
std::string any_typed_text() {
    const auto code_points =
        *rc::gen::container<std::vector<char32_t>>(rc::gen::weightedOneOf<char32_t>(
            {{4, rc::gen::cast<char32_t>(rc::gen::inRange(0x20, 0x7f))},
             {4, rc::gen::elementOf(std::vector<char32_t>{'<', '>', '&', ';', '/', 'b', 'r', '"',
                                                          '\'', '\n', '\t', ' ', '#', 'a', '='})},
             {1, rc::gen::cast<char32_t>(rc::gen::inRange(0xa0, 0x600))},
             {1, rc::gen::cast<char32_t>(rc::gen::inRange(0x3000, 0xd7ff))},
             {1, rc::gen::cast<char32_t>(rc::gen::inRange(0x1f300, 0x1f700))}}));
    std::string text;
    for (const char32_t code_point : code_points) {
        utf8::append(text, code_point);
    }
    return text;
}

TextFormat any_format() {
    return *rc::gen::element(TextFormat::Plain, TextFormat::Html);
}

std::string repeated(std::string_view piece, std::size_t bytes) {
    std::string text;
    text.reserve(bytes + piece.size());
    while (text.size() < bytes) {
        text += piece;
    }
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(markup_text)

// What arrives.

BOOST_AUTO_TEST_CASE(plain_text_arrives_as_typed) {
    BOOST_TEST(from_plain("hello") == "hello");
    BOOST_TEST(from_plain("<foo> & \"bar\" 'baz'") ==
               "&lt;foo&gt; &amp; &quot;bar&quot; &#39;baz&#39;");
    BOOST_TEST(from_plain("&amp; <b>no</b>") == "&amp;amp; &lt;b&gt;no&lt;/b&gt;");
    BOOST_TEST(from_plain("one\ntwo\r\nthree") == "one<br>two<br>three");
    BOOST_TEST(from_plain("  two  spaces\t") == "  two  spaces\t");
    BOOST_TEST(from_plain("http://example.org/?a=1&b=2") == "http://example.org/?a=1&amp;b=2");
    BOOST_TEST(from_plain("") == "");
}

BOOST_AUTO_TEST_CASE(allowed_formatting_survives) {
    BOOST_TEST(from_html("<B>b</B><i>i</I><u>u</u><s>s</s>") == "<b>b</b><i>i</i><u>u</u><s>s</s>");
    BOOST_TEST(from_html("<strong>b</strong><em>i</em><strike>s</strike><del>d</del>") ==
               "<b>b</b><i>i</i><s>sd</s>");
    BOOST_TEST(from_html("a<BR>b<br/>c<br />d") == "a<br>b<br>c<br>d");
    BOOST_TEST(from_html("<FONT COLOR=\"#Ff0000\" FACE=\"x\" SIZE=7>red</FONT>") ==
               "<font color=\"#Ff0000\">red</font>");
    BOOST_TEST(from_html("<font color=blue>x</font>") == "<font color=\"blue\">x</font>");
    BOOST_TEST(from_html("<font face='Arial'>x</font>") == "x");
}

BOOST_AUTO_TEST_CASE(pidgin_spans_become_tags) {
    BOOST_TEST(from_html("<span style='font-weight: bold;'>b</span>") == "<b>b</b>");
    BOOST_TEST(from_html("<SPAN STYLE=\"font-style:italic;color: #123456;\">x</SPAN>") ==
               "<font color=\"#123456\"><i>x</i></font>");
    BOOST_TEST(from_html("<span style='text-decoration: underline; background: red'>u</span>") ==
               "<u>u</u>");
    BOOST_TEST(from_html("<span style=\"text-decoration: line-through\">s</span>") == "<s>s</s>");
    BOOST_TEST(from_html("<b>a<span style='font-weight: normal'>b</span>c</b>") ==
               "<b>a</b>b<b>c</b>");
    BOOST_TEST(from_html("<SPAN style=\"direction:rtl;text-align:right;\">x</SPAN>") == "x");
    BOOST_TEST(from_html("<span style='color:expression(1);font-size:99px'>x</span>") == "x");
}

BOOST_AUTO_TEST_CASE(entities_are_read_once) {
    BOOST_TEST(from_html("&lt;foo&gt; &amp;amp; &quot;&apos;&#39;&#x22;") ==
               "&lt;foo&gt; &amp;amp; &quot;&#39;&#39;&quot;");
    BOOST_TEST(from_html("&nbsp;&copy;&#8364;&#x20AC;") == " \xc2\xa9\xe2\x82\xac\xe2\x82\xac");
    BOOST_TEST(from_html("&bogus; AT&T a & b &") == "&amp;bogus; AT&amp;T a &amp; b &amp;");
    BOOST_TEST(from_html("&#60;b&#62;x") == "&lt;b&gt;x");
    BOOST_TEST(from_html("&#0;&#1;&#x202e;&#xd800;&#x110000;&#99999999999;") ==
               "\xef\xbf\xbd\xef\xbf\xbd&amp;#99999999999;");
    BOOST_TEST(from_html("a&#10;b") == "a<br>b");
}

BOOST_AUTO_TEST_CASE(nothing_else_of_html_survives) {
    BOOST_TEST(from_html("<html><body bgcolor=red>x</body></html>") == "x");
    BOOST_TEST(from_html("<h1>big</h1><center>c</center>") == "big<br>c");
    BOOST_TEST(from_html("a<hr>b") == "a<br>b");
    BOOST_TEST(from_html("<foo bar=1>x</foo>") == "x");
    BOOST_TEST(from_html("<b onclick=\"x()\" id=y class=z>x</b>") == "<b>x</b>");
    BOOST_TEST(from_html("<iframe src=x></iframe><object>o</object><marquee>m</marquee>") == "om");
    BOOST_TEST(from_html("<!-- hidden -->x<!DOCTYPE html>") == "x");
    BOOST_TEST(from_html("<img id=\"5\"><img src=http://x/y.png>") == "");
    BOOST_TEST(from_html("<img src=x alt=\"a <b> smile &lt;\">") == "a &lt;b&gt; smile &lt;");
}

BOOST_AUTO_TEST_CASE(content_that_is_no_text_is_dropped) {
    BOOST_TEST(from_html("a<script>alert('<b>')</script>b") == "ab");
    BOOST_TEST(from_html("<HEAD><TITLE>t</TITLE><STYLE>b{}</STYLE></HEAD>x") == "x");
    BOOST_TEST(from_html("<style>p { color: red }</style>x") == "x");
    BOOST_TEST(from_html("<script>a</scripts>b</SCRIPT >c") == "c");
    BOOST_TEST(from_html("<script>never closed <b>") == "never closed ");
}

BOOST_AUTO_TEST_CASE(lines_and_cells_stay_apart) {
    BOOST_TEST(from_html("<p>a</p><p>b</p>") == "a<br>b");
    BOOST_TEST(from_html("<div>a</div>\n<div>b</div>") == "a<br>b");
    BOOST_TEST(from_html("<ul><li>a</li><li>b</li></ul>c") == "a<br>b<br>c");
    BOOST_TEST(from_html("<table><tr><td>a</td><td>b</td></tr></table>") == "a b");
    BOOST_TEST(from_html("a\nb") == "a<br>b");
}

BOOST_AUTO_TEST_CASE(what_is_no_tag_is_text) {
    BOOST_TEST(from_html("a < b > c") == "a &lt; b &gt; c");
    BOOST_TEST(from_html("<3 i <3 you") == "&lt;3 i &lt;3 you");
    BOOST_TEST(from_html("<bob@example.org> <http://example.org>") ==
               "&lt;bob@example.org&gt; &lt;http://example.org&gt;");
    BOOST_TEST(from_html("end <b") == "end &lt;b");
    BOOST_TEST(from_html("<b <i>x</i>") == "&lt;b <i>x</i>");
    BOOST_TEST(from_html("<a href=\"never closed>x") == "&lt;a href=&quot;never closed&gt;x");
    BOOST_TEST(from_html("<b it's>x</b>") == "<b>x</b>");
    BOOST_TEST(from_html("<!-- never closed") == "&lt;!-- never closed");
    BOOST_TEST(from_html("<>") == "&lt;&gt;");
}

BOOST_AUTO_TEST_CASE(misnested_and_forgotten_tags_are_put_right) {
    BOOST_TEST(from_html("<b>a<i>b</b>c</i>d") == "<b>a</b><b><i>b</i></b><i>c</i>d");
    BOOST_TEST(from_html("<b>open") == "<b>open</b>");
    BOOST_TEST(from_html("</b></i>x</font>") == "x");
    BOOST_TEST(from_html("<b><b>x</b>y</b>z") == "<b>xy</b>z");
    BOOST_TEST(from_html("<font color=red>a<font face=x>b</font>c</font>d") ==
               "<font color=\"red\">abc</font>d");
    BOOST_TEST(
        from_html("<font color=red>a<font color=blue>b</font>c</font>") ==
        "<font color=\"red\">a</font><font color=\"blue\">b</font><font color=\"red\">c</font>");
    BOOST_TEST(from_html("<b></b><i>\x01</i>x") == "x");
}

BOOST_AUTO_TEST_CASE(depth_is_bounded) {
    const std::string deep = repeated("<font color=red><b>", 100000);
    BOOST_TEST(from_html(deep + "x") == "<font color=\"red\"><b>x</b></font>");
    BOOST_TEST(from_html(repeated("<i>", 3000) + repeated("</i>", 4000) + "x") == "x");
}

BOOST_AUTO_TEST_CASE(safe_links_survive) {
    BOOST_TEST(from_html("<A HREF=\"http://example.org/?a=1&amp;b=2\" target=x>here</A>") ==
               "<a href=\"http://example.org/?a=1&amp;b=2\">here</a>");
    for (const std::string address :
         {"https://example.org", "ftp://example.org/x", "mailto:bob@example.org",
          "xmpp:bob@example.org?join", "HTTPS://EXAMPLE.ORG/"}) {
        BOOST_TEST(from_html("<a href='" + address + "'>" + address + "</a>") ==
                   "<a href=\"" + address + "\">" + address + "</a>");
    }
    BOOST_TEST(from_html("<b>x<a href=http://e.org>y</a>z</b>") ==
               "<b>x</b><a href=\"http://e.org\"><b>y</b></a><b>z</b>");
    BOOST_TEST(from_html("<a href=http://e.org>x<a href=http://f.org>y</a>z") ==
               "<a href=\"http://e.org\">x</a><a href=\"http://f.org\">y</a>z");
    BOOST_TEST(from_html("<a href=' http://e.org\n'>x") == "<a href=\"http://e.org\">x</a>");
    BOOST_TEST(from_html("x<a href=http://e.org></a>y") == "xy");
    BOOST_TEST(from_html("<a name=x>y</a>") == "y");
}

BOOST_AUTO_TEST_CASE(other_links_are_text) {
    for (const std::string address : {"javascript:alert(1)",
                                      "JaVaScRiPt:alert(1)",
                                      "java\nscript:alert(1)",
                                      "data:text/html,x",
                                      "file:///etc/passwd",
                                      "vbscript:x",
                                      "about:blank",
                                      "aim:goim?x",
                                      "//example.org",
                                      "/x",
                                      "http:",
                                      "http://",
                                      "mailto:",
                                      "example.org",
                                      "&#106;avascript:x",
                                      "http://e.org/ x",
                                      "http://e.org/&quot;x",
                                      "http://e.org/&#60;",
                                      "http://e.org/\\x",
                                      "http://e.org/&#8238;",
                                      "http://e.org/\xff",
                                      "http://e.org/&#0;",
                                      ""}) {
        BOOST_TEST(from_html("<b>a<a href='" + address + "'>x</a>c</b>") == "<b>axc</b>");
    }
    const std::string too_long = "http://e.org/" + std::string(3000, 'x');
    BOOST_TEST(from_html("<a href='" + too_long + "'>x</a>") == "x");
}

BOOST_AUTO_TEST_CASE(a_link_that_pretends_to_be_another_shows_its_address) {
    BOOST_TEST(from_html("<a href=\"http://evil.example/\">https://bank.example</a>") ==
               "<a href=\"http://evil.example/\">https://bank.example (http://evil.example/)</a>");
    BOOST_TEST(from_html("<a href=\"http://evil.example/\">www.bank.example</a>") ==
               "<a href=\"http://evil.example/\">www.bank.example (http://evil.example/)</a>");
    BOOST_TEST(from_html("<a href=\"http://bank.example@evil.example/\">bank.example</a>") ==
               "<a href=\"http://bank.example@evil.example/\">bank.example "
               "(http://bank.example@evil.example/)</a>");
    BOOST_TEST(from_html("<a href=\"http://e.org\">https://e.org</a>") ==
               "<a href=\"http://e.org\">https://e.org (http://e.org)</a>");
    BOOST_TEST(from_html("<a href=\"http://evil.example/\">bank\xe3\x80\x82"
                         "example</a>") == "<a href=\"http://evil.example/\">bank\xe3\x80\x82"
                                           "example "
                                           "(http://evil.example/)</a>");
    BOOST_TEST(from_html("<a href=\"http://evil.example/\"><b>bank.</b>example</a>") ==
               "<a href=\"http://evil.example/\"><b>bank.</b>example (http://evil.example/)</a>");
}

BOOST_AUTO_TEST_CASE(a_link_that_is_what_it_shows_stays_as_it_is) {
    for (const std::string link :
         {"<a href=\"http://e.org/\">http://e.org</a>",
          "<a href=\"http://www.e.org\">www.e.org</a>", "<a href=\"mailto:x@e.org\">x@e.org</a>",
          "<a href=\"http://e.org/x\">click here</a>",
          "<a href=\"http://e.org/?a&amp;b\">http://e.org/?a&amp;b</a>"}) {
        BOOST_TEST(from_html(link) == link);
    }
}

BOOST_AUTO_TEST_CASE(nothing_reaches_beyond_the_message) {
    for (const TextFormat format : {TextFormat::Plain, TextFormat::Html}) {
        const auto shown = [format](std::string_view text) { return to_display(text, format); };
        BOOST_TEST(shown("a\xe2\x80\xaetxt.exe\xe2\x80\xac") == "atxt.exe");
        BOOST_TEST(shown("\xe2\x81\xa6x\xe2\x81\xa7y\xe2\x80\x8f\xd8\x9cz") == "xyz");
        BOOST_TEST(shown("a\xe2\x80\xa8"
                         "b\xe2\x80\xa9"
                         "c") == "a<br>b<br>c");
        BOOST_TEST(shown("a\0b\x08\x1b[31m\x7f\xc2\x85\xc2\x9b"
                         "c"sv) == "ab[31mc");
        BOOST_TEST(shown("\xff"
                         "a\xc3(\xed\xa0\x80") ==
                   "\xef\xbf\xbd"
                   "a\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
        BOOST_TEST(shown("\xef\xbf\xbc\xef\xbf\xbf") == "\xef\xbf\xbd\xef\xbf\xbd");
        BOOST_TEST(
            shown(
                "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac") ==
            "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac");
    }
}

BOOST_AUTO_TEST_CASE(me_works) {
    BOOST_TEST(from_plain("/me waves & <smiles>") == "/me waves &amp; &lt;smiles&gt;");
    BOOST_TEST(from_html("/me <b>waves</b>") == "/me <b>waves</b>");
    BOOST_TEST(wire_html("/me waves") == "/me waves");
    // libpurple's IRC hands its /me over without escaping.
    BOOST_TEST(wire_plain("/me says a < b & <foo> AT&T") == "/me says a < b & <foo> AT&T");
    BOOST_TEST(wire_html("/me says a < b") == "/me says a &lt; b");
}

// What is sent.

BOOST_AUTO_TEST_CASE(text_without_special_characters_is_sent_plain) {
    for (const TextFormat format : {TextFormat::Plain, TextFormat::Html}) {
        for (const std::string_view html :
             {"hello", "<body>hello</body>", "<font face=\"Sans\" size=\"3\">hello</font>",
              "<html><body bgcolor='#ffffff'>hello</body></html>"}) {
            const auto wire = to_wire(html, format);
            BOOST_TEST(wire.text == "hello");
            BOOST_TEST((wire.format == TextFormat::Plain));
            BOOST_TEST(!wire.is_ambiguous);
        }
        BOOST_TEST(to_wire("it&apos;s &quot;so&quot;", format).text == "it's \"so\"");
        BOOST_TEST(to_wire("a<br>b<BR/>c", format).text == "a\nb\nc");
        BOOST_TEST(!to_wire("a<br>b", format).is_ambiguous);
        BOOST_TEST(to_wire("", format).text == "");
    }
}

BOOST_AUTO_TEST_CASE(special_characters_are_sent_as_the_peer_reads_them) {
    const auto html = to_wire("&lt;foo&gt; &amp;amp; \"x\"<br>y", TextFormat::Html);
    BOOST_TEST(html.text == "&lt;foo&gt; &amp;amp; \"x\"<br>y");
    BOOST_TEST((html.format == TextFormat::Html));
    BOOST_TEST(html.is_ambiguous);
    const auto plain = to_wire("&lt;foo&gt; &amp;amp; \"x\"<br>y", TextFormat::Plain);
    BOOST_TEST(plain.text == "<foo> &amp; \"x\"\ny");
    BOOST_TEST((plain.format == TextFormat::Plain));
    BOOST_TEST(plain.is_ambiguous);
}

BOOST_AUTO_TEST_CASE(formatting_is_sent_to_those_who_read_it) {
    const std::string_view typed =
        "<b>bold</b> <span style='color: #ff0000;'>red</span><br><font face='x'>z</font>";
    const auto html = to_wire(typed, TextFormat::Html);
    BOOST_TEST(html.text == "<b>bold</b> <font color=\"#ff0000\">red</font><br>z");
    BOOST_TEST((html.format == TextFormat::Html));
    BOOST_TEST(html.is_ambiguous);
    const auto plain = to_wire(typed, TextFormat::Plain);
    BOOST_TEST(plain.text == "bold red\nz");
    BOOST_TEST(!plain.is_ambiguous);
}

BOOST_AUTO_TEST_CASE(links_are_sent_so_that_none_is_lost) {
    const std::string_view linkified =
        "see <A HREF=\"http://e.org/?a=1&b=2\">http://e.org/?a=1&amp;b=2</A>";
    BOOST_TEST(wire_html(linkified) == "see http://e.org/?a=1&amp;b=2");
    BOOST_TEST(wire_plain(linkified) == "see http://e.org/?a=1&b=2");
    BOOST_TEST(wire_html("<A HREF=\"http://www.e.org\">www.e.org</A>") == "www.e.org");
    BOOST_TEST(wire_html("<A HREF=\"mailto:x@e.org\">x@e.org</A>") == "x@e.org");
    const std::string_view named = "<a href=\"https://e.org/x\">the <b>page</b></a>!";
    BOOST_TEST(wire_html(named) == "<a href=\"https://e.org/x\">the <b>page</b></a>!");
    BOOST_TEST(wire_plain(named) == "the page (https://e.org/x)!");
    const std::string_view odd = "<a href=\"irc://e.org/x\">chat</a>";
    BOOST_TEST(wire_html(odd) == "chat (irc://e.org/x)");
    BOOST_TEST(wire_plain(odd) == "chat (irc://e.org/x)");
}

BOOST_AUTO_TEST_CASE(tags_that_are_none_of_html_are_sent_as_text) {
    BOOST_TEST(wire_plain("<foo>x</foo> <b>y</b>") == "<foo>x</foo> y");
    BOOST_TEST(wire_html("<foo>x</foo>") == "&lt;foo&gt;x&lt;/foo&gt;");
    BOOST_TEST(wire_plain("look <img id=\"3\">") == "look ");
}

BOOST_AUTO_TEST_CASE(what_is_sent_holds_no_control_characters) {
    for (const TextFormat format : {TextFormat::Plain, TextFormat::Html}) {
        BOOST_TEST(to_wire("a\0b\x02"
                           "c\td&#0;&#1;\xff"sv,
                           format)
                       .text == "abc\td\xef\xbf\xbd");
    }
    // Writers of Arabic and Hebrew need their marks.
    BOOST_TEST(wire_plain("\xe2\x80\x8fx") == "\xe2\x80\x8fx");
}

// Which format it is.

BOOST_AUTO_TEST_CASE(knows_html) {
    for (const std::string_view text :
         {"&lt;", "x &amp; y", "a<br>b", "<b>x</b>", "<FONT COLOR=\"red\">", "it&apos;s &#39;",
          "<A HREF=\"http://x/?a=1&b=2\">x</A>", "<font face='a' size=\"3\">x</font>",
          "<html><body>x</body></html>", "<span style='x: y'>z</span>", "<img src=\"x\">",
          "<p>a</p><hr>", "<HTML><HEAD><STYLE>a < b & c</STYLE></HEAD>x</HTML>", "<b>x</b> > y"}) {
        BOOST_TEST(is_html(text));
    }
}

BOOST_AUTO_TEST_CASE(knows_plain_text) {
    for (const std::string_view text : {"a < b",
                                        "<foo>",
                                        "x & y",
                                        "AT&T",
                                        "<b>x</b> & y",
                                        "&lt; < &gt;",
                                        "use <b> for bold",
                                        "</b>",
                                        "i <3 you",
                                        "&bogus;",
                                        "http://x/?a=1&b=2",
                                        "<bob@example.org>",
                                        "if a <b and c> d",
                                        "<!-- a -->",
                                        "<script>x</script>",
                                        "<b",
                                        "<br",
                                        "&",
                                        "<",
                                        "vector<int> a; <br>",
                                        "&amp &lt"}) {
        BOOST_TEST(is_plain(text));
    }
}

BOOST_AUTO_TEST_CASE(knows_nothing_where_nothing_is_to_be_known) {
    for (const std::string_view text : {"", "hello", "a > b", "it's \"x\"", "a\nb", "->", "\xff"}) {
        BOOST_TEST(is_either(text));
    }
}

// The small ones.

BOOST_AUTO_TEST_CASE(escapes_text) {
    BOOST_TEST(markup::escape("<a> & \"b\" 'c'\nd") ==
               "&lt;a&gt; &amp; &quot;b&quot; &#39;c&#39;<br>d");
}

// Text is looked at many bytes at a time.
BOOST_AUTO_TEST_CASE(every_byte_is_seen_wherever_it_stands) {
    constexpr std::size_t length = 53;
    const auto written = [](std::string_view text, TextFormat format) {
        return to_wire(text, format).text;
    };
    for (int byte = 1; byte < 0x80; ++byte) {
        const std::string alone(1, static_cast<char>(byte));
        const std::string displayed = to_display(alone, TextFormat::Plain);
        const std::string wired = written(alone, TextFormat::Plain);
        for (std::size_t at = 0; at < length; ++at) {
            const std::string before(at, 'x');
            const std::string after(length - at, 'y');
            const std::string text = before + alone + after;
            BOOST_REQUIRE_EQUAL(to_display(text, TextFormat::Plain), before + displayed + after);
            if (byte != '<' && byte != '&') {
                BOOST_REQUIRE_EQUAL(written(text, TextFormat::Plain), before + wired + after);
            }
            BOOST_REQUIRE_EQUAL(markup::detect_format(text).has_value(),
                                byte == '<' || byte == '&');
        }
    }
    // In a text without other special characters a stray byte is none of UTF-8.
    for (std::size_t at = 0; at < length; ++at) {
        const std::string text = std::string(at, 'x') + "\x80" + std::string(length - at, 'y');
        BOOST_REQUIRE(to_display(text, TextFormat::Plain).find('\x80') == std::string::npos ||
                      to_display(text, TextFormat::Plain).find("\xef\xbf\xbd") !=
                          std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(shows_the_text_of_html) {
    BOOST_TEST(to_plain("<b>a</b><br>&lt;b&gt; <a href='http://e.org'>link</a>") == "a\n<b> link");
    BOOST_TEST(to_plain("<p>a</p><p>b</p><script>x</script>") == "a\nb");
    BOOST_TEST(to_plain("a < b & <foo>") == "a < b & <foo>");
}

BOOST_AUTO_TEST_CASE(makes_one_line) {
    BOOST_TEST(to_single_line("hello", 10) == "hello");
    BOOST_TEST(to_single_line("  a\r\n\tb\xe2\x80\xa8"
                              "c\xc2\x85"
                              "d  ",
                              100) == "a b c d");
    BOOST_TEST(to_single_line("a\x01\x7f\xe2\x80\xae"
                              "b\xff",
                              100) == "ab\xef\xbf\xbd");
    BOOST_TEST(to_single_line("<b>&amp;", 100) == "<b>&amp;");
    BOOST_TEST(to_single_line("12345", 5) == "12345");
    BOOST_TEST(to_single_line("12345  ", 5) == "12345");
    BOOST_TEST(to_single_line("123456", 5) == "1234\xe2\x80\xa6");
    BOOST_TEST(to_single_line("\xc3\xa4\xc3\xb6\xc3\xbc", 2) == "\xc3\xa4\xe2\x80\xa6");
    BOOST_TEST(to_single_line("ab", 1) == "\xe2\x80\xa6");
    BOOST_TEST(to_single_line("1234 6", 5) == "1234\xe2\x80\xa6");
    BOOST_TEST(to_single_line("ab", 0) == "");
    BOOST_TEST(to_single_line("", 5) == "");
}

// Whatever comes.

RC_BOOST_PROP(display_is_always_in_the_allow_list, ()) {
    const std::string html = any_html();
    const std::string shown = to_display(html, any_format());
    const std::string problem = problem_of(shown);
    if (!problem.empty()) {
        RC_FAIL(problem + " in " + shown);
    }
}

RC_BOOST_PROP(display_of_a_display_is_the_same, ()) {
    const std::string shown = to_display(any_html(), any_format());
    RC_ASSERT(from_html(shown) == shown);
}

RC_BOOST_PROP(no_input_grows_beyond_a_factor, ()) {
    const std::string html = any_html();
    const TextFormat format = any_format();
    RC_ASSERT(to_display(html, format).size() <= 16 * html.size() + 64);
    RC_ASSERT(to_wire(html, format).text.size() <= 16 * html.size() + 64);
    RC_ASSERT(to_plain(html).size() <= 4 * html.size());
    const auto limit = *rc::gen::inRange<std::size_t>(0, 50);
    RC_ASSERT(to_single_line(html, limit).size() <= 4 * limit);
}

RC_BOOST_PROP(escaped_text_reads_as_it_was, (const std::string& bytes)) {
    RC_ASSERT(to_plain(markup::escape(bytes)) == bytes);
    const std::string typed = any_typed_text();
    RC_ASSERT(to_plain(markup::escape(typed)) == typed);
}

RC_BOOST_PROP(what_was_typed_is_what_is_shown, ()) {
    const std::string typed = any_typed_text();
    const auto wire = to_wire(markup::escape(typed), any_format());
    RC_ASSERT(to_plain(to_display(wire.text, wire.format)) == typed);
    RC_ASSERT(wire.is_ambiguous == (typed.find_first_of("<>&") != std::string::npos));
}

RC_BOOST_PROP(unambiguous_text_is_the_same_in_both_formats, ()) {
    std::string text = any_html();
    std::erase_if(text, [](char c) { return c == '<' || c == '>' || c == '&'; });
    RC_ASSERT(from_plain(text) == from_html(text));
    RC_ASSERT(is_either(text));
    const auto wire = to_wire(text, any_format());
    RC_ASSERT(!wire.is_ambiguous);
    RC_ASSERT(wire.format == TextFormat::Plain);
}

RC_BOOST_PROP(html_that_is_sent_is_never_taken_for_plain_text, ()) {
    const auto wire = to_wire(markup::escape(any_typed_text()), TextFormat::Html);
    RC_ASSERT(!is_plain(wire.text));
    RC_ASSERT(!wire.is_ambiguous || is_html(wire.text) ||
              wire.text.find_first_of("<&") == std::string::npos);
}

RC_BOOST_PROP(formatting_arrives_as_it_was_sent, ()) {
    const std::string shown = to_display(any_html(), any_format());
    const auto wire = to_wire(shown, TextFormat::Html);
    RC_ASSERT(to_display(wire.text, wire.format) == shown);
}

RC_BOOST_PROP(the_text_is_the_same_with_and_without_formatting, ()) {
    std::string html = any_html();
    RC_PRE(html.find("<a ") == std::string::npos && html.find("<A ") == std::string::npos);
    const auto formatted = to_wire(html, TextFormat::Html);
    RC_ASSERT(formatted.format == TextFormat::Plain ||
              to_plain(formatted.text) == to_wire(html, TextFormat::Plain).text);
}

RC_BOOST_PROP(wire_text_can_be_handed_to_c, ()) {
    const auto wire = to_wire(any_html(), any_format());
    std::string_view rest = wire.text;
    while (!rest.empty()) {
        const utf8::Decoded next = utf8::decode(rest);
        RC_ASSERT(next.is_valid);
        RC_ASSERT(next.code_point >= 0x20 || next.code_point == '\n' || next.code_point == '\t');
        rest.remove_prefix(next.length);
    }
}

RC_BOOST_PROP(a_notice_stays_one_line, ()) {
    const std::string line = to_single_line(any_html(), *rc::gen::inRange<std::size_t>(0, 80));
    std::string_view rest = line;
    while (!rest.empty()) {
        const utf8::Decoded next = utf8::decode(rest);
        RC_ASSERT(next.is_valid);
        RC_ASSERT(next.code_point >= 0x20 && (next.code_point < 0x7f || next.code_point >= 0xa0));
        RC_ASSERT(next.code_point != 0x2028 && next.code_point != 0x202e);
        rest.remove_prefix(next.length);
    }
}

BOOST_AUTO_TEST_CASE(time_grows_with_the_length_alone) {
    constexpr std::size_t size = 1U << 20;
    for (const std::string_view piece :
         {"plain text without anything ",
          "<",
          "<a",
          "<a ",
          "<a \"",
          "<a x=\"",
          "<a x='",
          "<!--",
          "<!-- -",
          "<!DOCTYPE ",
          "<?xml",
          "&",
          "&#",
          "&amp",
          "&lt;",
          "<b>",
          "</b>",
          "<b></i>",
          "<font color=red>",
          "<font color=red>x</b>",
          "<script>",
          "<head></title>",
          "<title></head>",
          "<style></",
          "<a href=http://e.org/>x.",
          "<a href='",
          "<img alt='&lt;'>",
          "<b>x</b>x",
          "\xff",
          "\xe2\x80\xae",
          "\xf0\x9f\x98\x80",
          "\n",
          "'",
          "<p>",
          "<a =\"x\" ='",
          "<a x=\"'<",
          "<b><i><u><s><span style='color:red;font-weight:bold'>x</b></i></u></s></span>"}) {
        const std::string text = repeated(piece, size);
        const auto begin = std::chrono::steady_clock::now();
        BOOST_TEST(from_html(text).size() <= 16 * text.size());
        BOOST_TEST(from_plain(text).size() <= 6 * text.size());
        BOOST_TEST(wire_html(text).size() <= 16 * text.size());
        BOOST_TEST(to_plain(text).size() <= text.size());
        BOOST_TEST(to_single_line(text, 200).size() <= 800U);
        (void)markup::detect_format(text);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        // Quadratic time would be hours; the sanitizers' builds need some of these seconds.
        BOOST_TEST(taken.count() < 10.0, piece << " took " << taken.count() << " s");
    }
}

BOOST_AUTO_TEST_SUITE_END()
