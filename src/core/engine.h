// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The core as its host sees it: one object that owns keys, trust and sessions. Built when the
// plugin loads and dropped when it unloads. Main thread only. Must never hand text to the network
// itself: what may leave is its answer to send(), or goes through Host::send_raw.

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/file_transfers.h"
#include "core/fragments.h"
#include "core/host.h"
#include "core/identity.h"
#include "core/messages.h"
#include "core/own_keys.h"
#include "core/session.h"
#include "core/trust_store.h"
#include "core/worker.h"
#include "model/account.h"
#include "util/descriptor.h"

namespace otr_guard::core {

class Engine {
public:
    /// `folder` is the user directory with the files that pidgin-otr uses as well.
    Engine(Host& host, const std::filesystem::path& folder);
    /// Says no goodbyes: call shut_down() first, while accounts are still connected.
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Initialises libotr and reads the files; unreadable ones are set aside and told to the user.
    [[nodiscard]] util::Expected<void> load();
    /// Goodbye to everybody and everything written, synchronously.
    void shut_down();

    // Messages.
    [[nodiscard]] Outgoing send(const model::PeerId& peer, std::string_view html, Origin origin);
    [[nodiscard]] Incoming receive(const model::PeerId& peer, std::string_view wire);
    /// True when text for this peer must not leave in clear right now: the last check before the
    /// network, for whatever did not come through send().
    [[nodiscard]] bool forbids_clear_text(const model::PeerId& peer) const;

    // Sessions. References are valid until control returns to the main loop.
    [[nodiscard]] Session& session(const model::PeerId& peer);
    [[nodiscard]] Session* find_session(const model::PeerId& peer);
    /// The same by the names of a libotr context.
    [[nodiscard]] Session* find_session(const char* account, const char* protocol,
                                        const char* username);
    [[nodiscard]] SessionStatus status(const model::PeerId& peer) const;
    [[nodiscard]] std::vector<model::PeerId> peers_with_sessions() const;

    // Things that happen.
    void account_enabled(const model::AccountId& account); ///< or signing on: makes a missing key
    void account_leaving(const model::AccountId& account); ///< while it can still send
    void peer_online(const model::PeerId& peer);
    void settings_changed();

    // Keys.
    /// Makes a missing one; failing is told to the user.
    void make_key(const model::AccountId& account);
    /// Everything else that may become of the user's own keys. When one is replaced or deleted, the
    /// private conversations of its account end with a goodbye first; what is typed in them then
    /// waits for a new one. Only after load().
    [[nodiscard]] OwnKeys& own_keys() { return *m_own_keys; }
    [[nodiscard]] FileTransfers& files() { return *m_files; }
    /// Refused while the key is in use.
    [[nodiscard]] util::Expected<void> forget(const model::PeerId& peer,
                                              const model::Fingerprint& fingerprint);
    /// The user's own judgement of a known key, whether there is a conversation or not.
    void set_verified(const model::PeerId& peer, const model::Fingerprint& fingerprint,
                      bool is_verified);
    /// Takes a change of what is known about a key back: `key` is how it was.
    void restore(const model::PeerId& peer, const KnownKey& key);
    /// Writes changed trust soon, in a worker.
    void trust_changed();

    [[nodiscard]] Host& host() { return m_host; }
    [[nodiscard]] Identity& identity() { return m_identity; }
    [[nodiscard]] TrustStore& trust() { return m_trust; }
    [[nodiscard]] const TrustStore& trust() const { return m_trust; }
    [[nodiscard]] const Identity& identity() const { return m_identity; }

    /// Waits for the steps of verifications that are being computed: what came of them is posted
    /// then. For hosts without a main loop that goes on meanwhile, like tests.
    void finish_proofs() { static_cast<void>(m_prover.drain()); }

    // Called from libotr's callbacks, see app_ops.
    void stall_active_session();
    void poll_every(unsigned seconds);

private:
    [[nodiscard]] FileTransfers::Hooks file_hooks();
    void poll();
    void key_leaves(const model::AccountId& account);
    void key_changed(const model::AccountId& account, OwnKeys::Change change);
    void key_failed(const model::AccountId& account, const std::string& reason);
    void for_sessions_of(const model::AccountId& account,
                         const std::function<void(Session&)>& action);
    void save_in_background();
    void saved(const util::Expected<void>& result);
    /// Once until it works again: it is tried again and again.
    void tell_not_written(const std::string& reason);
    /// What is lost without a loss: nobody is told when it fails.
    void write_in_background(const std::filesystem::path& path, std::string content);
    /// For this process alone; when another one has them they are only read.
    void take_files();
    void report(const std::vector<FileProblem>& problems);
    /// Forgets sessions that nobody would miss, once control is back at the main loop.
    void make_room_soon();
    void make_room();
    void drop(const model::PeerId& peer);

    Host& m_host;
    std::filesystem::path m_folder;
    util::Descriptor m_lock;
    Identity m_identity;
    TrustStore m_trust;
    Reassembler m_reassembler;
    Services m_services;
    std::unordered_map<model::PeerId, std::unique_ptr<Session>> m_sessions;
    Session* m_active = nullptr; ///< whose message libotr is working on
    bool m_is_making_room = false;
    Timer m_poll_timer;
    Timer m_save_timer;
    Timer m_slow_timer;
    bool m_is_saving = false;
    bool m_has_told_not_written = false;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    std::unique_ptr<OwnKeys> m_own_keys;
    std::unique_ptr<FileTransfers> m_files;
    Worker m_writer;
    Worker m_prover; ///< of its own: no disk holds a verification up
};

} // namespace otr_guard::core
