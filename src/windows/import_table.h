// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A table of codes that may be imported, each with a box to choose it.

#include <functional>
#include <vector>

#include <gtkmm/liststore.h>
#include <gtkmm/scrolledwindow.h>
#include <gtkmm/treeview.h>

#include "ipc/key_codec.h"

namespace otr_guard::windows {

class ImportTable : public Gtk::ScrolledWindow {
public:
    /// `changed`: the user has chosen another way.
    explicit ImportTable(std::function<void()> changed);

    void show_keys(std::vector<ipc::ImportableKey> keys);
    /// Their places in what was shown.
    [[nodiscard]] std::vector<guint32> chosen() const;
    [[nodiscard]] std::size_t chosen_count() const { return m_chosen_count; }
    void choose_all(bool is_chosen);

private:
    using ShowText = std::string (*)(const ipc::ImportableKey&);

    void add_fixed(Gtk::TreeViewColumn& column, int width);
    void add_column(const std::string& title, int width, ShowText text_of);
    void toggle(const Gtk::TreePath& path);

    std::function<void()> m_changed;
    std::vector<ipc::ImportableKey> m_keys;
    std::size_t m_chosen_count = 0;
    Gtk::TreeModelColumn<bool> m_is_chosen;
    Gtk::TreeModelColumn<guint> m_place;
    Glib::RefPtr<Gtk::ListStore> m_store;
    Gtk::TreeView m_table;
};

} // namespace otr_guard::windows
