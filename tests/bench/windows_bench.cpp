// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the windows program costs its user: windows_bench PATH_OF_OTR_GUARD_WINDOWS
// Needs an X display; plays the plugin's end of the channel and prints one figure a line.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <X11/Xatom.h>
#include <X11/Xlib.h>

#include "ipc/channel.h"
#include "ipc/channel_dbus.h"
#include "ipc/codec.h"
#include "ipc/endpoint.h"
#include "ipc/key_codec.h"

namespace {

using namespace otr_guard;
using Clock = std::chrono::steady_clock;

constexpr int starts = 5;
constexpr int round_trips = 1000;
constexpr int strokes = 20;
constexpr int many = 10'000;

double milliseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

void print(const char* what, std::vector<double> figures, const char* unit) {
    std::ranges::sort(figures);
    std::printf("%-46s %8.2f %s (%.2f to %.2f)\n", what, figures[figures.size() / 2], unit,
                figures.front(), figures.back());
}

/// Windows of others, as they come up.
class WindowWatch {
public:
    WindowWatch() : m_display(XOpenDisplay(nullptr)) {
        if (m_display != nullptr) {
            XSelectInput(m_display, DefaultRootWindow(m_display), SubstructureNotifyMask);
            XSync(m_display, False);
        }
    }
    ~WindowWatch() {
        if (m_display != nullptr) {
            XCloseDisplay(m_display);
        }
    }
    WindowWatch(const WindowWatch&) = delete;
    WindowWatch& operator=(const WindowWatch&) = delete;

    [[nodiscard]] bool is_there() const { return m_display != nullptr; }
    /// Process of a window that has come up since the last call; 0 when there is none.
    [[nodiscard]] long mapped_process() {
        while (XPending(m_display) > 0) {
            XEvent event;
            XNextEvent(m_display, &event);
            const long process = event.type == MapNotify ? process_of(event.xmap.window) : 0;
            if (process != 0) {
                return process;
            }
        }
        return 0;
    }

private:
    [[nodiscard]] long process_of(Window window) const {
        Atom type = None;
        int format = 0;
        unsigned long count = 0;
        unsigned long rest = 0;
        unsigned char* data = nullptr;
        XGetWindowProperty(m_display, window, XInternAtom(m_display, "_NET_WM_PID", False), 0, 1,
                           False, XA_CARDINAL, &type, &format, &count, &rest, &data);
        const std::unique_ptr<unsigned char, int (*)(void*)> owned(data, XFree);
        return count == 1 ? *reinterpret_cast<long*>(data) : 0;
    }

    Display* m_display;
};

/// The program, started and greeted.
class Program {
public:
    explicit Program(const std::string& path) {
        const auto descriptor = ipc::launch(path);
        if (!descriptor) {
            return;
        }
        m_channel = std::make_unique<ipc::Channel>(
            *descriptor, ipc::Channel::Side::Server,
            ipc::Channel::Events{[this](GDBusConnection& connection) { open(connection); },
                                 [this] { m_is_lost = true; }});
        while (m_keys == nullptr && !m_is_lost) {
            g_main_context_iteration(nullptr, TRUE);
        }
        guint version = 0;
        m_is_ready = m_keys != nullptr &&
                     otr_guard_windows_call_hello_sync(m_windows.get(), ipc::protocol_version,
                                                       &version, nullptr, nullptr) != FALSE;
    }

    [[nodiscard]] bool is_ready() const { return m_is_ready; }
    [[nodiscard]] OtrGuardVerificationWindow* verification() const { return m_verification.get(); }
    [[nodiscard]] OtrGuardKnownKeysWindow* keys() const { return m_keys.get(); }

private:
    void open(GDBusConnection& connection) {
        m_windows =
            ipc::make_proxy(connection, ipc::windows_path, otr_guard_windows_proxy_new_sync);
        m_verification = ipc::make_proxy(connection, ipc::windows_path,
                                         otr_guard_verification_window_proxy_new_sync);
        m_keys = ipc::make_proxy(connection, ipc::windows_path,
                                 otr_guard_known_keys_window_proxy_new_sync);
    }

    bool m_is_lost = false;
    bool m_is_ready = false;
    ipc::GObjectPtr<OtrGuardWindows> m_windows;
    ipc::GObjectPtr<OtrGuardVerificationWindow> m_verification;
    ipc::GObjectPtr<OtrGuardKnownKeysWindow> m_keys;
    std::unique_ptr<ipc::Channel> m_channel;
};

const model::PeerId bob{{"alice@example.org/", "prpl-jabber"}, "bob@example.org"};

ipc::VerificationState state() {
    ipc::VerificationState state;
    state.name = "Bob";
    state.account = "alice@example.org (XMPP)";
    state.look = ipc::Look::Unverified;
    state.explanation = "Private, but you have not verified yet that it is really Bob.";
    state.key.assign(40, 'b');
    state.my_key.assign(40, 'a');
    state.my_uri = "xmpp:alice@example.org?otr-fingerprint=" + state.my_key;
    return state;
}

std::vector<ipc::KnownKey> known_keys() {
    std::vector<ipc::KnownKey> keys;
    for (int i = 0; i < many; ++i) {
        std::array<char, 41> key{};
        std::snprintf(key.data(), key.size(), "%040x", static_cast<unsigned>(i) * 2654435761U);
        const std::string name = "buddy" + std::to_string(i);
        keys.push_back({{bob.account, name + "@example.org"},
                        name,
                        "alice@example.org (XMPP)",
                        key.data(),
                        i % 3 == 0 ? "verified by a question on 2026-05-03" : "not verified",
                        "",
                        i,
                        i,
                        i,
                        i % 3 == 0,
                        i % 50 == 0});
    }
    return keys;
}

/// Megabytes: resident, and its own part of them (shared pages divided by their users).
std::pair<double, double> memory_of(long process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
    std::pair<double, double> memory;
    for (std::string word; file >> word;) {
        double kilobytes = 0;
        if (word == "Rss:" && file >> kilobytes) {
            memory.first = kilobytes / 1024;
        } else if (word == "Pss:" && file >> kilobytes) {
            memory.second = kilobytes / 1024;
        }
    }
    return memory;
}

/// Shows the verification window; the process when it has come up, 0 on failure.
long show(const Program& program, WindowWatch& screen) {
    if (!program.is_ready() || otr_guard_verification_window_call_show_sync(
                                   program.verification(), ipc::to_variant(bob),
                                   ipc::to_variant(state()), 0, 1, nullptr, nullptr) == FALSE) {
        return 0;
    }
    long process = 0;
    const auto deadline = Clock::now() + std::chrono::seconds(10);
    while (process == 0 && Clock::now() < deadline) {
        process = screen.mapped_process();
    }
    return process;
}

bool measure_start(const std::string& path, WindowWatch& screen) {
    std::vector<double> figures;
    for (int i = 0; i < starts; ++i) {
        const auto start = Clock::now();
        const Program program(path);
        if (show(program, screen) == 0) {
            return false;
        }
        figures.push_back(milliseconds(Clock::now() - start));
    }
    print("from request to the first window", figures, "ms");
    return true;
}

void measure_round_trip(const Program& program) {
    std::vector<double> figures;
    for (int i = 0; i < round_trips; ++i) {
        const auto start = Clock::now();
        otr_guard_verification_window_call_update_sync(program.verification(), ipc::to_variant(bob),
                                                       ipc::to_variant(state()), nullptr, nullptr);
        figures.push_back(milliseconds(Clock::now() - start));
    }
    print("round trip: update of an open window", figures, "ms");
}

/// Everything that a keystroke in the search costs, and the way through the channel.
void measure_keys(const Program& program) {
    GVariant* keys = ipc::to_variant(known_keys());
    const auto start = Clock::now();
    otr_guard_known_keys_window_call_show_sync(program.keys(), keys, 0, 1, nullptr, nullptr);
    print("10,000 known codes: to open", {milliseconds(Clock::now() - start)}, "ms");
    std::vector<double> figures;
    for (int i = 0; i < strokes; ++i) {
        const auto begin = Clock::now();
        otr_guard_known_keys_window_call_update_sync(program.keys(), ipc::to_variant(bob),
                                                     ipc::to_variant(std::vector<ipc::KnownKey>{}),
                                                     nullptr, nullptr);
        figures.push_back(milliseconds(Clock::now() - begin));
    }
    print("10,000 known codes: to sort and show anew", figures, "ms");
}

} // namespace

int main(int argc, char** argv) {
    WindowWatch screen;
    if (argc != 2 || !screen.is_there() || !measure_start(argv[1], screen)) {
        static_cast<void>(
            std::fputs("usage: windows_bench OTR_GUARD_WINDOWS, with a display\n", stderr));
        return 2;
    }
    const Program program(argv[1]);
    const long process = show(program, screen);
    measure_round_trip(program);
    const auto [resident, own] = memory_of(process);
    print("memory with one window: resident", {resident}, "MB");
    print("memory with one window: its own part", {own}, "MB");
    measure_keys(program);
    print("memory with 10,000 codes: resident", {memory_of(process).first}, "MB");
    return process != 0 ? 0 : 1;
}
