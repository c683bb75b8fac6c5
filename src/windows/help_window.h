// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The help pages, which come with the program: no browser and no network is needed to read them.

#include <memory>
#include <string>

#include <gtkmm/box.h>
#include <gtkmm/button.h>
#include <gtkmm/label.h>
#include <gtkmm/scrolledwindow.h>
#include <gtkmm/window.h>

namespace otr_guard::windows {

class HelpWindow : public Gtk::Window {
public:
    explicit HelpWindow(const std::string& page);

private:
    void show_page(const std::string& page);
    bool on_key_press_event(GdkEventKey* event) override;

    Gtk::ScrolledWindow m_frame;
    Gtk::Label m_text;
};

/// Opens a page; the window belongs to the button, and comes up in front of the button's window.
class HelpButton : public Gtk::Button {
public:
    explicit HelpButton(std::string page);

private:
    void on_clicked() override;

    std::string m_page;
    std::unique_ptr<HelpWindow> m_window;
};

/// At the end of `row`, which owns it.
void add_help_button(Gtk::Box& row, const std::string& page);

} // namespace otr_guard::windows
