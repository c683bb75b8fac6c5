// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/known_keys_window.h"

#include <utility>

#include <gtkmm/cellrendererpixbuf.h>
#include <gtkmm/cellrenderertext.h>
#include <gtkmm/clipboard.h>
#include <gtkmm/scrolledwindow.h>

#include "util/i18n.h"
#include "windows/code_texts.h"
#include "windows/help_window.h"
#include "windows/question.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using util::format;
using util::tr;
using util::tr_n;

namespace {

constexpr int table_height = 240; // pixels

std::string code_of(const ipc::KnownKey& key) {
    return groups_of(key.key);
}

std::string verified_of(const ipc::KnownKey& key) {
    return key.is_changed ? format(tr("new code, {state}"), {{"state", key.verified}})
                          : key.verified;
}

/// What happened with the keys of somebody, the newest first.
std::string history_of(const std::vector<const ipc::KnownKey*>& keys) {
    std::string text;
    for (const ipc::KnownKey* key : keys) {
        const std::string first = day_of(key->first_seen);
        const std::string last = day_of(key->last_used);
        text += text.empty() ? "" : "\n";
        text += groups_of(key->key).substr(0, 17) + "…: " + key->verified;
        text += first.empty() ? "" : "; " + format(tr("first used on {date}"), {{"date", first}});
        text += last.empty() ? "" : "; " + format(tr("last used on {date}"), {{"date", last}});
    }
    return text;
}

} // namespace

KnownKeysWindow::KnownKeysWindow(Actions actions)
    : m_actions(std::move(actions)), m_top(Gtk::ORIENTATION_VERTICAL, spacing),
      m_details(Gtk::ORIENTATION_VERTICAL, spacing / 2) {
    set_title(tr("Known codes (fingerprints)"));
    set_border_width(18);
    set_default_size(860, 620);
    add(m_top);
    build_top();
    build_table();
    build_details();
    build_buttons();
    m_top.show_all();
    m_search.grab_focus();
}

// --- Parts -------------------------------------------------------------------------------------

void KnownKeysWindow::build_top() {
    auto* row = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing);
    m_search.set_placeholder_text(tr("Search names, accounts and codes"));
    m_search.get_accessible()->set_name(tr("Search"));
    m_search.signal_search_changed().connect([this] {
        m_model.search(m_search.get_text().raw());
        refresh();
    });
    row->pack_start(m_search, Gtk::PACK_EXPAND_WIDGET);
    for (const auto& label :
         {tr("All codes"), tr("Not verified"), tr("Changed"), tr("In use now")}) {
        m_filter.append(label);
    }
    m_filter.set_active(0);
    m_filter.get_accessible()->set_name(tr("Which codes to show"));
    m_filter.signal_changed().connect([this] {
        m_model.filter(static_cast<KnownKeysModel::Filter>(m_filter.get_active_row_number()));
        refresh();
    });
    row->pack_start(m_filter, Gtk::PACK_SHRINK);
    m_top.pack_start(*row, Gtk::PACK_SHRINK);

    m_undo_button = m_bar.add_button(tr("_Undo"), Gtk::RESPONSE_OK);
    m_bar.signal_response().connect([this](int response) {
        if (response == Gtk::RESPONSE_OK && m_undo != 0) {
            m_actions.undo(std::exchange(m_undo, 0U));
        }
    });
    m_top.pack_start(m_bar, Gtk::PACK_SHRINK);
}

void KnownKeysWindow::build_table() {
    Gtk::TreeModelColumnRecord columns;
    columns.add(m_place);
    m_store = Gtk::ListStore::create(columns);
    add_icons();
    add_column(Column::Name, tr("Name"), 160, [](const ipc::KnownKey& key) { return key.name; });
    add_column(Column::Verified, tr("Verified"), 230, verified_of);
    add_column(Column::State, tr("Now"), 110, [](const ipc::KnownKey& key) { return key.state; });
    add_column(Column::LastUsed, tr("Last used"), 125,
               [](const ipc::KnownKey& key) { return day_of(key.last_used); });
    add_column(Column::Account, tr("Your account"), 190,
               [](const ipc::KnownKey& key) { return key.account; });
    add_column(Column::Key, tr("Code (fingerprint)"), 400, code_of);
    m_table.set_fixed_height_mode(true);
    m_table.set_enable_search(false);
    m_table.get_accessible()->set_name(tr("Known codes"));
    m_table.get_selection()->set_mode(Gtk::SELECTION_MULTIPLE);
    m_table.get_selection()->signal_changed().connect([this] { selection_changed(); });
    m_table.signal_row_activated().connect(
        [this](const Gtk::TreePath&, Gtk::TreeViewColumn*) { verify_one(); });
    auto* frame = Gtk::make_managed<Gtk::ScrolledWindow>();
    frame->set_shadow_type(Gtk::SHADOW_IN);
    frame->set_min_content_height(table_height);
    frame->add(m_table);
    m_top.pack_start(*frame, Gtk::PACK_EXPAND_WIDGET);
    make_text(m_count);
    m_top.pack_start(m_count, Gtk::PACK_SHRINK);
}

/// The state at a glance; the words are in the columns.
void KnownKeysWindow::add_icons() {
    auto* column = Gtk::make_managed<Gtk::TreeViewColumn>();
    auto* icon = Gtk::make_managed<Gtk::CellRendererPixbuf>();
    column->pack_start(*icon, false);
    column->set_sizing(Gtk::TREE_VIEW_COLUMN_FIXED);
    column->set_fixed_width(32);
    column->set_cell_data_func(*icon, [this, icon](Gtk::CellRenderer*, const Gtk::TreeIter& at) {
        const ipc::KnownKey& key = row(at);
        icon->property_icon_name() = key.is_changed    ? "dialog-warning-symbolic"
                                     : key.is_verified ? "otr-guard-private-symbolic"
                                                       : "otr-guard-unverified-symbolic";
    });
    m_table.append_column(*column);
}

void KnownKeysWindow::add_column(Column kind, const std::string& title, int width,
                                 ShowText text_of) {
    auto* column = Gtk::make_managed<Gtk::TreeViewColumn>(title);
    auto* text = Gtk::make_managed<Gtk::CellRendererText>();
    text->property_ellipsize() = Pango::ELLIPSIZE_END;
    column->pack_start(*text, true);
    column->set_sizing(Gtk::TREE_VIEW_COLUMN_FIXED);
    column->set_fixed_width(width);
    column->set_resizable(true);
    column->set_clickable(true);
    column->set_sort_indicator(kind == m_sorted);
    m_columns[kind] = column;
    column->signal_clicked().connect([this, kind] { sort_by(kind); });
    column->set_cell_data_func(
        *text, [this, text, text_of](Gtk::CellRenderer*, const Gtk::TreeIter& at) {
            const ipc::KnownKey& key = row(at);
            text->property_text() = text_of(key);
            text->property_weight() = key.is_changed ? Pango::WEIGHT_BOLD : Pango::WEIGHT_NORMAL;
        });
    m_table.append_column(*column);
}

void KnownKeysWindow::build_details() {
    make_heading(m_heading);
    make_text(m_warning);
    make_code(m_code, tr("Their code"));
    make_code(m_words, tr("Their code in words"));
    make_text(m_history);
    m_history.set_selectable(true);
    m_history.get_accessible()->set_name(tr("All codes of this person"));
    for (Gtk::Label* label : {&m_heading, &m_warning, &m_code, &m_words, &m_history}) {
        label->set_max_width_chars(2 * text_width);
        m_details.pack_start(*label, Gtk::PACK_SHRINK);
    }
    m_top.pack_start(m_details, Gtk::PACK_SHRINK);
}

void KnownKeysWindow::build_buttons() {
    auto* row = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    m_verify = &add_button(*row, tr("_Verify…"), [this] { verify_one(); });
    m_revoke = &add_button(*row, tr("No longer verifie_d"),
                           [this] { m_actions.set_verified(selected(), false); });
    m_copy = &add_button(*row, tr("_Copy"), [this] {
        std::string text;
        for (const ipc::KeyName& name : selected()) {
            text += text.empty() ? "" : "\n";
            text += groups_of(name.key);
        }
        Gtk::Clipboard::get()->set_text(text);
    });
    m_forget = &add_button(*row, tr("_Forget"), [this] { m_actions.forget(selected()); });
    auto* space = Gtk::make_managed<Gtk::Label>();
    row->pack_start(*space, Gtk::PACK_EXPAND_WIDGET);
    add_button(*row, tr("_Import…"), [this] { m_actions.import_keys(); });
    add_button(*row, tr("From another _program…"), [this] { m_actions.import_from_program(); });
    Gtk::Button& export_button = add_button(*row, tr("_Export…"), [this] {
        Names names = selected();
        if (names.empty()) {
            for (const ipc::KnownKey* key : m_model.shown()) {
                names.push_back({key->peer, key->key});
            }
        }
        m_actions.export_keys(names);
    });
    export_button.set_tooltip_text(tr("The selected codes, or all that are shown"));
    add_help_button(*row, "known-codes");
    m_top.pack_start(*row, Gtk::PACK_SHRINK);
}

// --- Rows --------------------------------------------------------------------------------------

const ipc::KnownKey& KnownKeysWindow::row(const Gtk::TreeIter& row) const {
    return *m_model.shown().at((*row)[m_place]);
}

void KnownKeysWindow::sort_by(Column column) {
    m_is_descending = column == m_sorted && !m_is_descending;
    m_columns.at(m_sorted)->set_sort_indicator(false);
    m_columns.at(column)->set_sort_indicator(true);
    m_columns.at(column)->set_sort_order(m_is_descending ? Gtk::SORT_DESCENDING
                                                         : Gtk::SORT_ASCENDING);
    m_sorted = column;
    m_model.sort_by(column, m_is_descending);
    refresh();
}

void KnownKeysWindow::refresh() {
    fill();
    show_details();
}

/// All rows anew, out of the table meanwhile: faster than telling it of every change.
void KnownKeysWindow::fill() {
    m_is_filling = true;
    m_table.unset_model();
    m_store->clear();
    guint place = 0;
    for ([[maybe_unused]] const ipc::KnownKey* key : m_model.shown()) {
        m_store->append()->set_value(m_place, place++);
    }
    m_table.set_model(m_store);
    const auto selection = m_table.get_selection();
    if (!m_selected.empty()) {
        for (const Gtk::TreeIter& at : m_store->children()) {
            const ipc::KnownKey& key = row(at);
            if (m_selected.contains({key.peer, key.key})) {
                selection->select(at);
            }
        }
    }
    m_is_filling = false;
    const std::size_t shown = m_model.shown().size();
    m_count.set_text(
        shown == m_model.size()
            ? format(tr_n("{number} code", "{number} codes", shown),
                     {{"number", std::to_string(shown)}})
            : format(
                  tr_n("{shown} of {number} code", "{shown} of {number} codes", m_model.size()),
                  {{"shown", std::to_string(shown)}, {"number", std::to_string(m_model.size())}}));
}

void KnownKeysWindow::selection_changed() {
    if (m_is_filling) {
        return;
    }
    m_selected.clear();
    m_table.get_selection()->selected_foreach_iter([this](const Gtk::TreeIter& at) {
        const ipc::KnownKey& key = row(at);
        m_selected.insert({key.peer, key.key});
    });
    show_details();
}

KnownKeysWindow::Names KnownKeysWindow::selected() const {
    Names names;
    for (const ipc::KnownKey* key : m_model.shown()) {
        ipc::KeyName name{key->peer, key->key};
        if (m_selected.contains(name)) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

void KnownKeysWindow::show_details() {
    const Names names = selected();
    const ipc::KnownKey* key = names.size() == 1 ? m_model.find(names.front()) : nullptr;
    for (Gtk::Button* button : {m_revoke, m_forget, m_copy}) {
        button->set_sensitive(!names.empty());
    }
    m_verify->set_sensitive(key != nullptr);
    m_details.set_visible(key != nullptr);
    if (key == nullptr) {
        return;
    }
    m_heading.set_text(key->name);
    m_warning.set_text(
        tr("This is not the code that was verified or expected. Their program may be new, or "
           "somebody else may be in their place: verify it again before you write anything."));
    m_warning.set_visible(key->is_changed);
    m_code.set_text(groups_of(key->key));
    m_words.set_text("");
    const auto history = m_model.history_of(key->peer);
    m_history.set_text(history_of(history));
    m_actions.describe(names.front());
}

void KnownKeysWindow::show_words(const ipc::KeyName& name, const std::string& words) {
    const Names names = selected();
    if (names.size() == 1 && names.front() == name) {
        m_words.set_text(words);
    }
}

void KnownKeysWindow::say(const std::string& text, unsigned undo) {
    m_undo = undo;
    m_undo_button->set_visible(undo != 0);
    m_bar.say(text);
}

// --- Acts --------------------------------------------------------------------------------------

void KnownKeysWindow::verify_one() {
    const Names names = selected();
    const ipc::KnownKey* key = names.size() == 1 ? m_model.find(names.front()) : nullptr;
    if (key == nullptr) {
        return;
    }
    if (!key->state.empty()) {
        m_actions.verify(names.front());
        return;
    }
    ask(format(tr("Is this the code of {name}?"), {{"name", key->name}}),
        groups_of(key->key) + "\n" + m_words.get_text().raw() + "\n\n" +
            tr("Compare all of it in person, by phone, or with what they have published. There is "
               "no private conversation with this code now; in one, they can also answer a "
               "question."),
        tr("It is _theirs"), [this, names] { m_actions.set_verified(names, true); });
}

void KnownKeysWindow::ask(const std::string& question, const std::string& details,
                          const std::string& yes, const std::function<void()>& act) {
    m_dialog =
        ask_question(*this, {.text = question, .details = details, .yes = yes, .no = tr("_Cancel")},
                     [act](bool is_yes) {
                         if (is_yes) {
                             act();
                         }
                     });
}

bool KnownKeysWindow::on_key_press_event(GdkEventKey* event) {
    // In a search that is not empty, Escape empties it first.
    const bool is_searching = m_search.has_focus() && !m_search.get_text().empty();
    if (event->keyval == GDK_KEY_Escape && !is_searching) {
        hide();
        return true;
    }
    return Gtk::Window::on_key_press_event(event);
}

void KnownKeysWindow::on_hide() {
    Gtk::Window::on_hide();
    m_actions.closed();
}

} // namespace otr_guard::windows
