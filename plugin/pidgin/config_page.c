/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_page.h"

#include <gtkpluginpref.h>

/* In pixels. */
#define SPACING 12
#define FRAME_WIDTH 64   /* what Pidgin has around the page: margins and a scroll bar */
#define FRAME_HEIGHT 110 /* and a row of buttons */

static void free_frame(GtkWidget* page, gpointer frame) {
    (void)page;
    purple_plugin_pref_frame_destroy(frame);
}

static void free_action(gpointer action, GClosure* closure) {
    (void)closure;
    purple_plugin_action_free(action);
}

static void run_action(GtkWidget* button, gpointer data) {
    (void)button;
    PurplePluginAction* action = data;
    action->callback(action);
}

/* What is in the Tools menu as well: here it is found by those who look for it. */
static GtkWidget* make_buttons(PurplePlugin* plugin) {
    GtkWidget* column = gtk_vbox_new(TRUE, SPACING / 2);
    gtk_container_set_border_width(GTK_CONTAINER(column), SPACING / 2);
    GList* actions = plugin->info->actions(plugin, NULL);
    for (GList* item = actions; item != NULL; item = item->next) {
        PurplePluginAction* action = item->data;
        action->plugin = plugin;
        GtkWidget* button = gtk_button_new_with_label(action->label);
        g_signal_connect_data(button, "clicked", G_CALLBACK(run_action), action, free_action, 0);
        gtk_box_pack_start(GTK_BOX(column), button, FALSE, FALSE, 0);
    }
    g_list_free(actions);
    /* As wide as the longest, beside each other they are too wide in most languages. */
    GtkWidget* row = gtk_hbox_new(FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), column, FALSE, FALSE, 0);
    return row;
}

/* Pidgin puts pages into 400 by 400 pixels and lets them be scrolled, sideways too. */
static void fit_window(GtkWidget* page, gpointer data) {
    (void)data;
    GtkWidget* window = gtk_widget_get_toplevel(page);
    GtkRequisition wanted;
    gint width = 0;
    gint height = 0;
    gtk_widget_size_request(page, &wanted);
    gtk_window_get_size(GTK_WINDOW(window), &width, &height);
    GdkScreen* screen = gtk_widget_get_screen(page);
    const gint widest = gdk_screen_get_width(screen) * 9 / 10;
    const gint highest = gdk_screen_get_height(screen) * 8 / 10;
    gtk_window_resize(GTK_WINDOW(window), CLAMP(wanted.width + FRAME_WIDTH, width, widest),
                      CLAMP(wanted.height + FRAME_HEIGHT, height, highest));
}

static GtkWidget* config_page(PurplePlugin* plugin) {
    PurplePluginPrefFrame* frame = plugin->info->prefs_info->get_plugin_pref_frame(plugin);
    GtkWidget* page = gtk_vbox_new(FALSE, 0);
    gtk_box_pack_start(GTK_BOX(page), make_buttons(plugin), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(page), pidgin_plugin_pref_create_frame(frame), TRUE, TRUE, 0);
    g_signal_connect(page, "destroy", G_CALLBACK(free_frame), frame);
    g_signal_connect(page, "map", G_CALLBACK(fit_window), NULL);
    gtk_widget_show_all(page);
    return page;
}

PidginPluginUiInfo config_page_info = {.get_config_frame = config_page};
