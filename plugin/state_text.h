// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A conversation's state in a word and a few sentences: for the padlock, its tooltip, screen
// readers and the menus' "What this means". Must never say more than the session's own state
// allows: what is not verified is never called private without that being said.

#include <string>

#include "core/messages.h"

namespace otr_guard::plugin {

/// In the order of the padlock's shapes.
enum class Look { NotPrivate, Unverified, Private, Finished };

struct StateText {
    Look look;
    std::string word;        ///< "Private"
    std::string explanation; ///< what it means, and why text waits if it does
};

[[nodiscard]] Look look_of(const core::SessionStatus& status);

/// Plain text, translated. `name` is the peer's, isolated by the caller.
[[nodiscard]] StateText describe(const core::SessionStatus& status, const std::string& name);

/// The peer asks something, and nothing about their key has to be decided first.
[[nodiscard]] bool has_question_to_answer(const core::SessionStatus& status);

/// What the user has to decide, before typed text can leave or about a question of the peer's, in a
/// sentence; empty when nothing is.
[[nodiscard]] std::string decision_text(const core::SessionStatus& status, const std::string& name);

} // namespace otr_guard::plugin
