// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/key_generation.h"

#include <exception>
#include <utility>

#include "util/guarded.h"

namespace otr_guard::core {

using util::ErrorCode;
using util::Expected;
using util::failure;

KeyGeneration::KeyGeneration(Identity& identity, PostToMain post, Done done)
    : m_identity(identity), m_post(std::move(post)), m_done(std::move(done)),
      m_link(std::make_shared<Link>(Link{this})) {}

KeyGeneration::~KeyGeneration() {
    m_link->owner = nullptr;
    m_worker.drain();
    for (const auto& [account, new_key] : m_under_way) {
        otrl_privkey_generate_cancelled(m_identity.user_state(), new_key);
    }
}

bool KeyGeneration::is_under_way(const model::AccountId& account) const {
    return m_under_way.contains(account);
}

Expected<void> KeyGeneration::request(const model::AccountId& account) {
    if (m_identity.fingerprint_of(account)) {
        return failure(ErrorCode::Refused, "the account has a key");
    }
    void* new_key = nullptr;
    const gcry_error_t error = otrl_privkey_generate_start(
        m_identity.user_state(), account.username.c_str(), account.protocol.c_str(), &new_key);
    if (gcry_err_code(error) == GPG_ERR_EEXIST) {
        return failure(ErrorCode::Busy, "the key is being made");
    }
    if (error != 0) {
        return failure(ErrorCode::Crypto, gcry_strerror(error));
    }
    m_under_way.emplace(account, new_key);
    try {
        m_worker.submit([link = m_link, post = m_post, account, new_key] {
            util::guarded("calculate", [&] {
                const bool is_good = otrl_privkey_generate_calculate(new_key) == 0;
                post([link, account, new_key, is_good] {
                    if (link->owner != nullptr) {
                        link->owner->calculated(account, new_key, is_good);
                    }
                });
            });
        });
    } catch (const std::exception& problem) { // no thread to be had
        m_under_way.erase(account);
        otrl_privkey_generate_cancelled(m_identity.user_state(), new_key);
        return failure(ErrorCode::Unavailable, problem.what());
    }
    return {};
}

void KeyGeneration::calculated(const model::AccountId& account, void* new_key, bool is_good) {
    m_under_way.erase(account);
    const Done done = m_done; // it may end this object
    if (!is_good) {
        // Finishing without a key would drop all others.
        otrl_privkey_generate_cancelled(m_identity.user_state(), new_key);
        done(account, failure(ErrorCode::Crypto, "libgcrypt could not make a key"));
        return;
    }
    done(account, m_identity.adopt_key(new_key));
}

} // namespace otr_guard::core
