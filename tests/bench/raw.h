// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// libotr alone: two people in memory, no client, no disk. What every plugin pays at least.

#include <cstddef>
#include <functional>
#include <string>

namespace otr_guard::bench {

struct RawTalk {
    std::size_t size = 50; ///< of each text, in bytes
    unsigned long count = 1;
    int limit = 0; ///< longest message on the way, 0 for none
};

/// `key_file` as libotr writes it, with keys of the accounts "ya" and "zb". `measured` runs the
/// part that counts. Throws std::runtime_error when a text does not arrive as it was.
void talk_raw(const std::string& key_file, const RawTalk& talk,
              const std::function<void(const std::function<void()>&)>& measured);

} // namespace otr_guard::bench
