// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/placing.h"

#include <gdk/gdkx.h>

#include "ipc/gobject_ptr.h"

namespace otr_guard::windows {

void belong_to(Gtk::Window& window, guint64 parent) {
    gtk_widget_realize(GTK_WIDGET(window.gobj()));
    GdkDisplay* display = gdk_display_get_default();
    if (parent == 0 || !GDK_IS_X11_DISPLAY(display)) {
        return;
    }
    const ipc::GObjectPtr<GdkWindow> owner(
        gdk_x11_window_foreign_new_for_display(display, static_cast<Window>(parent)));
    if (owner != nullptr) {
        gdk_window_set_transient_for(window.get_window()->gobj(), owner.get());
    }
}

void bring_up(Gtk::Window& window, guint32 time) {
    window.set_focus_on_map(time != 0);
    if (time != 0) {
        window.present(time);
    } else {
        window.show();
    }
}

} // namespace otr_guard::windows
