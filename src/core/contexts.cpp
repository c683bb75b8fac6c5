// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/contexts.h"

namespace otr_guard::core {

// A context knows where the pointer to it is: for the first one that is always the place, which is
// one and the same for all lists.

Contexts::~Contexts() {
    const InUse in_use(*this);
    otrl_context_forget_all(m_place.m_state);
}

ConnContext* Contexts::first() const {
    return m_place.m_owner == this ? m_place.m_state->context_root : m_first;
}

void Contexts::put_in_place() {
    m_place.m_owner = this;
    m_place.m_state->context_root = m_first;
}

void Contexts::take_back() {
    m_first = m_place.m_state->context_root;
    m_place.m_state->context_root = nullptr;
    m_place.m_owner = nullptr;
}

Contexts::InUse::InUse(Contexts& contexts)
    : m_place(contexts.m_place), m_contexts(contexts), m_before(m_place.m_owner) {
    ++m_contexts.m_uses;
    if (m_before != nullptr) {
        m_before->take_back();
    }
    contexts.put_in_place();
}

Contexts::InUse::~InUse() {
    --m_contexts.m_uses;
    m_place.m_owner->take_back();
    if (m_before != nullptr) {
        m_before->put_in_place();
    }
}

} // namespace otr_guard::core
