// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/unconfirmed.h"

#include <algorithm>
#include <utility>

#include "model/limits.h"
#include "util/secret.h"

namespace otr_guard::core {

namespace limits = model::limits;

namespace {

void wipe(SentText& text) {
    util::wipe(text.html.data(), text.html.size());
}

} // namespace

void Unconfirmed::add(SentText text) {
    m_bytes += text.html.size();
    m_texts.push_back(std::move(text));
    while (m_texts.size() > limits::unconfirmed_texts || m_bytes > limits::queued_bytes_per_peer) {
        m_bytes -= m_texts.front().html.size();
        wipe(m_texts.front());
        m_texts.pop_front();
    }
}

void Unconfirmed::confirm(const MessageDigest& digest) {
    const auto is_read = [&digest](const SentText& text) {
        return text.first == digest || text.last == digest;
    };
    const auto read = std::ranges::find_if(m_texts, is_read);
    if (read == m_texts.end()) {
        return;
    }
    std::for_each(m_texts.begin(), read, [tag = read->tag](SentText& earlier) {
        earlier.is_overtaken = earlier.is_overtaken || earlier.tag == tag;
    });
    forget(is_read);
}

void Unconfirmed::clear() {
    std::ranges::for_each(m_texts, wipe);
    m_texts.clear();
    m_bytes = 0;
}

std::size_t Unconfirmed::count(const Choice& choice) const {
    return static_cast<std::size_t>(std::ranges::count_if(m_texts, choice));
}

std::vector<SentText> Unconfirmed::take(const Choice& choice) {
    const auto chosen = std::stable_partition(m_texts.begin(), m_texts.end(),
                                              [&](const SentText& text) { return !choice(text); });
    std::vector<SentText> taken(std::make_move_iterator(chosen),
                                std::make_move_iterator(m_texts.end()));
    m_texts.erase(chosen, m_texts.end());
    for (const SentText& text : taken) {
        m_bytes -= text.html.size();
    }
    return taken;
}

void Unconfirmed::forget(const Choice& choice) {
    std::ranges::for_each(take(choice), wipe);
}

} // namespace otr_guard::core
