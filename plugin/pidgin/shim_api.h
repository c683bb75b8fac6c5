/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the plugin and its GTK 2 part for Pidgin know of each other: two tables of C functions. The
 * plugin decides and words everything; the part draws it and hands clicks back. Everything happens
 * on the main thread; no function may be called after detach(). */
#pragma once

#include <conversation.h>
#include <glib.h>

/* Both sides refuse another number. */
#define OTR_GUARD_SHIM_VERSION 4
/* Name of the function in the module, an OtrGuardShimEntry. */
#define OTR_GUARD_SHIM_ENTRY "otr_guard_pidgin_shim"

typedef enum {
    OTR_GUARD_LOOK_NOT_PRIVATE,
    OTR_GUARD_LOOK_UNVERIFIED,
    OTR_GUARD_LOOK_PRIVATE,
    OTR_GUARD_LOOK_FINISHED,
} OtrGuardLook;

/* A conversation's state as its user sees it. The texts are translated plain text, the caller's, to
 * be freed with g_free(). */
typedef struct {
    OtrGuardLook look;
    char* word;        /* "Private" */
    char* explanation; /* one or two sentences */
} OtrGuardState;

/* From the plugin to its part; valid until detach(). */
typedef struct {
    int version;
    const char* menu_label; /* in the menu bar, with mnemonic */
    /* FALSE for a conversation that OTR knows nothing of (a chat): `state` is untouched then. */
    gboolean (*state)(PurpleConversation* conversation, OtrGuardState* state);
    /* A new list of PurpleMenuAction, all the caller's; NULL stands for a separator. Their
     * callbacks take the conversation and the action's data. */
    GList* (*menu)(PurpleConversation* conversation);
    /* What waits for the user's decision, in a sentence, the caller's; NULL when nothing does.
     * `actions` becomes what can be decided, like a menu without separators; `is_question` whether
     * it is a question of the other person's and no warning. */
    char* (*decision)(PurpleConversation* conversation, GList** actions, gboolean* is_question);
} OtrGuardHost;

/* From the part to the plugin. */
typedef struct {
    int version;
    /* Puts padlocks and menus into all windows there are and all that come. */
    void (*attach)(const OtrGuardHost* host);
    /* Takes everything out again. */
    void (*detach)(void);
    /* Something changed: everything is drawn anew before the client is idle. */
    void (*refresh)(void);
    /* The X window that shows a conversation; 0 when none does. */
    guint64 (*window_of)(PurpleConversation* conversation);
    /* X time of the event that is being worked on; 0 when it is none. */
    guint32 (*event_time)(void);
    /* The conversation in which a link to this address was clicked just now; NULL when that is not
     * known. `text` becomes what is shown for the link, the caller's, or NULL. */
    PurpleConversation* (*clicked_link)(const char* address, char** text);
    /* To the clipboard. */
    void (*copy_text)(const char* text);
    /* For PurplePluginInfo.ui_info: Pidgin's page for configuring the plugin, its preferences with
     * a button for each of its actions. */
    void* ui_info;
} OtrGuardShim;

/* `host_version` is the plugin's OTR_GUARD_SHIM_VERSION; NULL when the part is of another one. */
typedef const OtrGuardShim* (*OtrGuardShimEntry)(int host_version);
