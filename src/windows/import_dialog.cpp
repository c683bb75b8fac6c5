// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/import_dialog.h"

#include <utility>

#include <gtkmm/cellrenderertext.h>
#include <gtkmm/cellrenderertoggle.h>
#include <gtkmm/scrolledwindow.h>

#include "util/i18n.h"
#include "windows/code_texts.h"
#include "windows/help_window.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using util::format;
using util::tr;
using util::tr_n;

namespace {

std::string effect_of(const ipc::ImportableKey& key) {
    if (key.effect == "adds") {
        return key.verified.empty() ? tr("new") : tr("new, and verified");
    }
    return key.effect == "verifies" ? tr("known, becomes verified") : tr("known already");
}

} // namespace

ImportDialog::ImportDialog(Gtk::Window& parent, std::vector<ipc::ImportableKey> keys,
                           unsigned skipped,
                           std::function<void(const std::vector<guint32>& chosen)> take)
    : Gtk::Dialog(tr("Import codes"), parent), m_keys(std::move(keys)) {
    set_border_width(spacing);
    set_default_size(760, 460);
    get_content_area()->set_spacing(spacing);
    build_texts(skipped);
    build_table();
    auto* last = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    add_help_button(*last, "import");
    get_content_area()->pack_start(*last, Gtk::PACK_SHRINK);
    add_button(tr("_Cancel"), Gtk::RESPONSE_CANCEL);
    add_button(tr("_Import"), Gtk::RESPONSE_OK);
    set_default_response(Gtk::RESPONSE_OK);
    signal_response().connect([this, take = std::move(take)](int response) {
        hide();
        if (response == Gtk::RESPONSE_OK) {
            take(chosen());
        }
    });
    count();
    show_all_children();
}

void ImportDialog::build_texts(unsigned skipped) {
    make_heading(m_heading);
    make_text(m_explanation);
    std::string text =
        tr("Import only from a source that you trust: a code that is imported as verified is "
           "trusted as if you had verified it yourself. Nothing that is verified here is lost.");
    if (skipped > 0) {
        text +=
            " " + format(tr_n("{number} line of the file is no code and is left out.",
                              "{number} lines of the file are no codes and are left out.", skipped),
                         {{"number", std::to_string(skipped)}});
    }
    m_explanation.set_text(text);
    m_explanation.set_max_width_chars(2 * text_width);
    get_content_area()->pack_start(m_heading, Gtk::PACK_SHRINK);
    get_content_area()->pack_start(m_explanation, Gtk::PACK_SHRINK);
}

void ImportDialog::build_table() {
    Gtk::TreeModelColumnRecord columns;
    columns.add(m_is_chosen);
    columns.add(m_place);
    m_store = Gtk::ListStore::create(columns);
    guint place = 0;
    for (const ipc::ImportableKey& key : m_keys) {
        const auto row = m_store->append();
        row->set_value(m_is_chosen, key.effect != "nothing");
        row->set_value(m_place, place++);
    }
    auto* check = Gtk::make_managed<Gtk::CellRendererToggle>();
    check->signal_toggled().connect([this](const Glib::ustring& path) { toggle(path); });
    const int first = m_table.append_column(tr("Import"), *check);
    m_table.get_column(first - 1)->add_attribute(check->property_active(), m_is_chosen);
    using Show = std::string (*)(const ipc::ImportableKey&);
    const std::vector<std::pair<std::string, Show>> shown{
        {tr("Name"), [](const ipc::ImportableKey& key) { return key.name; }},
        {tr("What changes"), effect_of},
        {tr("Your account"), [](const ipc::ImportableKey& key) { return key.account; }},
        {tr("Code (fingerprint)"),
         [](const ipc::ImportableKey& key) { return groups_of(key.key); }},
    };
    for (const auto& [title, show] : shown) {
        auto* text = Gtk::make_managed<Gtk::CellRendererText>();
        const int number = m_table.append_column(title, *text);
        Gtk::TreeViewColumn* column = m_table.get_column(number - 1);
        column->set_resizable(true);
        column->set_cell_data_func(
            *text, [this, text, show = show](Gtk::CellRenderer*, const Gtk::TreeIter& at) {
                text->property_text() = show(m_keys.at((*at)[m_place]));
            });
    }
    m_table.set_model(m_store);
    m_table.get_accessible()->set_name(tr("Codes in the file"));
    auto* frame = Gtk::make_managed<Gtk::ScrolledWindow>();
    frame->set_shadow_type(Gtk::SHADOW_IN);
    frame->add(m_table);
    get_content_area()->pack_start(*frame, Gtk::PACK_EXPAND_WIDGET);
}

void ImportDialog::toggle(const Glib::ustring& path) {
    const auto row = m_store->get_iter(path);
    if (row) {
        row->set_value(m_is_chosen, !row->get_value(m_is_chosen));
        count();
    }
}

void ImportDialog::count() {
    const std::size_t number = chosen().size();
    m_heading.set_text(format(tr_n("Import {number} code?", "Import {number} codes?", number),
                              {{"number", std::to_string(number)}}));
    set_response_sensitive(Gtk::RESPONSE_OK, number > 0);
}

std::vector<guint32> ImportDialog::chosen() const {
    std::vector<guint32> places;
    for (const Gtk::TreeIter& row : m_store->children()) {
        if (row->get_value(m_is_chosen)) {
            places.push_back(row->get_value(m_place));
        }
    }
    return places;
}

} // namespace otr_guard::windows
