// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Engines, peers on libotr and a network between them, in one thread and with a clock that only
// moves when a test says so. Whatever an engine tells its user or puts on the screen must be read
// by the test: what nobody has read when the world ends is a failure.

#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/engine.h"
#include "libotr_peer/peer.h"

namespace otr_guard::tests {

using namespace std::chrono_literals;
using core::Origin;
using model::NoticeKind;
using model::Policy;
using model::SessionState;
using Lines = std::vector<std::string>;

[[nodiscard]] std::string_view name_of(NoticeKind kind);

/// A folder that goes away with the object.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

/// Somebody's account and the number of the ready-made key it uses; no key when negative.
struct Owner {
    std::string name;
    int key;
};

/// `otr.private_key` with ready-made keys.
void write_key_file(const std::filesystem::path& folder, const std::string& protocol,
                    const std::vector<Owner>& owners);

struct Packet {
    std::string from;
    std::string to;
    std::string text;
};

class Endpoint {
public:
    virtual ~Endpoint() = default;
    virtual void arrives(const Packet& packet) = 0;
};

/// Delivers in order what `passes`; tests take `in_flight` apart for everything else.
class Network {
public:
    void attach(const std::string& name, Endpoint& endpoint) { m_endpoints[name] = &endpoint; }
    void detach(const std::string& name) { m_endpoints.erase(name); }
    /// From an endpoint: goes into the log.
    void put(Packet packet);
    /// From an attacker.
    void inject(Packet packet) { in_flight.push_back(std::move(packet)); }
    /// False when nothing is on its way.
    bool deliver_one();

    std::deque<Packet> in_flight;
    std::vector<Packet> log;
    std::function<bool(const Packet&)> passes;

private:
    std::map<std::string, Endpoint*> m_endpoints;
};

class World;

class FakeHost final : public core::Host {
public:
    FakeHost(World& world, std::string protocol)
        : m_world(world), m_protocol(std::move(protocol)) {}

    // What a test sets.
    Policy policy = Policy::Manual;
    std::map<std::string, Policy> policies; ///< by the peer's name
    bool connected = true;
    bool goodbyes = true;
    bool files_of_unverified = false;
    bool is_disk_watched = false; ///< hears that the disk does not answer
    bool network_takes = true;
    std::size_t max_size = 0;
    /// Of the settings. Else tests change them without a word, and they count at once.
    std::optional<std::uint64_t> announced_version;

    // What it reads.
    struct Told {
        std::string to; ///< the peer's name; empty for the user as such
        model::Notice notice;
    };
    std::vector<Told> told;
    Lines waiting;
    Lines sent_later;
    Lines received_later;
    std::set<NoticeKind> allowed;

    bool is_connected(const model::AccountId&) const override { return connected; }
    bool send_raw(const model::PeerId& peer, std::string_view wire) override;
    std::size_t max_message_size(const model::PeerId&) const override { return max_size; }
    Policy policy_for(const model::PeerId& peer) const override;
    std::uint64_t settings_version() const override {
        return announced_version ? *announced_version : ++m_settings_version;
    }
    bool takes_files_of_unverified() const override { return files_of_unverified; }
    bool says_goodbye() const override { return goodbyes; }
    std::string peer_text(const model::AccountId&, core::PeerText which) const override;
    void tell(const model::PeerId& peer, const model::Notice& notice) override;
    void tell_account(const model::AccountId&, const model::Notice& notice) override;
    void tell_user(const model::Notice& notice) override;
    void show_waiting(const model::PeerId&, std::string_view html) override;
    void show_sent(const model::PeerId&, std::string_view html) override;
    void show_received(const model::PeerId&, std::string_view html) override;
    void state_changed(const model::PeerId&) override {}
    core::SteadyTime now() const override;
    core::WallTime wall_clock() const override;
    core::TimerId schedule(std::chrono::milliseconds delay, std::function<void()> action) override;
    void cancel(core::TimerId timer) override { m_timers.erase(timer); }
    void post(std::function<void()> action) override;

    /// False when there was nothing.
    bool run_posted();
    /// Runs the first timer that is due at `time`; false when there is none.
    bool run_timer(core::SteadyTime time);
    [[nodiscard]] core::SteadyTime next_timer() const;
    [[nodiscard]] std::size_t timers() const { return m_timers.size(); }

private:
    struct Pending {
        core::SteadyTime due;
        std::function<void()> action;
    };
    World& m_world;
    std::string m_protocol;
    std::map<core::TimerId, Pending> m_timers;
    core::TimerId m_next_timer = 1;
    mutable std::uint64_t m_settings_version = 0;
    std::mutex m_mutex;
    std::deque<std::function<void()>> m_posted;
};

/// One chat client with OTR Guard: an engine, its folder, and what its user sees.
class Party final : public Endpoint {
public:
    Party(World& world, std::vector<Owner> owners, std::string protocol = "prpl-jabber");
    ~Party() override;

    FakeHost host;

    [[nodiscard]] core::Engine& engine() { return *m_engine; }
    [[nodiscard]] model::AccountId account(std::size_t index = 0) const;
    [[nodiscard]] model::PeerId peer(const std::string& name) const { return {account(), name}; }
    [[nodiscard]] core::Session& session(const std::string& name);
    [[nodiscard]] core::SessionStatus status(const std::string& name);
    [[nodiscard]] SessionState state(const std::string& name) { return status(name).state; }
    [[nodiscard]] model::Fingerprint key(std::size_t index = 0);
    [[nodiscard]] const std::filesystem::path& folder() const { return m_folder.path(); }
    /// libotr's own view; null when it has none.
    [[nodiscard]] ConnContext* context(const std::string& name, model::InstanceTag tag);

    core::Outgoing::Action type(const std::string& to, const std::string& html,
                                Origin origin = Origin::User, std::size_t as = 0);
    void arrives(const Packet& packet) override;

    /// The names of the notices since the last call, in order, with a space between.
    [[nodiscard]] std::string told();
    /// Takes the first notice of a kind; fails when there is none.
    model::Notice take(NoticeKind kind);
    /// Messages shown since the last call, each behind "private: ", "suspect: ", "clear: " (an
    /// ordinary one) or "unencrypted: " (in clear although private is expected).
    [[nodiscard]] Lines shown();
    /// Forgets everything told and shown so far.
    void look_away();

    /// The client dies and starts again with the same files, or with another key of its own.
    void restart();
    void restart_with_key(int key);

private:
    void load();

    World& m_world;
    std::string m_protocol;
    std::vector<Owner> m_owners;
    TemporaryFolder m_folder;
    std::unique_ptr<core::Engine> m_engine;
    Lines m_shown;
};

/// A program built on libotr alone.
class RawPeer final : public Endpoint {
public:
    /// `behaviour` as in libotr_peer/behaviour.h. `reached_as` is the name others write to; two
    /// peers with the same name are two devices of one person.
    RawPeer(World& world, Owner owner, const char* behaviour = "libotr",
            std::string protocol = "prpl-jabber");
    ~RawPeer() override;

    [[nodiscard]] libotr_peer::Peer& peer() { return *m_peer; }
    [[nodiscard]] Lines shown() { return std::exchange(m_shown, {}); }
    [[nodiscard]] std::vector<nlohmann::json> events(const std::string& name) const;
    void arrives(const Packet& packet) override;
    /// The program dies and starts again with its files.
    void restart();

private:
    World& m_world;
    Owner m_owner;
    TemporaryFolder m_folder;
    libotr_peer::Account m_account;
    libotr_peer::Behaviour m_behaviour;
    std::unique_ptr<libotr_peer::Peer> m_peer;
    std::vector<nlohmann::json> m_events;
    Lines m_shown;
};

/// Somebody on the way who has nobody's keys: the answer to `commit` (a D-H Commit Message) under
/// an instance tag of their choice. Empty when that did not work.
[[nodiscard]] std::string forge_dh_key(const std::string& commit, model::InstanceTag claimed_tag);
/// Whether a packet is an encoded message of this type (libotr's letter behind "?OTR:AAM").
[[nodiscard]] bool is_encoded(const Packet& packet, char type);

/// Hands everything to several endpoints: the devices of one person.
class Devices final : public Endpoint {
public:
    explicit Devices(std::vector<Endpoint*> endpoints) : m_endpoints(std::move(endpoints)) {}
    void arrives(const Packet& packet) override {
        for (Endpoint* endpoint : m_endpoints) {
            endpoint->arrives(packet);
        }
    }

private:
    std::vector<Endpoint*> m_endpoints;
};

class World {
public:
    Network network;

    /// Delivers, runs what is posted and waits for steps of verifications until nothing is left.
    /// Fails when that never ends.
    void settle();
    /// Moves the clock, timer by timer, and settles after each.
    void advance(std::chrono::milliseconds time);
    /// Settles until `condition`, for what other threads do; fails after ten seconds.
    void wait_until(const std::function<bool()>& condition);

    [[nodiscard]] core::SteadyTime now() const { return m_now; }
    /// Whether `text` was ever handed to the network as it is.
    [[nodiscard]] bool was_on_the_wire(std::string_view text) const;

    void join(Party& party) { m_parties.push_back(&party); }
    void leave(const Party& party) { std::erase(m_parties, &party); }

private:
    /// False when there was nothing.
    bool run_posted();

    core::SteadyTime m_now{1000h};
    std::vector<Party*> m_parties;
};

/// Alice and Bob, both with OTR Guard.
struct TwoParties {
    World world;
    Party alice{world, {{"alice", 0}}};
    Party bob{world, {{"bob", 1}}};

    /// A private conversation, and everything about it read.
    void make_private();
    /// Both have compared their keys.
    void make_verified();
};

/// Alice with OTR Guard, Bob with a program on libotr.
struct AliceAndRaw {
    explicit AliceAndRaw(const char* behaviour = "libotr",
                         const std::string& protocol = "prpl-jabber")
        : alice(world, {{"alice", 0}}, protocol), bob(world, {"bob", 1}, behaviour, protocol) {}
    World world;
    Party alice;
    RawPeer bob;

    void make_private();
};

/// Alice with OTR Guard, and Bob with two devices of which both are private with her.
struct AliceAndTwoDevices {
    /// `second_key`: the second device's; the first has key 1.
    explicit AliceAndTwoDevices(int second_key = 1);
    World world;
    Party alice{world, {{"alice", 0}}};
    RawPeer first{world, {"bob", 1}};
    RawPeer second;
    Devices devices{{&first, &second}};
};

} // namespace otr_guard::tests
