// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Another program that works for this one (OnionShare, mat2, cp) and must not outlive it: not the
// object here, not the plugin, not the client, however that ends. otr-guard-keep stands between
// the two; see model/keeper.h. Nothing waits; what the program says comes on the main loop.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purple.h"
#include "util/descriptor.h"
#include "util/expected.h"

namespace otr_guard::plugin {

/// The whole path of a program that can be started by its name; nothing when there is none.
[[nodiscard]] std::optional<std::string> find_program(const char* name);

class OwnedProgram {
public:
    struct Events {
        /// Some bytes of what it writes, to standard output or error. May stop, not destroy.
        std::function<void(std::string_view bytes)> said;
        /// The last event: nothing of the program is left. May destroy the object. As a shell has
        /// the exit code; 126 as well where it is unknown.
        std::function<void(int exit_code)> ended;
    };

    static constexpr int unknown_exit_code = 126;

    /// `command`: the program by its whole path, and its arguments. It has no standard input and no
    /// terminal.
    [[nodiscard]] static util::Expected<std::unique_ptr<OwnedProgram>>
    start(std::vector<std::string> command, Events events);
    /// For start().
    OwnedProgram(util::Descriptor lifeline, util::Descriptor output, Events events);
    /// Ends the program, gently first; nothing is called back any more.
    ~OwnedProgram();
    OwnedProgram(const OwnedProgram&) = delete;
    OwnedProgram& operator=(const OwnedProgram&) = delete;

    /// Asks the program to end, as Ctrl+C does, and leaves it the time that it wants.
    void ask_to_end();
    /// Ends the program, gently first; ended() is called when it is over.
    void stop();

private:
    static void output_is_there(gpointer self, gint descriptor, PurpleInputCondition condition);
    static void lifeline_is_there(gpointer self, gint descriptor, PurpleInputCondition condition);
    /// False at the end of the output.
    bool read_output();
    void read_the_rest();
    void finish(int exit_code);

    util::Descriptor m_lifeline;
    util::Descriptor m_output;
    Events m_events;
    guint m_lifeline_watch = 0;
    guint m_output_watch = 0;
    std::optional<int> m_exit_code;
};

} // namespace otr_guard::plugin
