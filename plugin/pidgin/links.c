/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "links.h"

#include <gtkconv.h>
#include <gtkconvwin.h>
#include <gtkimhtml.h>

/* Where Pidgin's text keeps the address of what it shows as a link. */
#define ADDRESS_KEY "link_url"

static PidginConversation* pane_of(const GtkWidget* widget) {
    for (GList* item = pidgin_conv_windows_get_list(); item != NULL; item = item->next) {
        for (GList* pane = pidgin_conv_window_get_gtkconvs(item->data); pane != NULL;
             pane = pane->next) {
            if (((PidginConversation*)pane->data)->imhtml == widget) {
                return pane->data;
            }
        }
    }
    return NULL;
}

static GtkTextTag* link_at(const GtkTextIter* place) {
    GtkTextTag* link = NULL;
    GSList* tags = gtk_text_iter_get_tags(place);
    for (GSList* item = tags; item != NULL && link == NULL; item = item->next) {
        link = g_object_get_data(item->data, ADDRESS_KEY) != NULL ? item->data : NULL;
    }
    g_slist_free(tags);
    return link;
}

/* Both the caller's; FALSE when the event was on no link. */
static gboolean read_click(GtkTextView* view, const GdkEvent* event, char** address, char** text) {
    gdouble x = 0;
    gdouble y = 0;
    gint buffer_x = 0;
    gint buffer_y = 0;
    GtkTextIter begin;
    if (event->any.window != gtk_text_view_get_window(view, GTK_TEXT_WINDOW_TEXT) ||
        !gdk_event_get_coords(event, &x, &y)) {
        return FALSE;
    }
    gtk_text_view_window_to_buffer_coords(view, GTK_TEXT_WINDOW_TEXT, (gint)x, (gint)y, &buffer_x,
                                          &buffer_y);
    gtk_text_view_get_iter_at_location(view, &begin, buffer_x, buffer_y);
    GtkTextTag* link = link_at(&begin);
    if (link == NULL) {
        return FALSE;
    }
    GtkTextIter end = begin;
    if (!gtk_text_iter_begins_tag(&begin, link)) {
        gtk_text_iter_backward_to_tag_toggle(&begin, link);
    }
    gtk_text_iter_forward_to_tag_toggle(&end, link);
    *address = g_strdup(g_object_get_data(G_OBJECT(link), ADDRESS_KEY));
    *text = gtk_text_iter_get_text(&begin, &end);
    return TRUE;
}

/* Pidgin hands a link on when it is idle: by then the click is history. */
static struct {
    char* address;
    char* text;
    PurpleConversation* conversation;
} last_click;
static gulong hook;

void otr_guard_forget_click(void) {
    g_free(last_click.address);
    g_free(last_click.text);
    last_click.address = NULL;
    last_click.text = NULL;
    last_click.conversation = NULL;
}

/* The first argument is the text's widget. */
static gboolean link_clicked(GSignalInvocationHint* hint, guint count, const GValue* arguments,
                             gpointer data) {
    (void)hint;
    (void)data;
    otr_guard_forget_click();
    GtkWidget* widget = count > 0 ? g_value_get_object(&arguments[0]) : NULL;
    const PidginConversation* pane = widget != NULL ? pane_of(widget) : NULL;
    GdkEvent* event = pane != NULL ? gtk_get_current_event() : NULL;
    if (event != NULL) {
        if (read_click(GTK_TEXT_VIEW(widget), event, &last_click.address, &last_click.text)) {
            last_click.conversation = pane->active_conv;
        }
        gdk_event_free(event);
    }
    return TRUE; /* and the next time */
}

static guint click_signal(void) {
    return g_signal_lookup("url_clicked", GTK_TYPE_IMHTML);
}

void otr_guard_watch_links(void) {
    g_type_class_unref(g_type_class_ref(GTK_TYPE_IMHTML)); /* its signals exist from then on */
    if (click_signal() != 0) {
        hook = g_signal_add_emission_hook(click_signal(), 0, link_clicked, NULL, NULL);
    }
}

void otr_guard_unwatch_links(void) {
    if (hook != 0) {
        g_signal_remove_emission_hook(click_signal(), hook);
        hook = 0;
    }
    otr_guard_forget_click();
}

PurpleConversation* otr_guard_clicked_link(const char* address, char** text) {
    PurpleConversation* conversation = NULL;
    *text = NULL;
    if (g_strcmp0(last_click.address, address) == 0) {
        conversation = last_click.conversation;
        *text = g_strdup(last_click.text);
    }
    otr_guard_forget_click();
    return conversation;
}

void otr_guard_copy_text(const char* text) {
    gtk_clipboard_set_text(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD), text, -1);
    gtk_clipboard_set_text(gtk_clipboard_get(GDK_SELECTION_PRIMARY), text, -1);
}
