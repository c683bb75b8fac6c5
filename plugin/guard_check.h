// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The check-up of one account: what about it gives its owner away, and what to do about each. Looks
// at settings alone and asks nobody.

#include <string>
#include <vector>

#include "guard_actions.h"
#include "purple.h"

namespace otr_guard::plugin {

enum class Finding { Good, Attention, Problem };

/// One thing that was looked at: a sentence that says what to do where it is not good.
struct CheckRow {
    Finding finding;
    std::string text;
    Remedy remedy = Remedy::None;
};

[[nodiscard]] std::vector<CheckRow> check_account(PurpleAccount* account);
/// The same as lines, each with its finding in a word.
[[nodiscard]] std::string check_text(PurpleAccount* account);

} // namespace otr_guard::plugin
