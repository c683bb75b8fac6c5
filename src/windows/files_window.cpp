// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/files_window.h"

#include <utility>

#include <giomm/appinfo.h>
#include <glibmm/error.h>
#include <gtkmm/cellrendererprogress.h>
#include <gtkmm/cellrenderertext.h>
#include <gtkmm/scrolledwindow.h>

#include "util/i18n.h"
#include "util/log.h"
#include "windows/help_window.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using ipc::Transfer;
using util::tr;

namespace {

constexpr int table_height = 200; // pixels
constexpr int progress_width = 110;

} // namespace

FilesWindow::FilesWindow(Actions actions)
    : m_actions(std::move(actions)), m_top(Gtk::ORIENTATION_VERTICAL, spacing) {
    set_title(tr("Files"));
    set_border_width(18);
    set_default_size(900, 520);
    add(m_top);
    m_top.pack_start(m_bar, Gtk::PACK_SHRINK);
    build_table();
    build_details();
    build_buttons();
    m_top.show_all();
    m_nothing.set_no_show_all(true);
    m_nothing.hide();
    m_table.grab_focus();
}

// --- Parts -------------------------------------------------------------------------------------

void FilesWindow::build_table() {
    Gtk::TreeModelColumnRecord columns;
    columns.add(m_place);
    m_store = Gtk::ListStore::create(columns);
    m_table.set_model(m_store);
    add_column(tr("Name"), 230, [](const Transfer& transfer) { return transfer.name; });
    add_column(tr("With"), 170, direction_of);
    add_column(tr("Size"), 90, [](const Transfer& transfer) { return transfer.size; });
    add_progress();
    add_column(tr("Now"), 220, [](const Transfer& transfer) { return transfer.state; });
    m_table.set_fixed_height_mode(true);
    m_table.set_enable_search(false);
    m_table.get_accessible()->set_name(tr("Files"));
    m_table.get_selection()->signal_changed().connect([this] {
        const auto at = m_table.get_selection()->get_selected();
        if (!m_is_filling && at) {
            m_model.choose(row(at));
            show_chosen();
        }
    });
    m_table.signal_row_activated().connect(
        [this](const Gtk::TreePath&, Gtk::TreeViewColumn*) { open_folder(); });
    auto* frame = Gtk::make_managed<Gtk::ScrolledWindow>();
    frame->set_shadow_type(Gtk::SHADOW_IN);
    frame->set_min_content_height(table_height);
    frame->add(m_table);
    m_top.pack_start(*frame, Gtk::PACK_EXPAND_WIDGET);
}

void FilesWindow::add_column(const std::string& title, int width, ShowText text_of) {
    auto* column = Gtk::make_managed<Gtk::TreeViewColumn>(title);
    auto* text = Gtk::make_managed<Gtk::CellRendererText>();
    // The end of a name says what kind of file it is.
    text->property_ellipsize() = Pango::ELLIPSIZE_MIDDLE;
    column->pack_start(*text, true);
    column->set_sizing(Gtk::TREE_VIEW_COLUMN_FIXED);
    column->set_fixed_width(width);
    column->set_resizable(true);
    column->set_cell_data_func(*text,
                               [this, text, text_of](Gtk::CellRenderer*, const Gtk::TreeIter& at) {
                                   text->property_text() = text_of(row(at));
                               });
    m_table.append_column(*column);
}

/// Without the number, which is in the words beside it: in a row that is chosen, some themes write
/// it in the colour of the bar.
void FilesWindow::add_progress() {
    auto* column = Gtk::make_managed<Gtk::TreeViewColumn>(tr("Progress"));
    auto* bar = Gtk::make_managed<Gtk::CellRendererProgress>();
    column->pack_start(*bar, true);
    column->set_sizing(Gtk::TREE_VIEW_COLUMN_FIXED);
    column->set_fixed_width(progress_width);
    column->set_cell_data_func(*bar, [this, bar](Gtk::CellRenderer*, const Gtk::TreeIter& at) {
        bar->property_text() = "";
        bar->property_value() = static_cast<int>(row(at).percent);
    });
    m_table.append_column(*column);
}

void FilesWindow::build_details() {
    make_text(m_nothing);
    m_nothing.set_text(tr("There are no files. To send one privately: /otr send, with its path."));
    make_heading(m_heading);
    make_text(m_details);
    m_details.set_selectable(true);
    m_details.get_accessible()->set_name(tr("About this file"));
    for (Gtk::Label* label : {&m_nothing, &m_heading, &m_details}) {
        label->set_max_width_chars(2 * text_width);
        m_top.pack_start(*label, Gtk::PACK_SHRINK);
    }
}

void FilesWindow::build_buttons() {
    auto* row = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    m_accept =
        &add_button(*row, tr("_Accept"), [this] { act_on_chosen(can_accept, m_actions.accept); });
    m_decline =
        &add_button(*row, tr("_Decline"), [this] { act_on_chosen(can_accept, m_actions.cancel); });
    m_stop =
        &add_button(*row, tr("_Stop it"), [this] { act_on_chosen(can_stop, m_actions.cancel); });
    m_open = &add_button(*row, tr("_Open folder"), [this] { open_folder(); });
    auto* space = Gtk::make_managed<Gtk::Label>();
    row->pack_start(*space, Gtk::PACK_EXPAND_WIDGET);
    add_help_button(*row, "files");
    m_top.pack_start(*row, Gtk::PACK_SHRINK);
}

// --- Rows --------------------------------------------------------------------------------------

const Transfer& FilesWindow::row(const Gtk::TreeIter& row) const {
    return m_model.transfers().at((*row)[m_place]);
}

void FilesWindow::show_all_anew(std::vector<Transfer> transfers) {
    m_is_filling = true; // the rows of before are of no use any more
    m_store->clear();
    m_is_filling = false;
    static_cast<void>(m_model.replace(std::move(transfers)));
    m_model.choose_first();
    m_bar.hide();
    fill();
    show_chosen();
}

void FilesWindow::update(std::vector<Transfer> transfers) {
    const std::vector<Transfer> before = m_model.transfers();
    if (m_model.replace(std::move(transfers))) {
        for (const Gtk::TreeIter& at : m_store->children()) {
            if (row(at) != before.at((*at)[m_place])) {
                m_store->row_changed(m_store->get_path(at), at);
            }
        }
    } else {
        fill();
    }
    show_chosen();
}

/// All rows anew, out of the table meanwhile.
void FilesWindow::fill() {
    m_is_filling = true;
    m_table.unset_model();
    m_store->clear();
    for (guint place = 0; place < m_model.transfers().size(); ++place) {
        m_store->append()->set_value(m_place, place);
    }
    m_table.set_model(m_store);
    for (const Gtk::TreeIter& at : m_store->children()) {
        if (&row(at) == m_model.chosen()) {
            m_table.set_cursor(m_store->get_path(at));
        }
    }
    m_is_filling = false;
}

void FilesWindow::show_chosen() {
    const Transfer* transfer = m_model.chosen();
    m_nothing.set_visible(m_model.transfers().empty());
    m_heading.set_visible(transfer != nullptr);
    m_details.set_visible(transfer != nullptr);
    m_accept->set_sensitive(transfer != nullptr && can_accept(*transfer));
    m_decline->set_sensitive(transfer != nullptr && can_accept(*transfer));
    m_stop->set_sensitive(transfer != nullptr && can_stop(*transfer));
    m_open->set_sensitive(transfer != nullptr && !transfer->folder.empty());
    if (transfer == nullptr) {
        return;
    }
    m_heading.set_text(transfer->name);
    // What the user has selected in it stays, as long as it is the same.
    if (const std::string details = details_of(*transfer); m_details.get_text().raw() != details) {
        m_details.set_text(details);
    }
}

void FilesWindow::say(const std::string& text) {
    m_bar.say(text);
}

// --- Acts --------------------------------------------------------------------------------------

void FilesWindow::act_on_chosen(bool (*is_possible)(const Transfer&),
                                const std::function<void(const Transfer&)>& act) {
    const Transfer* transfer = m_model.chosen();
    if (transfer != nullptr && is_possible(*transfer)) {
        m_bar.hide();
        act(*transfer);
    }
}

void FilesWindow::open_folder() {
    const Transfer* transfer = m_model.chosen();
    if (transfer == nullptr || transfer->folder.empty()) {
        return;
    }
    try {
        Gio::AppInfo::launch_default_for_uri(transfer->folder);
    } catch (const Glib::Error& error) {
        util::log_warning("files", error.what().raw());
        say(tr("The folder could not be opened: it is not there any more, or this computer has no "
               "program for that."));
    }
}

bool FilesWindow::on_key_press_event(GdkEventKey* event) {
    if (event->keyval == GDK_KEY_Escape) {
        hide();
        return true;
    }
    return Gtk::Window::on_key_press_event(event);
}

void FilesWindow::on_hide() {
    Gtk::Window::on_hide();
    m_actions.closed();
}

} // namespace otr_guard::windows
