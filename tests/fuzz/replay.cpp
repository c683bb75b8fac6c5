// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// In place of libFuzzer's main: gives every file of the folders named to the target, once.

#include <filesystem>
#include <string>

#include "fuzz.h"
#include "util/file.h"

namespace {
constexpr std::size_t largest = 16U << 20;
}

int main(int argc, char** argv) {
    std::size_t files = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
            if (entry.is_regular_file()) {
                const auto content = otr_guard::util::read_file(entry.path(), largest);
                otr_guard::fuzz::check(content.has_value(), "the corpus can be read");
                std::printf("%s\n", entry.path().c_str());
                static_cast<void>(std::fflush(stdout)); // the last line names what broke it
                LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content->data()),
                                       content->size());
                ++files;
            }
        }
    }
    std::printf("%zu files\n", files);
    return files > 0 ? 0 : 1;
}
