// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The commands by topic. A handler returns the command's value, or throws a std::exception whose
// text becomes the command's error.

#include <functional>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace otr_guard::headless {

using CommandTable = std::map<std::string, nlohmann::json (*)(const nlohmann::json&), std::less<>>;

/// Accounts and buddies.
CommandTable account_commands();
/// Conversations: what is said in them, their logs.
CommandTable talk_commands();
/// Preferences, plugins, menus.
CommandTable plugin_commands();

} // namespace otr_guard::headless
