// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_line.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace otr_guard;
    const plugin::CommandLine line = plugin::split_verb(fuzz::text_of(data, size));
    static_cast<void>(plugin::split_words(line.rest.view()));
    static_cast<void>(plugin::whole_text(line.rest.view()));
    const auto again = plugin::whole_text(plugin::quote(line.rest.view()));
    fuzz::check(again && again->view() == line.rest.view(), "quoted text is read back");
    return 0;
}
