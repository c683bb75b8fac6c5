// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Clients set accounts to "away" by themselves once the user has touched nothing for a while, and
// back, all of them at the same moment. That says how long somebody has been gone, and which
// accounts belong together. Finds out which changes of a status are such ones, and takes them back:
// a protocol tells the status on other occasions, too. Must never take what the user has chosen for
// one.

#include <map>
#include <string>

#include "purple.h"

namespace otr_guard::plugin {

class AutoAway {
public:
    /// True when nobody may hear of this change, because the client has made it by itself. Then the
    /// account has the status of before again.
    [[nodiscard]] bool undoes(PurpleAccount* account, const PurpleStatus* status);
    void forget(const PurpleAccount* account) { m_shown.erase(account); }

    /// Before an account logs in: gives it the status that its user has chosen.
    static void undo_before_log_in(PurpleAccount* account);

    /// What others see of a status.
    struct Shown {
        std::string type;
        std::string message;

        bool operator==(const Shown&) const = default;
    };

private:
    void take_back(PurpleAccount* account);

    /// Of accounts whose status has changed since they are online.
    std::map<const PurpleAccount*, Shown> m_shown;
    bool m_is_taking_back = false;
};

} // namespace otr_guard::plugin
