// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The preferences of bound accounts, for whoever reads or shows them.

#include <array>
#include <utility>

#include "inband_guard.h"

namespace otr_guard::plugin {

/// Whether bound accounts tell others these things after all.
inline constexpr std::array tale_prefs{
    std::pair(Tale::Typing, "/plugins/core/otr-guard/network/typing"),
    std::pair(Tale::Idle, "/plugins/core/otr-guard/network/idle"),
    std::pair(Tale::Program, "/plugins/core/otr-guard/network/program"),
    std::pair(Tale::Clock, "/plugins/core/otr-guard/network/clock")};

/// Seconds that a log-in waits beside other accounts, by chance between the two.
inline constexpr const char* shortest_wait_pref = "/plugins/core/otr-guard/network/shortest-wait";
inline constexpr const char* longest_wait_pref = "/plugins/core/otr-guard/network/longest-wait";

} // namespace otr_guard::plugin
