/* SPDX-FileCopyrightText: OTR Guard contributors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "padlock.h"

#define LOOK_KEY "otr-guard-look"

typedef struct {
    double red, green, blue;
} Colour;

/* Each has a contrast of at least 4.5 to 1 with the background that it is meant for. */
static const Colour on_light[] = {
    [OTR_GUARD_LOOK_NOT_PRIVATE] = {0.37, 0.37, 0.37},
    [OTR_GUARD_LOOK_UNVERIFIED] = {0.66, 0.36, 0.00},
    [OTR_GUARD_LOOK_PRIVATE] = {0.05, 0.45, 0.17},
    [OTR_GUARD_LOOK_FINISHED] = {0.70, 0.11, 0.11},
};
static const Colour on_dark[] = {
    [OTR_GUARD_LOOK_NOT_PRIVATE] = {0.72, 0.72, 0.72},
    [OTR_GUARD_LOOK_UNVERIFIED] = {1.00, 0.72, 0.30},
    [OTR_GUARD_LOOK_PRIVATE] = {0.45, 0.85, 0.55},
    [OTR_GUARD_LOOK_FINISHED] = {1.00, 0.55, 0.52},
};

static gboolean is_dark(const GtkStyle* style) {
    const GdkColor* colour = &style->bg[GTK_STATE_NORMAL];
    return 0.30 * colour->red + 0.59 * colour->green + 0.11 * colour->blue < 0.5 * G_MAXUINT16;
}

/* The coordinates below are those of a square of 16 by 16. */
static void draw_shackle(cairo_t* cairo, gboolean is_open) {
    const double right = is_open ? 3.0 : 0.0; /* an open one stands to the side */
    cairo_set_line_width(cairo, 1.8);
    cairo_move_to(cairo, 4.8 + right, 8);
    cairo_line_to(cairo, 4.8 + right, 5);
    cairo_arc(cairo, 8.0 + right, 5, 3.2, G_PI, is_open ? 1.85 * G_PI : 2 * G_PI);
    if (!is_open) {
        cairo_line_to(cairo, 11.2, 8);
    }
    cairo_stroke(cairo);
}

static void draw_sign(cairo_t* cairo, OtrGuardLook look) {
    cairo_set_line_width(cairo, 1.5);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    switch (look) {
    case OTR_GUARD_LOOK_PRIVATE: /* a tick */
        cairo_move_to(cairo, 5.6, 11.2);
        cairo_line_to(cairo, 7.3, 12.9);
        cairo_line_to(cairo, 10.4, 9.4);
        break;
    case OTR_GUARD_LOOK_UNVERIFIED: /* an exclamation mark */
        cairo_move_to(cairo, 8, 9.2);
        cairo_line_to(cairo, 8, 11.2);
        cairo_move_to(cairo, 8, 13.2);
        cairo_line_to(cairo, 8, 13.2);
        break;
    case OTR_GUARD_LOOK_FINISHED: /* a cross */
        cairo_move_to(cairo, 6.2, 9.4);
        cairo_line_to(cairo, 9.8, 13);
        cairo_move_to(cairo, 9.8, 9.4);
        cairo_line_to(cairo, 6.2, 13);
        break;
    case OTR_GUARD_LOOK_NOT_PRIVATE:
        break;
    }
    cairo_stroke(cairo);
}

static gboolean draw(GtkWidget* padlock, GdkEventExpose* event, gpointer data) {
    (void)data;
    const OtrGuardLook look =
        (OtrGuardLook)GPOINTER_TO_INT(g_object_get_data(G_OBJECT(padlock), LOOK_KEY));
    GtkAllocation place;
    gtk_widget_get_allocation(padlock, &place);
    const int side = MIN(place.width, place.height);
    const GtkStyle* style = gtk_widget_get_style(padlock);
    const Colour* colour = is_dark(style) ? &on_dark[look] : &on_light[look];
    const GdkColor* paper = &style->bg[GTK_STATE_NORMAL];
    const gboolean is_open = look == OTR_GUARD_LOOK_NOT_PRIVATE || look == OTR_GUARD_LOOK_FINISHED;

    const int left = place.x + (place.width - side) / 2;
    const int top = place.y + (place.height - side) / 2;
    cairo_t* cairo = gdk_cairo_create(gtk_widget_get_window(padlock));
    gdk_cairo_region(cairo, event->region);
    cairo_clip(cairo);
    cairo_translate(cairo, left, top);
    cairo_scale(cairo, side / 16.0, side / 16.0);
    cairo_set_source_rgb(cairo, colour->red, colour->green, colour->blue);
    draw_shackle(cairo, is_open);
    cairo_rectangle(cairo, 2.5, 7.5, 11, 7.5);
    cairo_fill(cairo);
    gdk_cairo_set_source_color(cairo, paper);
    draw_sign(cairo, look);
    cairo_destroy(cairo);
    return FALSE;
}

static void measure(GtkWidget* padlock, GtkRequisition* size, gpointer data) {
    (void)data;
    PangoLayout* layout = gtk_widget_create_pango_layout(padlock, "X");
    int height = 0;
    pango_layout_get_pixel_size(layout, NULL, &height);
    g_object_unref(layout);
    size->width = size->height = height;
}

GtkWidget* otr_guard_padlock_new(void) {
    GtkWidget* padlock = gtk_label_new(NULL); /* has no window and no child, and is no control */
    g_signal_connect(padlock, "expose-event", G_CALLBACK(draw), NULL);
    g_signal_connect(padlock, "size-request", G_CALLBACK(measure), NULL);
    return padlock;
}

void otr_guard_padlock_set(GtkWidget* padlock, OtrGuardLook look, const char* name) {
    g_object_set_data(G_OBJECT(padlock), LOOK_KEY, GINT_TO_POINTER((int)look));
    atk_object_set_name(gtk_widget_get_accessible(padlock), name);
    gtk_widget_queue_draw(padlock);
}
