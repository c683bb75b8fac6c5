// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/own_keys.h"

#include <exception>
#include <utility>

#include "util/file.h"
#include "util/guarded.h"

namespace otr_guard::core {

using util::ErrorCode;
using util::Expected;
using util::failure;

OwnKeys::OwnKeys(Identity& identity, Hooks hooks)
    : m_identity(identity), m_hooks(std::move(hooks)), m_link(std::make_shared<Link>(Link{this})) {}

OwnKeys::~OwnKeys() {
    m_link->owner = nullptr;
}

bool OwnKeys::is_under_way(const model::AccountId& account) const {
    return m_under_way.contains(account);
}

/// Runs `work` in the worker and `then` on the main thread, with what came of it.
template <typename Result>
void OwnKeys::run(std::function<Result()> work, std::function<void(Result)> then) {
    try {
        const auto result = std::make_shared<Result>(failure(ErrorCode::Crypto, "unexpected"));
        m_worker.submit(
            [result, work = std::move(work)] {
                util::guarded("own_keys", [&] { *result = work(); });
            },
            [result, link = m_link, post = m_hooks.post, then] {
                util::guarded("own_keys", [&] {
                    post([result, link, then] {
                        if (link->owner != nullptr) {
                            then(std::move(*result));
                        }
                    });
                });
            });
    } catch (const std::exception& problem) { // no thread to be had
        then(failure(ErrorCode::Unavailable, problem.what()));
    }
}

// --- Changes -----------------------------------------------------------------------------------

bool OwnKeys::begin(const model::AccountId& account,
                    const std::optional<model::Fingerprint>& current, const Done& done) {
    if (m_identity.fingerprint_of(account) != current) {
        done(failure(ErrorCode::Refused, "the account has another key now"));
        return false;
    }
    if (!m_under_way.insert(account).second) {
        done(failure(ErrorCode::Busy, "the key is being changed already"));
        return false;
    }
    return true;
}

void OwnKeys::make(const model::AccountId& account,
                   const std::optional<model::Fingerprint>& replaces, Done done) {
    if (begin(account, replaces, done)) {
        obtain(std::make_shared<Request>(
                   Request{Change::Made, {account, replaces, {}}, std::move(done)}),
               make_key);
    }
}

void OwnKeys::import(const model::AccountId& account,
                     const std::optional<model::Fingerprint>& replaces, std::string backup,
                     util::SecretString passphrase, Done done) {
    const auto names = read_backup_names(backup);
    if (!names) {
        done(tl::unexpected(names.error()));
        return;
    }
    if (replaces == names->fingerprint) {
        done(failure(ErrorCode::Refused, "the account has this key already"));
        return;
    }
    if (begin(account, replaces, done)) {
        obtain(std::make_shared<Request>(
                   Request{Change::Imported, {account, replaces, {}}, std::move(done)}),
               [backup = std::move(backup),
                secret = std::make_shared<util::SecretString>(std::move(passphrase))] {
                   return open_backup(backup, *secret);
               });
    }
}

void OwnKeys::take(const model::AccountId& account,
                   const std::optional<model::Fingerprint>& replaces, CheckedKey key, Done done) {
    if (replaces == key.fingerprint) {
        done(failure(ErrorCode::Refused, "the account has this key already"));
        return;
    }
    if (begin(account, replaces, done)) {
        m_waiting.push_back(std::make_shared<Request>(
            Request{Change::Imported, {account, replaces, std::move(key.text)}, std::move(done)}));
        write_next();
    }
}

void OwnKeys::remove(const model::AccountId& account, const model::Fingerprint& current,
                     Done done) {
    if (!m_identity.fingerprint_of(account)) {
        done(failure(ErrorCode::NotFound, "no key for this account"));
        return;
    }
    if (begin(account, current, done)) {
        m_waiting.push_back(std::make_shared<Request>(
            Request{Change::Deleted, {account, current, {}}, std::move(done)}));
        write_next();
    }
}

void OwnKeys::obtain(const std::shared_ptr<Request>& request,
                     std::function<Expected<CheckedKey>()> work) {
    run<Expected<CheckedKey>>(std::move(work), [this, request](Expected<CheckedKey> key) {
        if (!key) {
            finish(request, tl::unexpected(key.error()));
            return;
        }
        request->keys.key = std::move(key->text);
        m_waiting.push_back(request);
        write_next();
    });
}

void OwnKeys::write_next() {
    const auto link = m_link; // whoever is told may end this object
    while (link->owner != nullptr && !m_is_writing && !m_waiting.empty()) {
        const auto request = std::move(m_waiting.front());
        m_waiting.pop_front();
        auto prepared = m_identity.prepare(request->keys);
        if (!prepared) {
            finish(request, tl::unexpected(prepared.error()));
            continue;
        }
        m_is_writing = true;
        const auto pending = std::make_shared<PendingKeys>(std::move(*prepared));
        run<Expected<void>>(
            [pending] { return util::write_file_atomically(pending->path, pending->text.view()); },
            [this, request, pending](const Expected<void>& result) {
                written(request, pending, result);
            });
    }
}

void OwnKeys::written(const std::shared_ptr<Request>& request,
                      const std::shared_ptr<PendingKeys>& pending, const Expected<void>& result) {
    m_is_writing = false;
    if (result) {
        if (request->keys.replaces) {
            m_hooks.key_leaves(request->keys.account);
        }
        m_identity.commit(std::move(*pending));
    }
    const auto link = m_link;
    finish(request, result);
    if (link->owner != nullptr) {
        write_next();
    }
}

void OwnKeys::finish(const std::shared_ptr<Request>& request, const Expected<void>& result) {
    m_under_way.erase(request->keys.account);
    if (result) {
        m_hooks.key_changed(request->keys.account, request->change);
    }
    request->done(result);
}

// --- Sealing -----------------------------------------------------------------------------------

void OwnKeys::seal(const model::AccountId& account, const model::Fingerprint& current,
                   util::SecretString passphrase, TextDone done) {
    if (m_identity.fingerprint_of(account) != current) {
        done(failure(ErrorCode::Refused, "the account has another key now"));
        return;
    }
    auto key = m_identity.key_of(account);
    if (!key) {
        done(tl::unexpected(key.error()));
        return;
    }
    run<Expected<std::string>>([names = BackupNames{account, current},
                                key = std::make_shared<util::SecretString>(std::move(*key)),
                                secret = std::make_shared<util::SecretString>(std::move(
                                    passphrase))] { return seal_backup(names, *key, *secret); },
                               std::move(done));
}

} // namespace otr_guard::core
