// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Name look-ups that libraries make by themselves while an account logs in, past libpurple: SASL
// looks up this computer's own name, Kerberos the server's. In those libraries, and only there, the
// functions for it are replaced by ours, which ask first. Addresses written as numbers still work.

#include "util/expected.h"

namespace otr_guard::plugin {

/// True while libraries must look nothing up. Called from any of them, on any thread.
using MustNotLookUp = bool (*)();

/// Replaces the functions in what is loaded by now; call it before each log-in, because libraries
/// can be loaded later. Fails when SASL is loaded and keeps its own.
[[nodiscard]] util::Expected<void> take_own_lookups(MustNotLookUp must_not);

} // namespace otr_guard::plugin
