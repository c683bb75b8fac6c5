// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/outbox.h"

#include <utility>

#include "model/limits.h"
#include "util/secret.h"

namespace otr_guard::core {

namespace limits = model::limits;

bool Outbox::has_room_for(std::string_view html) const {
    return m_messages.size() < limits::queued_messages_per_peer &&
           html.size() <= limits::queued_bytes_per_peer - m_bytes;
}

bool Outbox::push(QueuedMessage message) {
    if (!has_room_for(message.html)) {
        return false;
    }
    m_bytes += message.html.size();
    m_messages.push_back(std::move(message));
    return true;
}

bool Outbox::push_front(QueuedMessage message) {
    if (!has_room_for(message.html)) {
        return false;
    }
    m_bytes += message.html.size();
    m_messages.push_front(std::move(message));
    return true;
}

void Outbox::pop() {
    std::string& html = m_messages.front().html;
    m_bytes -= html.size();
    util::wipe(html.data(), html.size());
    m_messages.pop_front();
}

std::size_t Outbox::clear() {
    const std::size_t count = m_messages.size();
    while (!m_messages.empty()) {
        pop();
    }
    return count;
}

void Outbox::unbind() {
    for (QueuedMessage& message : m_messages) {
        message.bound_key.reset();
    }
}

} // namespace otr_guard::core
