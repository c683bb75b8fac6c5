// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/log.h"

#include <atomic>

namespace otr_guard::util {

namespace {

std::atomic<LogSink> g_sink{nullptr};

void emit(LogLevel level, std::string_view where, std::string_view text) noexcept {
    if (const LogSink sink = g_sink.load()) {
        sink(level, where, text);
    }
}

} // namespace

void set_log_sink(LogSink sink) noexcept {
    g_sink.store(sink);
}

void log_debug(std::string_view where, std::string_view text) noexcept {
    emit(LogLevel::Debug, where, text);
}

void log_warning(std::string_view where, std::string_view text) noexcept {
    emit(LogLevel::Warning, where, text);
}

void log_error(std::string_view where, std::string_view text) noexcept {
    emit(LogLevel::Error, where, text);
}

} // namespace otr_guard::util
