// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <string>
#include <utility>
#include <vector>

#include "core/file_name.h"
#include "core/text_cleaner.h"
#include "core/utf8.h"
#include "model/file_limits.h"

using namespace otr_guard::core;
namespace limits = otr_guard::model::limits;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const utf8::Decoded next = utf8::decode(text);
        if (!next.is_valid) {
            return false;
        }
        text.remove_prefix(next.length);
    }
    return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(file_name_tests)

BOOST_AUTO_TEST_CASE(only_the_last_part_of_a_path_is_a_name) {
    for (const auto& [given, wanted] : Pairs{{"photo.jpg", "photo.jpg"},
                                             {"../../.bashrc", "bashrc"},
                                             {"/etc/passwd", "passwd"},
                                             {"..\\..\\autoexec.bat", "autoexec.bat"},
                                             {"C:\\x\\photo.jpg", "photo.jpg"},
                                             {"..", "file"},
                                             {".", "file"},
                                             {"", "file"},
                                             {"/", "file"},
                                             {"folder/", "file"},
                                             {"...", "file"},
                                             {" . .", "file"}}) {
        BOOST_TEST(safe_file_name(given) == wanted);
    }
}

BOOST_AUTO_TEST_CASE(nothing_in_a_name_acts_or_hides) {
    for (const auto& [given, wanted] :
         Pairs{{".hidden", "hidden"},
               {"a\nb\x01\x7f.txt", "ab.txt"},
               {"photo\u202egpj.exe", "photogpj.exe"},
               {"a\u200b\u2066\ufeffb", "ab"},
               {"invoice.pdf                      .exe", "invoice.pdf .exe"},
               {"invoice.pdf\u00a0\u3000\u2003.exe", "invoice.pdf .exe"},
               {"name.", "name"},
               {"name. ", "name"},
               {"-rf", "_rf"},
               {"~root", "_root"},
               {"a<b>:\"|?*c", "a_b______c"},
               {"con", "_con"},
               {"NUL.txt", "_NUL.txt"},
               {"com1.tar.gz", "_com1.tar.gz"},
               {"console.log", "console.log"},
               {"\xff\xfe.txt", "__.txt"},
               {"r\u00e9sum\u00e9.pdf", "r\u00e9sum\u00e9.pdf"},
               {"\u05d0\u05d1.txt", "\u05d0\u05d1.txt"}}) {
        BOOST_TEST(safe_file_name(given) == wanted);
    }
}

BOOST_AUTO_TEST_CASE(a_long_name_keeps_its_end) {
    const std::string name = safe_file_name(std::string(1000, 'x') + ".jpg");
    BOOST_TEST(name.size() == limits::file_name_bytes);
    BOOST_TEST(name.ends_with("x.jpg"));
    const std::string wide = safe_file_name(std::string(999, '\xc3') + "\u00e9" + ".jpg");
    BOOST_TEST(is_utf8(wide));
    std::string accents;
    for (int i = 0; i < 300; ++i) {
        accents += "\u00e9";
    }
    BOOST_TEST(is_utf8(safe_file_name(accents)));
    BOOST_TEST(safe_file_name(accents).size() <= limits::file_name_bytes);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_taken_gets_a_number_before_its_end) {
    BOOST_TEST(numbered_file_name("photo.jpg", 1) == "photo.jpg");
    BOOST_TEST(numbered_file_name("photo.jpg", 2) == "photo (2).jpg");
    BOOST_TEST(numbered_file_name("photo", 12) == "photo (12)");
}

BOOST_AUTO_TEST_CASE(programs_and_macros_are_known_by_their_end) {
    for (const char* name : {"setup.exe", "a.pdf.EXE", "x.desktop", "run.sh", "page.html", "a.jar",
                             "a.lnk", "image.svg", "app.AppImage"}) {
        BOOST_TEST((risk_of_file(name) == FileRisk::Program));
    }
    for (const char* name : {"letter.docm", "table.XLSM", "old.doc", "slides.ppt", "text.odt"}) {
        BOOST_TEST((risk_of_file(name) == FileRisk::Macros));
    }
    for (const char* name : {"photo.jpg", "exe", "letter.docx", "a.pdf", "a.txt", "noend"}) {
        BOOST_TEST((risk_of_file(name) == FileRisk::None));
    }
}

BOOST_AUTO_TEST_CASE(a_media_type_is_letters_or_nothing) {
    BOOST_TEST(safe_media_type("Image/JPEG; charset=x") == "image/jpeg");
    for (const char* type :
         {"", "/", "a/", "/b", "a/b/c", "a b/c", "<b>/c", "image",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbbbbbbbbb"}) {
        BOOST_TEST(safe_media_type(type) == "");
    }
    BOOST_TEST(media_type_of("a.JPG") == "image/jpeg");
    BOOST_TEST(media_type_of("a") == "");
}

RC_BOOST_PROP(every_name_is_one_visible_component, (const std::string& given)) {
    const std::string name = safe_file_name(given);
    RC_ASSERT(!name.empty() && name.size() <= limits::file_name_bytes);
    RC_ASSERT(name.find_first_of("/\\\n:*?\"<>|") == std::string::npos);
    RC_ASSERT(name.front() != '.' && name.front() != ' ' && name.front() != '-');
    RC_ASSERT(name.back() != '.' && name.back() != ' ');
    RC_ASSERT(is_utf8(name));
    for (std::string_view rest = name; !rest.empty();) {
        const utf8::Decoded next = utf8::decode(rest);
        RC_ASSERT(!is_control(next.code_point) && !is_direction_control(next.code_point));
        rest.remove_prefix(next.length);
    }
    RC_ASSERT(safe_file_name(name) == name);
}

// Found by fuzzing: it became longer than a name may be, and was cut once more when it was looked
// at again.
BOOST_AUTO_TEST_CASE(a_device_of_full_length_stays_within_it) {
    const std::string name = safe_file_name("conout$." + std::string(limits::file_name_bytes, 'x'));
    BOOST_TEST(name.starts_with("_conout$."));
    BOOST_TEST(name.size() == limits::file_name_bytes);
    BOOST_TEST(safe_file_name(name) == name);
}

BOOST_AUTO_TEST_SUITE_END()
