// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the windows are put together from, so that they look and read alike.

#include <functional>
#include <string>
#include <string_view>

#include <gtkmm/box.h>
#include <gtkmm/button.h>
#include <gtkmm/label.h>
#include <gtkmm/widget.h>

namespace otr_guard::windows {

inline constexpr int spacing = 12;    ///< pixels
inline constexpr int text_width = 56; ///< characters

/// A paragraph.
void make_text(Gtk::Label& label);
void make_heading(Gtk::Label& label);
/// Digits or words to compare: to select, and spoken under `name`.
void make_code(Gtk::Label& label, const std::string& name);

/// At the end of `row`; the row owns it.
Gtk::Button& add_button(Gtk::Box& row, const Glib::ustring& label,
                        const std::function<void()>& act);

/// A key as people read it; empty when it is not one.
[[nodiscard]] std::string groups_of(std::string_view hex);
/// The day in the local time zone, as 2026-05-03; empty for 0.
[[nodiscard]] std::string day_of(std::int64_t seconds);

} // namespace otr_guard::windows
