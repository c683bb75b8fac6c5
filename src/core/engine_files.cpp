// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/engine.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "model/limits.h"
#include "util/file.h"
#include "util/log.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;

namespace {

/// Changes within this time are written together.
constexpr std::chrono::milliseconds save_delay{200};
constexpr std::chrono::seconds save_retry{30};

/// All that can be written is; the last problem, when there were any.
util::Expected<void> write(const std::vector<PendingFile>& files) {
    util::Expected<void> result;
    for (const PendingFile& file : files) {
        if (auto written = util::write_file_atomically(file.path, file.content); !written) {
            result = std::move(written);
        }
    }
    return result;
}

} // namespace

void Engine::make_key(const model::AccountId& account) {
    if (m_identity.fingerprint_of(account) || m_own_keys->is_under_way(account)) {
        return;
    }
    m_own_keys->make(account, std::nullopt, [this, account](const util::Expected<void>& result) {
        if (!result) {
            key_failed(account, result.error().detail);
        }
    });
}

void Engine::key_leaves(const model::AccountId& account) {
    for_sessions_of(account, [](Session& session) { session.own_key_leaves(); });
}

void Engine::key_changed(const model::AccountId& account, OwnKeys::Change change) {
    const auto fingerprint = m_identity.fingerprint_of(account);
    if (!fingerprint) {
        m_trust.forget_own_key(account);
        trust_changed();
        m_host.tell_account(account, {NoticeKind::KeyDeleted, {}});
        for_sessions_of(account,
                        [this](const Session& session) { m_host.state_changed(session.peer()); });
        return;
    }
    const bool is_made = change == OwnKeys::Change::Made;
    m_trust.note_own_key(
        account, {*fingerprint, is_made ? OwnKeyNote::Origin::Made : OwnKeyNote::Origin::Imported,
                  m_host.wall_clock()});
    trust_changed();
    m_host.tell_account(account, {is_made ? NoticeKind::KeyMade : NoticeKind::KeyImported,
                                  {fingerprint->to_groups()}});
    for_sessions_of(account, [](Session& session) { session.key_ready(); });
}

void Engine::key_failed(const model::AccountId& account, const std::string& reason) {
    m_host.tell_account(account, {NoticeKind::KeyFailed, {reason}});
    for_sessions_of(account, [](Session& session) { session.key_failed(); });
}

util::Expected<void> Engine::forget(const model::PeerId& peer,
                                    const model::Fingerprint& fingerprint) {
    const SessionStatus now = status(peer);
    const bool is_in_use =
        std::ranges::any_of(now.instances, [&fingerprint](const InstanceStatus& instance) {
            return instance.state == model::SessionState::Private && instance.key == fingerprint;
        });
    if (is_in_use) {
        return util::failure(util::ErrorCode::Refused, "the key is in use");
    }
    if (!m_trust.forget(peer, fingerprint)) {
        return util::failure(util::ErrorCode::NotFound, "no such key");
    }
    trust_changed();
    m_host.state_changed(peer);
    return {};
}

void Engine::set_verified(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                          bool is_verified) {
    if (Session* session = find_session(peer)) {
        is_verified ? session->trust(fingerprint) : session->untrust(fingerprint);
        return;
    }
    if (is_verified) {
        m_trust.set_verified(peer, fingerprint, model::VerificationMethod::ByHand,
                             m_host.wall_clock());
    } else {
        m_trust.revoke(peer, fingerprint);
    }
    trust_changed();
    m_host.state_changed(peer);
}

void Engine::restore(const model::PeerId& peer, const KnownKey& key) {
    if (!m_trust.put(peer, key)) {
        return;
    }
    trust_changed();
    if (Session* session = find_session(peer)) {
        session->trust_restored(key.fingerprint);
    } else {
        m_host.state_changed(peer);
    }
}

void Engine::trust_changed() {
    if (!m_is_saving) {
        m_save_timer = Timer(m_host, save_delay, [this] { save_in_background(); });
    }
}

void Engine::save_in_background() {
    std::vector<PendingFile> files = m_trust.take_pending();
    if (files.empty()) {
        return;
    }
    m_is_saving = true;
    m_slow_timer =
        Timer(m_host, limits::slow_write, [this] { tell_not_written("the disk does not answer"); });
    const auto result = std::make_shared<util::Expected<void>>();
    try {
        m_writer.submit([result, files = std::move(files)] { *result = write(files); },
                        [this, alive = m_alive, result] {
                            m_host.post([this, alive, result] {
                                if (*alive) {
                                    saved(*result);
                                }
                            });
                        });
    } catch (const std::exception& problem) { // no thread to be had
        saved(util::failure(util::ErrorCode::Unavailable, problem.what()));
    }
}

void Engine::write_in_background(const std::filesystem::path& path, std::string content) {
    const auto result = std::make_shared<util::Expected<void>>();
    const auto write_it = [result, path, content = std::move(content)] {
        *result = util::write_file_atomically(path, content);
    };
    const auto deliver = [this, result] {
        m_host.post([result] {
            if (!*result) {
                util::log_warning("write_in_background", result->error().detail);
            }
        });
    };
    try {
        m_writer.submit(write_it, deliver);
    } catch (const std::exception&) { // no thread to be had
        write_it();
        deliver();
    }
}

void Engine::saved(const util::Expected<void>& result) {
    m_is_saving = false;
    m_slow_timer.stop();
    if (!result) {
        m_trust.mark_dirty();
        tell_not_written(result.error().detail);
        m_save_timer = Timer(m_host, save_retry, [this] { save_in_background(); });
        return;
    }
    m_has_told_not_written = false;
    if (m_trust.is_dirty()) {
        trust_changed();
    }
}

void Engine::tell_not_written(const std::string& reason) {
    if (!std::exchange(m_has_told_not_written, true)) {
        m_host.tell_user({NoticeKind::FileNotWritten, {"otr.fingerprints", reason}});
    }
}

} // namespace otr_guard::core
