// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/foreign_profile.h"

#include <cstddef>
#include <optional>

namespace otr_guard::core {

namespace {

/// An element without others in it.
struct Leaf {
    std::string_view name;
    std::string_view text;
    std::size_t parent; ///< a number of the element around it
};

/// Walks through XML from leaf to leaf. Attributes are passed over, and so is what is no XML.
class Leaves {
public:
    explicit Leaves(std::string_view xml) : m_rest(xml) {}

    std::optional<Leaf> next() {
        std::string_view open; // the element that has begun last, and its text so far
        std::string_view text;
        while (const auto tag = take_tag(text)) {
            if (tag->empty() || tag->front() == '?' || tag->front() == '!' || tag->ends_with('/')) {
                open = {};
            } else if (tag->front() != '/') {
                open = tag->substr(0, tag->find_first_of(" \t\r\n"));
                m_parents.push_back(++m_elements);
            } else {
                if (!m_parents.empty()) {
                    m_parents.pop_back();
                }
                if (!open.empty() && tag->substr(1).starts_with(open)) {
                    return Leaf{open, text, m_parents.empty() ? 0 : m_parents.back()};
                }
                open = {};
            }
        }
        return std::nullopt;
    }

private:
    /// What is between the next angle brackets; `text` is what stands before them.
    std::optional<std::string_view> take_tag(std::string_view& text) {
        const std::size_t open = m_rest.find('<');
        const std::size_t close = open == std::string_view::npos ? open : m_rest.find('>', open);
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        text = m_rest.substr(0, open);
        const std::string_view tag = m_rest.substr(open + 1, close - open - 1);
        m_rest.remove_prefix(close + 1);
        return tag;
    }

    std::string_view m_rest;
    std::vector<std::size_t> m_parents;
    std::size_t m_elements = 0;
};

} // namespace

std::map<std::string, std::string> account_names(std::string_view xml) {
    struct Account {
        std::string_view number;
        std::string_view name;
    };
    std::map<std::size_t, Account> accounts;
    std::string_view key; // of a property list, in which values have no names of their own
    Leaves leaves(xml);
    while (const auto leaf = leaves.next()) {
        if (leaf->name == "key") {
            key = leaf->text;
            continue;
        }
        if (leaf->name == "id" || key == "ObjectID") {
            accounts[leaf->parent].number = leaf->text;
        } else if (leaf->name == "jid" || key == "UID") {
            accounts[leaf->parent].name = leaf->text;
        }
        key = {};
    }
    std::map<std::string, std::string> names;
    for (const auto& [element, account] : accounts) {
        if (!account.number.empty() && !account.name.empty()) {
            names.emplace(account.number, account.name);
        }
    }
    return names;
}

} // namespace otr_guard::core
