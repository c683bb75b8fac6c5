/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The GTK 2 part for Pidgin: a padlock with its word at the end of the formatting toolbar, a
 * padlock in the tab, a menu in the menu bar, and a bar above the entry where something must be
 * decided. The plugin opens it in Pidgin alone. It keeps no
 * conversation: after any change everything is looked up and drawn anew, once, when the main loop
 * is idle. */
#include <gdk/gdkkeysyms.h>
#include <gdk/gdkx.h>
#include <gtkconv.h>
#include <gtkconvwin.h>
#include <gtkplugin.h>
#include <gtkutils.h>
#include <string.h>

#include "config_page.h"
#include "links.h"
#include "padlock.h"
#include "shim_api.h"

/* What is ours hangs on the container that it is in: Pidgin throws some away and makes new ones. */
#define WIDGET_KEY "otr-guard-widget"
#define PADLOCK_KEY "otr-guard-padlock"
#define WORD_KEY "otr-guard-word"
#define ACCELERATORS_KEY "otr-guard-accelerators"

/* Opens the padlock's menu: Pidgin takes the keyboard out of the toolbar with the next key. */
#define PADLOCK_KEYVAL GDK_KEY_L
#define PADLOCK_MODIFIERS (GDK_CONTROL_MASK | GDK_SHIFT_MASK)

static const OtrGuardHost* host;
static guint refreshing;
static GtkWidget* popup; /* the padlock's menu while it is open */
static int signals_handle;

/* --- Menus ---------------------------------------------------------------------------------- */

static void destroy(GtkWidget* widget, gpointer data) {
    (void)data;
    gtk_widget_destroy(widget);
}

/* Menus are our own, and two levels deep. */
/* NOLINTBEGIN(misc-no-recursion) */
static void free_menu(GList* entries) {
    for (GList* item = entries; item != NULL; item = item->next) {
        PurpleMenuAction* entry = item->data;
        if (entry != NULL) {
            free_menu(entry->children);
            entry->children = NULL;
            purple_menu_action_free(entry);
        }
    }
    g_list_free(entries);
}

/* Everything that a menu shows. */
static void describe_menu(GString* text, const GList* entries) {
    for (; entries != NULL; entries = entries->next) {
        const PurpleMenuAction* entry = entries->data;
        g_string_append_printf(text, "%s\n", entry != NULL ? entry->label : "-");
        if (entry != NULL && entry->children != NULL) {
            g_string_append(text, "(");
            describe_menu(text, entry->children);
            g_string_append(text, ")");
        }
    }
}
/* NOLINTEND(misc-no-recursion) */

/* Nothing is made anew that stays as it is: somebody may be moving through the menu. */
static void fill_menu(GtkWidget* menu, PurpleConversation* conversation) {
    GList* entries = conversation != NULL ? host->menu(conversation) : NULL;
    GString* shown = g_string_new(NULL);
    g_string_printf(shown, "%p\n", (void*)conversation);
    describe_menu(shown, entries);
    const char* showing = g_object_get_data(G_OBJECT(menu), WORD_KEY);
    if (showing != NULL && strcmp(showing, shown->str) == 0) {
        g_string_free(shown, TRUE);
        free_menu(entries);
        return;
    }
    g_object_set_data_full(G_OBJECT(menu), WORD_KEY, g_string_free(shown, FALSE), g_free);
    gtk_container_foreach(GTK_CONTAINER(menu), destroy, NULL);
    for (GList* item = entries; item != NULL; item = item->next) {
        pidgin_append_menu_action(menu, item->data, conversation);
    }
    g_list_free(entries);
    gtk_widget_show_all(menu);
}

static void close_popup(void) {
    if (popup != NULL) {
        GtkWidget* closing = popup;
        popup = NULL;
        gtk_widget_destroy(closing);
        g_object_unref(closing);
    }
}

/* Below the button, or above it where the screen ends. */
static void place_popup(GtkMenu* menu, gint* x, gint* y, gboolean* push_in, gpointer data) {
    GtkWidget* button = data;
    GtkAllocation place;
    GtkRequisition size;
    GdkRectangle monitor;
    gtk_widget_get_allocation(button, &place);
    gtk_widget_size_request(GTK_WIDGET(menu), &size);
    gdk_window_get_origin(gtk_widget_get_window(button), x, y);
    *x += place.x;
    *y += place.y;
    GdkScreen* screen = gtk_widget_get_screen(button);
    gdk_screen_get_monitor_geometry(screen, gdk_screen_get_monitor_at_point(screen, *x, *y),
                                    &monitor);
    const gboolean fits = *y + place.height + size.height <= monitor.y + monitor.height;
    *y += fits ? place.height : -size.height;
    *push_in = FALSE;
}

static void padlock_clicked(GtkWidget* button, gpointer data) {
    const PidginConversation* pane = data;
    if (host == NULL || pane->active_conv == NULL) {
        return;
    }
    close_popup();
    popup = gtk_menu_new();
    g_object_ref_sink(popup);
    gtk_menu_attach_to_widget(GTK_MENU(popup), button, NULL);
    fill_menu(popup, pane->active_conv);
    gtk_menu_popup(GTK_MENU(popup), NULL, NULL, place_popup, button, 0,
                   gtk_get_current_event_time());
    gtk_menu_shell_select_first(GTK_MENU_SHELL(popup), FALSE);
}

static GtkWidget* widget_in(GtkWidget* container) {
    return g_object_get_data(G_OBJECT(container), WIDGET_KEY);
}

static void remove_widget_in(GtkWidget* container) {
    GtkWidget* widget = g_object_steal_data(G_OBJECT(container), WIDGET_KEY);
    if (widget != NULL) {
        gtk_widget_destroy(widget);
    }
}

static GtkWidget* add_menu(PidginWindow* window) {
    GtkWidget* item = gtk_menu_item_new_with_mnemonic(host->menu_label);
    gtk_menu_item_set_submenu(GTK_MENU_ITEM(item), gtk_menu_new());
    /* Before the tray, which is at the far end. */
    GList* there = gtk_container_get_children(GTK_CONTAINER(window->menu.menubar));
    const int place = g_list_index(there, window->menu.tray);
    g_list_free(there);
    gtk_menu_shell_insert(GTK_MENU_SHELL(window->menu.menubar), item, place);
    gtk_widget_show(item);
    g_object_set_data(G_OBJECT(window->menu.menubar), WIDGET_KEY, item);
    return item;
}

static void refresh_menu(PidginWindow* window) {
    GtkWidget* item = widget_in(window->menu.menubar);
    if (item == NULL) {
        item = add_menu(window);
    }
    GtkWidget* menu = gtk_menu_item_get_submenu(GTK_MENU_ITEM(item));
    fill_menu(menu, pidgin_conv_window_get_active_conversation(window));
    GList* entries = gtk_container_get_children(GTK_CONTAINER(menu));
    gtk_widget_set_sensitive(item, entries != NULL);
    g_list_free(entries);
}

/* --- Padlocks ------------------------------------------------------------------------------- */

static GtkWidget* add_button(PidginConversation* pane) {
    GtkWidget* button = gtk_button_new();
    GtkWidget* content = gtk_hbox_new(FALSE, 4);
    GtkWidget* padlock = otr_guard_padlock_new();
    GtkWidget* word = gtk_label_new(NULL);
    gtk_box_pack_start(GTK_BOX(content), padlock, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(content), word, FALSE, FALSE, 0);
    gtk_button_set_relief(GTK_BUTTON(button), GTK_RELIEF_NONE);
    gtk_container_add(GTK_CONTAINER(button), content);
    gtk_widget_show_all(content);
    g_signal_connect(button, "clicked", G_CALLBACK(padlock_clicked), pane);
    gtk_box_pack_end(GTK_BOX(pane->toolbar), button, FALSE, FALSE, 0);
    g_object_set_data(G_OBJECT(button), PADLOCK_KEY, padlock);
    g_object_set_data(G_OBJECT(button), WORD_KEY, word);
    g_object_set_data(G_OBJECT(pane->toolbar), WIDGET_KEY, button);
    return button;
}

static GtkAccelGroup* accelerators_of(GtkWidget* window) {
    return g_object_get_data(G_OBJECT(window), ACCELERATORS_KEY);
}

/* Panes move between windows. */
static void reach_by_keyboard(GtkWidget* button, GtkWidget* window) {
    GtkAccelGroup* group = accelerators_of(window);
    if (group == NULL) {
        group = gtk_accel_group_new();
        gtk_window_add_accel_group(GTK_WINDOW(window), group);
        g_object_set_data_full(G_OBJECT(window), ACCELERATORS_KEY, group, g_object_unref);
    }
    GtkAccelGroup* last = g_object_get_data(G_OBJECT(button), ACCELERATORS_KEY);
    if (last == group) {
        return;
    }
    if (last != NULL) {
        gtk_widget_remove_accelerator(button, last, PADLOCK_KEYVAL, PADLOCK_MODIFIERS);
    }
    gtk_widget_add_accelerator(button, "clicked", group, PADLOCK_KEYVAL, PADLOCK_MODIFIERS, 0);
    g_object_set_data_full(G_OBJECT(button), ACCELERATORS_KEY, g_object_ref(group), g_object_unref);
}

static void forget_accelerators(GtkWidget* window) {
    GtkAccelGroup* group = g_object_steal_data(G_OBJECT(window), ACCELERATORS_KEY);
    if (group != NULL) {
        gtk_window_remove_accel_group(GTK_WINDOW(window), group);
        g_object_unref(group);
    }
}

static GtkWidget* add_tab_padlock(PidginConversation* pane) {
    GtkWidget* padlock = otr_guard_padlock_new();
    gtk_box_pack_start(GTK_BOX(pane->tabby), padlock, FALSE, FALSE, 0);
    gtk_box_reorder_child(GTK_BOX(pane->tabby), padlock, 1); /* behind the buddy's icon */
    g_object_set_data(G_OBJECT(pane->tabby), WIDGET_KEY, padlock);
    return padlock;
}

static void show_state(GtkWidget* button, GtkWidget* tab_padlock, const OtrGuardState* state) {
    otr_guard_padlock_set(g_object_get_data(G_OBJECT(button), PADLOCK_KEY), state->look, "");
    gtk_label_set_text(GTK_LABEL(g_object_get_data(G_OBJECT(button), WORD_KEY)), state->word);
    char* key = gtk_accelerator_get_label(PADLOCK_KEYVAL, PADLOCK_MODIFIERS);
    char* explanation = g_strdup_printf("%s (%s)", state->explanation, key);
    gtk_widget_set_tooltip_text(button, explanation);
    char* name = g_strdup_printf("OTR: %s", state->word);
    AtkObject* accessible = gtk_widget_get_accessible(button);
    atk_object_set_name(accessible, name);
    atk_object_set_description(accessible, explanation);
    otr_guard_padlock_set(tab_padlock, state->look, name);
    g_free(name);
    g_free(explanation);
    g_free(key);
}

static void refresh_pane(PidginConversation* pane, GtkWidget* window) {
    GtkWidget* button = widget_in(pane->toolbar);
    GtkWidget* tab_padlock = widget_in(pane->tabby);
    button = button != NULL ? button : add_button(pane);
    reach_by_keyboard(button, window);
    tab_padlock = tab_padlock != NULL ? tab_padlock : add_tab_padlock(pane);
    OtrGuardState state;
    const gboolean is_known = pane->active_conv != NULL && host->state(pane->active_conv, &state);
    if (is_known) {
        show_state(button, tab_padlock, &state);
        g_free(state.word);
        g_free(state.explanation);
    }
    gtk_widget_set_visible(button, is_known);
    gtk_widget_set_visible(tab_padlock, is_known);
}

/* --- Decisions ------------------------------------------------------------------------------- */

static void free_actions(GList* actions) {
    g_list_free_full(actions, (GDestroyNotify)purple_menu_action_free);
}

/* `index` of what is offered now: if that has changed since, the bar has as well. */
static void decision_clicked(GtkInfoBar* bar, gint index, gpointer data) {
    (void)bar;
    const PidginConversation* pane = data;
    PurpleConversation* conversation = pane->active_conv;
    GList* actions = NULL;
    gboolean is_question = FALSE;
    if (host == NULL || conversation == NULL) {
        return;
    }
    g_free(host->decision(conversation, &actions, &is_question));
    const PurpleMenuAction* action = g_list_nth_data(actions, (guint)index);
    if (action != NULL && action->callback != NULL) {
        ((void (*)(PurpleConversation*, gpointer))action->callback)(conversation, action->data);
    }
    free_actions(actions);
    gtk_widget_grab_focus(pane->entry); /* the button may go away with the keyboard's focus */
}

/* Text above buttons: translations are long, conversations narrow. */
static GtkWidget* new_bar(PidginConversation* pane, const char* text, const GList* actions,
                          GtkMessageType type) {
    GtkWidget* bar = gtk_info_bar_new();
    GtkInfoBar* info = GTK_INFO_BAR(bar);
    GtkWidget* label = gtk_label_new(text);
    GtkAllocation room;
    gtk_widget_get_allocation(pane->lower_hbox, &room);
    gtk_widget_set_size_request(label, MAX(room.width - 24, 240), -1);
    gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
    gtk_misc_set_alignment(GTK_MISC(label), 0, 0.5F);
    gtk_info_bar_set_message_type(info, type);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(bar), GTK_ORIENTATION_VERTICAL);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(gtk_info_bar_get_action_area(info)),
                                   GTK_ORIENTATION_HORIZONTAL);
    gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(info)), label);
    int index = 0;
    for (; actions != NULL; actions = actions->next) {
        const PurpleMenuAction* action = actions->data;
        gtk_info_bar_add_button(info, action->label, index++);
    }
    g_signal_connect(bar, "response", G_CALLBACK(decision_clicked), pane);
    atk_object_set_name(gtk_widget_get_accessible(bar), text);
    gtk_widget_show_all(bar);
    return bar;
}

/* Only what has changed is made anew: the keyboard may be in it. */
static void refresh_bar(PidginConversation* pane) {
    GList* actions = NULL;
    gboolean is_question = FALSE;
    char* text = pane->active_conv != NULL
                     ? host->decision(pane->active_conv, &actions, &is_question)
                     : NULL;
    GString* shown = g_string_new(text);
    for (const GList* item = actions; item != NULL; item = item->next) {
        g_string_append_printf(shown, "\n%s", ((const PurpleMenuAction*)item->data)->label);
    }
    GtkWidget* there = widget_in(pane->lower_hbox);
    const char* showing = there != NULL ? g_object_get_data(G_OBJECT(there), WORD_KEY) : "";
    if (strcmp(showing, shown->str) != 0) {
        remove_widget_in(pane->lower_hbox);
    }
    if (text != NULL && widget_in(pane->lower_hbox) == NULL) {
        GtkWidget* bar =
            new_bar(pane, text, actions, is_question ? GTK_MESSAGE_QUESTION : GTK_MESSAGE_WARNING);
        GtkWidget* box = gtk_widget_get_parent(pane->lower_hbox);
        GList* rows = gtk_container_get_children(GTK_CONTAINER(box));
        gtk_box_pack_start(GTK_BOX(box), bar, FALSE, FALSE, 0);
        gtk_box_reorder_child(GTK_BOX(box), bar, g_list_index(rows, pane->lower_hbox));
        g_list_free(rows);
        g_object_set_data_full(G_OBJECT(bar), WORD_KEY, g_strdup(shown->str), g_free);
        g_object_set_data(G_OBJECT(pane->lower_hbox), WIDGET_KEY, bar);
    }
    g_string_free(shown, TRUE);
    g_free(text);
    free_actions(actions);
}

/* --- All of it ------------------------------------------------------------------------------ */

static gboolean refresh_now(gpointer data) {
    (void)data;
    refreshing = 0;
    for (GList* item = pidgin_conv_windows_get_list(); item != NULL; item = item->next) {
        PidginWindow* window = item->data;
        for (GList* pane = pidgin_conv_window_get_gtkconvs(window); pane != NULL;
             pane = pane->next) {
            refresh_pane(pane->data, window->window);
            refresh_bar(pane->data);
        }
        refresh_menu(window);
    }
    return FALSE;
}

static void refresh(void) {
    if (host != NULL && refreshing == 0) {
        refreshing = g_idle_add_full(G_PRIORITY_HIGH_IDLE, refresh_now, NULL, NULL);
    }
}

static void conversation_changed(void* conversation) {
    (void)conversation;
    refresh();
}

static void deleting_conversation(PurpleConversation* conversation) {
    /* The entries of menus name the conversation. */
    close_popup();
    otr_guard_forget_click();
    PidginWindow* window = PIDGIN_IS_PIDGIN_CONVERSATION(conversation)
                               ? pidgin_conv_get_window(PIDGIN_CONVERSATION(conversation))
                               : NULL;
    GtkWidget* item = window != NULL ? widget_in(window->menu.menubar) : NULL;
    if (item != NULL) {
        GtkWidget* menu = gtk_menu_item_get_submenu(GTK_MENU_ITEM(item));
        gtk_menu_popdown(GTK_MENU(menu));
        fill_menu(menu, NULL);
    }
    refresh();
}

static guint64 window_of(PurpleConversation* conversation) {
    if (!PIDGIN_IS_PIDGIN_CONVERSATION(conversation)) {
        return 0;
    }
    const PidginWindow* window = pidgin_conv_get_window(PIDGIN_CONVERSATION(conversation));
    GdkWindow* shown = window != NULL ? gtk_widget_get_window(window->window) : NULL;
    return shown != NULL ? GDK_WINDOW_XID(shown) : 0;
}

static void attach(const OtrGuardHost* plugin) {
    host = plugin;
    purple_signal_connect(purple_conversations_get_handle(), "conversation-created",
                          &signals_handle, PURPLE_CALLBACK(conversation_changed), NULL);
    purple_signal_connect(purple_conversations_get_handle(), "deleting-conversation",
                          &signals_handle, PURPLE_CALLBACK(deleting_conversation), NULL);
    purple_signal_connect(pidgin_conversations_get_handle(), "conversation-switched",
                          &signals_handle, PURPLE_CALLBACK(conversation_changed), NULL);
    purple_signal_connect(pidgin_conversations_get_handle(), "conversation-displayed",
                          &signals_handle, PURPLE_CALLBACK(conversation_changed), NULL);
    otr_guard_watch_links();
    refresh();
}

static void detach(void) {
    otr_guard_unwatch_links();
    purple_signals_disconnect_by_handle(&signals_handle);
    if (refreshing != 0) {
        g_source_remove(refreshing);
        refreshing = 0;
    }
    close_popup();
    for (GList* item = pidgin_conv_windows_get_list(); item != NULL; item = item->next) {
        PidginWindow* window = item->data;
        for (GList* pane = pidgin_conv_window_get_gtkconvs(window); pane != NULL;
             pane = pane->next) {
            remove_widget_in(((PidginConversation*)pane->data)->toolbar);
            remove_widget_in(((PidginConversation*)pane->data)->tabby);
            remove_widget_in(((PidginConversation*)pane->data)->lower_hbox);
        }
        remove_widget_in(window->menu.menubar);
        forget_accelerators(window->window);
    }
    host = NULL;
}

G_MODULE_EXPORT const OtrGuardShim* otr_guard_pidgin_shim(int host_version);

G_MODULE_EXPORT const OtrGuardShim* otr_guard_pidgin_shim(int host_version) {
    static const OtrGuardShim shim = {
        .version = OTR_GUARD_SHIM_VERSION,
        .attach = attach,
        .detach = detach,
        .refresh = refresh,
        .window_of = window_of,
        .event_time = gtk_get_current_event_time,
        .clicked_link = otr_guard_clicked_link,
        .copy_text = otr_guard_copy_text,
        .ui_info = &config_page_info,
    };
    return host_version == OTR_GUARD_SHIM_VERSION ? &shim : NULL;
}
