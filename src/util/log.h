// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Diagnostics for developers. Must never be given message text, secrets or keys: what is logged
// here can end up in a terminal, a debug window or a bug report.

#include <string_view>

namespace otr_guard::util {

enum class LogLevel { Debug, Warning, Error };

/// Receives every line; called on the thread that logs. `where` names the function or part.
using LogSink = void (*)(LogLevel level, std::string_view where, std::string_view text);

/// Replaces the sink; nullptr drops everything. Not thread-safe: set it before threads start.
void set_log_sink(LogSink sink) noexcept;

void log_debug(std::string_view where, std::string_view text) noexcept;
void log_warning(std::string_view where, std::string_view text) noexcept;
void log_error(std::string_view where, std::string_view text) noexcept;

} // namespace otr_guard::util
