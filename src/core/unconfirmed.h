// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Texts that were sent privately and of which nobody has said yet that they were read, in the order
// in which they were sent. Bounded: the oldest is forgotten first. Wiped when they leave.

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "core/host.h"
#include "core/records.h"
#include "model/account.h"
#include "model/fingerprint.h"

namespace otr_guard::core {

struct SentText {
    std::string html;
    model::Fingerprint key; ///< whose it was sent to
    model::InstanceTag tag; ///< the device
    MessageDigest first;    ///< the message that carried it
    MessageDigest last;     ///< the same, when it was sent again; else as `first`
    SteadyTime when;
    bool is_overtaken = false; ///< that device has read what was sent later
};

class Unconfirmed {
public:
    ~Unconfirmed() { clear(); }
    Unconfirmed() = default;
    Unconfirmed(const Unconfirmed&) = delete;
    Unconfirmed& operator=(const Unconfirmed&) = delete;

    void add(SentText text);
    /// The message with this digest was read; nothing happens when it is none of ours.
    void confirm(const MessageDigest& digest);
    void clear();

    [[nodiscard]] bool empty() const { return m_texts.empty(); }
    [[nodiscard]] const SentText& last() const { return m_texts.back(); }

    using Choice = std::function<bool(const SentText&)>;
    [[nodiscard]] std::size_t count(const Choice& choice) const;
    /// Removes them; they are the caller's.
    [[nodiscard]] std::vector<SentText> take(const Choice& choice);
    void forget(const Choice& choice);

private:
    std::list<SentText> m_texts;
    std::size_t m_bytes = 0;
};

} // namespace otr_guard::core
