/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The C entry point: what libpurple reads when it probes the module. A plugin that is only present
 * must not touch libotr, files or the network; what keeps bound accounts off the network begins
 * here all the same, because switching the plugin off must not open anything. */

#include "entry.h"

#include <version.h>

static PurplePluginUiInfo preferences = {
    .get_plugin_pref_frame = otr_guard_preferences,
};

static PurplePluginInfo info = {
    .magic = PURPLE_PLUGIN_MAGIC,
    .major_version = PURPLE_MAJOR_VERSION,
    .minor_version = 10, /* what is used of libpurple exists since 2.10 */
    .type = PURPLE_PLUGIN_STANDARD,
    .priority = PURPLE_PRIORITY_DEFAULT,
    .id = OTR_GUARD_PLUGIN_ID,
    .name = "OTR Guard",
    .version = OTR_GUARD_VERSION,
    .summary = "Private conversations: off-the-record encryption and verification",
    .description =
        "Off-the-record messaging for every protocol: encryption with forward secrecy and "
        "deniability, verification of the people you talk to, and nothing in clear by accident.",
    .author = "OTR Guard contributors",
    .homepage = "https://otr.cypherpunks.ca/",
    .load = otr_guard_load,
    .unload = otr_guard_unload,
    .prefs_info = &preferences,
    .actions = otr_guard_actions,
};

G_MODULE_EXPORT gboolean purple_init_plugin(PurplePlugin* plugin);

G_MODULE_EXPORT gboolean purple_init_plugin(PurplePlugin* plugin) {
    plugin->info = &info;
    otr_guard_keep_network();
    return purple_plugin_register(plugin);
}
