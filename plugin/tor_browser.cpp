// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "tor_browser.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <unistd.h>

#include "i18n.h"
#include "ipc/gobject_ptr.h"
#include "link_settings.h"
#include "names.h"
#include "owned_program.h"
#include "purple.h"

namespace otr_guard::plugin {

namespace {

namespace fs = std::filesystem;
using Command = std::vector<std::string>;

/// Where a Tor Browser that was unpacked has its script.
constexpr const char* script = "Browser/start-tor-browser";
constexpr const char* script_name = "start-tor-browser";

bool is_program(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

Command command_for(const fs::path& program) {
    if (program.filename() == script_name) {
        return {program.string(), "--detach"}; // else it waits for the browser's end
    }
    return {program.string()};
}

std::optional<Command> at(const fs::path& place) {
    if (is_program(place)) {
        return command_for(place);
    }
    for (const fs::path& inner : {place / script, place / script_name}) {
        if (is_program(inner)) {
            return command_for(inner);
        }
    }
    return std::nullopt;
}

std::string chosen_place() {
    const char* place = purple_prefs_get_type(tor_browser_pref) == PURPLE_PREF_STRING
                            ? purple_prefs_get_string(tor_browser_pref)
                            : nullptr;
    return place != nullptr ? from_home(place) : std::string();
}

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        entries.push_back(entry->path());
    }
    std::ranges::sort(entries);
    return entries;
}

/// What the package torbrowser-launcher has brought. Itself it is never started: where there is no
/// browser yet, it goes and gets one, past every proxy.
std::vector<fs::path> unpacked_by_launcher() {
    std::vector<fs::path> places;
    for (const char* data : {".local/share", ".var/app/org.torproject.torbrowser-launcher/data"}) {
        for (const fs::path& kind :
             entries_of(fs::path(purple_home_dir()) / data / "torbrowser/tbb")) {
            for (const fs::path& place : entries_of(kind)) {
                if (place.filename().string().starts_with("tor-browser")) {
                    places.push_back(place);
                }
            }
        }
    }
    return places;
}

/// Where it is unpacked: by its launcher, by hand, by a package.
std::vector<fs::path> usual_places() {
    static constexpr std::array below_home{"tor-browser",           "tor-browser_en-US",
                                           "tor-browser-linux64",   "Desktop/tor-browser",
                                           "Downloads/tor-browser", "bin/tor-browser",
                                           "opt/tor-browser",       "Applications/tor-browser"};
    static constexpr std::array elsewhere{"/opt/tor-browser", "/opt/tor-browser_en-US",
                                          "/usr/local/tor-browser", "/usr/lib/tor-browser"};
    std::vector<fs::path> places = unpacked_by_launcher();
    for (const char* place : below_home) {
        places.push_back(fs::path(purple_home_dir()) / place);
    }
    places.insert(places.end(), elsewhere.begin(), elsewhere.end());
    return places;
}

} // namespace

std::optional<Command> find_tor_browser() {
    if (const std::string place = chosen_place(); !place.empty()) {
        return at(place);
    }
    for (const fs::path& place : usual_places()) {
        if (auto command = at(place)) {
            return command;
        }
    }
    for (const char* name : {"tor-browser", script_name}) {
        if (const auto found = find_program(name)) {
            return command_for(*found);
        }
    }
    return std::nullopt;
}

util::Expected<void> open_in_tor_browser(const std::string& address) {
    auto command = find_tor_browser();
    if (!command) {
        return util::failure(util::ErrorCode::NotFound, "no Tor Browser");
    }
    command->push_back(address);
    std::vector<char*> words;
    for (std::string& word : *command) {
        words.push_back(word.data());
    }
    words.push_back(nullptr);
    ipc::ErrorOut error;
    const gboolean is_started = g_spawn_async(
        nullptr, words.data(), nullptr,
        static_cast<GSpawnFlags>(G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL), nullptr,
        nullptr, nullptr, error);
    if (is_started == FALSE) {
        return util::failure(util::ErrorCode::Io, error.text());
    }
    return {};
}

std::string how_to_get_tor_browser() {
    return tr("Tor Browser was not found. Get it from torproject.org or with the package "
              "torbrowser-launcher; if it is there, say where in OTR Guard's preferences.");
}

} // namespace otr_guard::plugin
