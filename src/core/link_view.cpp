// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/link_view.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/markup.h"
#include "core/utf8.h"
#include "model/sharing_limits.h"

namespace otr_guard::core {

namespace {

namespace limits = model::limits;

constexpr std::size_t claimed_characters = 80;
constexpr std::size_t parameter_characters = 30;
constexpr std::size_t most_parameters = 5;

struct BrowserScheme {
    std::string_view name;
    unsigned port;
    bool is_encrypted;
};
constexpr std::array browser_schemes{BrowserScheme{"http", 80, false},
                                     BrowserScheme{"https", 443, true},
                                     BrowserScheme{"ftp", 21, false}};
/// Of other programs.
constexpr std::array<std::string_view, 7> other_schemes{"mailto", "xmpp", "irc",   "ircs",
                                                        "sip",    "tel",  "gopher"};

/// Services whose links tell nothing about where they lead.
constexpr std::array<std::string_view, 44> shorteners{
    "adf.ly",      "amzn.to", "bit.do",     "bit.ly",  "bitly.com", "bl.ink",   "buff.ly",
    "clck.ru",     "cutt.ly", "db.tt",      "dlvr.it", "dub.sh",    "fb.me",    "goo.gl",
    "goo.su",      "ift.tt",  "is.gd",      "j.mp",    "lnkd.in",   "n9.cl",    "ow.ly",
    "qr.ae",       "rb.gy",   "rebrand.ly", "s.id",    "shorte.st", "short.io", "shorturl.at",
    "soo.gd",      "surl.li", "t.co",       "t.ly",    "t1p.de",    "tiny.cc",  "tiny.one",
    "tinyurl.com", "tr.im",   "trib.al",    "u.to",    "urlz.fr",   "v.gd",     "vk.cc",
    "wp.me",       "x.co"};

/// Parameters that identify who passed a link on, or the campaign it comes from.
constexpr std::array<std::string_view, 38> tracking_names{
    "_ga",       "_gl",         "_openstat",  "ck_subscriber_id", "cmpid",     "cvid",
    "dclid",     "ef_id",       "epik",       "fb_action_ids",    "fb_source", "fbclid",
    "ga_source", "gbraid",      "gclid",      "gclsrc",           "gs_l",      "igsh",
    "igshid",    "irclickid",   "li_fat_id",  "mc_cid",           "mc_eid",    "mkt_tok",
    "msclkid",   "oly_anon_id", "oly_enc_id", "ref_src",          "ref_url",   "s_cid",
    "s_kwcid",   "srsltid",     "ttclid",     "twclid",           "vero_id",   "wbraid",
    "wickedid",  "yclid"};
constexpr std::array<std::string_view, 6> tracking_prefixes{"utm_", "mtm_", "pk_",
                                                            "hsa_", "__hs", "_hs"};

template <std::size_t size>
bool is_one_of(std::string_view word, const std::array<std::string_view, size>& words) {
    return std::ranges::find(words, word) != words.end();
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
    return result;
}

/// What no link has, because each program makes something else of it; bytes beyond ASCII must be
/// text.
bool is_well_formed(std::string_view address) {
    static constexpr std::string_view forbidden = "<>\"\\^`{|}";
    if (address.empty() || address.size() > limits::link_bytes) {
        return false;
    }
    while (!address.empty()) {
        const utf8::Decoded next = utf8::decode(address);
        const bool is_ascii = next.code_point < 0x80;
        if (!next.is_valid || next.code_point <= ' ' || next.code_point == 0x7f ||
            (is_ascii &&
             forbidden.find(static_cast<char>(next.code_point)) != std::string_view::npos)) {
            return false;
        }
        address.remove_prefix(next.length);
    }
    return true;
}

/// In lower case; empty when there is none.
std::string scheme_of(std::string_view address) {
    const std::size_t colon = address.find(':');
    const std::string scheme =
        lower(address.substr(0, colon == std::string_view::npos ? 0 : colon));
    const bool is_plain = std::ranges::all_of(scheme, [](char c) { return c >= 'a' && c <= 'z'; });
    return is_plain ? scheme : std::string();
}

/// Between "//" and whatever comes next, taken apart.
struct Authority {
    std::string_view user;
    bool has_user = false;
    std::string_view host;
    std::string_view port;
    bool has_port = false;
    std::string_view rest; ///< path, query, fragment
};

std::optional<Authority> split_authority(std::string_view after_colon) {
    if (!after_colon.starts_with("//")) {
        return std::nullopt;
    }
    after_colon.remove_prefix(2);
    Authority parts;
    const std::size_t end = std::min(after_colon.find_first_of("/?#"), after_colon.size());
    parts.rest = after_colon.substr(end);
    std::string_view authority = after_colon.substr(0, end);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        parts.user = authority.substr(0, at);
        parts.has_user = true;
        authority.remove_prefix(at + 1);
    }
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    parts.host = authority.substr(0, colon);
    parts.has_port = colon != std::string_view::npos;
    parts.port = parts.has_port ? authority.substr(colon + 1) : std::string_view();
    return parts;
}

std::optional<unsigned> parse_port(std::string_view digits) {
    unsigned port = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool is_whole = error == std::errc{} && rest == digits.data() + digits.size();
    return is_whole && port >= 1 && port <= 65535 ? std::optional(port) : std::nullopt;
}

int hex_value(char c) {
    const char small = lower(c);
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const bool is_code = text.size() >= 3 && text.front() == '%' && hex_value(text[1]) >= 0 &&
                             hex_value(text[2]) >= 0;
        result += is_code ? static_cast<char>(hex_value(text[1]) * 16 + hex_value(text[2]))
                          : text.front();
        text.remove_prefix(is_code ? 3 : 1);
    }
    return result;
}

/// The host of an address with one of the browser's schemes.
std::string host_of(std::string_view address) {
    const std::string scheme = scheme_of(address);
    const auto found = std::ranges::find(browser_schemes, scheme, &BrowserScheme::name);
    if (found == browser_schemes.end()) {
        return {};
    }
    const auto parts = split_authority(address.substr(scheme.size() + 1));
    const auto host = parts ? parse_link_host(parts->host) : std::nullopt;
    return host ? host->ascii : std::string();
}

std::string_view without_www(std::string_view host) {
    return host.starts_with("www.") ? host.substr(4) : host;
}

/// The host that a reader sees in a word; empty when it is just a word.
std::string host_in_word(std::string_view word) {
    static constexpr std::string_view around = "()[]<>\"',;!";
    const std::size_t begin = word.find_first_not_of(around);
    if (begin == std::string_view::npos) {
        return {};
    }
    word = word.substr(begin, word.find_last_not_of(around) + 1 - begin);
    if (std::string host = host_of(word); !host.empty()) {
        return host;
    }
    word = word.substr(0, word.find_first_of("/?#:"));
    const std::size_t dot = word.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || word.size() - dot - 1 < 2) {
        return {};
    }
    const auto host = parse_link_host(word);
    return host ? host->ascii : std::string();
}

/// The first host in the text of a link that is not the link's own; empty when there is none.
std::string other_host_in_text(std::string_view text, std::string_view own_host) {
    text = text.substr(0, limits::link_bytes);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
        std::string host = host_in_word(text.substr(0, end));
        if (!host.empty() && without_www(host) != without_www(own_host)) {
            return host;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

class Viewer {
public:
    Viewer(std::string_view address, std::string_view text) : m_address(address), m_text(text) {}

    [[nodiscard]] std::optional<LinkView> run() {
        if (!is_well_formed(m_address)) {
            return std::nullopt;
        }
        m_view.scheme = scheme_of(m_address);
        const auto found = std::ranges::find(browser_schemes, m_view.scheme, &BrowserScheme::name);
        if (found == browser_schemes.end()) {
            const bool is_known = is_one_of(m_view.scheme, other_schemes);
            return is_known ? std::optional(std::move(m_view)) : std::nullopt;
        }
        const auto parts = split_authority(m_address.substr(m_view.scheme.size() + 1));
        auto host = parts ? parse_link_host(parts->host) : std::nullopt;
        if (!host) {
            return std::nullopt;
        }
        m_view.host = *std::move(host);
        if (parts->has_port && !parts->port.empty()) {
            const auto port = parse_port(parts->port);
            if (!port) {
                return std::nullopt;
            }
            m_view.port = *port;
        }
        look_at_host(*parts, *found);
        look_at_query(parts->rest);
        std::ranges::sort(m_view.findings);
        return std::move(m_view);
    }

private:
    void add(LinkFinding finding, bool is_found) {
        if (is_found && !m_view.has(finding)) {
            m_view.findings.push_back(finding);
        }
    }

    void look_at_host(const Authority& parts, const BrowserScheme& scheme) {
        const LinkHost& host = m_view.host;
        const std::string other = other_host_in_text(m_text, host.ascii);
        add(LinkFinding::OtherText, !other.empty());
        add(LinkFinding::UserInfo, parts.has_user);
        if (!other.empty()) {
            m_view.claimed = markup::to_single_line(other, claimed_characters);
        } else if (parts.has_user) {
            m_view.claimed = markup::to_single_line(parts.user, claimed_characters);
        }
        add(LinkFinding::OtherAlphabet, !host.readable.empty());
        add(LinkFinding::MixedAlphabets, host.mixes_alphabets);
        add(LinkFinding::NumberHost, host.is_number && !host.is_odd_number);
        add(LinkFinding::OddNumberHost, host.is_odd_number);
        add(LinkFinding::NearHost, host.is_near);
        add(LinkFinding::OddPort, m_view.port != 0 && m_view.port != scheme.port);
        add(LinkFinding::Onion, host.is_onion());
        add(LinkFinding::NotEncrypted, !scheme.is_encrypted && !host.is_onion());
        add(LinkFinding::Shortener, is_one_of(without_www(host.ascii), shorteners));
    }

    void look_at_query(std::string_view rest) {
        const std::size_t question = rest.find('?');
        if (question == std::string_view::npos) {
            return;
        }
        std::string_view query = rest.substr(question + 1);
        query = query.substr(0, query.find('#'));
        while (!query.empty()) {
            const std::size_t end = std::min(query.find_first_of("&;"), query.size());
            look_at_parameter(query.substr(0, end));
            query.remove_prefix(std::min(end + 1, query.size()));
        }
        add(LinkFinding::Tracking, !m_view.tracking.empty());
        add(LinkFinding::Redirect, !m_view.leads_to.empty());
    }

    void look_at_parameter(std::string_view parameter) {
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        const std::string name = lower(percent_decoded(parameter.substr(0, equals)));
        const bool is_tracking =
            is_one_of(name, tracking_names) ||
            std::ranges::any_of(tracking_prefixes, [&name](std::string_view prefix) {
                return name.size() > prefix.size() && name.starts_with(prefix);
            });
        const std::string shown = markup::to_single_line(name, parameter_characters);
        if (is_tracking && m_view.tracking.size() < most_parameters &&
            std::ranges::find(m_view.tracking, shown) == m_view.tracking.end()) {
            m_view.tracking.push_back(shown);
        }
        if (equals < parameter.size() && m_view.leads_to.empty()) {
            const std::string target = host_of(percent_decoded(parameter.substr(equals + 1)));
            if (target != m_view.host.ascii) {
                m_view.leads_to = target;
            }
        }
    }

    std::string_view m_address;
    std::string_view m_text;
    LinkView m_view;
};

} // namespace

bool LinkView::has(LinkFinding finding) const {
    return std::ranges::find(findings, finding) != findings.end();
}

std::string LinkView::key() const {
    const auto known = std::ranges::find(browser_schemes, scheme, &BrowserScheme::name);
    const bool is_misleading = has(LinkFinding::OtherText) || has(LinkFinding::UserInfo) ||
                               has(LinkFinding::Redirect) || has(LinkFinding::OddPort);
    if (!is_for_browser() || known == browser_schemes.end() || is_misleading) {
        return {};
    }
    return scheme + "://" + host.ascii + ":" + std::to_string(port != 0 ? port : known->port);
}

std::optional<LinkView> view_link(std::string_view address, std::string_view text) {
    return Viewer(address, text).run();
}

} // namespace otr_guard::core
