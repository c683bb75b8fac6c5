// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/exchange_keys.h"

#include <algorithm>

namespace otr_guard::core {

ExchangeKeys::ExchangeKeys(const Contexts& contexts) {
    for (const ConnContext* context = contexts.first(); context != nullptr;
         context = context->next) {
        const OtrlAuthInfo& keys = context->auth;
        if (keys.enc_c != nullptr) {
            m_before.push_back({&keys,
                                {keys.enc_c, keys.enc_cp},
                                {keys.mac_m1, keys.mac_m1p, keys.mac_m2, keys.mac_m2p}});
        }
    }
}

ExchangeKeys::~ExchangeKeys() {
    for (const Keys& keys : m_before) {
        if (keys.exchange->enc_c != keys.ciphers.front()) { // all six come and go together
            std::ranges::for_each(keys.ciphers, gcry_cipher_close);
            std::ranges::for_each(keys.authenticators, gcry_md_close);
        }
    }
}

} // namespace otr_guard::core
