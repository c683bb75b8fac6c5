// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Makes DSA keys away from the main loop: libotr's calculate step (20 to 200 ms and more) runs in
// one worker thread, start and finish on the main thread. Must not outlive its Identity.

#include <functional>
#include <map>
#include <memory>

#include "core/identity.h"
#include "core/worker.h"
#include "model/account.h"
#include "util/expected.h"

namespace otr_guard::core {

class KeyGeneration {
public:
    /// Called on the main thread, once per request.
    using Done = std::function<void(const model::AccountId&, util::Expected<void>)>;
    /// Runs a function on the main thread soon; callable from any thread.
    using PostToMain = std::function<void(std::function<void()>)>;

    KeyGeneration(Identity& identity, PostToMain post, Done done);
    /// Waits for calculations that are under way: libotr cannot interrupt them.
    /// Functions posted before and not yet run do nothing afterwards.
    ~KeyGeneration();
    KeyGeneration(const KeyGeneration&) = delete;
    KeyGeneration& operator=(const KeyGeneration&) = delete;

    /// Starts making a key unless the account has one (Refused) or one is under way (Busy).
    /// Main thread only.
    [[nodiscard]] util::Expected<void> request(const model::AccountId& account);
    [[nodiscard]] bool is_under_way(const model::AccountId& account) const;

private:
    /// Outlives this object in posted functions; `owner` is null once it is gone.
    struct Link {
        KeyGeneration* owner;
    };

    void calculated(const model::AccountId& account, void* new_key, bool is_good);

    Identity& m_identity;
    PostToMain m_post;
    Done m_done;
    std::map<model::AccountId, void*> m_under_way; ///< libotr's working structures
    std::shared_ptr<Link> m_link;
    Worker m_worker;
};

} // namespace otr_guard::core
