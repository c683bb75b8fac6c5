// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/engine.h"

#include <algorithm>
#include <utility>

#include "core/app_ops.h"
#include "core/wire.h"
#include "model/limits.h"
#include "util/file.h"
#include "util/log.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;

namespace {

/// Sets a variable for a while.
template <typename T> class Temporarily {
public:
    Temporarily(T& variable, T value) : m_variable(variable), m_before(variable) {
        variable = value;
    }
    ~Temporarily() { m_variable = m_before; }
    Temporarily(const Temporarily&) = delete;
    Temporarily& operator=(const Temporarily&) = delete;

private:
    T& m_variable;
    T m_before;
};

/// libotr has sent a D-H Commit Message to nobody in particular, and waits.
bool has_exchange(const Contexts& contexts) {
    for (const ConnContext* context = contexts.first(); context != nullptr;
         context = context->next) {
        if (context->auth.commit_sent_time > 0) {
            return true;
        }
    }
    return false;
}

} // namespace

Engine::Engine(Host& host, const std::filesystem::path& folder)
    : m_host(host), m_folder(folder), m_identity(folder), m_trust(folder),
      m_services{
          .host = host,
          .identity = m_identity,
          .trust = m_trust,
          .reassembler = m_reassembler,
          .prover = m_prover,
          .ops = libotr_callbacks(),
          .opdata = this,
          .request_key = [this](const model::AccountId& account) { make_key(account); },
          .trust_changed = [this] { trust_changed(); },
          .file_record =
              [this](const FileEnd& from, unsigned short type, std::string_view record) {
                  m_files->take_record(from, type, record);
              },
          .session_changed = [this](const model::PeerId& peer) { m_files->session_changed(peer); }},
      m_files(std::make_unique<FileTransfers>(host, file_hooks())) {
    m_identity.write_by([this](const std::filesystem::path& path, std::string content) {
        write_in_background(path, std::move(content));
    });
}

FileTransfers::Hooks Engine::file_hooks() {
    return {
        .is_open =
            [this](const FileEnd& end) {
                const Session* session = find_session(end.peer);
                return session != nullptr && session->carries_files(end);
            },
        .send =
            [this](const FileEnd& end, unsigned short type, std::string_view record) {
                Session* session = find_session(end.peer);
                return session != nullptr && session->send_file_record(end, type, record);
            },
        .current =
            [this](const model::PeerId& peer) {
                const Session* session = find_session(peer);
                return session != nullptr ? session->file_end() : std::nullopt;
            },
        .is_verified =
            [this](const FileEnd& end) {
                const Session* session = find_session(end.peer);
                return session != nullptr && session->is_trusted(end.key);
            },
        .reopen =
            [this](const model::PeerId& peer) {
                if (Session* session = find_session(peer)) {
                    session->reopen();
                }
            },
    };
}

Engine::~Engine() {
    *m_alive = false;
    m_files.reset();
    m_own_keys.reset();
    m_sessions.clear();
}

util::Expected<void> Engine::load() {
    if (auto ready = initialise_libotr(); !ready) {
        return ready;
    }
    take_files();
    report(m_identity.load());
    report(m_trust.load());
    m_own_keys = std::make_unique<OwnKeys>(
        m_identity,
        OwnKeys::Hooks{
            .post = [this](std::function<void()> action) { m_host.post(std::move(action)); },
            .key_leaves = [this](const model::AccountId& account) { key_leaves(account); },
            .key_changed = [this](const model::AccountId& account,
                                  OwnKeys::Change change) { key_changed(account, change); },
        });
    return {};
}

void Engine::take_files() {
    auto lock = util::lock_file(m_folder / "otr-guard.lock");
    if (lock) {
        m_lock = std::move(*lock);
        for (const char* name :
             {"otr.private_key", "otr.instance_tags", "otr.fingerprints", "otr-guard.json"}) {
            util::remove_leftovers(m_folder / name);
        }
        return;
    }
    util::log_warning("take_files", lock.error().detail);
    if (lock.error().code == util::ErrorCode::Busy) {
        m_identity.make_read_only();
        m_trust.make_read_only();
        m_host.tell_user({NoticeKind::ProfileInUse, {}});
    }
}

void Engine::report(const std::vector<FileProblem>& problems) {
    for (const FileProblem& problem : problems) {
        util::log_error(problem.name, problem.reason);
        m_host.tell_user(
            problem.kept_as.empty()
                ? model::Notice{NoticeKind::FileKept, {problem.name, problem.reason}}
                : model::Notice{NoticeKind::FileUnreadable, {problem.name, problem.kept_as}});
    }
}

void Engine::shut_down() {
    m_files->shut_down();
    for (const auto& [peer, session] : m_sessions) {
        session->stop();
    }
    m_save_timer.stop();
    m_slow_timer.stop();
    if (!m_writer.drain()) {
        // This thread would not come back either.
        util::log_error("save", "the disk does not answer; what changed last is not written");
        return;
    }
    if (m_is_saving) {
        m_trust.mark_dirty(); // whether that was written, nobody is going to tell us any more
    }
    if (m_trust.is_dirty()) {
        if (const auto saved_now = m_trust.save(); !saved_now) {
            util::log_error("save", saved_now.error().detail);
        }
    }
}

// --- Messages ----------------------------------------------------------------------------------

Outgoing Engine::send(const model::PeerId& peer, std::string_view html, Origin origin) {
    Session& active = session(peer);
    const Temporarily<Session*> is_active(m_active, &active);
    return active.send(html, origin);
}

Incoming Engine::receive(const model::PeerId& peer, std::string_view wire) {
    const bool is_plain = wire.find("?OTR") == std::string_view::npos && !has_whitespace_tag(wire);
    if (is_plain && find_session(peer) == nullptr && !forbids_clear_text(peer)) {
        return {Incoming::Action::ShowAsIs, {}};
    }
    Session& active = session(peer);
    const Temporarily<Session*> is_active(m_active, &active);
    return active.receive(wire);
}

bool Engine::forbids_clear_text(const model::PeerId& peer) const {
    const auto found = m_sessions.find(peer);
    if (found != m_sessions.end() &&
        found->second->status().state != model::SessionState::Plaintext) {
        return true;
    }
    return rules_for(m_host.policy_for(peer),
                     {.has_known_key = !m_trust.keys_of(peer).empty(),
                      .has_expected_key = m_trust.expected(peer).has_value()})
        .requires_private;
}

// --- Sessions ----------------------------------------------------------------------------------

Session& Engine::session(const model::PeerId& peer) {
    if (Session* known = find_session(peer)) {
        return *known;
    }
    if (m_sessions.size() >= limits::idle_sessions) {
        make_room_soon();
    }
    auto created = std::make_unique<Session>(m_services, peer);
    return *m_sessions.emplace(peer, std::move(created)).first->second;
}

Session* Engine::find_session(const model::PeerId& peer) {
    const auto found = m_sessions.find(peer);
    return found == m_sessions.end() ? nullptr : found->second.get();
}

Session* Engine::find_session(const char* account, const char* protocol, const char* username) {
    if (m_active != nullptr && m_active->peer().username == username &&
        m_active->peer().account.username == account &&
        m_active->peer().account.protocol == protocol) {
        return m_active;
    }
    return find_session({{account, protocol}, username});
}

SessionStatus Engine::status(const model::PeerId& peer) const {
    const auto found = m_sessions.find(peer);
    if (found != m_sessions.end()) {
        return found->second->status();
    }
    SessionStatus status;
    status.policy = m_host.policy_for(peer);
    status.my_key = m_identity.fingerprint_of(peer.account);
    status.expected_key = m_trust.expected(peer);
    if (forbids_clear_text(peer)) {
        status.hold = model::HoldReason::NoSession;
    }
    return status;
}

std::vector<model::PeerId> Engine::peers_with_sessions() const {
    std::vector<model::PeerId> peers;
    peers.reserve(m_sessions.size());
    for (const auto& [peer, session] : m_sessions) {
        peers.push_back(peer);
    }
    return peers;
}

void Engine::for_sessions_of(const model::AccountId& account,
                             const std::function<void(Session&)>& action) {
    for (const model::PeerId& peer : peers_with_sessions()) {
        if (peer.account == account) {
            Session& session = *m_sessions.at(peer);
            const Temporarily<Session*> is_active(m_active, &session);
            action(session);
        }
    }
}

void Engine::make_room_soon() {
    // Not now: somebody up the stack may hold a reference to any session.
    if (std::exchange(m_is_making_room, true)) {
        return;
    }
    m_host.post([this, alive = m_alive] {
        if (*alive) {
            m_is_making_room = false;
            make_room();
        }
    });
}

void Engine::make_room() {
    std::vector<const Session*> disposable;
    for (const auto& [peer, session] : m_sessions) {
        if (session.get() != m_active && session->is_disposable()) {
            disposable.push_back(session.get());
        }
    }
    // Some more than needed, so that a flood does not cause this for every message.
    constexpr std::size_t few = limits::idle_sessions - limits::idle_sessions / 4;
    if (disposable.size() < limits::idle_sessions) {
        return;
    }
    std::ranges::sort(disposable, {}, &Session::last_used);
    disposable.resize(disposable.size() - few);
    for (const Session* session : disposable) {
        drop(model::PeerId(session->peer()));
    }
}

void Engine::drop(const model::PeerId& peer) {
    m_reassembler.forget(peer);
    if (Session* session = find_session(peer)) {
        const Contexts::InUse in_use(session->contexts());
        otrl_message_disconnect_all_instances(in_use.state(), &libotr_callbacks(), this,
                                              peer.account.username.c_str(),
                                              peer.account.protocol.c_str(), peer.username.c_str());
    }
    m_sessions.erase(peer);
}

void Engine::stall_active_session() {
    if (m_active != nullptr) {
        m_active->stall_for_key();
    }
}

void Engine::poll_every(unsigned seconds) {
    if (seconds == 0) {
        m_poll_timer.stop();
        return;
    }
    m_poll_timer = Timer(m_host, std::chrono::seconds(seconds), [this, seconds] {
        poll_every(seconds);
        poll();
    });
}

// libotr takes each list for all that there is, and would not look again after one without
// anything to wait for.
void Engine::poll() {
    bool is_waiting = false;
    OtrlMessageAppOps ops = libotr_callbacks();
    ops.timer_control = nullptr;
    for (const auto& [peer, session] : m_sessions) {
        if (!session->contexts().empty()) {
            const Contexts::InUse in_use(session->contexts());
            otrl_message_poll(in_use.state(), &ops, this);
            is_waiting = is_waiting || has_exchange(session->contexts());
        }
    }
    if (!is_waiting) {
        m_identity.user_state()->timer_running = 0;
        m_poll_timer.stop();
    }
}

// --- Things that happen ------------------------------------------------------------------------

void Engine::account_enabled(const model::AccountId& account) {
    if (!m_identity.fingerprint_of(account)) {
        make_key(account);
    }
}

void Engine::account_leaving(const model::AccountId& account) {
    for_sessions_of(account, [](Session& session) { session.suspend(); });
}

void Engine::peer_online(const model::PeerId& peer) {
    if (Session* session = find_session(peer)) {
        session->peer_online();
        if (m_files->waits_for(peer)) {
            session->reopen();
        }
    }
}

void Engine::settings_changed() {
    for (const auto& [peer, session] : m_sessions) {
        session->policy_changed();
    }
}

} // namespace otr_guard::core
