// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What every fuzz target has: its entry, and a way to say that a promise is broken. Under clang's
// libFuzzer it is called with ever new input, in ordinary builds with the files of
// tests/fuzz/corpus.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace otr_guard::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program when a promise does not hold.
inline void check(bool holds, const char* promise) {
    if (!holds) {
        static_cast<void>(std::fprintf(stderr, "broken: %s\n", promise));
        std::abort();
    }
}

} // namespace otr_guard::fuzz
