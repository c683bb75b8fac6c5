// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What must not be said, or answered, inside the connection of a bound account, because it tells of
// the computer or the program. Pure functions on texts that a server chose: whatever is not known
// to be harmless counts as telling.

#include <string_view>

namespace otr_guard::core {

/// A way to log in that says the account's name and password and nothing else. The others look
/// names up, name this computer, or are not known. Exactly as a server must write it: libraries
/// also take small letters, and several names in one.
[[nodiscard]] bool is_quiet_mechanism(std::string_view name);

/// An IRC line with a question from program to program (CTCP) that libpurple would answer; /me and
/// files that are offered are none.
[[nodiscard]] bool is_program_question(std::string_view line);

/// Whether an XMPP resource tells the name of this computer: is it, holds it as a word of its own,
/// or is filled in with it by libpurple.
[[nodiscard]] bool names_computer(std::string_view resource, std::string_view computer);

/// The name of the host in "http://user@host:port/path", or https. Empty where libpurple might read
/// another one out of it.
[[nodiscard]] std::string_view host_of_url(std::string_view url);

} // namespace otr_guard::core
