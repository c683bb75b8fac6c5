// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Coming from another OTR program, in libpurple's own requests: its files are read in a worker,
// then the user sees what was found and what would change, and chooses. Own keys are never chosen
// beforehand, and one that takes the place of another is asked about once more.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/import_plan.h"
#include "core/worker.h"
#include "dialogs.h"
#include "util/expected.h"
#include "util/secret.h"

namespace otr_guard::plugin {

class Plugin;

class ImportDialogs {
public:
    /// Who goes on with what was chosen.
    struct Next {
        std::function<void(const core::KeyList&)> take_keys;
        /// A text of core/key_backup.h.
        std::function<void(const std::string&)> open_backup;
    };

    ImportDialogs(Plugin& plugin, Dialogs& dialogs, Next next);
    /// Waits for a file that is being read.
    ~ImportDialogs();
    ImportDialogs(const ImportDialogs&) = delete;
    ImportDialogs& operator=(const ImportDialogs&) = delete;

    /// A file or a folder, which is asked for when empty; `~/` stands for the user's own.
    void open(const std::string& path);

private:
    struct Import;
    using ImportPtr = std::shared_ptr<Import>;

    void ask_path();
    void read(const ImportPtr& import, util::SecretString passphrase);
    void go_on(const ImportPtr& import, util::Expected<core::ForeignProfile> profile);
    void ask_passphrase(const ImportPtr& import);
    void match_accounts(const ImportPtr& import);
    void ask_accounts(const ImportPtr& import, const std::vector<model::AccountId>& unknown);
    void preview(const ImportPtr& import);
    void chosen(const ImportPtr& import, const core::ImportPlan& plan, PurpleRequestFields& filled);
    /// Takes the first of these keys, asks about it if need be, then goes on with the others.
    void take_own_keys(const ImportPtr& import, std::vector<core::PlannedOwnKey> keys);
    void take_own_key(const ImportPtr& import, const core::PlannedOwnKey& key,
                      std::function<void()> then);

    Plugin& m_plugin;
    Dialogs& m_dialogs;
    Next m_next;
    /// Files are read and keys written while this object may go away.
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    core::Worker m_worker;
};

} // namespace otr_guard::plugin
