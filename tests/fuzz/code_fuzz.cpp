// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/code.h"
#include "core/words.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace otr_guard;
    if (const auto code = core::parse_code(fuzz::text_of(data, size))) {
        for (const std::string& form : {core::to_words(*code), core::to_xmpp_uri("a@b", *code)}) {
            const auto again = core::parse_code(form);
            fuzz::check(again && *again == *code, "words and links are read back");
        }
    }
    return 0;
}
