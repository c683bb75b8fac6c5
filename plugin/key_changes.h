// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Changes of many known keys at once, whoever draws the dialog, and the way back: how the keys were
// is kept for the last changes.

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "core/engine.h"
#include "core/key_list.h"

namespace otr_guard::plugin {

class KeyChanges {
public:
    using Keys = std::vector<core::KeyOfPeer>;
    /// What became of a change.
    struct Done {
        std::size_t number = 0; ///< of keys changed
        std::size_t in_use = 0; ///< that were therefore left alone
        unsigned undo = 0;      ///< for undo(); 0 when nothing was changed
    };

    explicit KeyChanges(core::Engine& engine) : m_engine(engine) {}

    Done set_verified(Keys keys, bool is_verified);
    /// Keys in use stay.
    Done forget(Keys keys);
    /// Keys of a list, by their places in it, which must exist.
    Done import(const core::KeyList& list, const std::vector<std::size_t>& places);
    /// How many keys are as they were before; nothing for a change that is not remembered.
    std::optional<std::size_t> undo(unsigned number);

private:
    struct Change {
        Keys before;
        Keys added;
    };
    [[nodiscard]] unsigned remember(Change change);

    core::Engine& m_engine;
    std::map<unsigned, Change> m_changes;
    unsigned m_last = 0;
};

} // namespace otr_guard::plugin
