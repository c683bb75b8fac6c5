// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is said with a SOCKS proxy to find out whether it is Tor: by an extension that only Tor has,
// it resolves a literal address and gives it back, at once and without any circuit. Pure: takes
// and gives bytes. SOCKS5 (RFC 1928, 1929) with Tor's command RESOLVE, 0xF0 (socks-extensions).

#include <optional>
#include <string>
#include <string_view>

namespace otr_guard::core {

enum class TorAnswer {
    Tor,           ///< and it keeps users apart
    TorNotApart,   ///< Tor, but it takes no user name (PreferSOCKSNoAuth): circuits are shared
    SomethingElse, ///< answers, but not as Tor does, or not in time
    Unreachable,
};

class TorTalk {
public:
    /// `address`: the four bytes that must come back; should be nobody's.
    explicit TorTalk(std::string address);

    /// What is said first.
    [[nodiscard]] std::string greeting() const;

    struct Step {
        std::string say;                 ///< to the proxy; may be empty
        std::optional<TorAnswer> answer; ///< the talk is over
    };
    /// Takes what the proxy said. Nothing comes of it while more is to come.
    [[nodiscard]] Step take(std::string_view bytes);

private:
    enum class Stage { Method, Password, Resolving };
    [[nodiscard]] Step go_on();
    [[nodiscard]] Step resolve();

    Stage m_stage = Stage::Method;
    std::string m_received;
    std::string m_address;
    bool m_is_apart = false;
};

} // namespace otr_guard::core
