// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The window of files on their way and of what is shared through OnionShare. Draws what FilesModel
// says and hands every act of the user to its actions. Opens a folder, never a file.

#include <functional>
#include <string>

#include <gtkmm/box.h>
#include <gtkmm/button.h>
#include <gtkmm/label.h>
#include <gtkmm/liststore.h>
#include <gtkmm/treeview.h>
#include <gtkmm/window.h>

#include "windows/files_model.h"
#include "windows/notice_bar.h"

namespace otr_guard::windows {

class FilesWindow : public Gtk::Window {
public:
    struct Actions {
        std::function<void(const ipc::Transfer&)> accept;
        /// Declines or stops it.
        std::function<void(const ipc::Transfer&)> cancel;
        std::function<void()> closed;
    };

    explicit FilesWindow(Actions actions);

    /// For a window that comes up.
    void show_all_anew(std::vector<ipc::Transfer> transfers);
    /// What the user has chosen stays.
    void update(std::vector<ipc::Transfer> transfers);
    /// Why nothing was done.
    void say(const std::string& text);

protected:
    bool on_key_press_event(GdkEventKey* event) override;
    void on_hide() override;

private:
    using ShowText = std::string (*)(const ipc::Transfer&);

    void build_table();
    void add_column(const std::string& title, int width, ShowText text_of);
    void add_progress();
    void build_details();
    void build_buttons();
    void fill();
    void show_chosen();
    [[nodiscard]] const ipc::Transfer& row(const Gtk::TreeIter& row) const;
    void act_on_chosen(bool (*is_possible)(const ipc::Transfer&),
                       const std::function<void(const ipc::Transfer&)>& act);
    void open_folder();

    Actions m_actions;
    FilesModel m_model;
    bool m_is_filling = false;

    Gtk::TreeModelColumn<guint> m_place; ///< in the model
    Glib::RefPtr<Gtk::ListStore> m_store;
    Gtk::Box m_top;
    NoticeBar m_bar;
    Gtk::TreeView m_table;
    Gtk::Label m_nothing;
    Gtk::Label m_heading;
    Gtk::Label m_details;
    Gtk::Button* m_accept = nullptr;
    Gtk::Button* m_decline = nullptr;
    Gtk::Button* m_stop = nullptr;
    Gtk::Button* m_open = nullptr;
};

} // namespace otr_guard::windows
