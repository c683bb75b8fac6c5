// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What libotr keeps for one peer. libotr has one list of contexts for everybody and walks it for
// every message, so that a message to the thousandth conversation costs many times that to the
// first. Here each peer has a list of their own, which takes the place of libotr's while libotr
// works for that peer. Main thread only.

#include "core/libotr.h"

namespace otr_guard::core {

class Contexts;

/// Where libotr looks for contexts. One for each user state, which must outlive it.
class ContextPlace {
public:
    explicit ContextPlace(OtrlUserState state) : m_state(state) {}
    ContextPlace(const ContextPlace&) = delete;
    ContextPlace& operator=(const ContextPlace&) = delete;

private:
    friend class Contexts;
    OtrlUserState m_state;
    Contexts* m_owner = nullptr; ///< whose list is in the place now
};

class Contexts {
public:
    explicit Contexts(ContextPlace& place) : m_place(place) {}
    /// Forgets them all, whatever their state.
    ~Contexts();
    Contexts(const Contexts&) = delete;
    Contexts& operator=(const Contexts&) = delete;

    /// While it lives, these are libotr's contexts. What libotr calls back may use others in turn,
    /// and these once more.
    class InUse {
    public:
        explicit InUse(Contexts& contexts);
        ~InUse();
        InUse(const InUse&) = delete;
        InUse& operator=(const InUse&) = delete;

        [[nodiscard]] OtrlUserState state() const { return m_place.m_state; }

    private:
        ContextPlace& m_place;
        Contexts& m_contexts;
        Contexts* m_before;
    };

    [[nodiscard]] bool empty() const { return first() == nullptr; }
    /// libotr is at work on them, further up the stack: they must stay.
    [[nodiscard]] bool is_in_use() const { return m_uses > 0; }
    /// The list. Null when libotr has nothing for the peer.
    [[nodiscard]] ConnContext* first() const;

private:
    void put_in_place();
    void take_back();

    ContextPlace& m_place;
    ConnContext* m_first = nullptr; ///< while they are not in the place
    unsigned m_uses = 0;
};

} // namespace otr_guard::core
