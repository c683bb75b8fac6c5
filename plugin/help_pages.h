// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The help pages in a window of the client's own, which every libpurple client has.

#include <string_view>

namespace otr_guard::plugin {

class Plugin;

/// `page` is the name of a file in data/help.
void show_help(Plugin& plugin, std::string_view page);

} // namespace otr_guard::plugin
