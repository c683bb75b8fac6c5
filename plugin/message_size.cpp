// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "message_size.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "model/limits.h"
#include "util/file.h"

namespace otr_guard::plugin {

namespace limits = model::limits;

namespace {

constexpr std::string_view irc = "prpl-irc";
/// An IRC line is 512 bytes with its end; ":nick!user@host PRIVMSG peer :" is the server's.
constexpr std::size_t irc_line = 510;
constexpr std::size_t irc_user_and_host = 1 + 10 + 1 + 63;
constexpr std::size_t irc_words = 1 + 9 + 2;

} // namespace

std::map<std::string, std::size_t> parse_message_sizes(std::string_view text) {
    std::map<std::string, std::size_t> sizes;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        const std::size_t tab = line.find('\t');
        if (tab == std::string::npos || tab == 0) {
            continue;
        }
        std::size_t size = 0;
        const char* const end = line.data() + line.size();
        const auto [rest, error] = std::from_chars(line.data() + tab + 1, end, size);
        const bool is_clean = std::all_of(rest, end, [](char c) { return c == ' ' || c == '\r'; });
        if (error == std::errc() && is_clean && size >= limits::smallest_message_size &&
            size <= limits::incoming_message_bytes) {
            sizes[line.substr(0, tab)] = size;
        }
    }
    return sizes;
}

MessageSizes::MessageSizes(const std::filesystem::path& folder)
    : m_sizes{{"prpl-msn", 1409},  {"prpl-icq", 2346}, {"prpl-aim", 2343},   {"prpl-oscar", 2343},
              {"prpl-yahoo", 799}, {"prpl-gg", 1999},  {"prpl-novell", 1792}} {
    const auto text =
        util::read_file(folder / "otr.max_message_size", limits::message_size_file_bytes);
    if (text) {
        for (const auto& [protocol, size] : parse_message_sizes(*text)) {
            m_sizes[protocol] = size;
        }
    }
}

std::size_t MessageSizes::size_for(const std::string& protocol, std::string_view own_name,
                                   std::string_view peer_name) const {
    if (const auto found = m_sizes.find(protocol); found != m_sizes.end()) {
        return found->second;
    }
    if (protocol != irc) {
        return 0;
    }
    const std::size_t own_nick = own_name.substr(0, own_name.find('@')).size();
    const std::size_t taken = irc_user_and_host + irc_words + own_nick + peer_name.size();
    return std::max(irc_line - std::min(taken, irc_line), limits::smallest_message_size);
}

} // namespace otr_guard::plugin
