// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is said about an import before it happens. Plain text, translated; names from files of other
// programs are cut to one line.

#include <string>
#include <vector>

#include "core/foreign.h"
#include "core/import_plan.h"

namespace otr_guard::plugin {

/// "alice@example.org (xmpp)", as the other program calls the account.
[[nodiscard]] std::string foreign_label(const model::AccountId& account);
/// "new, and verified": what taking a key would change, and what should be known before.
[[nodiscard]] std::string effect_label(const core::PlannedKey& planned);
[[nodiscard]] std::string import_question(const core::ImportPlan& plan);
/// What to know before anything is chosen.
[[nodiscard]] std::string import_advice(const core::ImportPlan& plan,
                                        const std::vector<core::ForeignRemark>& remarks);
/// What an import leaves as it is or out, a sentence each.
[[nodiscard]] std::string left_out_text(const core::ImportPlan& plan);
/// What could not be read, a line each.
[[nodiscard]] std::string remarks_text(const std::vector<core::ForeignRemark>& remarks);

} // namespace otr_guard::plugin
