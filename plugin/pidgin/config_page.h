/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The plugin's page in Pidgin's Plugins window. */
#pragma once

#include <gtkplugin.h>

extern PidginPluginUiInfo config_page_info;
