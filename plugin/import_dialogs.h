// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Coming from another OTR program, in libpurple's own requests. Own keys are never chosen
// beforehand, and one that takes the place of another is asked about once more.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dialogs.h"
#include "profile_import.h"

namespace otr_guard::plugin {

class ImportDialogs {
public:
    /// Who goes on with what was chosen.
    struct Next {
        std::function<void(const core::KeyList&)> take_keys;
        /// A text of core/key_backup.h.
        std::function<void(const std::string&)> open_backup;
    };

    ImportDialogs(Plugin& plugin, Dialogs& dialogs, Next next);

    /// A file or a folder, which is asked for when empty; `~/` stands for the user's own.
    void open(const std::string& path);

private:
    using ImportPtr = std::shared_ptr<ProfileImport>;

    void ask_path();
    void read(const ImportPtr& import, util::SecretString passphrase);
    void go_on(const ImportPtr& import, const ProfileImport::Next& next);
    void ask_passphrase(const ImportPtr& import, const ProfileImport::Next& next);
    void ask_accounts(const ImportPtr& import, const ProfileImport::Next& next);
    void preview(const ImportPtr& import, const ProfileImport::Next& next);
    void chosen(const ImportPtr& import, PurpleRequestFields& filled);
    /// Takes the first of these keys, by their places in the plan, asks about it if need be, then
    /// goes on with the others.
    void take_own_keys(const ImportPtr& import, std::vector<std::size_t> places);
    void take_own_key(const ImportPtr& import, std::size_t place, std::function<void()> then);

    Plugin& m_plugin;
    Dialogs& m_dialogs;
    Next m_next;
    /// Keys are written while this object may go away.
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    ProfileReader m_reader;
};

} // namespace otr_guard::plugin
