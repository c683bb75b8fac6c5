// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/identity.h"
#include "core/key_backup.h"
#include "fuzz.h"

/// A text that somebody calls an exported key, and what may be in one.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace otr_guard;
    static const bool is_ready = core::initialise_libotr().has_value();
    fuzz::check(is_ready, "libotr is there");
    const auto text = fuzz::text_of(data, size);
    if (const auto names = core::read_backup_names(text)) {
        fuzz::check(!names->account.username.empty() && !names->account.protocol.empty(),
                    "a sealed key has names");
    }
    if (const auto key = core::check_key_text(text)) {
        const auto again = core::check_key_text(key->text.view());
        fuzz::check(again && again->fingerprint == key->fingerprint, "a good key stays good");
    }
    return 0;
}
