// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/own_keys_window.h"

#include <utility>

#include <gtkmm/clipboard.h>
#include <gtkmm/scrolledwindow.h>

#include "model/own_key_texts.h"
#include "util/i18n.h"
#include "windows/code_texts.h"
#include "windows/help_window.h"
#include "windows/own_key_card.h"
#include "windows/question.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using util::format;
using util::tr;
using Act = OwnKeysModel::Act;

namespace {

constexpr int list_width = 300; // pixels
constexpr int code_width = 44;  // characters: five groups in a line

} // namespace

OwnKeysWindow::OwnKeysWindow(Actions actions)
    : m_actions(std::move(actions)), m_top(Gtk::ORIENTATION_VERTICAL, spacing) {
    set_title(tr("My codes (fingerprints)"));
    set_border_width(18);
    set_default_size(880, 460);
    add(m_top);
    m_top.pack_start(m_bar, Gtk::PACK_SHRINK);
    auto* row = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, 2 * spacing);
    m_top.pack_start(*row, Gtk::PACK_EXPAND_WIDGET);
    build_list(*row);
    build_details(*row);
    build_buttons();
    m_top.show_all();
    m_list.grab_focus();
}

// --- Parts -------------------------------------------------------------------------------------

void OwnKeysWindow::build_list(Gtk::Box& row) {
    Gtk::TreeModelColumnRecord columns;
    columns.add(m_label);
    columns.add(m_state);
    columns.add(m_place);
    m_store = Gtk::ListStore::create(columns);
    m_list.set_model(m_store);
    m_list.append_column(tr("Your account"), m_label);
    m_list.append_column(tr("Key"), m_state);
    m_list.get_column(0)->set_expand(true);
    m_list.get_column(0)->set_resizable(true);
    m_list.get_accessible()->set_name(tr("Your accounts"));
    m_list.get_selection()->signal_changed().connect([this] {
        const auto at = m_list.get_selection()->get_selected();
        if (!m_is_filling && at) {
            m_model.choose(m_model.keys().at((*at)[m_place]).account);
            show_details();
        }
    });
    auto* frame = Gtk::make_managed<Gtk::ScrolledWindow>();
    frame->set_shadow_type(Gtk::SHADOW_IN);
    frame->set_min_content_width(list_width);
    frame->add(m_list);
    row.pack_start(*frame, Gtk::PACK_EXPAND_WIDGET);
}

void OwnKeysWindow::build_details(Gtk::Box& row) {
    auto* details = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_VERTICAL, spacing);
    auto* codes = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing);
    auto* texts = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_VERTICAL, spacing);
    make_heading(m_heading);
    make_text(m_advice);
    m_advice.set_text(tr("Give it to others in person, by phone, or where they know that it is "
                         "you; the words say the same as the digits."));
    make_code(m_code, tr("Your code"));
    make_code(m_words, tr("Your code in words"));
    make_text(m_story);
    m_story.set_selectable(true);
    m_story.get_accessible()->set_name(tr("About this key"));
    for (Gtk::Label* label : {&m_code, &m_words, &m_story}) {
        label->set_width_chars(code_width);
        label->set_max_width_chars(code_width);
        texts->pack_start(*label, Gtk::PACK_SHRINK);
    }
    m_qr.get_accessible()->set_name(tr("Your code as a QR code"));
    m_qr.set_valign(Gtk::ALIGN_START);
    codes->pack_start(*texts, Gtk::PACK_EXPAND_WIDGET);
    codes->pack_start(m_qr, Gtk::PACK_SHRINK);
    auto* copies = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    m_copy = &add_button(*copies, tr("_Copy"), [this] {
        Gtk::Clipboard::get()->set_text(groups_of(m_model.chosen()->key));
    });
    m_copy_link = &add_button(*copies, tr("Copy as a _link to publish"),
                              [this] { Gtk::Clipboard::get()->set_text(m_model.chosen()->uri); });
    m_card = &add_button(*copies, tr("Sa_ve as card…"),
                         [this] { m_actions.save_card(*m_model.chosen()); });
    details->pack_start(m_heading, Gtk::PACK_SHRINK);
    details->pack_start(m_advice, Gtk::PACK_SHRINK);
    details->pack_start(*codes, Gtk::PACK_SHRINK);
    details->pack_start(*copies, Gtk::PACK_SHRINK);
    row.pack_start(*details, Gtk::PACK_SHRINK);
}

void OwnKeysWindow::build_buttons() {
    auto* row = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    m_make = &add_button(*row, tr("Make _new key…"), [this] { make_key(); });
    m_delete = &add_button(*row, tr("_Delete…"), [this] { delete_key(); });
    auto* space = Gtk::make_managed<Gtk::Label>();
    row->pack_start(*space, Gtk::PACK_EXPAND_WIDGET);
    add_button(*row, tr("_Import…"), [this] { m_actions.import(); });
    m_seal = &add_button(*row, tr("_Export…"), [this] { m_actions.seal(*m_model.chosen()); });
    add_help_button(*row, "my-codes");
    m_top.pack_start(*row, Gtk::PACK_SHRINK);
}

// --- Showing -----------------------------------------------------------------------------------

void OwnKeysWindow::refresh() {
    fill_list();
    show_details();
}

void OwnKeysWindow::fill_list() {
    m_is_filling = true;
    m_store->clear();
    guint place = 0;
    for (const ipc::OwnKey& key : m_model.keys()) {
        const auto row = m_store->append();
        row->set_value(m_label, Glib::ustring(key.label));
        row->set_value(m_state, Glib::ustring(state_of(key)));
        row->set_value(m_place, place++);
        if (m_model.chosen() == &key) {
            m_list.get_selection()->select(row);
        }
    }
    m_is_filling = false;
}

void OwnKeysWindow::show_details() {
    const ipc::OwnKey* chosen = m_model.chosen();
    const ipc::OwnKey key = chosen != nullptr ? *chosen : ipc::OwnKey{};
    const bool has_key = m_model.can(Act::Show);
    m_heading.set_text(chosen != nullptr ? key.label : tr("There is no account yet."));
    m_advice.set_visible(has_key);
    m_code.set_text(has_key ? groups_of(key.key) : "");
    m_words.set_text(has_key ? key.words : "");
    m_story.set_text(chosen != nullptr ? story_of(key) : "");
    m_qr.set_text(has_key ? qr_text_of(key) : "");
    m_copy->set_sensitive(has_key);
    m_card->set_sensitive(has_key);
    m_copy_link->set_visible(has_key && !key.uri.empty());
    m_make->set_sensitive(m_model.can(Act::Make));
    m_delete->set_sensitive(m_model.can(Act::Delete));
    m_seal->set_sensitive(m_model.can(Act::Seal));
}

void OwnKeysWindow::say(const std::string& text) {
    m_bar.say(text);
}

// --- Acts --------------------------------------------------------------------------------------

void OwnKeysWindow::make_key() {
    const ipc::OwnKey key = *m_model.chosen();
    if (key.key.empty()) {
        m_actions.make(key);
        return;
    }
    ask(format(tr("Make a new key for {account}?"), {{"account", key.label}}),
        model::new_key_warning(key.people), tr("Make a _new key"),
        [this, key] { m_actions.make(key); });
}

void OwnKeysWindow::delete_key() {
    const ipc::OwnKey key = *m_model.chosen();
    ask(format(tr("Delete the key of {account}?"), {{"account", key.label}}),
        model::delete_key_warning(key.people), tr("_Delete the key"),
        [this, key] { m_actions.remove(key); });
}

void OwnKeysWindow::ask(const std::string& question, const std::string& warning,
                        const std::string& yes, const std::function<void()>& act) {
    m_dialog = ask_question(*this,
                            {.text = question,
                             .details = warning,
                             .yes = yes,
                             .no = tr("_Cancel"),
                             .is_dangerous = true},
                            [act](bool is_yes) {
                                if (is_yes) {
                                    act();
                                }
                            });
}

bool OwnKeysWindow::on_key_press_event(GdkEventKey* event) {
    if (event->keyval == GDK_KEY_Escape) {
        hide();
        return true;
    }
    return Gtk::Window::on_key_press_event(event);
}

void OwnKeysWindow::on_hide() {
    Gtk::Window::on_hide();
    m_actions.closed();
}

} // namespace otr_guard::windows
