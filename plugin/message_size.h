// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// How long a message each protocol carries. The user's `otr.max_message_size` (pidgin-otr's file:
// protocol, tab, bytes) wins where its value is possible at all. Must never return a size at which
// a fragment has no room for text.

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace otr_guard::plugin {

class MessageSizes {
public:
    /// Reads the user's file in `folder`; lines that do not parse or are too small are skipped.
    explicit MessageSizes(const std::filesystem::path& folder);

    /// Bytes; 0 is no limit. The names matter on IRC, where server and both nicks share one line.
    [[nodiscard]] std::size_t size_for(const std::string& protocol, std::string_view own_name,
                                       std::string_view peer_name) const;

private:
    std::map<std::string, std::size_t> m_sizes;
};

/// The contents of otr.max_message_size; only usable entries.
[[nodiscard]] std::map<std::string, std::size_t> parse_message_sizes(std::string_view text);

} // namespace otr_guard::plugin
