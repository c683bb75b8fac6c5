/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_page.h"

#include <gtkpluginpref.h>

#define SPACING 12 /* pixels */

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
    GtkWidget* row = gtk_hbox_new(FALSE, SPACING / 2);
    gtk_container_set_border_width(GTK_CONTAINER(row), SPACING / 2);
    GList* actions = plugin->info->actions(plugin, NULL);
    for (GList* item = actions; item != NULL; item = item->next) {
        PurplePluginAction* action = item->data;
        action->plugin = plugin;
        GtkWidget* button = gtk_button_new_with_label(action->label);
        g_signal_connect_data(button, "clicked", G_CALLBACK(run_action), action, free_action, 0);
        gtk_box_pack_start(GTK_BOX(row), button, FALSE, FALSE, 0);
    }
    g_list_free(actions);
    return row;
}

static GtkWidget* config_page(PurplePlugin* plugin) {
    PurplePluginPrefFrame* frame = plugin->info->prefs_info->get_plugin_pref_frame(plugin);
    GtkWidget* page = gtk_vbox_new(FALSE, 0);
    gtk_box_pack_start(GTK_BOX(page), make_buttons(plugin), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(page), pidgin_plugin_pref_create_frame(frame), TRUE, TRUE, 0);
    g_signal_connect(page, "destroy", G_CALLBACK(free_frame), frame);
    gtk_widget_show_all(page);
    return page;
}

PidginPluginUiInfo config_page_info = {.get_config_frame = config_page};
