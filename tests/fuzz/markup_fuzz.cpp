// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>

#include "core/markup.h"
#include "core/utf8.h"
#include "fuzz.h"

namespace {

using namespace otr_guard;

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto character = core::utf8::decode(text);
        if (!character.is_valid) {
            return false;
        }
        text.remove_prefix(character.length);
    }
    return true;
}

void check_display(std::string_view text, core::markup::TextFormat format) {
    const std::string shown = core::markup::to_display(text, format);
    fuzz::check(is_utf8(shown), "what is shown is UTF-8");
    fuzz::check(shown.find('\0') == std::string::npos, "what is shown has no end inside");
    for (const char* element : {"<img", "<script", "<style", "<span", "<body", "<IMG"}) {
        fuzz::check(shown.find(element) == std::string::npos, "only allowed elements are shown");
    }
    fuzz::check(core::markup::to_display(shown, core::markup::TextFormat::Html) == shown,
                "what is clean stays as it is");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    check_display(text, core::markup::TextFormat::Html);
    check_display(text, core::markup::TextFormat::Plain);
    static_cast<void>(core::markup::detect_format(text));
    static_cast<void>(core::markup::to_plain(text));
    static_cast<void>(core::markup::to_wire(text, core::markup::TextFormat::Html));
    static_cast<void>(core::markup::to_wire(text, core::markup::TextFormat::Plain));
    fuzz::check(is_utf8(core::markup::to_single_line(text, 80)), "a single line is UTF-8");
    return 0;
}
