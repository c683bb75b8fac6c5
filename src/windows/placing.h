// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Where a window comes up: in front of the client's window that it belongs to, with the keyboard
// only when the user has asked for it.

#include <glib.h>
#include <gtkmm/window.h>

namespace otr_guard::windows {

/// `parent` is an X window of another program, 0 for none. Before the window is first shown.
void belong_to(Gtk::Window& window, guint64 parent);

/// `time` is the X time of the user's act; 0, when there was none, leaves the keyboard alone.
void bring_up(Gtk::Window& window, guint32 time);

} // namespace otr_guard::windows
