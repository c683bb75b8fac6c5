// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "auto_away.h"

extern "C" {
#include <savedstatuses.h>
}

namespace otr_guard::plugin {

namespace {

constexpr const char* message_attribute = "message";

std::string text_or_empty(const char* text) {
    return text != nullptr ? text : "";
}

AutoAway::Shown shown(const PurpleStatus* status) {
    return {text_or_empty(purple_status_get_id(status)),
            text_or_empty(purple_status_get_attr_string(status, message_attribute))};
}

/// As purple_savedstatus_activate_for_account() would have it.
AutoAway::Shown shown_by(PurpleSavedStatus* saved, const PurpleAccount* account) {
    const PurpleSavedStatusSub* own = purple_savedstatus_get_substatus(saved, account);
    const PurpleStatusType* type = own != nullptr
                                       ? purple_savedstatus_substatus_get_type(own)
                                       : purple_account_get_status_type_with_primitive(
                                             account, purple_savedstatus_get_type(saved));
    if (type == nullptr) {
        return {};
    }
    const char* message = own != nullptr ? purple_savedstatus_substatus_get_message(own)
                                         : purple_savedstatus_get_message(saved);
    const bool has_message = purple_status_type_get_attr(type, message_attribute) != nullptr;
    return {text_or_empty(purple_status_type_get_id(type)),
            has_message ? text_or_empty(message) : std::string()};
}

} // namespace

bool AutoAway::undoes(PurpleAccount* account, const PurpleStatus* status) {
    if (m_is_taking_back) {
        return true;
    }
    const Shown now = shown(status);
    if (purple_savedstatus_is_idleaway() != FALSE &&
        now == shown_by(purple_savedstatus_get_idleaway(), account)) {
        m_is_taking_back = true;
        take_back(account);
        m_is_taking_back = false;
        return true;
    }
    m_shown[account] = now;
    return false;
}

void AutoAway::take_back(PurpleAccount* account) {
    const auto known = m_shown.find(account);
    const Shown before = known != m_shown.end()
                             ? known->second
                             : shown_by(purple_savedstatus_get_default(), account);
    if (before.message.empty()) {
        purple_account_set_status(account, before.type.c_str(), TRUE, nullptr);
    } else {
        purple_account_set_status(account, before.type.c_str(), TRUE, message_attribute,
                                  before.message.c_str(), nullptr);
    }
}

void AutoAway::undo_before_log_in(PurpleAccount* account) {
    if (purple_savedstatus_is_idleaway() == FALSE) {
        return;
    }
    PurpleSavedStatus* chosen = purple_savedstatus_get_default();
    if (purple_savedstatus_get_type(chosen) != PURPLE_STATUS_OFFLINE) {
        purple_savedstatus_activate_for_account(chosen, account);
    }
}

} // namespace otr_guard::plugin
