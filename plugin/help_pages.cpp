// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "help_pages.h"

#include <string>
#include <vector>

#include "i18n.h"
#include "plugin.h"
#include "util/help.h"
#include "util/parts.h"

namespace otr_guard::plugin {

void show_help(Plugin& plugin, std::string_view page) {
    const std::string html = util::read_help(util::find_part("help", OTR_GUARD_DATA_DIR "/help"),
                                             page, util::help_languages());
    std::vector<util::HelpBlock> blocks = util::help_blocks(html);
    if (blocks.empty()) {
        purple_notify_info(plugin.handle(), "OTR Guard",
                           tr("This page of the help is not installed.").c_str(), nullptr);
        return;
    }
    const std::string title = blocks.front().text;
    blocks.erase(blocks.begin());
    purple_notify_formatted(plugin.handle(), tr("OTR Guard: help").c_str(), title.c_str(), nullptr,
                            util::help_for_clients(blocks).c_str(), nullptr, nullptr);
}

} // namespace otr_guard::plugin
