// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>
#include <set>

#include "core/proxy_policy.h"
#include "model/limits.h"

using namespace otr_guard::core;
using State = Record::State;

namespace {

const Route tor{Binding::Tor, WireProtocol::Socks5, "127.0.0.1", 9050};
const Route socks{Binding::Proxy, WireProtocol::Socks5, "10.77.0.1", 1080};
const Route http{Binding::Proxy, WireProtocol::Http, "10.77.0.1", 3128};

ProxySettings settings(ProxyKind kind, std::string host = "10.77.0.1", int port = 1080,
                       std::string user = {}) {
    return {kind, std::move(host), port, std::move(user)};
}

/// An account with which nothing is wrong.
ConnectFacts facts(const Route& route) {
    return {.protocol = "prpl-jabber",
            .proxy = required_settings(route),
            .server = "example.org",
            .requires_tls = true,
            .allows_clear_password = false,
            .resource = "home",
            .computer = "desk"};
}

std::optional<Refusal> reason(const Route& route, const ConnectFacts& account) {
    const auto refused = vet(route, account);
    return refused ? std::optional(refused->reason) : std::nullopt;
}

std::optional<Refusal> reason(Binding binding, const ProxySettings& proxy) {
    const RouteResult result = make_route(binding, proxy);
    BOOST_TEST(result.route.has_value() != result.refused.has_value());
    return result.refused ? std::optional(result.refused->reason) : std::nullopt;
}

bool allows(const Route& route, std::string_view host, int port) {
    return !judge({.host = host, .port = port, .route = &route, .has_account = true});
}

} // namespace

BOOST_AUTO_TEST_SUITE(proxy_policy_tests)

BOOST_AUTO_TEST_CASE(every_route_survives_being_written_down) {
    for (const Route& route :
         {tor, socks, http, Route{Binding::Proxy, WireProtocol::Socks5, "2001:db8::1", 65535}}) {
        const Record record = parse_record(to_text(route));
        BOOST_TEST((record.state == State::Bound));
        BOOST_TEST((record.route == route));
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_exactly_a_record_is_damaged_not_off) {
    for (const char* text :
         {"tor", "Tor 127.0.0.1 9050", "tor 127.0.0.1", "tor localhost 9050", "tor 127.0.0.1 0",
          "tor 127.0.0.1 65536", "tor 127.0.0.1 09050", "tor 127.0.0.1 9050 ",
          "tor  127.0.0.1 9050", "proxy 127.0.0.1 9050", "proxy socks4 127.0.0.1 1080",
          "proxy socks5 127.1 1080", "none", "OFF", "off ", " ", "1"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST((parse_record(text).state == State::Damaged));
        }
    }
    BOOST_TEST((parse_record("").state == State::Absent));
    BOOST_TEST((parse_record("off").state == State::Off));
    BOOST_TEST((parse_record("ask").state == State::Undecided));
    for (const char* text : {"off", "ask", "tor 127.0.0.1 9050", "", "damaged"}) {
        const Record record = parse_record(text);
        BOOST_TEST(to_text(record) == (record.state == State::Damaged ? "" : text));
    }
}

RC_BOOST_PROP(no_text_reads_as_a_route_that_it_is_not, (const std::string& text)) {
    const Record record = parse_record(text);
    RC_ASSERT(record.state != State::Bound || to_text(record.route) == text);
}

BOOST_AUTO_TEST_CASE(an_account_is_bound_if_either_record_says_so) {
    const Record bound{State::Bound, tor};
    const Record off{State::Off, {}};
    const Record absent;
    const Record damaged{State::Damaged, {}};
    BOOST_TEST((merge(bound, absent) == bound));
    BOOST_TEST((merge(absent, bound) == bound));
    BOOST_TEST((merge(off, bound) == bound));
    BOOST_TEST((merge(bound, bound) == bound));
    BOOST_TEST((merge(bound, {State::Bound, socks}).state == State::Damaged));
    BOOST_TEST((merge(damaged, off).state == State::Damaged));
    BOOST_TEST((merge(absent, damaged).state == State::Damaged));
    BOOST_TEST((merge(off, absent).state == State::Off));
    const Record undecided{State::Undecided, {}};
    for (const Record& other : {off, absent, undecided}) {
        BOOST_TEST((merge(undecided, other) == undecided));
        BOOST_TEST((merge(other, undecided) == undecided));
    }
    BOOST_TEST((merge(undecided, bound) == bound));
    BOOST_TEST((merge(absent, absent).state == State::Absent));
}

BOOST_AUTO_TEST_CASE(names_and_shortened_addresses_are_no_addresses) {
    for (const char* host : {"127.0.0.1", "10.0.0.255", "::1", "2001:db8::1", "::ffff:10.0.0.1"}) {
        BOOST_TEST(is_ip_address(host), host);
    }
    for (const char* host : {"", "localhost", "127.1", "0x7f.0.0.1", "127.0.0.1.", "010.0.0.1",
                             "[::1]", "fe80::1%eth0", "1.2.3.4 ", "256.0.0.1"}) {
        BOOST_TEST(!is_ip_address(host), host);
    }
    BOOST_TEST(!is_ip_address(std::string_view("127.0.0.1\0x", 11)));
    BOOST_TEST(is_loopback("127.3.2.1"));
    BOOST_TEST(is_loopback("::1"));
    BOOST_TEST(!is_loopback("10.0.0.1"));
    BOOST_TEST(!is_loopback("::"));
    BOOST_TEST(!is_loopback("localhost"));
}

BOOST_AUTO_TEST_CASE(only_an_explicit_proxy_by_address_can_be_a_route) {
    for (const Binding binding : {Binding::Proxy, Binding::Tor}) {
        BOOST_TEST((reason(binding, settings(ProxyKind::Missing)) == Refusal::ProxyMissing));
        BOOST_TEST((reason(binding, settings(ProxyKind::Global)) == Refusal::ProxyGlobal));
        BOOST_TEST(
            (reason(binding, settings(ProxyKind::Environment)) == Refusal::ProxyEnvironment));
        BOOST_TEST((reason(binding, settings(ProxyKind::None)) == Refusal::ProxyNone));
        BOOST_TEST((reason(binding, settings(ProxyKind::Socks4)) == Refusal::ProxySocks4));
        BOOST_TEST((reason(binding, settings(ProxyKind::Tor, "")) == Refusal::ProxyMissing));
        BOOST_TEST((reason(binding, settings(ProxyKind::Socks5, "proxy.example")) ==
                    Refusal::ProxyByName));
        for (const int port : {0, -1, 65536}) {
            BOOST_TEST((reason(binding, settings(ProxyKind::Tor, "127.0.0.1", port)) ==
                        Refusal::ProxyPortMissing));
        }
    }
    BOOST_TEST((reason(Binding::Tor, settings(ProxyKind::Http)) == Refusal::NotTor));
    BOOST_TEST((reason(Binding::Proxy, settings(ProxyKind::Http, "10.0.0.1", 3128, "me")) ==
                Refusal::ProxyTellsHostName));
}

BOOST_AUTO_TEST_CASE(a_route_keeps_protocol_and_address_of_the_proxy) {
    BOOST_TEST((make_route(Binding::Proxy, settings(ProxyKind::Socks5)).route == socks));
    BOOST_TEST((make_route(Binding::Proxy, settings(ProxyKind::Tor)).route == socks));
    BOOST_TEST(
        (make_route(Binding::Proxy, settings(ProxyKind::Http, "10.77.0.1", 3128)).route == http));
    BOOST_TEST((make_route(Binding::Tor, settings(ProxyKind::Socks5, "127.0.0.1", 9050)).route ==
                default_tor_route()));
}

BOOST_AUTO_TEST_CASE(socks_is_required_as_the_kind_that_looks_nothing_up) {
    BOOST_TEST((required_settings(socks).kind == ProxyKind::Tor));
    BOOST_TEST((required_settings(tor).kind == ProxyKind::Tor));
    BOOST_TEST((required_settings(http).kind == ProxyKind::Http));
}

BOOST_AUTO_TEST_CASE(an_account_as_required_may_connect) {
    for (const Route& route : {tor, socks, http}) {
        BOOST_TEST(!vet(route, facts(route)));
        ConnectFacts irc = facts(route);
        irc.protocol = "prpl-irc";
        BOOST_TEST(!vet(route, irc));
    }
}

BOOST_AUTO_TEST_CASE(any_other_proxy_than_the_chosen_one_is_refused) {
    const auto with = [](const Route& route, const ProxySettings& proxy) {
        ConnectFacts account = facts(route);
        account.proxy = proxy;
        return reason(route, account);
    };
    BOOST_TEST((with(socks, settings(ProxyKind::Tor, "10.77.0.2")) == Refusal::ProxyChanged));
    BOOST_TEST((with(socks, settings(ProxyKind::Tor, "10.77.0.1", 1081)) == Refusal::ProxyChanged));
    BOOST_TEST((with(socks, settings(ProxyKind::Socks5)) == Refusal::ProxyChanged));
    BOOST_TEST((with(socks, settings(ProxyKind::Http)) == Refusal::ProxyChanged));
    BOOST_TEST((with(http, settings(ProxyKind::Tor, "10.77.0.1", 3128)) == Refusal::ProxyChanged));
    BOOST_TEST((with(socks, settings(ProxyKind::Tor, "proxy.example")) == Refusal::ProxyByName));
    BOOST_TEST((with(socks, settings(ProxyKind::None)) == Refusal::ProxyNone));
    BOOST_TEST((with(http, settings(ProxyKind::Http, "10.77.0.1", 3128, "me")) ==
                Refusal::ProxyTellsHostName));
    // A user name on a SOCKS proxy is the circuit's, and changes nothing about the way.
    BOOST_TEST(!with(socks, settings(ProxyKind::Tor, "10.77.0.1", 1080, "og-1")));
}

BOOST_AUTO_TEST_CASE(protocols_that_open_their_own_sockets_are_refused) {
    for (const char* protocol : {"prpl-gg", "prpl-simple", "prpl-bonjour", "prpl-zephyr",
                                 "prpl-novell", "prpl-meanwhile", "", "prpl-jabber2"}) {
        ConnectFacts account = facts(tor);
        account.protocol = protocol;
        BOOST_TEST((reason(tor, account) == Refusal::ProtocolOwnSockets), protocol);
    }
}

BOOST_AUTO_TEST_CASE(encryption_is_required_except_for_onions_through_tor) {
    const auto with = [](const Route& route, const char* server, bool tls, bool clear_password) {
        ConnectFacts account = facts(route);
        account.server = server;
        account.requires_tls = tls;
        account.allows_clear_password = clear_password;
        return reason(route, account);
    };
    BOOST_TEST((with(tor, "example.org", false, false) == Refusal::ClearText));
    BOOST_TEST((with(tor, "example.org", true, true) == Refusal::ClearPassword));
    BOOST_TEST((with(tor, "onion", false, false) == Refusal::ClearText));
    BOOST_TEST((with(tor, "x.onion.example.org", false, false) == Refusal::ClearText));
    BOOST_TEST(!with(tor, "abc.onion", false, true));
    BOOST_TEST(!with(tor, "ABC.Onion.", false, true));
    // Another proxy resolves such a name as it likes.
    BOOST_TEST((with(socks, "abc.onion", false, false) == Refusal::ClearText));
}

BOOST_AUTO_TEST_CASE(a_resource_that_names_the_computer_is_refused) {
    ConnectFacts account = facts(tor);
    account.resource = "at-__HOSTNAME__";
    BOOST_TEST((reason(tor, account) == Refusal::ResourceNamesHost));
    account.resource = account.computer;
    BOOST_TEST((reason(tor, account) == Refusal::ResourceNamesHost));
    account.resource = "desktop";
    BOOST_TEST((reason(tor, account) != Refusal::ResourceNamesHost));
    account.resource = account.computer = "";
    BOOST_TEST((reason(tor, account) != Refusal::ResourceNamesHost));
}

BOOST_AUTO_TEST_CASE(a_program_that_is_named_in_every_request_is_refused) {
    ConnectFacts account = facts(tor);
    account.names_program = true;
    BOOST_TEST((reason(tor, account) == Refusal::ProgramNamed));
}

BOOST_AUTO_TEST_CASE(a_bound_account_reaches_its_proxy_and_nothing_else) {
    BOOST_TEST(allows(socks, "10.77.0.1", 1080));
    for (const char* host : {"10.77.0.4", "10.77.0.01", "10.77.0.1.", "example.org", "127.0.0.1",
                             "::ffff:10.77.0.1", ""}) {
        BOOST_TEST(!allows(socks, host, 1080), host);
    }
    BOOST_TEST(!allows(socks, "10.77.0.1", 1081));
    BOOST_TEST(!allows(socks, "10.77.0.1", 1080 + 65536));
    BOOST_TEST(
        (judge({.host = "10.77.0.1", .port = 1080, .has_account = true, .is_damaged = true}) ==
         BlockReason::Bypass));
}

BOOST_AUTO_TEST_CASE(what_has_no_account_is_closed_only_beside_a_bound_account) {
    BOOST_TEST(!judge({.host = "10.77.0.66", .port = 80}));
    BOOST_TEST((judge({.host = "10.77.0.66", .port = 80, .is_any_account_bound = true}) ==
                BlockReason::NoAccount));
}

BOOST_AUTO_TEST_CASE(accounts_that_are_not_bound_go_on_as_before) {
    BOOST_TEST(!judge(
        {.host = "example.org", .port = 5222, .has_account = true, .is_any_account_bound = true}));
}

BOOST_AUTO_TEST_CASE(questions_about_a_server_are_recognised) {
    BOOST_TEST(is_about_server("_xmpp-client._tcp.example.org", "example.org"));
    BOOST_TEST(is_about_server("_STUN._udp.Example.ORG.", "example.org"));
    BOOST_TEST(is_about_server("example.org", "EXAMPLE.org."));
    BOOST_TEST(!is_about_server("_stun._udp.notexample.org", "example.org"));
    BOOST_TEST(!is_about_server("example.org.evil.net", "example.org"));
    BOOST_TEST(!is_about_server("anything", ""));
}

BOOST_AUTO_TEST_CASE(tokens_are_random_and_the_user_name_does_not_show_them) {
    std::set<std::string> tokens;
    std::set<std::string> users;
    for (int i = 0; i < 100; ++i) {
        const std::string token = new_isolation_token();
        BOOST_TEST(is_isolation_token(token));
        const std::string user = isolation_user(token);
        BOOST_TEST(user.starts_with("og-"));
        BOOST_TEST(user.find(token.substr(0, 8)) == std::string::npos);
        BOOST_TEST(user == isolation_user(token));
        tokens.insert(token);
        users.insert(user);
    }
    BOOST_TEST(tokens.size() == 100U);
    BOOST_TEST(users.size() == 100U);
    BOOST_TEST(!is_isolation_token(""));
    BOOST_TEST(!is_isolation_token(std::string(31, 'a')));
    BOOST_TEST(!is_isolation_token(std::string(32, 'g')));
}

RC_BOOST_PROP(log_ins_wait_within_the_chosen_times,
              (int shortest, int longest, std::uint32_t bits)) {
    const auto wait = stagger_milliseconds(shortest, longest, bits);
    const auto bound = [](int seconds) {
        return static_cast<std::uint32_t>(
                   std::clamp(seconds, 0, otr_guard::model::limits::longest_stagger_seconds)) *
               1000U;
    };
    RC_ASSERT(wait >= bound(std::min(shortest, longest)));
    RC_ASSERT(wait <= bound(std::max(shortest, longest)));
}

BOOST_AUTO_TEST_CASE(no_wait_when_none_is_wanted) {
    BOOST_TEST(stagger_milliseconds(0, 0, 12345) == 0U);
    BOOST_TEST(stagger_milliseconds(5, 5, 0xffffffff) == 5000U);
}

BOOST_AUTO_TEST_CASE(the_block_log_counts_repetitions_and_stays_small) {
    BlockLog log;
    log.add(1, "10.0.0.1", 80, BlockReason::NoAccount);
    log.add(2, "example.org", 5222, BlockReason::Bypass);
    log.add(3, "10.0.0.1", 80, BlockReason::NoAccount);
    BOOST_TEST(log.entries().size() == 2U);
    BOOST_TEST(log.entries().back().host == "10.0.0.1");
    BOOST_TEST(log.entries().back().times == 2U);
    BOOST_TEST(log.entries().back().when == 3);
    for (int port = 1; port < 1000; ++port) {
        log.add(4, std::string(100000, 'x'), port, BlockReason::Bypass);
    }
    BOOST_TEST(log.entries().size() == otr_guard::model::limits::blocked_entries);
    BOOST_TEST(log.entries().back().host.size() == otr_guard::model::limits::blocked_host_bytes);
    BOOST_TEST(log.total() == 1002U);
}

BOOST_AUTO_TEST_SUITE_END()
