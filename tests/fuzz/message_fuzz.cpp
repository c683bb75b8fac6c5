// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// The whole receiving path, beside a living private conversation. A message a line; those that
// begin with '!' come from a stranger, the others from the friend's server.

#include <algorithm>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/engine.h"
#include "core/identity.h"
#include "fuzz.h"
#include "util/file.h"

namespace {

using namespace otr_guard;
using model::PeerId;

constexpr const char* typed = "meet me at the old library";

class QuietHost final : public core::Host {
public:
    std::deque<std::pair<std::string, std::string>> sent; ///< to whom, what
    std::deque<std::function<void()>> posted;
    core::SteadyTime time{};

    bool is_connected(const model::AccountId&) const override { return true; }
    bool send_raw(const PeerId& peer, std::string_view wire) override {
        fuzz::check(wire.find(typed) == std::string_view::npos, "nothing typed leaves in clear");
        sent.emplace_back(peer.username, wire);
        return true;
    }
    std::size_t max_message_size(const PeerId&) const override { return 0; }
    model::Policy policy_for(const PeerId&) const override { return model::Policy::Always; }
    bool says_goodbye() const override { return true; }
    std::string peer_text(const model::AccountId&, core::PeerText) const override { return "text"; }
    void tell(const PeerId&, const model::Notice&) override {}
    void tell_account(const model::AccountId&, const model::Notice&) override {}
    void tell_user(const model::Notice&) override {}
    void show_waiting(const PeerId&, std::string_view) override {}
    void show_sent(const PeerId&, std::string_view) override {}
    void show_received(const PeerId&, std::string_view) override {}
    void state_changed(const PeerId&) override {}
    core::SteadyTime now() const override { return time; }
    core::WallTime wall_clock() const override {
        return core::WallTime(std::chrono::seconds(1'800'000'000));
    }
    core::TimerId schedule(std::chrono::milliseconds, std::function<void()>) override { return 1; }
    void cancel(core::TimerId) override {}
    void post(std::function<void()> action) override { posted.push_back(std::move(action)); }
};

class Person {
public:
    Person(std::filesystem::path folder, const std::string& name, const std::string& key)
        : m_folder(std::move(folder)), m_name(name), m_engine(host, m_folder) {
        std::filesystem::create_directories(m_folder);
        const std::string keys =
            "(privkeys\n(account (name \"" + name + "\") (protocol prpl-irc) " + key + ")\n)\n";
        fuzz::check(util::write_file_atomically(m_folder / "otr.private_key", keys).has_value(),
                    "the folder can be written");
        fuzz::check(m_engine.load().has_value(), "the files are read");
    }
    ~Person() {
        host.posted.clear();
        std::error_code ignored;
        std::filesystem::remove_all(m_folder, ignored);
    }
    Person(const Person&) = delete;
    Person& operator=(const Person&) = delete;

    QuietHost host;

    [[nodiscard]] PeerId peer(const std::string& name) const {
        return {{m_name, "prpl-irc"}, name};
    }
    [[nodiscard]] core::Engine& engine() { return m_engine; }

private:
    std::filesystem::path m_folder;
    std::string m_name;
    core::Engine m_engine;
};

/// Alice and Bob in a private conversation; made anew when somebody has ended it.
class Pair {
public:
    Pair() {
        const auto keys = util::read_file(
            std::filesystem::path(OTR_GUARD_TEST_DATA) / "dsa_keys.txt", std::size_t{1} << 20);
        fuzz::check(keys.has_value(), "there are keys");
        const std::string first = keys->substr(0, keys->find('\n'));
        const std::string rest = keys->substr(first.size() + 1);
        const std::string second = rest.substr(0, rest.find('\n'));
        std::string folder = "/tmp/otr-guard-XXXXXX";
        fuzz::check(::mkdtemp(folder.data()) != nullptr, "there is a folder");
        m_folder = folder;
        m_alice = std::make_unique<Person>(m_folder / "alice", "alice", first);
        m_bob = std::make_unique<Person>(m_folder / "bob", "bob", second);
        m_alice->engine().session(m_alice->peer("bob")).start();
        settle();
        fuzz::check(is_private(), "a conversation becomes private");
    }
    ~Pair() {
        m_alice.reset();
        m_bob.reset();
        std::error_code ignored;
        std::filesystem::remove_all(m_folder, ignored);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;

    [[nodiscard]] Person& alice() { return *m_alice; }
    [[nodiscard]] bool is_private() {
        return m_alice->engine().status(m_alice->peer("bob")).state == model::SessionState::Private;
    }
    void settle() {
        while (!m_alice->host.sent.empty() || !m_bob->host.sent.empty() || run_posted()) {
            pass(*m_alice, "alice", *m_bob, "bob");
            pass(*m_bob, "bob", *m_alice, "alice");
        }
    }

private:
    static void pass(Person& from, const std::string& sender, Person& to, const std::string& name) {
        const auto messages = std::exchange(from.host.sent, {});
        for (const auto& [receiver, text] : messages) {
            if (receiver == name) {
                static_cast<void>(to.engine().receive(to.peer(sender), text));
            }
        }
    }
    bool run_posted() {
        bool did_run = false;
        for (Person* person : {m_alice.get(), m_bob.get()}) {
            for (const auto& action : std::exchange(person->host.posted, {})) {
                action();
                did_run = true;
            }
        }
        return did_run;
    }

    std::filesystem::path m_folder;
    std::unique_ptr<Person> m_alice;
    std::unique_ptr<Person> m_bob;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::unique_ptr<Pair> pair;
    if (pair == nullptr) {
        pair = std::make_unique<Pair>();
    }
    Person& alice = pair->alice();
    for (std::string_view rest = fuzz::text_of(data, size); !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const bool is_stranger = line.starts_with('!');
        const auto shown = alice.engine().receive(alice.peer(is_stranger ? "mallory" : "bob"),
                                                  is_stranger ? line.substr(1) : line);
        fuzz::check(shown.action != core::Incoming::Action::ShowPrivate,
                    "nothing made up is shown as private");
        alice.host.time += std::chrono::seconds(1);
    }
    for (const char* name : {"bob", "mallory"}) {
        const auto outgoing = alice.engine().send(alice.peer(name), typed, core::Origin::User);
        fuzz::check(outgoing.action != core::Outgoing::Action::SendAsIs &&
                        outgoing.text.find(typed) == std::string::npos,
                    "nothing typed leaves in clear");
    }
    pair->settle();
    if (!pair->is_private()) {
        pair.reset();
    }
    return 0;
}
