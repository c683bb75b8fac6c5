// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The client: libpurple with a main loop that is watched, and no windows.

#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <dlfcn.h>
#include <purple.h>

#include "measures.h"

namespace otr_guard::bench {

[[nodiscard]] Busy& busy();

/// `does_time_stand_still`: what a client does by the clock has nothing to do with what one message
/// takes, but would come in between on a busy machine: receipts, which OTR Guard sends after two
/// seconds, and libpurple's writing of files after five. Then none of it happens.
void start_purple(const std::string& profile, bool does_time_stand_still);

void turn_until(const std::function<bool()>& is_done, const char* what);
/// Until nobody has sent anything for a while.
void turn_until_quiet();

/// The text that counts among those that are shown, and how often it was.
void expect_text(std::string text);
[[nodiscard]] const std::string& expected_text();
[[nodiscard]] unsigned long texts_shown();

/// pidgin-otr without Pidgin: its windows do nothing.
class PidginOtr {
public:
    static bool is_in(const std::string& file) {
        return file.find("pidgin-otr") != std::string::npos;
    }
    /// Before the plugin is opened.
    static void provide_gtk() {
        if (dlopen("libgtk-x11-2.0.so.0", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
            throw std::runtime_error(dlerror());
        }
    }
    template <typename Function, typename... Arguments>
    std::invoke_result_t<Function*, Arguments...> call(const char* name,
                                                       Arguments... arguments) const {
        void* symbol = dlsym(m_library, name);
        if (symbol == nullptr) {
            throw std::runtime_error(std::string("pidgin-otr has no ") + name);
        }
        return reinterpret_cast<Function*>(symbol)(arguments...);
    }
    explicit PidginOtr(const std::string& file)
        : m_library(dlopen(file.c_str(), RTLD_NOW | RTLD_NOLOAD)) {
        static std::vector<void* (*)()> nothing(64, []() -> void* { return nullptr; });
        call<void(const void*)>("otrg_dialog_set_ui_ops", static_cast<const void*>(nothing.data()));
    }

private:
    void* m_library;
};

/// Throws when it does not load.
PurplePlugin* load(const std::string& file);

} // namespace otr_guard::bench
