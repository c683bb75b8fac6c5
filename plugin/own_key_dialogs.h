// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The user's own keys in libpurple's own requests: show, make anew, export, import, delete.
// Accounts and fingerprints are kept by value; what changes a key names the one that the user saw.

#include <memory>
#include <string>

#include "dialogs.h"
#include "own_key_list.h"

namespace otr_guard::plugin {

class OwnKeyDialogs {
public:
    OwnKeyDialogs(Plugin& plugin, Dialogs& dialogs);

    void show();
    /// Asks for what is needed to import a text of core/key_backup.h.
    void open_backup(const std::string& text);

private:
    enum class Action { Show, Make, Export, Import, Delete };
    struct Import;

    void act(Action action, const model::AccountId& account);
    void show_codes(const OwnKey& key);
    void make(const OwnKey& key);
    void remove(const OwnKey& key);
    void ask_passphrase(const OwnKey& key, const std::string& problem);
    void save(const OwnKey& key, const std::shared_ptr<util::SecretString>& passphrase);
    void write(const std::string& path, const util::Expected<std::string>& sealed);
    void choose_file();
    void read(const util::Expected<std::string>& text);
    void ask_for_import(const std::string& text, const std::string& problem);
    void import(const Import& what);
    /// A question with a consequence: `act` when the user agrees.
    void confirm(const std::string& question, const std::string& warning, const std::string& yes,
                 std::function<void()> act);
    /// For a change of a key: says what came of it.
    [[nodiscard]] std::function<void(util::Expected<void>)> report(const std::string& success);

    Plugin& m_plugin;
    Dialogs& m_dialogs;
    /// Files are read and written, and keys sealed, while this object may go away.
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace otr_guard::plugin
