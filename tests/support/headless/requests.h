// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Dialogs that libpurple or a plugin asks the user interface to show. Each open one has a number;
// the test reads what it contains from the "request" event and answers it by that number, exactly
// once, with the callbacks a graphical client would make. A closed dialog is never called again.

#include <nlohmann/json.hpp>
#include <purple.h>

namespace otr_guard::headless {

/// The operations to hand to purple_request_set_ui_ops(); lives as long as the process.
PurpleRequestUiOps* request_ui_ops();

/// Answers the dialog with the number answer["request"]:
///   input    {"action": "ok"|"cancel", "value": text}
///   choice   {"action": "ok"|"cancel", "value": number of the choice}
///   action   {"action": index of the button}
///   fields   {"action": "ok"|"cancel", "fields": {id: value}}; a list field takes a list of labels
///   file, folder {"action": "ok"|"cancel", "value": path}
/// Throws std::invalid_argument when there is no such dialog, button or field.
void answer_request(const nlohmann::json& answer);

/// Numbers and types of the dialogs that are open.
nlohmann::json open_requests();

} // namespace otr_guard::headless
