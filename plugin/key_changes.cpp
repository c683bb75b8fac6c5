// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "key_changes.h"

#include <utility>

namespace otr_guard::plugin {

namespace {

constexpr std::size_t changes_kept = 10;

} // namespace

unsigned KeyChanges::remember(Change change) {
    if (change.before.empty() && change.added.empty()) {
        return 0;
    }
    m_changes[++m_last] = std::move(change);
    if (m_changes.size() > changes_kept) {
        m_changes.erase(m_changes.begin());
    }
    return m_last;
}

KeyChanges::Done KeyChanges::set_verified(Keys keys, bool is_verified) {
    std::erase_if(keys, [is_verified](const core::KeyOfPeer& key) {
        return key.second.is_verified() == is_verified;
    });
    for (const auto& [peer, key] : keys) {
        m_engine.set_verified(peer, key.fingerprint, is_verified);
    }
    const std::size_t number = keys.size();
    return {number, 0, remember({std::move(keys), {}})};
}

KeyChanges::Done KeyChanges::forget(Keys keys) {
    const std::size_t in_use = std::erase_if(keys, [this](const core::KeyOfPeer& key) {
        return !m_engine.forget(key.first, key.second.fingerprint);
    });
    const std::size_t number = keys.size();
    return {number, in_use, remember({std::move(keys), {}})};
}

KeyChanges::Done KeyChanges::import(const core::KeyList& list,
                                    const std::vector<std::size_t>& places) {
    Change change;
    for (const std::size_t place : places) {
        const core::KeyOfPeer& listed = list.keys.at(place);
        const auto& [peer, key] = listed;
        const core::TrustStore& trust = m_engine.trust();
        const core::ImportEffect effect = core::effect_of(trust, listed);
        if (effect == core::ImportEffect::Nothing) {
            continue;
        }
        if (effect == core::ImportEffect::Adds) {
            change.added.push_back(listed);
        } else {
            change.before.emplace_back(peer, *trust.find(peer, key.fingerprint));
        }
        m_engine.restore(peer, core::imported(trust, listed, m_engine.host().wall_clock()));
    }
    const std::size_t number = change.before.size() + change.added.size();
    return {number, 0, remember(std::move(change))};
}

std::optional<std::size_t> KeyChanges::undo(unsigned number) {
    const auto found = m_changes.find(number);
    if (found == m_changes.end()) {
        return std::nullopt;
    }
    const Change change = std::move(found->second);
    m_changes.erase(found);
    std::size_t restored = change.before.size();
    for (const auto& [peer, key] : change.before) {
        m_engine.restore(peer, key);
    }
    for (const auto& [peer, key] : change.added) {
        restored += m_engine.forget(peer, key.fingerprint) ? 1U : 0U;
    }
    return restored;
}

} // namespace otr_guard::plugin
