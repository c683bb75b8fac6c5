// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The window with everybody's keys. Draws what KnownKeysModel says and hands every act of the user
// to its actions; decides nothing itself.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtkmm/box.h>
#include <gtkmm/button.h>
#include <gtkmm/comboboxtext.h>
#include <gtkmm/dialog.h>
#include <gtkmm/label.h>
#include <gtkmm/liststore.h>
#include <gtkmm/searchentry.h>
#include <gtkmm/treeview.h>
#include <gtkmm/window.h>

#include "windows/known_keys_model.h"
#include "windows/notice_bar.h"

namespace otr_guard::windows {

class KnownKeysWindow : public Gtk::Window {
public:
    using Names = std::vector<ipc::KeyName>;
    /// What the user does.
    struct Actions {
        std::function<void(const ipc::KeyName&)> describe; ///< answered with show_words
        std::function<void(const ipc::KeyName&)> verify;
        std::function<void(const Names&, bool is_verified)> set_verified;
        std::function<void(const Names&)> forget;
        std::function<void(unsigned undo)> undo;
        std::function<void(const Names&)> export_keys;
        std::function<void()> import_keys;
        std::function<void()> import_from_program;
        std::function<void()> closed;
    };

    explicit KnownKeysWindow(Actions actions);

    [[nodiscard]] KnownKeysModel& model() { return m_model; }
    /// After any change of the model.
    void refresh();
    /// What was done, in a sentence; `undo` takes it back, 0 for nothing to take back.
    void say(const std::string& text, unsigned undo);
    void show_words(const ipc::KeyName& name, const std::string& words);

protected:
    bool on_key_press_event(GdkEventKey* event) override;
    void on_hide() override;

private:
    using Column = KnownKeysModel::Column;
    using ShowText = std::string (*)(const ipc::KnownKey&);

    void build_top();
    void build_table();
    void add_column(Column kind, const std::string& title, int width, ShowText text_of);
    void add_icons();
    void build_details();
    void build_buttons();
    void sort_by(Column column);
    void fill();
    void selection_changed();
    void show_details();
    [[nodiscard]] const ipc::KnownKey& row(const Gtk::TreeIter& row) const;
    /// Those that are selected and shown, in no particular order.
    [[nodiscard]] Names selected() const;
    void verify_one();
    /// `act` when the user agrees.
    void ask(const std::string& question, const std::string& details, const std::string& yes,
             const std::function<void()>& act);

    Actions m_actions;
    KnownKeysModel m_model;
    std::set<ipc::KeyName> m_selected;
    bool m_is_filling = false;
    Column m_sorted = Column::Name;
    std::map<Column, Gtk::TreeViewColumn*> m_columns;
    bool m_is_descending = false;
    unsigned m_undo = 0;

    Gtk::TreeModelColumn<guint> m_place; ///< in what the model shows
    Glib::RefPtr<Gtk::ListStore> m_store;
    Gtk::Box m_top;
    Gtk::SearchEntry m_search;
    Gtk::ComboBoxText m_filter;
    NoticeBar m_bar;
    Gtk::Button* m_undo_button = nullptr;
    Gtk::TreeView m_table;
    Gtk::Label m_count;
    Gtk::Box m_details;
    Gtk::Label m_heading;
    Gtk::Label m_warning;
    Gtk::Label m_code;
    Gtk::Label m_words;
    Gtk::Label m_history;
    Gtk::Button* m_verify = nullptr;
    Gtk::Button* m_revoke = nullptr;
    Gtk::Button* m_forget = nullptr;
    Gtk::Button* m_copy = nullptr;
    std::unique_ptr<Gtk::Dialog> m_dialog;
};

} // namespace otr_guard::windows
