// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Moves this process into namespaces of its own in which the network is a loopback device and
// nothing else. Must never leave a half-closed one behind: on any failure the process is of no use
// any more and has to end.

#include "run/arguments.h"
#include "util/descriptor.h"
#include "util/expected.h"

namespace otr_guard::run {

/// Encloses the calling process, which must have one thread, and gives it a listening socket at the
/// proxy's own address; whoever accepts there, from outside too, speaks with the inside. Also out
/// of reach then: services that look names up for others over Unix sockets. Unavailable when the
/// system allows no such namespaces; a failure's text is for the user.
[[nodiscard]] util::Expected<util::Descriptor> enclose(const Endpoint& proxy);

/// Gives up every right over the namespaces. What is open above standard error closes with the next
/// program, for it may lead out.
[[nodiscard]] util::Expected<void> renounce();

} // namespace otr_guard::run
