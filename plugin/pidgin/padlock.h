/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A padlock as a widget without a window: as large as a line of text, drawn in the theme's light or
 * dark, a shape of its own for every state so that nobody needs to see colours. */
#pragma once

#include <gtk/gtk.h>

#include "shim_api.h"

GtkWidget* otr_guard_padlock_new(void);

/* `name` is what a screen reader says. */
void otr_guard_padlock_set(GtkWidget* padlock, OtrGuardLook look, const char* name);
