// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/key_list.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace otr_guard;
    const auto list = core::read_known_keys(fuzz::text_of(data, size));
    if (!list) {
        return 0;
    }
    const auto again = core::read_known_keys(core::to_key_list(list->keys));
    fuzz::check(again && again->keys.size() == list->keys.size(), "a list is read back");
    for (std::size_t i = 0; i < list->keys.size(); ++i) {
        fuzz::check(again->keys[i].first == list->keys[i].first &&
                        again->keys[i].second.is_verified() == list->keys[i].second.is_verified(),
                    "every key of a list is read back");
    }
    return 0;
}
