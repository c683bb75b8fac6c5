// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Short names of choices, methods and dates, the same in commands, menus, dialogs and preferences.
// Plain text, translated.

#include <array>
#include <string>

#include "core/trust_store.h"
#include "model/states.h"

namespace otr_guard::plugin {

/// From the most open to the strictest.
inline constexpr std::array all_policies{model::Policy::Never,         model::Policy::Manual,
                                         model::Policy::Opportunistic, model::Policy::Known,
                                         model::Policy::Always,        model::Policy::Verified};
inline constexpr std::array all_loggings{model::Logging::Off, model::Logging::Redacted,
                                         model::Logging::On};

[[nodiscard]] std::string label_of(model::Policy policy);
[[nodiscard]] std::string label_of(model::Logging logging);
[[nodiscard]] std::string label_of(model::VerificationMethod method);

/// The day in the local time zone, as 2026-05-03.
[[nodiscard]] std::string date_of(core::WallTime time);

/// "verified by one-time PIN on 2026-05-03, last check failed on 2026-05-04", "not verified".
[[nodiscard]] std::string our_verification_of(const core::KnownKey& key);

/// The same, and whether they have verified the user.
[[nodiscard]] std::string verification_of(const core::KnownKey& key);

} // namespace otr_guard::plugin
