// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/tor_talk.h"

#include <cstddef>
#include <utility>

#include "core/proxy_policy.h"

namespace otr_guard::core {

namespace {

using namespace std::string_literals;

constexpr char no_password = 0x00;
constexpr char with_password = 0x02;
constexpr std::size_t greeting_size = 2;
constexpr std::size_t answer_size = 10;
/// No answer of Tor's is longer.
constexpr std::size_t most_received = 64;

std::string with_length(std::string_view text) {
    return std::string(1, static_cast<char>(text.size())).append(text);
}

} // namespace

TorTalk::TorTalk(std::string address) : m_address(std::move(address)) {}

std::string TorTalk::greeting() const {
    return std::string("\x05\x02") + no_password + with_password;
}

TorTalk::Step TorTalk::take(std::string_view bytes) {
    m_received += bytes;
    if (m_received.size() > most_received) {
        return {{}, TorAnswer::SomethingElse};
    }
    if (m_received.size() >= (m_stage == Stage::Resolving ? answer_size : greeting_size)) {
        return go_on();
    }
    // A refusal is shorter than an answer.
    const bool is_refused =
        m_stage == Stage::Resolving && m_received.size() >= 2 && m_received[1] != 0;
    return {{}, is_refused ? std::optional(TorAnswer::SomethingElse) : std::nullopt};
}

TorTalk::Step TorTalk::go_on() {
    const std::string received = std::exchange(m_received, {});
    if (m_stage == Stage::Method && received == "\x05"s + with_password) {
        m_is_apart = true;
        m_stage = Stage::Password;
        const std::string token = new_isolation_token();
        return {"\x01"s + with_length(isolation_user(token)) + with_length(token), {}};
    }
    if ((m_stage == Stage::Method && received == "\x05"s + no_password) ||
        (m_stage == Stage::Password && received == "\x01\x00"s)) {
        return resolve();
    }
    const bool is_tor = m_stage == Stage::Resolving && received.starts_with("\x05\x00\x00\x01"s) &&
                        received.substr(4, 4) == m_address;
    if (!is_tor) {
        return {{}, TorAnswer::SomethingElse};
    }
    return {{}, m_is_apart ? TorAnswer::Tor : TorAnswer::TorNotApart};
}

TorTalk::Step TorTalk::resolve() {
    m_stage = Stage::Resolving;
    return {"\x05\xf0\x00\x01"s + m_address + "\x00\x00"s, {}};
}

} // namespace otr_guard::core
