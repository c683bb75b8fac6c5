// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/widgets.h"

#include <glibmm/datetime.h>
#include <gtkmm/stylecontext.h>
#include <pangomm/attributes.h>
#include <pangomm/attrlist.h>

#include "model/fingerprint.h"

namespace otr_guard::windows {

void make_text(Gtk::Label& label) {
    label.set_line_wrap(true);
    label.set_max_width_chars(text_width);
    label.set_xalign(0);
}

void make_heading(Gtk::Label& label) {
    label.set_xalign(0);
    label.set_line_wrap(true);
    Pango::AttrList bold;
    auto weight = Pango::Attribute::create_attr_weight(Pango::WEIGHT_BOLD);
    auto scale = Pango::Attribute::create_attr_scale(PANGO_SCALE_LARGE);
    bold.insert(weight);
    bold.insert(scale);
    label.set_attributes(bold);
}

void make_code(Gtk::Label& label, const std::string& name) {
    make_text(label);
    label.set_selectable(true);
    label.get_style_context()->add_class("monospace");
    label.get_accessible()->set_name(name);
}

Gtk::Button& add_button(Gtk::Box& row, const Glib::ustring& label,
                        const std::function<void()>& act) {
    auto* button = Gtk::make_managed<Gtk::Button>(label, true);
    button->signal_clicked().connect(act);
    row.pack_start(*button, Gtk::PACK_SHRINK);
    return *button;
}

std::string groups_of(std::string_view hex) {
    const auto key = model::Fingerprint::from_hex(hex);
    return key ? key->to_groups() : std::string();
}

std::string day_of(std::int64_t seconds) {
    const auto time = Glib::DateTime::create_now_local(static_cast<gint64>(seconds));
    return seconds != 0 && time ? time.format("%Y-%m-%d").raw() : std::string();
}

} // namespace otr_guard::windows
