// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "tor_check.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "model/limits.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

using namespace std::string_literals;

constexpr char no_password = 0x00;
constexpr char with_password = 0x02;

/// 198.51.100.x: reserved for examples, so it is nobody's.
std::string example_address() {
    return "\xc6\x33\x64"s + static_cast<char>(core::random_bits() & 0xffU);
}

std::string with_length(std::string_view text) {
    return std::string(1, static_cast<char>(text.size())).append(text);
}

} // namespace

TorCheck::TorCheck(const core::Route& route, std::function<void(TorAnswer)> done)
    : m_done(std::move(done)), m_address(example_address()) {
    const auto timeout = std::chrono::milliseconds(model::limits::tor_check_timeout);
    const bool is_under_way = connect_to(route);
    // Not at once even then: whoever asks must have the check before it has the answer.
    m_timer =
        purple_timeout_add(is_under_way ? static_cast<guint>(timeout.count()) : 0, too_late, this);
    if (is_under_way) {
        watch(PURPLE_INPUT_WRITE);
    }
}

TorCheck::~TorCheck() {
    stop();
}

void TorCheck::stop() {
    if (m_timer != 0) {
        purple_timeout_remove(std::exchange(m_timer, 0));
    }
    if (m_watch != 0) {
        purple_input_remove(std::exchange(m_watch, 0));
    }
    if (m_socket >= 0) {
        ::close(std::exchange(m_socket, -1));
    }
}

/// The last thing done: `m_done` may destroy this object.
void TorCheck::finish(TorAnswer answer) {
    stop();
    const auto done = std::exchange(m_done, nullptr);
    done(answer);
}

bool TorCheck::connect_to(const core::Route& route) {
    sockaddr_in four{};
    sockaddr_in6 six{};
    four.sin_family = AF_INET;
    six.sin6_family = AF_INET6;
    four.sin_port = six.sin6_port = htons(route.port);
    const bool is_four = ::inet_pton(AF_INET, route.host.c_str(), &four.sin_addr) == 1;
    if (!is_four && ::inet_pton(AF_INET6, route.host.c_str(), &six.sin6_addr) != 1) {
        return false;
    }
    m_socket =
        ::socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const auto* address = is_four ? reinterpret_cast<const sockaddr*>(&four)
                                  : reinterpret_cast<const sockaddr*>(&six);
    const auto size = static_cast<socklen_t>(is_four ? sizeof(four) : sizeof(six));
    return m_socket >= 0 && (::connect(m_socket, address, size) == 0 || errno == EINPROGRESS);
}

void TorCheck::watch(PurpleInputCondition condition) {
    if (m_watch != 0) {
        purple_input_remove(m_watch);
    }
    m_watch = purple_input_add(m_socket, condition, ready, this);
}

gboolean TorCheck::too_late(gpointer self) {
    util::guarded("too_late", [&] {
        auto& check = *static_cast<TorCheck*>(self);
        check.m_timer = 0;
        check.finish(check.m_stage == Stage::Connecting ? TorAnswer::Unreachable
                                                        : TorAnswer::SomethingElse);
    });
    return FALSE;
}

void TorCheck::ready(gpointer self, gint, PurpleInputCondition) {
    util::guarded("ready", [&] { static_cast<TorCheck*>(self)->go_on(); });
}

void TorCheck::go_on() {
    if (m_stage == Stage::Connecting) {
        int error = 0;
        socklen_t size = sizeof(error);
        if (::getsockopt(m_socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
            finish(TorAnswer::Unreachable);
            return;
        }
        m_stage = Stage::Method;
        watch(PURPLE_INPUT_READ);
        say(std::string("\x05\x02") + no_password + with_password);
        return;
    }
    std::array<char, 64> buffer{};
    const ssize_t count = ::recv(m_socket, buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    m_received.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    if (count <= 0 || m_received.size() > buffer.size()) {
        finish(TorAnswer::SomethingElse);
        return;
    }
    take_answer();
}

/// A few bytes into an empty buffer: they fit, or the proxy is gone and the timer ends it.
void TorCheck::say(const std::string& bytes) {
    m_received.clear();
    static_cast<void>(::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

/// SOCKS5 (RFC 1928, 1929) with Tor's command RESOLVE, 0xF0 (socks-extensions).
void TorCheck::take_answer() {
    constexpr std::size_t greeting_size = 2;
    constexpr std::size_t answer_size = 10;
    const std::string resolve = "\x05\xf0\x00\x01"s + m_address + "\x00\x00"s;
    if (m_received.size() < (m_stage == Stage::Resolving ? answer_size : greeting_size)) {
        // A refusal is shorter than an answer.
        if (m_stage == Stage::Resolving && m_received.size() >= 2 && m_received[1] != 0) {
            finish(TorAnswer::SomethingElse);
        }
        return;
    }
    if (m_stage == Stage::Method && m_received == "\x05"s + with_password) {
        m_is_apart = true;
        m_stage = Stage::Password;
        const std::string token = core::new_isolation_token();
        say("\x01"s + with_length(core::isolation_user(token)) + with_length(token));
    } else if ((m_stage == Stage::Method && m_received == "\x05"s + no_password) ||
               (m_stage == Stage::Password && m_received == "\x01\x00"s)) {
        m_stage = Stage::Resolving;
        say(resolve);
    } else if (m_stage == Stage::Resolving && m_received.starts_with("\x05\x00\x00\x01"s) &&
               m_received.substr(4, 4) == m_address) {
        finish(m_is_apart ? TorAnswer::Tor : TorAnswer::TorNotApart);
    } else {
        finish(TorAnswer::SomethingElse);
    }
}

} // namespace otr_guard::plugin
