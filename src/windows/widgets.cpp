// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/widgets.h"

#include <glibmm/datetime.h>
#include <gtkmm/cssprovider.h>
#include <gtkmm/stylecontext.h>
#include <pangomm/attributes.h>
#include <pangomm/attrlist.h>

namespace otr_guard::windows {

namespace {

/// White on this red has a contrast of 6.5 to 1, in light and in dark themes.
constexpr const char* styles = R"(
infobar.blocked > revealer > box { background-color: #c01c28; }
infobar.blocked label { color: #ffffff; }
image.blocked { color: @error_color; }
image.good { color: @success_color; }
)";

} // namespace

void load_styles() {
    const auto provider = Gtk::CssProvider::create();
    provider->load_from_data(styles);
    Gtk::StyleContext::add_provider_for_screen(Gdk::Screen::get_default(), provider,
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

void set_style_class(Gtk::Widget& widget, const char* name, bool has_it) {
    const auto context = widget.get_style_context();
    if (has_it) {
        context->add_class(name);
    } else {
        context->remove_class(name);
    }
}

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

void make_small(Gtk::Label& label) {
    Pango::AttrList small;
    auto scale = Pango::Attribute::create_attr_scale(PANGO_SCALE_SMALL);
    small.insert(scale);
    label.set_attributes(small);
    label.get_style_context()->add_class("dim-label");
}

util::SecretString take_secret(Gtk::Entry& entry) {
    util::SecretString text{std::string_view(gtk_entry_get_text(entry.gobj()))};
    entry.set_text("");
    return text;
}

Gtk::Button& add_button(Gtk::Box& row, const Glib::ustring& label,
                        const std::function<void()>& act) {
    auto* button = Gtk::make_managed<Gtk::Button>(label, true);
    button->signal_clicked().connect(act);
    row.pack_start(*button, Gtk::PACK_SHRINK);
    return *button;
}

std::string day_of(std::int64_t seconds) {
    const auto time = Glib::DateTime::create_now_local(static_cast<gint64>(seconds));
    return seconds != 0 && time ? time.format("%Y-%m-%d").raw() : std::string();
}

} // namespace otr_guard::windows
