// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "owned_program.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "ipc/gobject_ptr.h"
#include "model/keeper.h"
#include "model/sharing_limits.h"
#include "util/glib_ptr.h"
#include "util/guarded.h"
#include "util/parts.h"

namespace otr_guard::plugin {

namespace {

using Strings = util::CPtr<char*, g_strfreev>;
using util::Descriptor;
using util::ErrorCode;

constexpr const char* keeper_name = "otr-guard-keep";

/// That of this process. Programs in Python write at once, and in UTF-8 whatever the language.
Strings environment() {
    Strings variables(g_get_environ());
    for (const auto& [name, value] :
         {std::pair("PYTHONUNBUFFERED", "1"), std::pair("PYTHONIOENCODING", "utf-8:replace")}) {
        variables.reset(g_environ_setenv(variables.release(), name, value, TRUE));
    }
    return variables;
}

} // namespace

std::optional<std::string> find_program(const char* name) {
    const util::GlibPtr<char> found(g_find_program_in_path(name));
    return found != nullptr ? std::optional<std::string>(found.get()) : std::nullopt;
}

util::Expected<std::unique_ptr<OwnedProgram>> OwnedProgram::start(std::vector<std::string> command,
                                                                  Events events) {
    std::array<int, 2> sockets{-1, -1};
    std::array<int, 2> pipe{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
        return util::failure(ErrorCode::Io, std::strerror(errno));
    }
    Descriptor lifeline(sockets[0]);
    const Descriptor kept(sockets[1]);
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        return util::failure(ErrorCode::Io, std::strerror(errno));
    }
    Descriptor output(pipe[0]);
    const Descriptor written(pipe[1]);
    if (::fcntl(output.get(), F_SETFL, O_NONBLOCK) != 0) {
        return util::failure(ErrorCode::Io, std::strerror(errno));
    }

    std::string keeper =
        util::find_part(keeper_name, std::filesystem::path(OTR_GUARD_PROGRAM_DIR) / keeper_name);
    std::vector<char*> words{keeper.data()};
    for (std::string& word : command) {
        words.push_back(word.data());
    }
    words.push_back(nullptr);
    const Strings variables = environment();
    const std::array<int, 1> source{kept.get()};
    const std::array<int, 1> target{model::lifeline_descriptor};
    ipc::ErrorOut error;
    // Not our child but nobody's: there is no end of ours to collect.
    const gboolean is_started = g_spawn_async_with_pipes_and_fds(
        nullptr, words.data(), variables.get(), G_SPAWN_DEFAULT, nullptr, nullptr, -1,
        written.get(), written.get(), source.data(), target.data(), source.size(), nullptr, nullptr,
        nullptr, nullptr, error);
    if (is_started == FALSE) {
        return util::failure(ErrorCode::Io, error.text());
    }
    return std::make_unique<OwnedProgram>(std::move(lifeline), std::move(output),
                                          std::move(events));
}

OwnedProgram::OwnedProgram(Descriptor lifeline, Descriptor output, Events events)
    : m_lifeline(std::move(lifeline)), m_output(std::move(output)), m_events(std::move(events)),
      m_lifeline_watch(
          purple_input_add(m_lifeline.get(), PURPLE_INPUT_READ, lifeline_is_there, this)),
      m_output_watch(purple_input_add(m_output.get(), PURPLE_INPUT_READ, output_is_there, this)) {}

OwnedProgram::~OwnedProgram() {
    for (guint* watch : {&m_lifeline_watch, &m_output_watch}) {
        if (*watch != 0) {
            purple_input_remove(std::exchange(*watch, 0));
        }
    }
}

void OwnedProgram::ask_to_end() {
    static_cast<void>(::send(m_lifeline.get(), "", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void OwnedProgram::stop() {
    static_cast<void>(::shutdown(m_lifeline.get(), SHUT_WR));
}

bool OwnedProgram::read_output() {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(m_output.get(), buffer.data(), buffer.size());
    if (count < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    if (count > 0) {
        m_events.said({buffer.data(), static_cast<std::size_t>(count)});
    }
    return count > 0;
}

void OwnedProgram::output_is_there(gpointer self, gint, PurpleInputCondition) {
    util::guarded("output_is_there", [&] {
        auto& program = *static_cast<OwnedProgram*>(self);
        if (!program.read_output()) {
            purple_input_remove(std::exchange(program.m_output_watch, 0));
        }
    });
}

void OwnedProgram::lifeline_is_there(gpointer self, gint, PurpleInputCondition) {
    util::guarded("lifeline_is_there", [&] {
        auto& program = *static_cast<OwnedProgram*>(self);
        unsigned char code = unknown_exit_code;
        const ssize_t count = ::recv(program.m_lifeline.get(), &code, sizeof code, MSG_DONTWAIT);
        if (count > 0) {
            program.m_exit_code = code;
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            program.finish(program.m_exit_code.value_or(unknown_exit_code));
        }
    });
}

/// What was written before the end, as much as a pipe holds.
void OwnedProgram::read_the_rest() {
    std::size_t pieces = model::limits::program_output_pieces;
    while (m_output_watch != 0 && pieces > 0 && read_output()) {
        --pieces;
    }
}

void OwnedProgram::finish(int exit_code) {
    purple_input_remove(std::exchange(m_lifeline_watch, 0));
    read_the_rest();
    if (m_output_watch != 0) {
        purple_input_remove(std::exchange(m_output_watch, 0));
    }
    const auto ended = std::exchange(m_events.ended, nullptr);
    ended(exit_code); // the last thing done: it may destroy this object
}

} // namespace otr_guard::plugin
