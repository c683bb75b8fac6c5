// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The plugin's end of the window of known keys.

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "ipc/endpoint.h"
#include "ipc/key_codec.h"
#include "key_changes.h"
#include "window_program.h"

namespace otr_guard::plugin {

class KnownKeysBridge final : public WindowBridge {
public:
    /// `show_plainly` is called when the program cannot show the window, `verify` to open the
    /// verification window of a peer.
    KnownKeysBridge(Plugin& plugin, WindowProgram& program, std::function<void()> show_plainly,
                    std::function<void(const model::PeerId&, guint32 time)> verify);

    void show();
    void state_changed(const model::PeerId& peer);
    /// Imports all keys of a list; the window hears of it once, and can undo it.
    KeyChanges::Done take(const core::KeyList& list);

    [[nodiscard]] bool attach(GDBusConnection& connection) override;
    void ready() override;
    void give_up() override;
    void lost() override;
    void detach() override;

protected:
    void shown() override;

private:
    struct Calls;
    using Keys = KeyChanges::Keys;

    void send();
    [[nodiscard]] std::vector<ipc::KnownKey> rows(const Keys& keys) const;
    /// Those of the names that are known, as they are now.
    [[nodiscard]] Keys find(const std::vector<ipc::KeyName>& names) const;
    /// Runs `change`, which is about many keys, and tells the window once.
    void change_all(const std::function<void()>& change);
    Plugin& m_plugin;
    std::function<void()> m_show_plainly;
    std::function<void(const model::PeerId&, guint32)> m_verify;
    std::optional<std::pair<guint64, guint32>> m_waiting; ///< parent and time
    bool m_is_open = false;
    bool m_is_changing = false;
    KeyChanges m_changes;
    ipc::ExportedPtr<OtrGuardKnownKeys> m_calls;
    ipc::GObjectPtr<OtrGuardKnownKeysWindow> m_window;
};

} // namespace otr_guard::plugin
