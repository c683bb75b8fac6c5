// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the network guard says, in the user's language: the reason, then what to change. Plain text.

#include <string>

#include "core/proxy_policy.h"

namespace otr_guard::plugin {

[[nodiscard]] std::string text_of(const core::Refused& refused);
[[nodiscard]] std::string text_of(core::BlockReason reason);
/// The same as an ordinary account error.
[[nodiscard]] std::string error_text(const core::Refused& refused);

/// The words of `/guard require`, in every language.
[[nodiscard]] std::string_view word_of(core::Binding binding);

} // namespace otr_guard::plugin
