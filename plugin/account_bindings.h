// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which account is bound to which route. Stored with the account and once more in the preferences,
// because clients wipe an account's settings when its protocol is changed, and remembered for as
// long as the process runs. An account is bound when any of the three says so; only release() ends
// it in all of them.

#include <map>
#include <string>

#include "core/proxy_policy.h"
#include "model/account.h"
#include "purple.h"

namespace otr_guard::plugin {

/// An account's proxy settings in the core's words.
[[nodiscard]] core::ProxySettings proxy_of(const PurpleAccount* account);

class AccountBindings {
public:
    /// Registers the preferences.
    AccountBindings();
    AccountBindings(const AccountBindings&) = delete;
    AccountBindings& operator=(const AccountBindings&) = delete;

    /// What holds for the account now. Puts right whichever record has been lost.
    [[nodiscard]] core::Record record(PurpleAccount* account);
    /// Records the route and gives the account the proxy settings that it demands.
    void bind(PurpleAccount* account, const core::Route& route);
    /// Keeps an account offline until it is bound or released.
    void leave_undecided(PurpleAccount* account);
    /// Ends the binding; the account's proxy stays as it is.
    void release(PurpleAccount* account);
    /// For when the client quits. Points a bound account's settings at nothing, so that its file
    /// leads nowhere while OTR Guard is not there; the next process has everything back as soon as
    /// record() is asked for it. A proxy that was changed by hand stays as it is.
    void park(PurpleAccount* account);
    /// Whether anything in this profile is bound, as far as it is known without accounts.
    [[nodiscard]] bool is_any_bound() const;
    /// The same by what accounts.xml says, for when accounts are not loaded yet and the
    /// preferences, which say it too, have been lost or replaced by older ones.
    [[nodiscard]] static bool is_any_in_file();

    /// User and password for the proxy of an account bound to Tor, so that it has circuits of its
    /// own. Only to be called while none of its connections is being made.
    void isolate(PurpleAccount* account);
    /// New ones from the next connection on.
    void renew_isolation(PurpleAccount* account);

private:
    struct Known {
        model::AccountId name;
        core::Record record;
    };

    static void account_gone(PurpleAccount* account, AccountBindings* self);
    static void account_removed(PurpleAccount* account, AccountBindings* self);
    void remember(PurpleAccount* account, const core::Record& record);
    void store(PurpleAccount* account, const core::Record& record);
    void unpark(PurpleAccount* account, const core::Record& record) const;

    std::map<const PurpleAccount*, Known> m_known; ///< those that are bound, damaged or undecided
    bool m_is_listening = false;
    bool m_is_parking = false;
};

} // namespace otr_guard::plugin
