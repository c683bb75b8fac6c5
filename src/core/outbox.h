// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Text that waits until it can be sent privately, in the order it was typed. Never gives a text
// away twice; text typed under one key is bound to it and does not leave under an unverified other.

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "core/records.h"
#include "model/fingerprint.h"

namespace otr_guard::core {

struct QueuedMessage {
    std::string html;
    /// The key in force when it was typed; none before the first private conversation.
    std::optional<model::Fingerprint> bound_key;
    /// Was sent before in this message, but the peer could not read it.
    std::optional<MessageDigest> resend_of;
};

class Outbox {
public:
    [[nodiscard]] bool has_room_for(std::string_view html) const;
    /// False, and nothing kept, when there is no room (limits.h).
    [[nodiscard]] bool push(QueuedMessage message);
    /// In front of everything else: a text that is sent once more.
    [[nodiscard]] bool push_front(QueuedMessage message);

    [[nodiscard]] bool empty() const { return m_messages.empty(); }
    [[nodiscard]] std::size_t size() const { return m_messages.size(); }
    [[nodiscard]] const std::list<QueuedMessage>& messages() const { return m_messages; }
    [[nodiscard]] const QueuedMessage& front() const { return m_messages.front(); }
    void pop();
    /// Returns how many were dropped.
    std::size_t clear();
    /// The user decided that everything may go to whoever holds the present key.
    void unbind();

private:
    std::list<QueuedMessage> m_messages; ///< a deque takes 576 bytes while empty
    std::size_t m_bytes = 0;
};

} // namespace otr_guard::core
