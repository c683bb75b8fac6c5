// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What was typed behind `otr-guard-run`.

#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

#include "util/expected.h"

namespace otr_guard::run {

/// Where a proxy listens. An address in numbers: a name would have to be looked up by somebody.
struct Endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;

    [[nodiscard]] const sockaddr* get() const noexcept {
        return reinterpret_cast<const sockaddr*>(&address);
    }
};

/// "127.0.0.1:9050" or "[::1]:9050". Malformed otherwise.
[[nodiscard]] util::Expected<Endpoint> parse_endpoint(std::string_view text);

struct Arguments {
    enum class Task { Run, ShowHelp, ShowVersion };

    Task task = Task::Run;
    Endpoint proxy;
    std::vector<std::string> command; ///< the program and its arguments; never empty for Run
};

/// Without `--proxy`, Tor's usual place. A failure's text is a sentence for the user.
[[nodiscard]] util::Expected<Arguments> parse_arguments(std::span<char* const> words);

} // namespace otr_guard::run
