// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a test can ask the headless client to do: one JSON object a line on standard input. Every
// line gets exactly one "result" event with the same "id", "ok", and either "value" or "error";
// nothing a test writes may end the program, other than the command that says so.

#include <string>

namespace otr_guard::headless {

/// Runs one line. The list of commands and their members is in tests/support/README.md.
void run_command_line(const std::string& line);

} // namespace otr_guard::headless
