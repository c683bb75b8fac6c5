// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// People for the targets that need somebody with a key: an engine that nobody looks at.

#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/engine.h"
#include "core/identity.h"
#include "fuzz.h"
#include "util/file.h"

namespace otr_guard::fuzz {

using model::PeerId;

/// What people type, and what must never leave in clear.
inline constexpr const char* typed = "meet me at the old library";

/// Shows nothing, has no timers, keeps what is sent.
class QuietHost final : public core::Host {
public:
    std::deque<std::pair<std::string, std::string>> sent; ///< to whom, what
    core::SteadyTime time{};

    [[nodiscard]] std::deque<std::function<void()>> take_posted() {
        const std::scoped_lock lock(m_mutex);
        return std::exchange(m_posted, {});
    }

    bool is_connected(const model::AccountId&) const override { return true; }
    bool send_raw(const PeerId& peer, std::string_view wire) override {
        check(wire.find(typed) == std::string_view::npos, "nothing typed leaves in clear");
        sent.emplace_back(peer.username, wire);
        return true;
    }
    std::size_t max_message_size(const PeerId&) const override { return 0; }
    model::Policy policy_for(const PeerId&) const override { return model::Policy::Always; }
    std::uint64_t settings_version() const override { return 0; }
    bool takes_files_of_unverified() const override { return true; }
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
    void post(std::function<void()> action) override {
        const std::scoped_lock lock(m_mutex);
        m_posted.push_back(std::move(action));
    }

private:
    std::mutex m_mutex;
    std::deque<std::function<void()>> m_posted;
};

/// A folder that goes away with the object.
class Folder {
public:
    Folder() {
        std::string path = "/tmp/otr-guard-XXXXXX";
        check(::mkdtemp(path.data()) != nullptr, "there is a folder");
        m_path = path;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

/// One of the ready-made keys as libotr's file.
inline void write_key(const std::filesystem::path& folder, const std::string& name, int number) {
    const auto keys = util::read_file(std::filesystem::path(OTR_GUARD_TEST_DATA) / "dsa_keys.txt",
                                      std::size_t{1} << 20);
    check(keys.has_value(), "there are keys");
    std::string_view key(*keys);
    for (; number > 0; --number) {
        key.remove_prefix(key.find('\n') + 1);
    }
    const std::string text = "(privkeys\n(account (name \"" + name + "\") (protocol prpl-irc) " +
                             std::string(key.substr(0, key.find('\n'))) + ")\n)\n";
    check(util::write_file_atomically(folder / "otr.private_key", text).has_value(),
          "the folder can be written");
}

class Person {
public:
    /// `key`: which of the ready-made ones.
    Person(std::filesystem::path folder, const std::string& name, int key)
        : m_folder(std::move(folder)), m_name(name), m_engine(host, m_folder) {
        std::filesystem::create_directories(m_folder);
        write_key(m_folder, name, key);
        check(m_engine.load().has_value(), "the files are read");
    }
    ~Person() {
        static_cast<void>(host.take_posted());
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

} // namespace otr_guard::fuzz
