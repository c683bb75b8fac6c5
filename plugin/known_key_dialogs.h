// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Everybody's known keys in libpurple's own requests: verify, take back, forget, undo, export,
// import. They keep names and fingerprints by value and look everything up again when answered.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/key_list.h"
#include "dialogs.h"
#include "key_changes.h"

namespace otr_guard::plugin {

class Plugin;

class KnownKeyDialogs {
public:
    /// Imports from the file of this name.
    using Import = std::function<void(const std::string& path)>;

    KnownKeyDialogs(Plugin& plugin, Dialogs& dialogs, Import import);

    /// Long lists are narrowed by a part of the name first.
    void show();
    /// Imports all of a list, and shows what is known then.
    void take(const core::KeyList& list);

private:
    enum class Action { Verify, TakeBack, Forget, Export, Import, Undo };
    /// What was done last, and the number that takes it back.
    struct Last {
        std::string text;
        unsigned undo = 0;
    };

    void list(const std::string& part, const Last& last);
    void act(Action action, const KeyChanges::Keys& keys, const std::string& part,
             const Last& last);
    void say_empty();
    void export_keys(const KeyChanges::Keys& keys);
    void ask_for_list();

    Plugin& m_plugin;
    Dialogs& m_dialogs;
    Import m_import;
    KeyChanges m_changes;
    /// Files are read and written while this object may go away.
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace otr_guard::plugin
