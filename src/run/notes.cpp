// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/notes.h"

#include <string_view>
#include <unistd.h>

#include "util/i18n.h"

namespace otr_guard::run {

using util::format;
using util::isolated;
using util::tr;

std::optional<std::string> note_on_display(const char* display) {
    const std::string_view text = display != nullptr ? display : "";
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return {}; // none, or none that is known here
    }
    const std::string_view host = text.substr(0, colon);
    std::string path(host); // macOS, and some servers, name the socket itself
    if (host.empty() || host == "unix") {
        path = "/tmp/.X11-unix/X" +
               std::string(text.substr(colon + 1, text.find('.', colon) - colon - 1));
    }
    if (!path.starts_with('/')) {
        return format(tr("The screen {display} is reached over the network, so windows cannot be "
                         "shown on it from here."),
                      {{"display", isolated(text)}});
    }
    if (::access(path.c_str(), F_OK) != 0) {
        return format(tr("The screen {display} has no socket {path}, so windows cannot be shown on "
                         "it from here."),
                      {{"display", isolated(text)}, {"path", isolated(path)}});
    }
    return {};
}

std::optional<std::string> note_on_bus(const char* address) {
    const std::string_view text = address != nullptr ? address : "";
    if (text.empty() || text.find("unix:path=") != std::string_view::npos ||
        text.find("unix:runtime=") != std::string_view::npos) {
        return {};
    }
    return tr("The session bus has no socket in a folder, so it cannot be reached from here. "
              "Programs that need it can be started with dbus-run-session.");
}

} // namespace otr_guard::run
