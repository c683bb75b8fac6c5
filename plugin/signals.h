// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// libpurple's signals, handed to the core. The handler for outgoing messages runs last and the one
// for incoming messages first, so that no other plugin sees ciphertext as text or changes it. When
// a handler fails, nothing is sent and nothing is shown.

#include "purple.h"

namespace otr_guard::plugin {

class Plugin;

class Signals {
public:
    explicit Signals(Plugin& plugin);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

private:
    void* m_handle;
};

} // namespace otr_guard::plugin
