// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// libotr's callbacks (OtrlMessageAppOps). Each finds the session by the names in the context and
// hands over what happened; none acts on it before libotr has returned, and none lets an exception
// into C. `opdata` is always the Engine.

#include "core/libotr.h"

namespace otr_guard::core {

[[nodiscard]] const OtrlMessageAppOps& libotr_callbacks();

} // namespace otr_guard::core
