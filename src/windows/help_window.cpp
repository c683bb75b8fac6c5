// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/help_window.h"

#include <utility>

#include <gtkmm/adjustment.h>

#include "util/help.h"
#include "util/i18n.h"
#include "util/parts.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using util::tr;

namespace {

constexpr int width = 560; // pixels
constexpr int height = 600;

} // namespace

HelpWindow::HelpWindow(const std::string& page) {
    set_title(tr("OTR Guard: help"));
    set_default_size(width, height);
    make_text(m_text);
    m_text.set_selectable(true);
    m_text.set_yalign(0);
    m_text.set_margin_start(spacing);
    m_text.set_margin_end(spacing);
    m_text.set_margin_top(spacing);
    m_text.set_margin_bottom(spacing);
    m_text.signal_activate_link().connect(
        [this](const Glib::ustring& link) {
            show_page(link.raw().substr(0, link.raw().find('.')));
            return true;
        },
        false);
    m_frame.set_policy(Gtk::POLICY_NEVER, Gtk::POLICY_AUTOMATIC);
    m_frame.add(m_text);
    add(m_frame);
    m_frame.show_all();
    // With the keyboard in the text, GTK would select all of it.
    m_frame.set_can_focus(true);
    m_frame.grab_focus();
    show_page(page);
}

void HelpWindow::show_page(const std::string& page) {
    const std::string html = util::read_help(util::find_part("help", OTR_GUARD_DATA_DIR "/help"),
                                             page, util::help_languages());
    if (html.empty()) {
        m_text.set_text(tr("This page of the help is not installed."));
    } else {
        m_text.set_markup(util::help_for_gtk(util::help_blocks(html)));
    }
    m_frame.get_vadjustment()->set_value(0);
}

bool HelpWindow::on_key_press_event(GdkEventKey* event) {
    if (event->keyval == GDK_KEY_Escape) {
        hide();
        return true;
    }
    return Gtk::Window::on_key_press_event(event);
}

HelpButton::HelpButton(std::string page)
    : Gtk::Button(tr("_Help"), true), m_page(std::move(page)) {}

void HelpButton::on_clicked() {
    m_window = std::make_unique<HelpWindow>(m_page);
    if (auto* window = dynamic_cast<Gtk::Window*>(get_toplevel())) {
        m_window->set_transient_for(*window);
    }
    m_window->present(gtk_get_current_event_time());
}

void add_help_button(Gtk::Box& row, const std::string& page) {
    auto* button = Gtk::make_managed<HelpButton>(page);
    row.pack_start(*button, Gtk::PACK_SHRINK);
}

} // namespace otr_guard::windows
