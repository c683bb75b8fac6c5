// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later

// A libpurple client without a screen, driven by a test: commands in, events out, one JSON object
// a line. It does what a graphical client does and nothing more, so what a test sees here is what
// a user of any libpurple client gets.

#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include <glib-unix.h>
#include <sys/wait.h>
#include <unistd.h>

#include "headless/commands.h"
#include "headless/events.h"
#include "headless/purple_ui.h"

namespace {

using namespace otr_guard::headless;

constexpr const char* usage = "usage: otr-guard-headless --profile DIR [--plugin FILE]... [--probe "
                              "FOLDER]... [--ui-id NAME] [--debug FILE]\n";

std::optional<Options> parse_arguments(int count, char** arguments) {
    Options options;
    for (int index = 1; index < count; index += 2) {
        const std::string name = arguments[index];
        if (index + 1 >= count) {
            return std::nullopt;
        }
        const std::string value = arguments[index + 1];
        if (name == "--profile") {
            options.profile = value;
        } else if (name == "--plugin") {
            options.plugins.push_back(value);
        } else if (name == "--probe") {
            options.probed.push_back(value);
        } else if (name == "--ui-id") {
            options.ui_id = value;
        } else if (name == "--debug") {
            options.debug_file = value;
        } else {
            return std::nullopt;
        }
    }
    return options.profile.empty() ? std::nullopt : std::make_optional(options);
}

// Finch and Pidgin collect every child this way; a plugin's own child watch must cope with it.
void reap_children(int) {
    const int saved = errno;
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    errno = saved;
}

gboolean quit_on_signal(gpointer) {
    purple_core_quit();
    return FALSE;
}

gboolean on_standard_input(gint descriptor, GIOCondition, gpointer data) {
    auto* pending = static_cast<std::string*>(data);
    char buffer[65536];
    const ssize_t received = read(descriptor, buffer, sizeof buffer);
    if (received < 0 && errno == EINTR) {
        return TRUE;
    }
    if (received <= 0) {
        purple_core_quit(); // whoever drives us is gone
        return FALSE;
    }
    pending->append(buffer, static_cast<std::size_t>(received));
    for (std::size_t end = pending->find('\n'); end != std::string::npos;
         end = pending->find('\n')) {
        const std::string line = pending->substr(0, end);
        // A new string, so that the old one's memory is freed with what was in it.
        std::string(*pending, end + 1).swap(*pending);
        run_command_line(line);
    }
    return TRUE;
}

void install_signal_handlers() {
    struct sigaction action {};
    action.sa_handler = reap_children;
    action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

} // namespace

int main(int argument_count, char** arguments) {
    const auto options = parse_arguments(argument_count, arguments);
    if (!options) {
        std::cerr << usage;
        return EXIT_FAILURE;
    }
    std::setlocale(LC_ALL, "");
    take_standard_output();
    install_signal_handlers();
    GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
    if (!start_core(*options, loop)) {
        std::cerr << "libpurple did not start\n";
        return EXIT_FAILURE;
    }
    std::string pending;
    g_unix_signal_add(SIGTERM, quit_on_signal, nullptr);
    g_unix_fd_add(STDIN_FILENO, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP), on_standard_input,
                  &pending);
    g_main_loop_run(loop);
    g_main_loop_unref(loop);
    return EXIT_SUCCESS;
}
