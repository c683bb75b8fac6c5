// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/known_keys_model.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "ipc/gobject_ptr.h"

namespace otr_guard::windows {

namespace {

using GlibText = util::CPtr<gchar, g_free>;

std::string taken(const GlibText& text) {
    return text != nullptr ? std::string(text.get()) : std::string();
}

/// For comparing without regard to case and to the ways in which letters can be put together.
std::string folded(std::string_view text) {
    const auto length = static_cast<gssize>(text.size());
    const GlibText normal(g_utf8_normalize(text.data(), length, G_NORMALIZE_ALL));
    return normal != nullptr ? taken(GlibText(g_utf8_casefold(normal.get(), -1)))
                             : std::string(text);
}

std::string collated(const std::string& text) {
    return taken(GlibText(g_utf8_collate_key(folded(text).c_str(), -1)));
}

bool is_hexadecimal(std::string_view word) {
    return std::ranges::all_of(word, [](char digit) { return g_ascii_isxdigit(digit) != FALSE; });
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    for (const char character : text + " ") {
        if (g_ascii_isspace(character) == FALSE) {
            word += character;
        } else if (!word.empty()) {
            words.push_back(std::exchange(word, {}));
        }
    }
    return words;
}

} // namespace

void KnownKeysModel::add(ipc::KnownKey key) {
    Entry entry;
    entry.searched =
        folded(key.name + "\n" + key.peer.username + "\n" + key.account) + "\n" + key.key;
    entry.sorted = collated(key.name);
    ipc::KeyName name{key.peer, key.key};
    entry.key = std::move(key);
    m_entries.insert_or_assign(std::move(name), std::move(entry));
}

void KnownKeysModel::replace(std::vector<ipc::KnownKey> keys) {
    m_entries.clear();
    for (ipc::KnownKey& key : keys) {
        add(std::move(key));
    }
    refresh();
}

void KnownKeysModel::update(const model::PeerId& peer, std::vector<ipc::KnownKey> keys) {
    std::erase_if(m_entries, [&](const auto& entry) { return entry.first.peer == peer; });
    for (ipc::KnownKey& key : keys) {
        if (key.peer == peer) {
            add(std::move(key));
        }
    }
    refresh();
}

void KnownKeysModel::search(std::string_view text) {
    std::vector<std::string> words = words_of(folded(text));
    // A key that was copied in groups is one word.
    const bool is_key = words.size() > 1 && std::ranges::all_of(words, is_hexadecimal);
    if (is_key) {
        std::string whole;
        for (const std::string& word : words) {
            whole += word;
        }
        words = {std::move(whole)};
    }
    m_words = std::move(words);
    refresh();
}

void KnownKeysModel::filter(Filter filter) {
    m_filter = filter;
    refresh();
}

void KnownKeysModel::sort_by(Column column, bool is_descending) {
    m_column = column;
    m_is_descending = is_descending;
    refresh();
}

const ipc::KnownKey* KnownKeysModel::find(const ipc::KeyName& name) const {
    const auto found = m_entries.find(name);
    return found != m_entries.end() ? &found->second.key : nullptr;
}

std::vector<const ipc::KnownKey*> KnownKeysModel::history_of(const model::PeerId& peer) const {
    std::vector<const ipc::KnownKey*> keys;
    for (auto entry = m_entries.lower_bound({peer, ""});
         entry != m_entries.end() && entry->first.peer == peer; ++entry) {
        keys.push_back(&entry->second.key);
    }
    std::ranges::sort(keys, [](const ipc::KnownKey* left, const ipc::KnownKey* right) {
        return std::tie(left->last_used, left->first_seen) >
               std::tie(right->last_used, right->first_seen);
    });
    return keys;
}

bool KnownKeysModel::is_wanted(const Entry& entry) const {
    const bool passes = m_filter == Filter::All ||
                        (m_filter == Filter::Unverified && !entry.key.is_verified) ||
                        (m_filter == Filter::Changed && entry.key.is_changed) ||
                        (m_filter == Filter::InUse && !entry.key.state.empty());
    return passes && std::ranges::all_of(m_words, [&](const std::string& word) {
               return entry.searched.find(word) != std::string::npos;
           });
}

bool KnownKeysModel::comes_before(const Entry& left, const Entry& right) const {
    switch (m_column) {
    case Column::Account:
        return left.key.account < right.key.account;
    case Column::Key:
        return left.key.key < right.key.key;
    case Column::Verified:
        return std::tie(left.key.is_verified, left.key.verified_at) <
               std::tie(right.key.is_verified, right.key.verified_at);
    case Column::LastUsed:
        return left.key.last_used < right.key.last_used;
    case Column::State:
        return left.key.state < right.key.state;
    case Column::Name:
        break;
    }
    return left.sorted < right.sorted;
}

void KnownKeysModel::refresh() {
    std::vector<const Entry*> entries;
    entries.reserve(m_entries.size());
    for (const auto& [name, entry] : m_entries) {
        if (is_wanted(entry)) {
            entries.push_back(&entry);
        }
    }
    // Equal ones stay in the order of their names.
    if (m_column != Column::Name) {
        std::ranges::stable_sort(entries, {}, &Entry::sorted);
    }
    std::ranges::stable_sort(entries, [this](const Entry* left, const Entry* right) {
        return m_is_descending ? comes_before(*right, *left) : comes_before(*left, *right);
    });
    m_shown.clear();
    m_shown.reserve(entries.size());
    for (const Entry* entry : entries) {
        m_shown.push_back(&entry->key);
    }
}

} // namespace otr_guard::windows
