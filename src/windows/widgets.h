// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the windows are put together from, so that they look and read alike.

#include <functional>
#include <string>

#include <gtkmm/box.h>
#include <gtkmm/button.h>
#include <gtkmm/entry.h>
#include <gtkmm/label.h>
#include <gtkmm/widget.h>

#include "util/secret.h"

namespace otr_guard::windows {

inline constexpr int spacing = 12;    ///< pixels
inline constexpr int text_width = 56; ///< characters

/// What themes do not have: a bar that is red beyond doubt, and icons in the colour of what they
/// say. Once, before the first window; needs a display.
void load_styles();
/// Gives the widget the style class, or takes it away.
void set_style_class(Gtk::Widget& widget, const char* name, bool has_it);

/// A paragraph.
void make_text(Gtk::Label& label);
void make_heading(Gtk::Label& label);
/// Digits or words to compare: to select, and spoken under `name`.
void make_code(Gtk::Label& label, const std::string& name);

/// A remark below what matters.
void make_small(Gtk::Label& label);
/// What was typed into a field, which is emptied.
[[nodiscard]] util::SecretString take_secret(Gtk::Entry& entry);

/// At the end of `row`; the row owns it.
Gtk::Button& add_button(Gtk::Box& row, const Glib::ustring& label,
                        const std::function<void()>& act);

/// The day in the local time zone, as 2026-05-03; empty for 0.
[[nodiscard]] std::string day_of(std::int64_t seconds);

} // namespace otr_guard::windows
