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

/// 198.51.100.x: reserved for examples, so it is nobody's.
std::string example_address() {
    return "\xc6\x33\x64"s + static_cast<char>(core::random_bits() & 0xffU);
}

} // namespace

TorCheck::TorCheck(const core::Route& route, std::function<void(TorAnswer)> done)
    : m_done(std::move(done)), m_talk(example_address()) {
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
        check.finish(check.m_is_connected ? TorAnswer::SomethingElse : TorAnswer::Unreachable);
    });
    return FALSE;
}

void TorCheck::ready(gpointer self, gint, PurpleInputCondition) {
    util::guarded("ready", [&] { static_cast<TorCheck*>(self)->go_on(); });
}

void TorCheck::go_on() {
    if (!m_is_connected) {
        int error = 0;
        socklen_t size = sizeof(error);
        if (::getsockopt(m_socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
            finish(TorAnswer::Unreachable);
            return;
        }
        m_is_connected = true;
        watch(PURPLE_INPUT_READ);
        say(m_talk.greeting());
        return;
    }
    std::array<char, 64> buffer{};
    const ssize_t count = ::recv(m_socket, buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (count <= 0) {
        finish(TorAnswer::SomethingElse);
        return;
    }
    const auto step = m_talk.take({buffer.data(), static_cast<std::size_t>(count)});
    if (step.answer) {
        finish(*step.answer);
    } else if (!step.say.empty()) {
        say(step.say);
    }
}

/// A few bytes into an empty buffer: they fit, or the proxy is gone and the timer ends it.
void TorCheck::say(const std::string& bytes) const {
    static_cast<void>(::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

} // namespace otr_guard::plugin
