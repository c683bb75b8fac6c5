/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Pidgin knows of a click on a link, and its clipboard; see shim_api.h. */
#pragma once

#include <conversation.h>

void otr_guard_watch_links(void);
void otr_guard_unwatch_links(void);
/* A conversation goes away. */
void otr_guard_forget_click(void);
PurpleConversation* otr_guard_clicked_link(const char* address, char** text);
void otr_guard_copy_text(const char* text);
