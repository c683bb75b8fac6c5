// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/children.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <unistd.h>

namespace otr_guard::run {

namespace {

namespace fs = std::filesystem;

/// Zero when it is not known.
pid_t parent_of(const fs::path& process) {
    std::ifstream file(process / "stat");
    std::ostringstream text;
    text << file.rdbuf();
    // "1234 (name) S 1233 ...", and a name can have anything in it.
    const std::string line = text.str();
    const std::size_t end = line.rfind(')');
    if (end == std::string::npos) {
        return 0;
    }
    std::istringstream rest(line.substr(end + 1));
    char state = 0;
    pid_t parent = 0;
    return rest >> state >> parent ? parent : 0;
}

} // namespace

std::optional<std::vector<pid_t>> listed_children() {
    std::ifstream file("/proc/thread-self/children");
    if (!file) {
        return std::nullopt;
    }
    std::vector<pid_t> children;
    for (pid_t child = 0; file >> child;) {
        children.push_back(child);
    }
    return children;
}

std::vector<pid_t> children_found_by_parent() {
    std::vector<pid_t> children;
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        pid_t process = 0;
        const auto [rest, problem] =
            std::from_chars(name.data(), name.data() + name.size(), process);
        const bool is_process = problem == std::errc{} && rest == name.data() + name.size();
        if (is_process && parent_of(entry->path()) == ::getpid()) {
            children.push_back(process);
        }
    }
    return children;
}

} // namespace otr_guard::run
