// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// A link that a peer sent, and what is shown for it: the first line is the address, the rest the
// text.

#include <algorithm>
#include <string>

#include "core/link_view.h"
#include "core/punycode.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace otr_guard;
    const std::string_view all = fuzz::text_of(data, size);
    const std::string_view address = all.substr(0, all.find('\n'));
    const std::string_view text = all.substr(std::min(address.size() + 1, all.size()));
    const auto view = core::view_link(address, text);
    if (view && view->is_for_browser()) {
        const core::LinkHost& host = view->host;
        const auto again = core::parse_link_host(host.ascii);
        fuzz::check(again && again->ascii == host.ascii, "a host stays the same");
        fuzz::check(std::ranges::none_of(host.ascii,
                                         [](char c) {
                                             return c <= ' ' ||
                                                    static_cast<unsigned char>(c) > 0x7e ||
                                                    c == '@' || c == '/' || c == '%';
                                         }),
                    "a host is plain");
        fuzz::check(view->port <= 65535, "a port is one");
        fuzz::check(view->claimed.find('\n') == std::string::npos, "a claim is one line");
        const std::size_t slashes = address.find("//");
        const std::string_view rest = address.substr(slashes + 2);
        const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
        fuzz::check((authority.find('@') != std::string_view::npos) ==
                        view->has(core::LinkFinding::UserInfo),
                    "a name before the host is told");
    }
    if (const auto characters = core::decode_punycode(address)) {
        fuzz::check(core::encode_punycode(*characters).has_value(), "what was read can be written");
    }
    return 0;
}
