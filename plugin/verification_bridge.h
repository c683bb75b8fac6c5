// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The plugin's end of verification windows. What their user asks for is checked against the
// conversation as it is now: only what could have been typed as a command is ever done.

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "ipc/codec.h"
#include "ipc/endpoint.h"
#include "model/notice.h"
#include "window_program.h"

namespace otr_guard::plugin {

class VerificationBridge final : public WindowBridge {
public:
    /// `show_plainly` is called for what the program cannot show.
    VerificationBridge(Plugin& plugin, WindowProgram& program,
                       std::function<void(const model::PeerId&)> show_plainly);

    void show(const model::PeerId& peer);
    /// The same, for an act of the user's in the windows program; `time` is its X time.
    void show_at(const model::PeerId& peer, guint32 time);
    void state_changed(const model::PeerId& peer);
    void told(const model::PeerId& peer, const model::Notice& notice);

    [[nodiscard]] bool attach(GDBusConnection& connection) override;
    void ready() override;
    void give_up() override;
    void lost() override;
    void detach() override;

protected:
    void shown() override;

private:
    struct Calls;
    struct Request {
        model::PeerId peer;
        guint64 parent = 0;
        guint32 time = 0;
    };

    void send(const Request& request);
    [[nodiscard]] ipc::VerificationState state_of(const model::PeerId& peer) const;
    /// The peer of a call, if the key that its user saw is still in use; else the call is answered.
    [[nodiscard]] std::optional<model::PeerId> target(GDBusMethodInvocation* call, GVariant* peer,
                                                      const char* key) const;

    Plugin& m_plugin;
    std::function<void(const model::PeerId&)> m_show_plainly;
    std::vector<Request> m_waiting; ///< until the program shows it
    std::set<model::PeerId> m_open; ///< peers with a window
    ipc::ExportedPtr<OtrGuardVerification> m_calls;
    ipc::GObjectPtr<OtrGuardVerificationWindow> m_window;
};

/// The peer of a call; nothing, and the call is answered, when it is nobody's.
[[nodiscard]] std::optional<model::PeerId> peer_of_call(GDBusMethodInvocation* call,
                                                        GVariant* peer);

} // namespace otr_guard::plugin
