// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "confinement.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "owned_program.h"
#include "purple.h"

namespace otr_guard::plugin {

namespace {

namespace fs = std::filesystem;

/// Whole paths without links; those that are not there are left out. With what people keep for
/// themselves, and the sockets of programs that do things for others.
std::vector<std::string> hidden_places() {
    std::vector<std::string> places;
    for (const char* place :
         {"/tmp", "/var/tmp", "/run", g_get_home_dir(), purple_home_dir(), purple_user_dir()}) {
        std::error_code error;
        const fs::path whole = fs::canonical(place != nullptr ? place : "", error);
        // A home that is the top, as servers' users have it, cannot be hidden.
        if (!error && fs::is_directory(whole, error) && whole != whole.root_path()) {
            places.push_back(whole.string());
        }
    }
    // What lies in another one is hidden after it, not before.
    std::ranges::sort(places);
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
}

} // namespace

std::optional<std::vector<std::string>> confined(const std::vector<std::string>& command,
                                                 const Opening& opening) {
    const auto bubblewrap = find_program("bwrap");
    if (!bubblewrap) {
        return std::nullopt;
    }
    std::vector<std::string> words{
        *bubblewrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev",
        "--proc",    "/proc"};
    for (const std::string& place : hidden_places()) {
        words.insert(words.end(), {"--tmpfs", place});
    }
    if (!opening.path.empty()) {
        const std::string access = opening.is_writable ? "--bind" : "--ro-bind";
        words.insert(words.end(), {access, opening.path, opening.path});
    }
    words.insert(words.end(), {"--chdir", "/", "--"});
    words.insert(words.end(), command.begin(), command.end());
    return words;
}

} // namespace otr_guard::plugin
