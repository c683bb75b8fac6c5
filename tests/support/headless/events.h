// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the headless client tells the test that drives it: one JSON object a line on the standard
// output it was started with. That stream must never carry anything else, so whatever libraries
// print goes to standard error.

#include <string>

#include <nlohmann/json.hpp>
#include <purple.h>

namespace otr_guard::headless {

/// Keeps the original standard output for events and points descriptor 1 at standard error.
/// Call once, before any library is initialised.
void take_standard_output();

/// Writes the event as one line, at once. Adds "time": seconds of CLOCK_MONOTONIC.
void emit(nlohmann::json event);

/// A C string as JSON; null stays null.
nlohmann::json text_or_null(const char* text);

/// Names of the flags that are set, in lower case, without the PURPLE_MESSAGE_ prefix.
nlohmann::json flag_names(PurpleMessageFlags flags);

/// The reverse of flag_names; throws std::invalid_argument for a name it does not know.
PurpleMessageFlags flags_from_names(const nlohmann::json& names);

/// Adds "account" and "protocol" to an event; a null account adds nulls.
void add_account_to(nlohmann::json& event, const PurpleAccount* account);

} // namespace otr_guard::headless
