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
    const int first = m_table.append_column(tr("Import"), *check);
    m_table.get_column(first - 1)->add_attribute(check->property_active(), m_is_chosen);
    add_column(tr("Name"), [](const ipc::ImportableKey& key) { return key.name; });
    add_column(tr("What changes"), [](const ipc::ImportableKey& key) { return key.effect; });
    add_column(tr("Your account"), [](const ipc::ImportableKey& key) { return key.account; });
    add_column(tr("Code (fingerprint)"),
               [](const ipc::ImportableKey& key) { return groups_of(key.key); });
    m_table.set_model(m_store);
    m_table.get_accessible()->set_name(tr("Codes in the file"));
    set_shadow_type(Gtk::SHADOW_IN);
    add(m_table);
}

void ImportTable::add_column(const std::string& title, ShowText text_of) {
    auto* text = Gtk::make_managed<Gtk::CellRendererText>();
    const int number = m_table.append_column(title, *text);
    Gtk::TreeViewColumn* column = m_table.get_column(number - 1);
    column->set_resizable(true);
    column->set_cell_data_func(*text,
                               [this, text, text_of](Gtk::CellRenderer*, const Gtk::TreeIter& at) {
                                   text->property_text() = text_of(m_keys.at((*at)[m_place]));
                               });
}

void ImportTable::show_keys(std::vector<ipc::ImportableKey> keys) {
    m_table.unset_model();
    m_store->clear();
    m_keys = std::move(keys);
    for (guint place = 0; place < m_keys.size(); ++place) {
        const auto row = m_store->append();
        row->set_value(m_is_chosen, m_keys[place].is_chosen);
        row->set_value(m_place, place);
    }
    m_table.set_model(m_store);
}

void ImportTable::toggle(const Gtk::TreePath& path) {
    const auto row = m_store->get_iter(path);
    if (row) {
        row->set_value(m_is_chosen, !row->get_value(m_is_chosen));
        m_changed();
    }
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
