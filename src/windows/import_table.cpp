// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/import_table.h"

#include <utility>

#include <gtkmm/cellrenderertext.h>
#include <gtkmm/cellrenderertoggle.h>

#include "util/i18n.h"
#include "windows/code_texts.h"

namespace otr_guard::windows {

using util::tr;

ImportTable::ImportTable(std::function<void()> changed) : m_changed(std::move(changed)) {
    Gtk::TreeModelColumnRecord columns;
    columns.add(m_is_chosen);
    columns.add(m_place);
    m_store = Gtk::ListStore::create(columns);
    auto* check = Gtk::make_managed<Gtk::CellRendererToggle>();
    check->signal_toggled().connect(
        [this](const Glib::ustring& path) { toggle(Gtk::TreePath(path)); });
    auto* first = Gtk::make_managed<Gtk::TreeViewColumn>(tr("Import"), *check);
    first->add_attribute(check->property_active(), m_is_chosen);
    add_fixed(*first, 80);
    add_column(tr("Name"), 150, [](const ipc::ImportableKey& key) { return key.name; });
    add_column(tr("What changes"), 280, [](const ipc::ImportableKey& key) { return key.effect; });
    add_column(tr("Your account"), 190, [](const ipc::ImportableKey& key) { return key.account; });
    add_column(tr("Code (fingerprint)"), 390,
               [](const ipc::ImportableKey& key) { return groups_of(key.key); });
    m_table.set_fixed_height_mode(true); // of a list of 100,000 only what is seen is looked at
    m_table.set_model(m_store);
    m_table.get_accessible()->set_name(tr("Codes in the file"));
    set_shadow_type(Gtk::SHADOW_IN);
    add(m_table);
}

void ImportTable::add_fixed(Gtk::TreeViewColumn& column, int width) {
    column.set_sizing(Gtk::TREE_VIEW_COLUMN_FIXED);
    column.set_fixed_width(width);
    column.set_resizable(true);
    m_table.append_column(column);
}

void ImportTable::add_column(const std::string& title, int width, ShowText text_of) {
    auto* text = Gtk::make_managed<Gtk::CellRendererText>();
    text->property_ellipsize() = Pango::ELLIPSIZE_END;
    auto* column = Gtk::make_managed<Gtk::TreeViewColumn>(title, *text);
    column->set_cell_data_func(*text,
                               [this, text, text_of](Gtk::CellRenderer*, const Gtk::TreeIter& at) {
                                   text->property_text() = text_of(m_keys.at((*at)[m_place]));
                               });
    add_fixed(*column, width);
}

void ImportTable::show_keys(std::vector<ipc::ImportableKey> keys) {
    m_table.unset_model();
    m_store->clear();
    m_keys = std::move(keys);
    m_chosen_count = 0;
    for (guint place = 0; place < m_keys.size(); ++place) {
        const auto row = m_store->append();
        row->set_value(m_is_chosen, m_keys[place].is_chosen);
        row->set_value(m_place, place);
        m_chosen_count += m_keys[place].is_chosen ? 1U : 0U;
    }
    m_table.set_model(m_store);
}

void ImportTable::toggle(const Gtk::TreePath& path) {
    const auto row = m_store->get_iter(path);
    if (row) {
        const bool is_chosen = !row->get_value(m_is_chosen);
        row->set_value(m_is_chosen, is_chosen);
        is_chosen ? ++m_chosen_count : --m_chosen_count;
        m_changed();
    }
}

void ImportTable::choose_all(bool is_chosen) {
    m_table.unset_model();
    for (const Gtk::TreeIter& row : m_store->children()) {
        row->set_value(m_is_chosen, is_chosen);
    }
    m_table.set_model(m_store);
    m_chosen_count = is_chosen ? m_keys.size() : 0;
    m_changed();
}

std::vector<guint32> ImportTable::chosen() const {
    std::vector<guint32> places;
    for (const Gtk::TreeIter& row : m_store->children()) {
        if (row->get_value(m_is_chosen)) {
            places.push_back(row->get_value(m_place));
        }
    }
    return places;
}

} // namespace otr_guard::windows
