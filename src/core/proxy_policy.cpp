// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/proxy_policy.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <gcrypt.h>

#include "core/metadata_policy.h"
#include "model/limits.h"

namespace otr_guard::core {

namespace {

constexpr std::string_view tor_host = "127.0.0.1";
constexpr std::uint16_t tor_port = 9050;
constexpr std::size_t token_bytes = 16;

/// The words of a record; empty ones are kept, so that doubled spaces are noticed.
std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (;;) {
        const std::size_t space = text.find(' ');
        words.push_back(text.substr(0, space));
        if (space == std::string_view::npos) {
            return words;
        }
        text.remove_prefix(space + 1);
    }
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool is_whole = error == std::errc{} && end == text.data() + text.size();
    return is_whole && port != 0 && text.front() != '0' ? std::optional(port) : std::nullopt;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char character) {
        return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                    : character;
    });
    return result;
}

/// A host name in the form names are compared in.
std::string normal_name(std::string_view host) {
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    return lower(host);
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        hex += digits[value >> 4U];
        hex += digits[value & 0xfU];
    }
    return hex;
}

template <std::size_t size> std::array<char, size> random_bytes() {
    std::array<char, size> bytes{};
    gcry_randomize(bytes.data(), bytes.size(), GCRY_STRONG_RANDOM);
    return bytes;
}

constexpr std::string_view off_word = "off";
constexpr std::string_view undecided_word = "ask";

std::string describe(const ProxySettings& proxy) {
    return proxy.host + " " + std::to_string(proxy.port);
}

std::optional<Refused> refuse(Refusal reason, std::vector<std::string> arguments = {}) {
    return Refused{reason, std::move(arguments)};
}

/// Of a proxy that cannot be a route whatever the binding.
std::optional<Refused> unusable(const ProxySettings& proxy) {
    switch (proxy.kind) {
    case ProxyKind::Missing:
        return refuse(Refusal::ProxyMissing);
    case ProxyKind::Global:
        return refuse(Refusal::ProxyGlobal);
    case ProxyKind::Environment:
        return refuse(Refusal::ProxyEnvironment);
    case ProxyKind::None:
        return refuse(Refusal::ProxyNone);
    case ProxyKind::Socks4:
        return refuse(Refusal::ProxySocks4);
    case ProxyKind::Socks5:
    case ProxyKind::Http:
    case ProxyKind::Tor:
        break;
    }
    if (proxy.host.empty()) {
        return refuse(Refusal::ProxyMissing);
    }
    if (!is_ip_address(proxy.host)) {
        return refuse(Refusal::ProxyByName, {proxy.host});
    }
    if (proxy.port <= 0 || proxy.port > 0xffff) {
        return refuse(Refusal::ProxyPortMissing);
    }
    if (proxy.kind == ProxyKind::Http && !proxy.user.empty()) {
        return refuse(Refusal::ProxyTellsHostName);
    }
    return std::nullopt;
}

/// A name under .onion is only what it says where Tor resolves it.
std::optional<Refused> vet_encryption(Binding binding, const ConnectFacts& facts) {
    if (binding == Binding::Tor && is_onion(facts.server)) {
        return std::nullopt;
    }
    if (!facts.requires_tls) {
        return refuse(Refusal::ClearText);
    }
    return facts.allows_clear_password ? refuse(Refusal::ClearPassword) : std::nullopt;
}

} // namespace

// --- Records ----------------------------------------------------------------------------------

std::string to_text(const Route& route) {
    std::string text = route.binding == Binding::Tor          ? "tor "
                       : route.protocol == WireProtocol::Http ? "proxy http "
                                                              : "proxy socks5 ";
    return text + route.host + " " + std::to_string(route.port);
}

std::string to_text(const Record& record) {
    switch (record.state) {
    case Record::State::Bound:
        return to_text(record.route);
    case Record::State::Undecided:
        return std::string(undecided_word);
    case Record::State::Off:
        return std::string(off_word);
    case Record::State::Absent:
    case Record::State::Damaged:
        break;
    }
    return {};
}

Record parse_record(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    if (text == off_word || text == undecided_word) {
        return {text == off_word ? Record::State::Off : Record::State::Undecided, {}};
    }
    Record damaged{Record::State::Damaged, {}};
    auto words = words_of(text);
    Route route;
    if (words.front() == "tor") {
        route.binding = Binding::Tor;
        words.erase(words.begin());
    } else if (words.front() == "proxy" && words.size() > 1 &&
               (words[1] == "socks5" || words[1] == "http")) {
        route.binding = Binding::Proxy;
        route.protocol = words[1] == "http" ? WireProtocol::Http : WireProtocol::Socks5;
        words.erase(words.begin(), words.begin() + 2);
    } else {
        return damaged;
    }
    if (words.size() != 2 || !is_ip_address(words.front())) {
        return damaged;
    }
    const auto port = parse_port(words.back());
    if (!port) {
        return damaged;
    }
    route.host = words.front();
    route.port = *port;
    return {Record::State::Bound, route};
}

Record merge(const Record& account, const Record& mirror) {
    using State = Record::State;
    if (account.state == State::Damaged || mirror.state == State::Damaged) {
        return {State::Damaged, {}};
    }
    if (account.state == State::Bound && mirror.state == State::Bound) {
        return account.route == mirror.route ? account : Record{State::Damaged, {}};
    }
    if (account.state == State::Bound || mirror.state == State::Bound) {
        return account.state == State::Bound ? account : mirror;
    }
    if (account.state == State::Undecided || mirror.state == State::Undecided) {
        return {State::Undecided, {}};
    }
    return account.state == State::Absent ? mirror : account;
}

// --- Addresses --------------------------------------------------------------------------------

bool is_ip_address(std::string_view host) {
    const std::string text(host);
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return text.find('\0') == std::string::npos &&
           (::inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
            ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1);
}

bool is_loopback(std::string_view host) {
    const std::string text(host);
    std::array<unsigned char, sizeof(in6_addr)> address{};
    if (::inet_pton(AF_INET, text.c_str(), address.data()) == 1) {
        return address[0] == 127;
    }
    return ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1 &&
           std::ranges::count(address, 0) == 15 && address[15] == 1;
}

bool is_onion(std::string_view host) {
    constexpr std::string_view end = ".onion";
    const std::string name = normal_name(host);
    return name.size() > end.size() && name.ends_with(end);
}

bool is_about_server(std::string_view query, std::string_view server) {
    const std::string asked = normal_name(query);
    const std::string name = normal_name(server);
    return !name.empty() && (asked == name || asked.ends_with("." + name));
}

// --- Routes -----------------------------------------------------------------------------------

Route default_tor_route() {
    return {Binding::Tor, WireProtocol::Socks5, std::string(tor_host), tor_port};
}

RouteResult make_route(Binding binding, const ProxySettings& proxy) {
    if (auto refused = unusable(proxy)) {
        return {std::nullopt, std::move(refused)};
    }
    if (binding == Binding::Tor && proxy.kind == ProxyKind::Http) {
        return {std::nullopt, refuse(Refusal::NotTor, {proxy.host, std::to_string(proxy.port)})};
    }
    const auto protocol = proxy.kind == ProxyKind::Http ? WireProtocol::Http : WireProtocol::Socks5;
    return {Route{binding, protocol, proxy.host, static_cast<std::uint16_t>(proxy.port)},
            std::nullopt};
}

ProxySettings required_settings(const Route& route) {
    const ProxyKind kind = route.protocol == WireProtocol::Http ? ProxyKind::Http : ProxyKind::Tor;
    return {kind, route.host, route.port, {}};
}

bool is_admitted_protocol(std::string_view protocol) {
    return protocol == "prpl-jabber" || protocol == "prpl-irc";
}

std::optional<Refused> vet(const Route& route, const ConnectFacts& facts) {
    if (!is_admitted_protocol(facts.protocol)) {
        return refuse(Refusal::ProtocolOwnSockets, {facts.protocol});
    }
    if (auto refused = unusable(facts.proxy)) {
        return refused;
    }
    const ProxySettings required = required_settings(route);
    if (facts.proxy.kind != required.kind || facts.proxy.host != required.host ||
        facts.proxy.port != required.port) {
        return refuse(Refusal::ProxyChanged, {describe(required), describe(facts.proxy)});
    }
    if (names_computer(facts.resource, facts.computer)) {
        return refuse(Refusal::ResourceNamesHost);
    }
    if (facts.names_program) {
        return refuse(Refusal::ProgramNamed);
    }
    return vet_encryption(route.binding, facts);
}

std::optional<BlockReason> judge(const Attempt& attempt) {
    if (!attempt.has_account) {
        return attempt.is_any_account_bound ? std::optional(BlockReason::NoAccount) : std::nullopt;
    }
    if (attempt.is_damaged) {
        return BlockReason::Bypass;
    }
    if (attempt.route == nullptr ||
        (attempt.host == attempt.route->host && attempt.port == attempt.route->port)) {
        return std::nullopt;
    }
    return BlockReason::Bypass;
}

// --- Isolation and chance ---------------------------------------------------------------------

std::string new_isolation_token() {
    const auto bytes = random_bytes<token_bytes>();
    return to_hex({bytes.data(), bytes.size()});
}

bool is_isolation_token(std::string_view text) {
    return text.size() == 2 * token_bytes &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string isolation_user(std::string_view token) {
    std::array<char, 20> digest{};
    const std::string named = "otr-guard-circuit " + std::string(token);
    gcry_md_hash_buffer(GCRY_MD_SHA1, digest.data(), named.data(), named.size());
    return "og-" + to_hex({digest.data(), 8});
}

std::uint32_t random_bits() {
    const auto bytes = random_bytes<4>();
    std::uint32_t bits = 0;
    for (const char byte : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(byte);
    }
    return bits;
}

std::uint32_t stagger_milliseconds(int shortest, int longest, std::uint32_t random) {
    const auto in_milliseconds = [](int seconds) {
        const int bounded = std::clamp(seconds, 0, model::limits::longest_stagger_seconds);
        return static_cast<std::uint32_t>(bounded) * 1000U;
    };
    const std::uint32_t from = in_milliseconds(std::min(shortest, longest));
    const std::uint32_t to = in_milliseconds(std::max(shortest, longest));
    return from + random % (to - from + 1U);
}

// --- What was blocked -------------------------------------------------------------------------

void BlockLog::add(std::int64_t when, std::string_view host, int port, BlockReason reason) {
    ++m_total;
    host = host.substr(0, model::limits::blocked_host_bytes);
    const auto known = std::ranges::find_if(m_entries, [&](const Blocked& entry) {
        return entry.host == host && entry.port == port && entry.reason == reason;
    });
    Blocked entry{when, std::string(host), port, reason, 1};
    if (known != m_entries.end()) {
        entry.times += known->times;
        m_entries.erase(known);
    }
    m_entries.push_back(std::move(entry));
    if (m_entries.size() > model::limits::blocked_entries) {
        m_entries.pop_front();
    }
}

} // namespace otr_guard::core
