// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a program will miss inside, found in its environment: screens and buses that are reached
// over the network or over abstract sockets, which belong to a network namespace.

#include <optional>
#include <string>

namespace otr_guard::run {

/// A sentence for the user when the X server cannot be reached from inside. `display` is DISPLAY;
/// may be null.
[[nodiscard]] std::optional<std::string> note_on_display(const char* display);
/// The same for the session bus; `address` is DBUS_SESSION_BUS_ADDRESS.
[[nodiscard]] std::optional<std::string> note_on_bus(const char* address);

} // namespace otr_guard::run
