// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The wall between C callers and C++. Every function that a C library calls runs its body through
// guarded(): no exception crosses into C, and the value returned instead is the safe one.

#include <concepts>
#include <exception>
#include <utility>

#include "util/log.h"

namespace otr_guard::util {

/// Runs `body`; when it throws, logs the reason under `where` and returns `safe`.
/// `safe` must be the value that sends nothing, shows nothing and changes nothing.
template <typename R, std::invocable Body>
R guarded(const char* where, R safe, Body&& body) noexcept {
    try {
        return std::forward<Body>(body)();
    } catch (const std::exception& error) {
        log_error(where, error.what());
    } catch (...) {
        log_error(where, "unknown exception");
    }
    return safe;
}

/// The same for callbacks without a result.
template <std::invocable Body> void guarded(const char* where, Body&& body) noexcept {
    try {
        std::forward<Body>(body)();
    } catch (const std::exception& error) {
        log_error(where, error.what());
    } catch (...) {
        log_error(where, "unknown exception");
    }
}

} // namespace otr_guard::util
