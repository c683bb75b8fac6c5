// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/enclosure.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <linux/close_range.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <optional>
#include <sched.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/i18n.h"

namespace otr_guard::run {

using util::Descriptor;
using util::ErrorCode;
using util::Expected;
using util::failure;
using util::format;
using util::tr;

namespace {

/// Sockets of services that go into the network for others: name services, and the system bus, on
/// which more of them listen.
constexpr std::array<const char*, 8> services{
    "/run/avahi-daemon",     "/run/dbus",     "/run/nscd",     "/run/systemd/resolve",
    "/var/run/avahi-daemon", "/var/run/dbus", "/var/run/nscd", "/var/run/systemd/resolve"};

constexpr const char* loopback = "lo";
/// The first device of a new namespace.
constexpr int loopback_index = 1;

tl::unexpected<util::Error> system_failure(const std::string& what) {
    const int reason = errno;
    return failure(ErrorCode::Io, format(tr("The network could not be closed ({what}: {reason})."),
                                         {{"what", what}, {"reason", std::strerror(reason)}}));
}

std::optional<long> number_in(const char* path) {
    std::ifstream file(path);
    long number = 0;
    return file >> number ? std::optional(number) : std::nullopt;
}

/// The switch that this system has for it, as a command; empty if it is none that is known.
std::string how_to_allow() {
    if (number_in("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
        return "sudo sysctl -w kernel.unprivileged_userns_clone=1";
    }
    if (number_in("/proc/sys/user/max_user_namespaces") == 0) {
        return "sudo sysctl -w user.max_user_namespaces=10000";
    }
    if (number_in("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").value_or(0) != 0) {
        return "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    }
    return {};
}

tl::unexpected<util::Error> not_allowed() {
    const std::string reason = std::strerror(errno);
    std::string text =
        format(tr("This system does not let you make a user namespace ({reason}), so "
                  "nothing was started."),
               {{"reason", reason}});
    const std::string command = how_to_allow();
    text += "\n";
    text += command.empty()
                ? tr("Its administrator can allow it. Inside of a container, the container's "
                     "settings have to.")
                : format(tr("Its administrator can allow it: {command}"), {{"command", command}});
    return failure(ErrorCode::Unavailable, text);
}

bool write_line(const char* path, const std::string& line) {
    const Descriptor file(::open(path, O_WRONLY | O_CLOEXEC));
    return file.is_open() &&
           ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

/// The user stays who they are: files, sockets and what programs say about them are as outside.
Expected<void> enter_namespaces() {
    const std::string user = std::to_string(::geteuid());
    const std::string group = std::to_string(::getegid());
    if (::unshare(CLONE_NEWUSER) != 0) {
        return not_allowed();
    }
    // Where AppArmor restricts namespaces they can be made, but nothing can be done in them.
    if (!write_line("/proc/self/setgroups", "deny") ||
        !write_line("/proc/self/uid_map", user + " " + user + " 1") ||
        !write_line("/proc/self/gid_map", group + " " + group + " 1") ||
        ::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
        return not_allowed();
    }
    return {};
}

Expected<void> hide_services() {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return system_failure("mount /");
    }
    for (const char* place : services) {
        struct stat found {};
        if (::stat(place, &found) != 0) {
            continue;
        }
        const bool is_folder = S_ISDIR(found.st_mode);
        const int result =
            is_folder ? ::mount("none", place, "tmpfs",
                                MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=755")
                      : ::mount("/dev/null", place, nullptr, MS_BIND, nullptr);
        if (result != 0) {
            return system_failure(place);
        }
    }
    return {};
}

Expected<void> raise_loopback() {
    const Descriptor control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strncpy(request.ifr_name, loopback, sizeof request.ifr_name - 1);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (::ioctl(control.get(), SIOCSIFFLAGS, &request) != 0) {
        return system_failure(loopback);
    }
    return {};
}

bool add_ipv4_address(const Endpoint& proxy) {
    const Descriptor control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strncpy(request.ifr_name, "lo:1", sizeof request.ifr_name - 1);
    sockaddr_in address{};
    std::memcpy(&address, &proxy.address, sizeof address);
    address.sin_port = 0;
    std::memcpy(&request.ifr_addr, &address, sizeof address);
    if (::ioctl(control.get(), SIOCSIFADDR, &request) != 0) {
        return false;
    }
    address.sin_addr.s_addr = INADDR_NONE; // a network of this one address
    std::memcpy(&request.ifr_netmask, &address, sizeof address);
    return ::ioctl(control.get(), SIOCSIFNETMASK, &request) == 0;
}

bool add_ipv6_address(const Endpoint& proxy) {
    const Descriptor control(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 address{};
    std::memcpy(&address, &proxy.address, sizeof address);
    in6_ifreq request{};
    request.ifr6_addr = address.sin6_addr;
    request.ifr6_prefixlen = 128;
    request.ifr6_ifindex = loopback_index;
    return ::ioctl(control.get(), SIOCSIFADDR, &request) == 0;
}

/// A proxy on another machine has its address here as well: the loopback device gets it.
Expected<Descriptor> listen_as(const Endpoint& proxy) {
    const int family = proxy.address.ss_family;
    Descriptor listener(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    int result = ::bind(listener.get(), proxy.get(), proxy.size);
    if (result != 0 && errno == EADDRNOTAVAIL &&
        (family == AF_INET ? add_ipv4_address(proxy) : add_ipv6_address(proxy))) {
        // A new IPv6 address is nobody's for a moment, even here.
        const int on = 1;
        static_cast<void>(::setsockopt(listener.get(), SOL_IP, IP_FREEBIND, &on, sizeof on));
        result = ::bind(listener.get(), proxy.get(), proxy.size);
    }
    if (result != 0 || ::listen(listener.get(), SOMAXCONN) != 0) {
        return system_failure("listen");
    }
    return listener;
}

} // namespace

Expected<Descriptor> enclose(const Endpoint& proxy) {
    return enter_namespaces().and_then(hide_services).and_then(raise_loopback).and_then([&] {
        return listen_as(proxy);
    });
}

Expected<void> renounce() {
    for (unsigned long right = 0; ::prctl(PR_CAPBSET_READ, right, 0, 0, 0) >= 0; ++right) {
        if (::prctl(PR_CAPBSET_DROP, right, 0, 0, 0) != 0) {
            return system_failure("PR_CAPBSET_DROP");
        }
    }
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
        return system_failure("PR_CAP_AMBIENT");
    }
    if (::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
        return system_failure("close_range");
    }
    return {};
}

} // namespace otr_guard::run
