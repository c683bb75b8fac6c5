// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Changes of the user's own keys, away from the main loop: making one (20 to 200 ms and more),
// sealing and opening one under a passphrase, and every write run in one worker thread; what is
// decided is decided on the main thread. A key that is there is replaced or deleted only by its
// fingerprint, so that nobody loses one that they have not seen. Must not outlive its Identity.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/identity.h"
#include "core/key_backup.h"
#include "core/worker.h"
#include "model/account.h"
#include "model/fingerprint.h"
#include "util/expected.h"
#include "util/secret.h"

namespace otr_guard::core {

class OwnKeys {
public:
    /// Called on the main thread, once, unless this object ends before; for what is refused at
    /// once, before the call returns. May end this object.
    using Done = std::function<void(util::Expected<void>)>;
    using TextDone = std::function<void(util::Expected<std::string>)>;

    enum class Change { Made, Imported, Deleted };

    struct Hooks {
        /// Runs a function on the main thread soon; callable from any thread.
        std::function<void(std::function<void()>)> post;
        /// The file has another key or none instead of this account's; the old one can be used for
        /// the last time. Not called for an account that has had none.
        std::function<void(const model::AccountId&)> key_leaves;
        std::function<void(const model::AccountId&, Change)> key_changed;
    };

    OwnKeys(Identity& identity, Hooks hooks);
    /// Waits for the worker (see there how long): libotr cannot be interrupted, and what is being
    /// written is written.
    /// Functions posted before and not yet run do nothing afterwards.
    ~OwnKeys();
    OwnKeys(const OwnKeys&) = delete;
    OwnKeys& operator=(const OwnKeys&) = delete;

    // Each wants the fingerprint of the key that is there (nothing: there is none) and is Refused
    // when it is another one; Busy while another change for this account is under way. When it
    // fails, all keys stay as they were. Main thread only.
    void make(const model::AccountId& account, const std::optional<model::Fingerprint>& replaces,
              Done done);
    /// `backup` is a text of key_backup.h, of whichever account; its errors apply. Refused when its
    /// key is the one that is there.
    void import(const model::AccountId& account, const std::optional<model::Fingerprint>& replaces,
                std::string backup, util::SecretString passphrase, Done done);
    /// A key of another program that lies open. Refused as with import().
    void take(const model::AccountId& account, const std::optional<model::Fingerprint>& replaces,
              CheckedKey key, Done done);
    void remove(const model::AccountId& account, const model::Fingerprint& current, Done done);
    [[nodiscard]] bool is_under_way(const model::AccountId& account) const;

    /// Seals the key that is there now.
    void seal(const model::AccountId& account, const model::Fingerprint& current,
              util::SecretString passphrase, TextDone done);

private:
    /// Outlives this object in posted functions; `owner` is null once it is gone.
    struct Link {
        OwnKeys* owner;
    };
    struct Request {
        Change change;
        KeyChange keys;
        Done done;
    };

    template <typename Result>
    void run(std::function<Result()> work, std::function<void(Result)> then);
    [[nodiscard]] bool begin(const model::AccountId& account,
                             const std::optional<model::Fingerprint>& current, const Done& done);
    void obtain(const std::shared_ptr<Request>& request,
                std::function<util::Expected<CheckedKey>()> work);
    void write_next();
    void written(const std::shared_ptr<Request>& request,
                 const std::shared_ptr<PendingKeys>& pending, const util::Expected<void>& result);
    void finish(const std::shared_ptr<Request>& request, const util::Expected<void>& result);

    Identity& m_identity;
    Hooks m_hooks;
    std::set<model::AccountId> m_under_way;
    std::deque<std::shared_ptr<Request>> m_waiting; ///< for their turn to be written
    bool m_is_writing = false;
    std::shared_ptr<Link> m_link;
    Worker m_worker;
};

} // namespace otr_guard::core
