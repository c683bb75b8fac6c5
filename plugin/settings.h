// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the user has chosen: global preferences, account settings (accounts.xml), buddy settings
// (blist.xml), and for people who are not on the buddy list the core's side file. The nearest
// choice wins: buddy, account, global. An unknown word counts as no choice.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/trust_store.h"
#include "model/account.h"
#include "model/states.h"
#include "purple.h"

namespace otr_guard::plugin {

/// How an account that is added uses the network.
enum class NewAccountWay {
    AsItSays, ///< as its settings say
    Ask,      ///< the user is asked, and it stays offline until then
    Tor       ///< bound to Tor
};

class Settings {
public:
    /// Registers the preferences with their defaults (policy opportunistic, logging off, goodbye
    /// on) and takes over pidgin-otr's once. `changed` is called whenever something changed that
    /// may matter to running sessions, from whichever place (preferences dialog, command, menu).
    Settings(PurplePlugin* handle, core::TrustStore& trust, std::function<void()> changed);
    ~Settings();
    Settings(const Settings&) = delete;
    Settings& operator=(const Settings&) = delete;

    /// What applies to this peer.
    [[nodiscard]] model::Policy policy(const model::PeerId& peer) const;
    [[nodiscard]] model::Logging logging(const model::PeerId& peer) const;
    /// Another number whenever policy() may have another answer for somebody.
    [[nodiscard]] std::uint64_t version() const { return m_version; }
    [[nodiscard]] bool says_goodbye() const;
    [[nodiscard]] bool takes_files_of_unverified() const;
    /// Where files go that are received; empty while the user has not chosen.
    [[nodiscard]] std::string file_folder() const;
    void set_file_folder(const std::string& folder);
    /// Tor, the narrowest, when the word is unknown.
    [[nodiscard]] NewAccountWay new_account_way() const;

    /// The global choice, for everybody without a nearer one.
    [[nodiscard]] model::Policy global_policy() const;
    [[nodiscard]] model::Logging global_logging() const;

    /// The choice made at one level; nothing where none was made.
    [[nodiscard]] std::optional<model::Policy> buddy_policy(const model::PeerId& peer) const;
    [[nodiscard]] std::optional<model::Policy>
    account_policy(const model::AccountId& account) const;
    [[nodiscard]] std::optional<model::Logging> buddy_logging(const model::PeerId& peer) const;
    [[nodiscard]] std::optional<model::Logging>
    account_logging(const model::AccountId& account) const;

    /// `nothing` clears the choice, so that the next level applies.
    void set_buddy_policy(const model::PeerId& peer, std::optional<model::Policy> policy);
    void set_account_policy(const model::AccountId& account, std::optional<model::Policy> policy);
    void set_global_policy(model::Policy policy);
    void set_buddy_logging(const model::PeerId& peer, std::optional<model::Logging> logging);
    void set_account_logging(const model::AccountId& account,
                             std::optional<model::Logging> logging);

private:
    PurplePlugin* m_handle;
    core::TrustStore& m_trust;
    std::uint64_t m_version = 0;
    std::function<void()> m_changed;
};

/// The page of the plugin's preferences that every libpurple client can draw.
[[nodiscard]] PurplePluginPrefFrame* make_preferences_frame(PurplePlugin* handle);

} // namespace otr_guard::plugin
