// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Puts incoming fragments together before libotr sees them, because libotr's own buffers have no
// size limit, drop a half-received v2 message when another message comes between, and miss an
// empty last piece (which otr3 sends). OTRv3, "Fragmentation".

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "model/account.h"
#include "model/states.h"

namespace otr_guard::core {

class Reassembler {
public:
    using Clock = std::chrono::steady_clock;

    enum class Outcome {
        NotAFragment, ///< give the message on as it is
        Incomplete,   ///< kept; nothing to give on
        Complete,     ///< `message` is the whole message
        Dropped,      ///< malformed, out of order, too large, or for another of our instances
    };
    struct Result {
        Outcome outcome;
        std::string message;
        /// Pieces of a message that had come before are thrown away with this one.
        bool is_broken = false;
    };

    /// Takes `?OTR|sender|receiver,k,n,piece,` (v3) and `?OTR,k,n,piece,` (v2); numbers may be
    /// padded or not, the piece may be empty; text around the fragment is ignored, as in libotr.
    /// `our_instance` 0 means that it is not known yet and every receiver is accepted;
    /// a receiver of 0 in the fragment addresses all instances.
    /// Limits: model/limits.h (per sender instance, per peer, in total, age).
    [[nodiscard]] Result add(const model::PeerId& peer, std::string_view message,
                             model::InstanceTag our_instance, Clock::time_point now);

    /// Forgets what a peer has sent so far.
    void forget(const model::PeerId& peer);

    /// Bytes held at the moment, for tests and status.
    [[nodiscard]] std::size_t bytes_held() const;

private:
    struct Partial {
        model::PeerId peer;
        model::InstanceTag sender;
        unsigned next;
        unsigned total;
        std::string text;
        Clock::time_point last;
    };

    /// Puts the piece behind what `partial` (the first of the list) has, or drops all of it.
    [[nodiscard]] Result append(std::list<Partial>::iterator partial, unsigned number,
                                unsigned total, std::string_view piece, Clock::time_point now);
    void drop_old(Clock::time_point now);
    /// Makes place for one more of this peer; the longest silent one goes.
    void make_room(const model::PeerId& peer);

    std::list<Partial> m_partials; ///< most recently used first
};

} // namespace otr_guard::core
