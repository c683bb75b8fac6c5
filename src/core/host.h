// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the core asks of the chat client it lives in, and tells it. The core never knows who
// implements this: the libpurple plugin does, and the tests do. All calls come on the main thread
// except post(); none may call back into the core before it returns, except through post() and
// schedule().

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "model/account.h"
#include "model/notice.h"
#include "model/states.h"

namespace otr_guard::core {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::sys_seconds;
using TimerId = std::uint64_t; ///< never 0

/// The few sentences that go to other people's programs.
enum class PeerText {
    Query,           ///< after "?OTRv23?": one neutral line, no name, no advertisement
    PinQuestion,     ///< the question that goes with a one-time PIN
    EncryptionError, ///< the following after "?OTR Error: "
    Unreadable,
    Malformed,
};

class Host {
public:
    virtual ~Host() = default;

    // Network.
    [[nodiscard]] virtual bool is_connected(const model::AccountId& account) const = 0;
    /// Hands one OTR protocol message to the network, to the resource the conversation is bound to.
    /// False when it surely did not go out. Never called with user text in clear.
    virtual bool send_raw(const model::PeerId& peer, std::string_view wire) = 0;
    /// Longest message this peer can be sent, in bytes; 0 is no limit.
    [[nodiscard]] virtual std::size_t max_message_size(const model::PeerId& peer) const = 0;

    // Settings.
    /// The user's wish: buddy, else account, else global.
    [[nodiscard]] virtual model::Policy policy_for(const model::PeerId& peer) const = 0;
    /// Another number whenever policy_for() may have another answer for somebody.
    [[nodiscard]] virtual std::uint64_t settings_version() const = 0;
    /// Whether files pass between the user and people who are not verified, too.
    [[nodiscard]] virtual bool takes_files_of_unverified() const = 0;
    /// Whether sessions end with a goodbye when their account signs off.
    [[nodiscard]] virtual bool says_goodbye() const = 0;
    /// In the user's language, unless that is nobody's business where this account goes.
    [[nodiscard]] virtual std::string peer_text(const model::AccountId& account,
                                                PeerText which) const = 0;

    // The user.
    /// One line for the conversation with `peer`. Must not open a window for strangers.
    virtual void tell(const model::PeerId& peer, const model::Notice& notice) = 0;
    /// Something about the user's own keys or files, without a conversation.
    virtual void tell_account(const model::AccountId& account, const model::Notice& notice) = 0;
    virtual void tell_user(const model::Notice& notice) = 0;
    /// `html` was typed and is not sent yet.
    virtual void show_waiting(const model::PeerId& peer, std::string_view html) = 0;
    /// Text that waited has been sent privately just now: show it as sent.
    virtual void show_sent(const model::PeerId& peer, std::string_view html) = 0;
    /// A message that could not be returned from Engine::receive because it came out later.
    /// `html` is safe to display.
    virtual void show_received(const model::PeerId& peer, std::string_view html) = 0;
    /// Anything in Engine::status(peer) changed.
    virtual void state_changed(const model::PeerId& peer) = 0;

    // Time and threads.
    [[nodiscard]] virtual SteadyTime now() const = 0;
    [[nodiscard]] virtual WallTime wall_clock() const = 0;
    /// Calls `action` once on the main loop after `delay`.
    virtual TimerId schedule(std::chrono::milliseconds delay, std::function<void()> action) = 0;
    /// Ignores timers that have fired already.
    virtual void cancel(TimerId timer) = 0;
    /// Calls `action` on the main loop soon. Any thread.
    virtual void post(std::function<void()> action) = 0;
};

/// A running timer; cancels itself.
class Timer {
public:
    Timer() = default;
    Timer(Host& host, std::chrono::milliseconds delay, std::function<void()> action)
        : m_host(&host), m_id(host.schedule(delay, std::move(action))) {}
    ~Timer() { stop(); }
    Timer(Timer&& other) noexcept
        : m_host(std::exchange(other.m_host, nullptr)), m_id(other.m_id) {}
    Timer& operator=(Timer&& other) noexcept {
        if (this != &other) {
            stop();
            m_host = std::exchange(other.m_host, nullptr);
            m_id = other.m_id;
        }
        return *this;
    }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void stop() {
        if (Host* host = std::exchange(m_host, nullptr)) {
            host->cancel(m_id);
        }
    }

private:
    Host* m_host = nullptr;
    TimerId m_id = 0;
};

} // namespace otr_guard::core
