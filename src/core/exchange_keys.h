// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// libotr computes the keys of a key exchange (c, c', m1, m1', m2, m2') over those of the exchange
// before, without letting go of them: ten kilobytes each time, and keys that stay in memory (auth.c
// of libotr 4.1.1, where D-H Key and Reveal Signature Messages are handled).

#include <array>
#include <vector>

#include "core/contexts.h"
#include "core/libotr.h"

namespace otr_guard::core {

class ExchangeKeys {
public:
    /// Before libotr is given a D-H Key or Reveal Signature Message, and no other: elsewhere it
    /// lets go by itself. None of the contexts may be forgotten meanwhile.
    explicit ExchangeKeys(const Contexts& contexts);
    /// Lets go of what was replaced.
    ~ExchangeKeys();
    ExchangeKeys(const ExchangeKeys&) = delete;
    ExchangeKeys& operator=(const ExchangeKeys&) = delete;

    [[nodiscard]] static bool are_made_by(OtrlMessageType type) {
        return type == OTRL_MSGTYPE_DH_KEY || type == OTRL_MSGTYPE_REVEALSIG;
    }

private:
    struct Keys {
        const OtrlAuthInfo* exchange;
        std::array<gcry_cipher_hd_t, 2> ciphers;
        std::array<gcry_md_hd_t, 4> authenticators;
    };
    std::vector<Keys> m_before;
};

} // namespace otr_guard::core
