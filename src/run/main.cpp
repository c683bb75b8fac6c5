// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// otr-guard-run: starts a program that reaches one proxy and nothing else. This process stays
// outside and carries bytes to the proxy; the program it starts is inside.
#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <libintl.h>
#include <span>
#include <string>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "run/arguments.h"
#include "run/enclosure.h"
#include "run/forwarder.h"
#include "run/notes.h"
#include "util/descriptor.h"
#include "util/i18n.h"
#include "util/parts.h"

namespace {

using namespace otr_guard;
using run::Arguments;
using util::Descriptor;
using util::format;
using util::tr;

// As env, nohup and timeout have it; the program's own code otherwise.
constexpr int failed_itself = 125;
constexpr int cannot_start = 126;
constexpr int not_found = 127;
constexpr int ended_by_signal = 128;

/// The program is told when this process is: both are one to whoever started them.
constexpr std::array passed_on{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

void say(const std::string& text) {
    static_cast<void>(std::fprintf(stderr, "otr-guard-run: %s\n", text.c_str()));
}

void show_help() {
    const std::string text = tr(
        "otr-guard-run [--proxy ADDRESS:PORT] [--] PROGRAM [ARGUMENT...]\n"
        "\n"
        "Starts a program that can reach this proxy and nothing else, whatever it tries. Without "
        "--proxy it is Tor's, 127.0.0.1:9050. Give the program's accounts the same proxy.\n"
        "\n"
        "Example: otr-guard-run pidgin --config ~/.purple-tor");
    static_cast<void>(std::printf("%s\n", text.c_str()));
}

// --- Inside ------------------------------------------------------------------------------------

struct DescriptorMessage {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

bool send_descriptor(const Descriptor& channel, const Descriptor& descriptor) {
    char nothing = 0;
    iovec data{&nothing, sizeof nothing};
    DescriptorMessage control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int number = descriptor.get();
    std::memcpy(CMSG_DATA(header), &number, sizeof number);
    return ::sendmsg(channel.get(), &message, MSG_NOSIGNAL) == sizeof nothing;
}

int start(const std::vector<std::string>& command) {
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (const std::string& word : command) {
        words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    ::execvp(words.front(), words.data());
    const int reason = errno;
    say(format(tr("{program} cannot be started: {reason}"),
               {{"program", util::isolated(command.front())}, {"reason", std::strerror(reason)}}));
    return reason == ENOENT ? not_found : cannot_start;
}

/// Ends in the program; what it returns is the exit code when that cannot be started.
int become_the_program(const Arguments& arguments, const Descriptor& channel, pid_t parent,
                       const sigset_t& signals) {
    auto listener = run::enclose(arguments.proxy);
    if (!listener) {
        say(listener.error().detail);
        return failed_itself;
    }
    if (!send_descriptor(channel, *listener)) {
        return failed_itself;
    }
    if (const auto done = run::renounce(); !done) {
        say(done.error().detail);
        return failed_itself;
    }
    // Changes of rights take this back, so it comes after all of them.
    if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || ::getppid() != parent) {
        return failed_itself;
    }
    ::pthread_sigmask(SIG_SETMASK, &signals, nullptr);
    return start(arguments.command);
}

// --- Outside -----------------------------------------------------------------------------------

/// Closed when the other end has ended without sending one.
Descriptor receive_descriptor(const Descriptor& channel) {
    char nothing = 0;
    iovec data{&nothing, sizeof nothing};
    DescriptorMessage control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    if (::recvmsg(channel.get(), &message, MSG_CMSG_CLOEXEC) != sizeof nothing) {
        return Descriptor();
    }
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
        return Descriptor();
    }
    int number = -1;
    std::memcpy(&number, CMSG_DATA(header), sizeof number);
    return Descriptor(number);
}

int exit_code_of(int status) {
    return WIFSIGNALED(status) ? ended_by_signal + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Carries bytes until the program has ended; its exit code.
int accompany(pid_t program, Descriptor listener, const run::Endpoint& proxy,
              const Descriptor& signals) {
    run::Forwarder forwarder(std::move(listener), proxy);
    while (true) {
        forwarder.run_until(signals);
        signalfd_siginfo signal{};
        if (::read(signals.get(), &signal, sizeof signal) != sizeof signal) {
            continue;
        }
        int status = 0;
        if (signal.ssi_signo == SIGCHLD) {
            if (::waitpid(program, &status, WNOHANG) == program) {
                return exit_code_of(status);
            }
        } else if (signal.ssi_code != SI_KERNEL) { // a terminal has told the program as well
            ::kill(program, static_cast<int>(signal.ssi_signo));
        }
    }
}

int run_program(const Arguments& arguments) {
    for (const auto& note : {run::note_on_display(std::getenv("DISPLAY")),
                             run::note_on_bus(std::getenv("DBUS_SESSION_BUS_ADDRESS"))}) {
        if (note) {
            say(*note);
        }
    }
    sigset_t watched;
    sigset_t before;
    ::sigemptyset(&watched);
    ::sigaddset(&watched, SIGCHLD);
    for (const int number : passed_on) {
        ::sigaddset(&watched, number);
    }
    ::pthread_sigmask(SIG_BLOCK, &watched, &before);
    const Descriptor signals(::signalfd(-1, &watched, SFD_CLOEXEC));
    std::array<int, 2> ends{-1, -1};
    const int paired = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data());
    const Descriptor outside(ends[0]);
    Descriptor inside(ends[1]);
    const pid_t parent = ::getpid();
    const pid_t program = signals.is_open() && paired == 0 ? ::fork() : -1;
    if (program < 0) {
        say(std::strerror(errno));
        return failed_itself;
    }
    if (program == 0) {
        ::_exit(become_the_program(arguments, inside, parent, before));
    }
    static_cast<void>(inside.close());
    Descriptor listener = receive_descriptor(outside);
    if (!listener.is_open()) {
        int status = 0;
        return ::waitpid(program, &status, 0) == program ? exit_code_of(status) : failed_itself;
    }
    return accompany(program, std::move(listener), arguments.proxy, signals);
}

} // namespace

int main(int argc, char** argv) {
    static_cast<void>(std::setlocale(LC_ALL, ""));
    bindtextdomain(util::text_domain, util::installed_part(OTR_GUARD_LOCALE_DIR).c_str());
    bind_textdomain_codeset(util::text_domain, "UTF-8");
    const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
    const auto arguments = run::parse_arguments(words.subspan(argc > 0 ? 1 : 0));
    if (!arguments) {
        say(arguments.error().detail);
        say(tr("How it is used: otr-guard-run --help"));
        return failed_itself;
    }
    switch (arguments->task) {
    case Arguments::Task::ShowHelp:
        show_help();
        return 0;
    case Arguments::Task::ShowVersion:
        static_cast<void>(std::printf("otr-guard-run %s\n", OTR_GUARD_VERSION));
        return 0;
    case Arguments::Task::Run:
        break;
    }
    return run_program(*arguments);
}
