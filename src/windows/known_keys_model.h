// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the window of known keys shows, without a window: all keys, and those of them that are
// wanted now, in order. Ten thousand are searched and sorted within a frame.

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/key_codec.h"

namespace otr_guard::windows {

class KnownKeysModel {
public:
    enum class Filter { All, Unverified, Changed, InUse };
    enum class Column { Name, Account, Key, Verified, LastUsed, State };

    void replace(std::vector<ipc::KnownKey> keys);
    /// All keys of one peer anew, perhaps none.
    void update(const model::PeerId& peer, std::vector<ipc::KnownKey> keys);

    /// Every word of it must be part of the names or of the key; blanks in a key do not count.
    void search(std::string_view text);
    void filter(Filter filter);
    void sort_by(Column column, bool is_descending);

    /// What is wanted now, in order.
    [[nodiscard]] const std::vector<const ipc::KnownKey*>& shown() const { return m_shown; }
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    /// Null when there is no such key any more.
    [[nodiscard]] const ipc::KnownKey* find(const ipc::KeyName& name) const;
    /// The keys of a peer, the newest first.
    [[nodiscard]] std::vector<const ipc::KnownKey*> history_of(const model::PeerId& peer) const;

private:
    struct Entry {
        ipc::KnownKey key;
        std::string searched; ///< folded names and key
        std::string sorted;   ///< collation key of the name
    };

    void add(ipc::KnownKey key);
    [[nodiscard]] bool is_wanted(const Entry& entry) const;
    [[nodiscard]] bool comes_before(const Entry& left, const Entry& right) const;
    void refresh();

    std::map<ipc::KeyName, Entry> m_entries;
    std::vector<const ipc::KnownKey*> m_shown;
    std::vector<std::string> m_words;
    Filter m_filter = Filter::All;
    Column m_column = Column::Name;
    bool m_is_descending = false;
};

} // namespace otr_guard::windows
