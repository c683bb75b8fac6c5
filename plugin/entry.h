/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the C entry point calls in the C++ part. Each function is safe to call at any time. */
#ifndef OTR_GUARD_ENTRY_H
#define OTR_GUARD_ENTRY_H

#include <plugin.h>
#include <pluginpref.h>

#define OTR_GUARD_PLUGIN_ID "core-otr-guard"

#ifdef __cplusplus
extern "C" {
#endif

/* At the probe, before accounts and the network exist: keeps bound accounts on their proxy, whether
 * the plugin is switched on or not. */
void otr_guard_keep_network(void);
gboolean otr_guard_load(PurplePlugin* plugin);
gboolean otr_guard_unload(PurplePlugin* plugin);
GList* otr_guard_actions(PurplePlugin* plugin, gpointer context);
PurplePluginPrefFrame* otr_guard_preferences(PurplePlugin* plugin);

#ifdef __cplusplus
}
#endif

#endif
