// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The window of accounts' ways into the network and of what gives them away. Draws what
// NetworkModel says and hands every act of the user to its actions; decides nothing itself.

#include <functional>
#include <string>

#include <gtkmm/box.h>
#include <gtkmm/button.h>
#include <gtkmm/comboboxtext.h>
#include <gtkmm/entry.h>
#include <gtkmm/grid.h>
#include <gtkmm/label.h>
#include <gtkmm/liststore.h>
#include <gtkmm/treeview.h>
#include <gtkmm/window.h>

#include "windows/network_model.h"
#include "windows/notice_bar.h"

namespace otr_guard::windows {

class NetworkWindow : public Gtk::Window {
public:
    struct Actions {
        std::function<void(const model::AccountId&, const std::string& way)> require;
        std::function<void(const model::AccountId&)> new_identity;
        std::function<void(const model::AccountId&, const std::string& remedy)> mend;
        std::function<void()> closed;
    };

    explicit NetworkWindow(Actions actions);

    [[nodiscard]] NetworkModel& model() { return m_model; }
    /// After any change of the model. What the user is typing stays.
    void refresh();
    /// What was done, or why not.
    void say(const std::string& text);

protected:
    bool on_key_press_event(GdkEventKey* event) override;
    void on_hide() override;

private:
    void build_list(Gtk::Box& row);
    void build_details(Gtk::Box& row);
    void build_way(Gtk::Box& details);
    void fill_list();
    void show_account();
    void show_way();
    void show_rows();
    void add_row(const ipc::CheckRow& row, int place);
    void way_chosen();
    void save();

    Actions m_actions;
    NetworkModel m_model;
    bool m_is_filling = false;
    /// Whose way the fields show, as it was then.
    ipc::NetworkAccount m_shown;

    Gtk::TreeModelColumn<Glib::ustring> m_label;
    Gtk::TreeModelColumn<Glib::ustring> m_state;
    Gtk::TreeModelColumn<guint> m_place; ///< in the model
    Glib::RefPtr<Gtk::ListStore> m_store;
    Gtk::Box m_top;
    NoticeBar m_bar;
    Gtk::TreeView m_list;
    Gtk::Label m_heading;
    Gtk::ComboBoxText m_way;
    Gtk::Box m_proxy;
    Gtk::Entry m_host;
    Gtk::Entry m_port;
    Gtk::Button* m_save = nullptr;
    Gtk::Button* m_new_identity = nullptr;
    Gtk::Grid m_rows;
};

} // namespace otr_guard::windows
