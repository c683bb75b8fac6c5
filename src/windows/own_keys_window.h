// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The window with the user's own keys. Draws what OwnKeysModel says and hands every act of the user
// to its actions; decides nothing itself.

#include <functional>
#include <memory>
#include <string>

#include <gtkmm/box.h>
#include <gtkmm/button.h>
#include <gtkmm/label.h>
#include <gtkmm/liststore.h>
#include <gtkmm/messagedialog.h>
#include <gtkmm/treeview.h>
#include <gtkmm/window.h>

#include "windows/notice_bar.h"
#include "windows/own_keys_model.h"
#include "windows/qr_view.h"

namespace otr_guard::windows {

class OwnKeysWindow : public Gtk::Window {
public:
    /// What the user does, with the key as they saw it.
    struct Actions {
        std::function<void(const ipc::OwnKey&)> make;
        std::function<void(const ipc::OwnKey&)> remove;
        std::function<void(const ipc::OwnKey&)> seal;
        std::function<void()> import;
        std::function<void(const ipc::OwnKey&)> save_card;
        std::function<void()> closed;
    };

    explicit OwnKeysWindow(Actions actions);

    [[nodiscard]] OwnKeysModel& model() { return m_model; }
    /// After any change of the model.
    void refresh();
    /// What was done, or why not, in a sentence.
    void say(const std::string& text);

protected:
    bool on_key_press_event(GdkEventKey* event) override;
    void on_hide() override;

private:
    void build_list(Gtk::Box& row);
    void build_details(Gtk::Box& row);
    void build_buttons();
    void fill_list();
    void show_details();
    void make_key();
    void delete_key();
    /// `act` when the user agrees.
    void ask(const std::string& question, const std::string& warning, const std::string& yes,
             const std::function<void()>& act);

    Actions m_actions;
    OwnKeysModel m_model;
    bool m_is_filling = false;

    Gtk::TreeModelColumn<Glib::ustring> m_label;
    Gtk::TreeModelColumn<Glib::ustring> m_state;
    Gtk::TreeModelColumn<guint> m_place; ///< in the model
    Glib::RefPtr<Gtk::ListStore> m_store;
    Gtk::Box m_top;
    NoticeBar m_bar;
    Gtk::TreeView m_list;
    Gtk::Label m_heading;
    Gtk::Label m_advice;
    Gtk::Label m_code;
    Gtk::Label m_words;
    Gtk::Label m_story;
    QrView m_qr;
    Gtk::Button* m_copy = nullptr;
    Gtk::Button* m_copy_link = nullptr;
    Gtk::Button* m_card = nullptr;
    Gtk::Button* m_make = nullptr;
    Gtk::Button* m_seal = nullptr;
    Gtk::Button* m_delete = nullptr;
    std::unique_ptr<Gtk::MessageDialog> m_dialog;
};

} // namespace otr_guard::windows
