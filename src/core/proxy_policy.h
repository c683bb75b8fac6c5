// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What an account that is bound to a proxy demands of its settings and of every connection made for
// it. Pure functions: nothing here opens a connection or looks anything up. Whatever is unclear
// (unknown words, contradicting records, a proxy by name) must end in a refusal, never in a guess.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/account.h"

namespace otr_guard::core {

/// What the user has chosen for an account.
enum class Binding { Off, Proxy, Tor };

/// How libpurple says that an account connects.
enum class ProxyKind { Missing, Global, Environment, None, Socks4, Socks5, Http, Tor };

/// An account's proxy settings as they are now.
struct ProxySettings {
    ProxyKind kind = ProxyKind::Missing;
    std::string host;
    int port = 0;
    std::string user;
};

enum class WireProtocol { Socks5, Http };

/// The one way to the network that a bound account has.
struct Route {
    Binding binding = Binding::Tor;
    WireProtocol protocol = WireProtocol::Socks5;
    std::string host; ///< an IP address: a name would have to be looked up
    std::uint16_t port = 0;

    bool operator==(const Route&) const = default;
};

/// Why an account may not connect. Each is shown with what to change.
enum class Refusal {
    Undecided, ///< a new account whose user has not chosen yet
    NoGate,    ///< connections cannot be checked with this libpurple; argument: what failed
    ProtocolOwnSockets, ///< the protocol opens connections by itself; argument: its id
    RecordDamaged,      ///< what is stored cannot be read, or its two records contradict
    ProxyMissing,
    ProxyGlobal,
    ProxyEnvironment,
    ProxyNone,
    ProxySocks4,
    ProxyByName, ///< argument: the name
    ProxyPortMissing,
    ProxyChanged,       ///< not the one chosen; arguments: chosen, found
    ProxyTellsHostName, ///< an HTTP proxy with a user: the log-in carries this computer's name
    NotTor,             ///< arguments: host, port
    ProxyDown,          ///< arguments: host, port
    ClearText,          ///< encryption to the server is not required
    ClearPassword,      ///< the password may be sent without encryption
    ResourceNamesHost,  ///< the XMPP resource holds this computer's name
    ProgramNamed,       ///< XMPP over HTTP, where each request names the program
};

struct Refused {
    Refusal reason;
    std::vector<std::string> arguments;

    bool operator==(const Refused&) const = default;
};

/// What is stored about one account: nothing, a choice, that one is still to be made, or something
/// that cannot be read.
struct Record {
    enum class State { Absent, Off, Undecided, Bound, Damaged };
    State state = State::Absent;
    Route route; ///< only when Bound

    bool operator==(const Record&) const = default;
};

/// "tor 127.0.0.1 9050", "proxy socks5 ::1 1080", "proxy http 10.0.0.1 3128".
[[nodiscard]] std::string to_text(const Route& route);
/// The same of what is stored: also "off" and "ask". Empty when Absent or Damaged.
[[nodiscard]] std::string to_text(const Record& record);
/// The other way round. Empty text is Absent; anything that is not exactly of that form is Damaged.
[[nodiscard]] Record parse_record(std::string_view text);

/// One from two places, because one of them can be wiped or edited: bound if either says so,
/// damaged if they contradict. `Off` counts only where the other place says nothing else.
[[nodiscard]] Record merge(const Record& account, const Record& mirror);

/// An IPv4 or IPv6 address without brackets, zone or leading zeros.
[[nodiscard]] bool is_ip_address(std::string_view host);
/// Such an address that no packet leaves the computer for.
[[nodiscard]] bool is_loopback(std::string_view host);

/// Turns an account's proxy into the route it can be bound to, or says why it cannot.
struct RouteResult {
    std::optional<Route> route;
    std::optional<Refused> refused;
};
[[nodiscard]] RouteResult make_route(Binding binding, const ProxySettings& proxy);
/// Where a Tor on this computer listens by itself.
[[nodiscard]] Route default_tor_route();

/// What a bound account's proxy settings have to be. SOCKS5 is always stored as libpurple's type
/// "tor": the same protocol, but libpurple then looks no name up by itself.
[[nodiscard]] ProxySettings required_settings(const Route& route);

/// The settings of an account that matter before a connection.
struct ConnectFacts {
    std::string protocol; ///< the plugin's id
    ProxySettings proxy;
    std::string server; ///< the domain, or the server that is connected to instead
    bool requires_tls = false;
    bool allows_clear_password = false;
    std::string resource;
    std::string computer;       ///< its name
    bool names_program = false; ///< which must not be told, and is in every request
};

/// The first reason why a bound account must not connect.
[[nodiscard]] std::optional<Refused> vet(const Route& route, const ConnectFacts& facts);

/// XMPP and IRC: all their connections are made by libpurple.
[[nodiscard]] bool is_admitted_protocol(std::string_view protocol);
/// Encrypted and authenticated by Tor itself.
[[nodiscard]] bool is_onion(std::string_view host);

// --- The gate --------------------------------------------------------------------------------

/// One connection or name look-up that libpurple is about to make.
struct Attempt {
    std::string_view host;
    int port = 0;
    const Route* route = nullptr; ///< of the account it is made for
    bool has_account = false;
    bool is_damaged = false;           ///< the account is bound, but to what cannot be read
    bool is_any_account_bound = false; ///< and switched on: connections without account stay closed
};

enum class BlockReason {
    Bypass,    ///< would not have gone through the account's proxy
    NoAccount, ///< for nobody in particular, while a bound account is switched on
    NameLookup ///< a question to a name server
};

/// Nothing when the attempt may go on.
[[nodiscard]] std::optional<BlockReason> judge(const Attempt& attempt);

/// Whether a question to a name server is about `server`: the server itself, or a service or host
/// below it. A trailing dot and capital letters make no difference.
[[nodiscard]] bool is_about_server(std::string_view query, std::string_view server);

// --- Isolation --------------------------------------------------------------------------------

/// The user name that keeps an account's Tor circuits apart from all others. Says nothing about the
/// account to whoever does not know `token`.
[[nodiscard]] std::string isolation_user(std::string_view token);
/// A new random token, 32 hexadecimal digits.
[[nodiscard]] std::string new_isolation_token();
[[nodiscard]] bool is_isolation_token(std::string_view text);

/// Milliseconds to wait before a log-in: evenly spread between the two, which are in seconds and
/// may be in either order. `random` is any 32 random bits.
[[nodiscard]] std::uint32_t stagger_milliseconds(int shortest, int longest, std::uint32_t random);
/// 32 random bits.
[[nodiscard]] std::uint32_t random_bits();

// --- What was blocked -------------------------------------------------------------------------

struct Blocked {
    std::int64_t when = 0; ///< seconds since 1970, of the last time
    std::string host;
    int port = 0;
    BlockReason reason = BlockReason::Bypass;
    unsigned times = 1;
};

/// The last blocked attempts of one account, the same target counted in one entry.
class BlockLog {
public:
    void add(std::int64_t when, std::string_view host, int port, BlockReason reason);
    [[nodiscard]] const std::deque<Blocked>& entries() const { return m_entries; }
    /// Of all, those that are no longer listed as well.
    [[nodiscard]] std::size_t total() const { return m_total; }

private:
    std::deque<Blocked> m_entries;
    std::size_t m_total = 0;
};

} // namespace otr_guard::core
