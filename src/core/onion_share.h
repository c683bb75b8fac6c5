// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// OnionShare's addresses, and what its program for the command line (2.6) says. Pure functions over
// text; must take nothing for an address that is none, because it is sent and opened as it is.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace otr_guard::core {

/// Where something is shared.
struct OnionShareAddress {
    std::string address;   ///< "http://" and a host, nothing else
    std::string key;       ///< what Tor Browser asks for; empty when it asks for nothing
    bool is_local = false; ///< works on this computer alone: OnionShare without Tor

    friend bool operator==(const OnionShareAddress&, const OnionShareAddress&) = default;
};

/// Whether this is the name of an onion service, version 3, with its check digits right
/// (rend-spec-v3): 56 characters and ".onion", in lower case.
[[nodiscard]] bool is_onion_host(std::string_view host);

/// The first onion address in a text that somebody wrote, with the key that stands in it, if one
/// does. Never a local one.
[[nodiscard]] std::optional<OnionShareAddress> find_onion_address(std::string_view plain_text);

/// Reads what `onionshare-cli` writes.
class OnionShareOutput {
public:
    struct Connecting {
        unsigned percent = 0; ///< of Tor's way into its network
    };
    struct Ready {
        OnionShareAddress share;
    };
    /// Somebody is downloading.
    struct Downloading {
        unsigned percent = 0;
    };
    struct Complete {};
    enum class Trouble {
        NoTor,      ///< it has found none, or may not use it
        TorMissing, ///< the program tor is not installed
        TooSlow,    ///< Tor did not get into its network in time
        NoPort,     ///< no free port on this computer
        File,       ///< the file cannot be read, or there is no room to pack it
    };
    using News = std::variant<Connecting, Ready, Downloading, Complete, Trouble>;

    /// The next piece of output. Then next() until there is nothing.
    void take(std::string_view bytes);
    [[nodiscard]] std::optional<News> next();

private:
    [[nodiscard]] std::optional<News> read(std::string_view line);
    [[nodiscard]] std::optional<News> read_share(std::string_view line);

    /// Which line of the announcement comes next.
    enum class Announcing { Nothing, Address, AddressAlone, Key };
    std::string m_waiting;
    bool m_is_too_long = false; ///< the line that has begun
    Announcing m_announcing = Announcing::Nothing;
    std::string m_address;
};

} // namespace otr_guard::core
