// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Coming from another OTR program, whoever asks the user: its files are read in a worker, then the
// user sees what was found and what would change, and chooses. Private keys stay in here.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/foreign.h"
#include "core/import_plan.h"
#include "core/worker.h"
#include "util/expected.h"
#include "util/secret.h"

namespace otr_guard::plugin {

class Plugin;

/// Reads profiles, one at a time; of those that are asked for meanwhile the last one is read next,
/// and the others fail.
class ProfileReader {
public:
    using Done = std::function<void(util::Expected<core::ForeignProfile>)>;

    explicit ProfileReader(Plugin& plugin);
    /// Waits for a file that is being read.
    ~ProfileReader();
    ProfileReader(const ProfileReader&) = delete;
    ProfileReader& operator=(const ProfileReader&) = delete;

    /// A file or a folder. `done` is called on the main loop, never before this returns, and not
    /// after this object is gone.
    void read(const std::string& path, util::SecretString passphrase, Done done);

private:
    struct Request {
        std::string path;
        util::SecretString passphrase;
        Done done;
    };

    void start(Request request);

    Plugin& m_plugin;
    bool m_is_reading = false;
    std::optional<Request> m_next;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    core::Worker m_worker;
};

/// One import on its way.
class ProfileImport {
public:
    enum class Step {
        Over,       ///< there is nothing to import, for the reason in the text
        Passphrase, ///< to read it again with
        Backup,     ///< it is an exported key of the user's own, see backup()
        Accounts,   ///< which account of ours each of unknown() is
        Choice,     ///< what to take of plan()
    };
    /// What to ask or say. Plain text, translated.
    struct Next {
        Step step;
        std::string text;
        std::string detail; ///< may be empty
    };

    /// `~/` stands for the user's own folder.
    ProfileImport(Plugin& plugin, const std::string& path);

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] Next take(util::Expected<core::ForeignProfile> profile);

    /// A text of core/key_backup.h.
    [[nodiscard]] const std::string& backup() const { return m_profile.backup; }

    /// Accounts of the other program that are none of ours by their names, the first of them.
    [[nodiscard]] const std::vector<model::AccountId>& unknown() const { return m_unknown; }
    [[nodiscard]] const std::vector<model::AccountId>& ours() const { return m_ours; }
    /// For each of unknown() its place in ours(), or nothing to leave it out.
    [[nodiscard]] Next match(const std::vector<std::optional<std::size_t>>& places);

    [[nodiscard]] const core::ImportPlan& plan() const { return m_plan; }
    [[nodiscard]] model::Fingerprint fingerprint_of(const core::PlannedOwnKey& key) const;
    /// Whether one of these keys of the plan contradicts what is known here by now in another way
    /// than the plan says. Then plan_again().
    [[nodiscard]] bool has_changed(const std::vector<std::size_t>& places) const;
    [[nodiscard]] Next plan_again();
    /// Keys of others by their places in the plan; places that it does not have are left out.
    [[nodiscard]] core::KeyList keys(const std::vector<std::size_t>& places) const;
    /// Takes a key of the user's own, by its place in the plan, in place of the one that the plan
    /// says. `done` is called once, with a sentence for the user.
    void take_own_key(std::size_t place, const std::function<void(const std::string&)>& done);

private:
    [[nodiscard]] std::string shown_path() const;

    Plugin& m_plugin;
    std::string m_path;
    core::ForeignProfile m_profile;
    core::AccountMap m_accounts;
    std::vector<model::AccountId> m_unknown;
    std::vector<model::AccountId> m_ours;
    core::ImportPlan m_plan;
};

} // namespace otr_guard::plugin
