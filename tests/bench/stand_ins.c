/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What pidgin-otr finds only in Pidgin. It is loaded without one here, and none of this is called
 * in what is measured. */

#include <stddef.h>

#define STAND_IN(name)                                                                             \
    __attribute__((visibility("default"))) void* name(void) {                                      \
        return NULL;                                                                               \
    }

STAND_IN(gtk_imhtml_append_text_with_images)
STAND_IN(pidgin_account_option_menu_get_selected)
STAND_IN(pidgin_account_option_menu_new)
STAND_IN(pidgin_conv_get_window)
STAND_IN(pidgin_conv_switch_active_conversation)
STAND_IN(pidgin_conv_window_get_active_gtkconv)
STAND_IN(pidgin_create_prpl_icon)

static int handle;

__attribute__((visibility("default"))) void* pidgin_conversations_get_handle(void) {
    return &handle;
}
