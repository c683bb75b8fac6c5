// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The smallest user interface libpurple accepts that hides nothing from a test: the event loop on
// GLib, and every line, dialog and state change as an event. It must never act by itself: what
// the user would decide, the test decides.

#include <cstdio>
#include <string>
#include <vector>

#include <glib.h>
#include <nlohmann/json.hpp>
#include <purple.h>

namespace otr_guard::headless {

struct Options {
    std::string profile;
    std::string ui_id = "otr-guard-headless";
    std::string debug_file;
    std::vector<std::string> plugins;
    std::vector<std::string> probed; ///< folders whose plugins are there and not loaded
};

/// Initialises libpurple with the profile, loads the plugins and announces "ready".
/// False when the core refuses to start.
bool start_core(const Options& options, GMainLoop* loop);

/// Probes the file if need be and loads it; a message on failure, empty on success.
std::string load_plugin(const std::string& path);

/// The identifier accounts are enabled for.
const char* ui_id();

} // namespace otr_guard::headless
