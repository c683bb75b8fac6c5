// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is stored about an account's binding, and the addresses in it. Two records, a line each;
// then the proxy as libpurple has it: host, port and user.

#include <algorithm>
#include <cstdlib>
#include <string>

#include "core/proxy_policy.h"
#include "fuzz.h"

namespace {

using namespace otr_guard;

std::string_view next_line(std::string_view& rest) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    return line;
}

void check_record(const core::Record& record) {
    if (record.state == core::Record::State::Bound) {
        fuzz::check(core::parse_record(core::to_text(record)) == record, "a record is read back");
        fuzz::check(core::is_ip_address(record.route.host), "a route is to an address");
        fuzz::check(record.route.port != 0, "a route has a port");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest = fuzz::text_of(data, size);
    const core::Record account = core::parse_record(next_line(rest));
    const core::Record mirror = core::parse_record(next_line(rest));
    check_record(account);
    check_record(mirror);
    const core::Record both = core::merge(account, mirror);
    check_record(both);
    using State = core::Record::State;
    const auto is_tied = [](const core::Record& record) {
        return record.state == State::Bound || record.state == State::Damaged;
    };
    fuzz::check(is_tied(both) || (!is_tied(account) && !is_tied(mirror)),
                "what either record says is kept");

    core::ProxySettings proxy{.kind = core::ProxyKind::Socks5, .host = {}, .port = 0, .user = {}};
    proxy.host = next_line(rest);
    proxy.port = std::atoi(std::string(next_line(rest)).c_str());
    proxy.user = next_line(rest);
    for (const core::ProxyKind kind :
         {core::ProxyKind::Socks4, core::ProxyKind::Socks5, core::ProxyKind::Http,
          core::ProxyKind::Tor, core::ProxyKind::None, core::ProxyKind::Global}) {
        proxy.kind = kind;
        for (const core::Binding binding : {core::Binding::Proxy, core::Binding::Tor}) {
            const auto made = core::make_route(binding, proxy);
            fuzz::check(made.route.has_value() != made.refused.has_value(), "a route or a reason");
            if (made.route) {
                check_record({State::Bound, *made.route});
                fuzz::check(core::parse_record(core::to_text(*made.route)).route == *made.route,
                            "a route is read back");
            }
        }
    }
    if (both.state == State::Bound) {
        const core::Attempt attempt{.host = proxy.host,
                                    .port = proxy.port,
                                    .route = &both.route,
                                    .has_account = true,
                                    .is_any_account_bound = true};
        const bool is_the_proxy = proxy.host == both.route.host && proxy.port == both.route.port;
        fuzz::check(core::judge(attempt).has_value() || is_the_proxy,
                    "a bound account connects to its proxy alone");
    }
    return 0;
}
