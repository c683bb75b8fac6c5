// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "core/fragments.h"
#include "fuzz.h"
#include "model/limits.h"

/// A message a line; the first character of each chooses who sends it.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace otr_guard;
    core::Reassembler reassembler;
    core::Reassembler::Clock::time_point now{};
    for (std::string_view rest = fuzz::text_of(data, size); !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const std::string sender(line.substr(0, 1));
        const auto result =
            reassembler.add({{"alice", "prpl-irc"}, sender},
                            line.substr(std::min<std::size_t>(1, line.size())), 0x101, now);
        fuzz::check(result.message.size() <= size, "no message grows out of nothing");
        fuzz::check(reassembler.bytes_held() <= size, "no more is held than came in");
        now += std::chrono::seconds(1);
    }
    return 0;
}
