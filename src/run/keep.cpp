// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// otr-guard-keep: runs a program for the plugin and answers for its end. Chat clients collect their
// children themselves and may be killed at any moment; this process notices by the other end of a
// socket that nobody wants the program any more, and then neither it nor anything it has started
// goes on running. The exit code goes into the socket, which closes when all of it is over.
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/keeper.h"
#include "run/children.h"
#include "util/descriptor.h"

namespace {

using namespace otr_guard;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using util::Descriptor;

constexpr int cannot_start = 126;
constexpr int not_found = 127;
constexpr int ended_by_signal = 128;

/// To put its affairs in order, as after Ctrl+C.
constexpr milliseconds grace{5000};
/// For what it has left behind.
constexpr milliseconds short_grace{1000};
constexpr milliseconds between_blows{50};
/// For what is stuck in the kernel, or cannot be seen: no use in waiting for ever.
constexpr milliseconds last_grace{30000};

/// Ends in the program.
[[noreturn]] void become(char** command, pid_t parent, const sigset_t& signals) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) {
        ::_exit(cannot_start);
    }
    // What is ignored stays ignored in a new program, and shells ignore Ctrl+C in what they put
    // into the background.
    for (const int number : {SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGHUP}) {
        static_cast<void>(std::signal(number, SIG_DFL));
    }
    static_cast<void>(::setpgid(0, 0));
    static_cast<void>(::sigprocmask(SIG_SETMASK, &signals, nullptr));
    ::execvp(command[0], command);
    ::_exit(errno == ENOENT ? not_found : cannot_start);
}

class Keeper {
public:
    Keeper(Descriptor lifeline, Descriptor signals, pid_t program)
        : m_lifeline(std::move(lifeline)), m_signals(std::move(signals)), m_program(program) {}

    /// Until nothing of the program is left that can be ended.
    void run() {
        while (!m_exit_code && !m_is_unwanted) {
            wait(std::nullopt);
        }
        if (!m_exit_code) {
            static_cast<void>(::kill(m_program, SIGINT));
            wait_until_alone(grace);
        }
        kill_all(SIGTERM);
        wait_until_alone(short_grace);
        const Clock::time_point end = Clock::now() + last_grace;
        while (has_children() && Clock::now() < end) {
            kill_all(SIGKILL);
            wait(between_blows);
        }
        const char code = static_cast<char>(m_exit_code.value_or(cannot_start));
        static_cast<void>(::send(m_lifeline.get(), &code, sizeof code, MSG_NOSIGNAL));
    }

private:
    void wait(std::optional<milliseconds> longest) {
        std::array<pollfd, 2> watched{
            pollfd{m_signals.get(), POLLIN, 0},
            pollfd{m_is_unwanted ? -1 : m_lifeline.get(), POLLIN | POLLRDHUP, 0}};
        const int timeout = longest ? static_cast<int>(longest->count()) : -1;
        if (::poll(watched.data(), watched.size(), timeout) < 0) {
            return;
        }
        if (watched[0].revents != 0) {
            signalfd_siginfo signal{};
            if (::read(m_signals.get(), &signal, sizeof signal) == sizeof signal &&
                signal.ssi_signo != SIGCHLD) {
                m_is_unwanted = true;
            }
        }
        if (watched[1].revents != 0) {
            char byte = 0;
            if (::recv(m_lifeline.get(), &byte, sizeof byte, MSG_DONTWAIT) > 0) {
                static_cast<void>(::kill(m_program, SIGINT));
            } else {
                m_is_unwanted = true;
            }
        }
        collect();
    }

    /// What its children leave behind becomes ours, see PR_SET_CHILD_SUBREAPER.
    void collect() {
        int status = 0;
        for (pid_t child = ::waitpid(-1, &status, WNOHANG); child > 0;
             child = ::waitpid(-1, &status, WNOHANG)) {
            if (child == m_program) {
                m_exit_code =
                    WIFSIGNALED(status) ? ended_by_signal + WTERMSIG(status) : WEXITSTATUS(status);
            }
        }
    }

    [[nodiscard]] bool has_children() {
        collect();
        siginfo_t child{};
        return ::waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0;
    }

    void wait_until_alone(milliseconds longest) {
        const Clock::time_point end = Clock::now() + longest;
        while (has_children()) {
            const auto rest = std::chrono::ceil<milliseconds>(end - Clock::now());
            if (rest <= milliseconds::zero()) {
                return;
            }
            wait(rest);
        }
    }

    void kill_all(int signal) const {
        // Its group first; then whoever has left it. As long as it is not collected, the number of
        // a child is nobody else's.
        if (!m_exit_code) {
            static_cast<void>(::kill(-m_program, signal));
        }
        const auto listed = run::listed_children();
        for (const pid_t child : listed ? *listed : run::children_found_by_parent()) {
            static_cast<void>(::kill(child, signal));
        }
    }

    Descriptor m_lifeline;
    Descriptor m_signals;
    pid_t m_program;
    std::optional<int> m_exit_code;
    bool m_is_unwanted = false;
};

} // namespace

int main(int argc, char** argv) {
    Descriptor lifeline(model::lifeline_descriptor);
    if (argc < 2 || ::fcntl(lifeline.get(), F_SETFD, FD_CLOEXEC) != 0) {
        return cannot_start;
    }
    // No terminal, and no signals from one.
    static_cast<void>(::setsid());
    static_cast<void>(::prctl(PR_SET_CHILD_SUBREAPER, 1));
    sigset_t watched;
    sigset_t before;
    ::sigemptyset(&watched);
    for (const int number : {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        ::sigaddset(&watched, number);
    }
    static_cast<void>(::sigprocmask(SIG_BLOCK, &watched, &before));
    Descriptor signals(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
    const pid_t self = ::getpid();
    const pid_t program = signals.is_open() ? ::fork() : -1;
    if (program == 0) {
        become(argv + 1, self, before);
    }
    // Whoever reads the program's output sees its end, not ours.
    const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        static_cast<void>(::dup2(nothing.get(), number));
    }
    if (program < 0) {
        return cannot_start;
    }
    Keeper(std::move(lifeline), std::move(signals), program).run();
    return 0;
}
