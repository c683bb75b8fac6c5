// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a proxy answers to the question whether it is Tor.

#include <algorithm>
#include <string>

#include "core/tor_talk.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace otr_guard;
    const std::string address = "\xc6\x33\x64\x07";
    const std::string_view all = fuzz::text_of(data, size);
    // In one piece, and byte by byte.
    for (const std::size_t piece : {std::max<std::size_t>(size, 1), std::size_t{1}}) {
        core::TorTalk talk(address);
        fuzz::check(!talk.greeting().empty(), "the talk begins");
        for (std::size_t at = 0; at < size; at += piece) {
            const auto step = talk.take(all.substr(at, piece));
            fuzz::check(step.say.size() < 600, "little is said");
            if (step.answer) {
                const bool is_tor = *step.answer == core::TorAnswer::Tor ||
                                    *step.answer == core::TorAnswer::TorNotApart;
                fuzz::check(!is_tor || all.find(address) != std::string_view::npos,
                            "Tor gives the address back");
                fuzz::check(step.say.empty(), "nothing is said afterwards");
                break;
            }
        }
    }
    return 0;
}
