// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/import_window.h"

#include <utility>

#include <glibmm/convert.h>
#include <gtkmm/scrolledwindow.h>

#include "model/limits.h"
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

constexpr int table_height = 120; // pixels

void add_title(Gtk::Box& box, const std::string& title, Gtk::Widget& widget) {
    auto* label = Gtk::make_managed<Gtk::Label>(title, true);
    label->set_xalign(0);
    label->set_mnemonic_widget(widget);
    box.pack_start(*label, Gtk::PACK_SHRINK);
}

} // namespace

ImportWindow::ImportWindow(Actions actions)
    : m_actions(std::move(actions)), m_top(Gtk::ORIENTATION_VERTICAL, spacing),
      m_source(Gtk::ORIENTATION_VERTICAL, spacing / 2),
      m_sealed(Gtk::ORIENTATION_VERTICAL, spacing / 2),
      m_choice(Gtk::ORIENTATION_VERTICAL, spacing), m_table([this] { check(); }),
      m_own(Gtk::ORIENTATION_VERTICAL, spacing / 2) {
    set_title(tr("Import from another program"));
    set_border_width(18);
    set_default_size(820, 420);
    add(m_top);
    make_heading(m_heading);
    make_text(m_text);
    m_text.set_max_width_chars(2 * text_width);
    m_accounts.set_row_spacing(spacing / 2);
    m_accounts.set_column_spacing(spacing);
    build_source();
    build_passphrase();
    build_choice();
    make_text(m_result);
    m_result.set_selectable(true);
    for (Gtk::Widget* page : std::initializer_list<Gtk::Widget*>{&m_source, &m_sealed, &m_accounts,
                                                                 &m_choice, &m_result}) {
        m_pages.add(*page);
    }
    m_top.pack_start(m_bar, Gtk::PACK_SHRINK);
    m_top.pack_start(m_heading, Gtk::PACK_SHRINK);
    m_top.pack_start(m_text, Gtk::PACK_SHRINK);
    m_top.pack_start(m_pages, Gtk::PACK_EXPAND_WIDGET);
    build_buttons();
    m_top.show_all();
}

// --- Parts -------------------------------------------------------------------------------------

void ImportWindow::build_source() {
    add_title(m_source, tr("File or f_older"), m_file);
    m_file.get_accessible()->set_name(tr("File or folder"));
    m_file.set_activates_default(true);
    m_file.signal_changed().connect([this] {
        m_path.clear();
        check();
    });
    m_source.pack_start(m_file, Gtk::PACK_SHRINK);
    auto* row = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    add_button(*row, tr("Choose a fol_der…"), [this] { choose(true); });
    add_button(*row, tr("Choose a _file…"), [this] { choose(false); });
    m_source.pack_start(*row, Gtk::PACK_SHRINK);
}

void ImportWindow::build_passphrase() {
    add_title(m_sealed, tr("_Passphrase"), m_passphrase);
    m_passphrase.get_accessible()->set_name(tr("Passphrase"));
    m_passphrase.set_visibility(false);
    m_passphrase.set_max_length(model::limits::passphrase_bytes / 4); // characters
    m_passphrase.set_input_purpose(Gtk::INPUT_PURPOSE_PASSWORD);
    m_passphrase.set_activates_default(true);
    m_passphrase.signal_changed().connect([this] { check(); });
    m_sealed.pack_start(m_passphrase, Gtk::PACK_SHRINK);
}

void ImportWindow::build_choice() {
    m_table.set_min_content_height(table_height);
    m_choice.pack_start(m_table, Gtk::PACK_EXPAND_WIDGET);
    m_all.set_spacing(spacing / 2);
    add_button(m_all, tr("All of them"), [this] { m_table.choose_all(true); });
    add_button(m_all, tr("None of them"), [this] { m_table.choose_all(false); });
    m_choice.pack_start(m_all, Gtk::PACK_SHRINK);
    m_own_heading.set_text(tr("Your own keys"));
    m_own_heading.set_xalign(0);
    m_choice.pack_start(m_own_heading, Gtk::PACK_SHRINK);
    auto* frame = Gtk::make_managed<Gtk::ScrolledWindow>();
    frame->set_policy(Gtk::POLICY_NEVER, Gtk::POLICY_AUTOMATIC);
    frame->set_propagate_natural_height(true);
    frame->set_max_content_height(table_height);
    frame->add(m_own);
    m_choice.pack_start(*frame, Gtk::PACK_SHRINK);
}

void ImportWindow::build_buttons() {
    auto* row = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    add_help_button(*row, "import");
    row->pack_start(m_spinner, Gtk::PACK_EXPAND_WIDGET);
    m_undo_button = &add_button(*row, tr("_Undo"), [this] {
        set_busy(true);
        m_actions.undo(std::exchange(m_undo, 0));
    });
    m_again = &add_button(*row, tr("Start _over"), [this] { start({}); });
    m_next = &add_button(*row, tr("_Continue"), [this] { go_on(); });
    m_next->set_can_default(true);
    set_default(*m_next);
    m_top.pack_start(*row, Gtk::PACK_SHRINK);
}

// --- Pages -------------------------------------------------------------------------------------

void ImportWindow::show_page(Page page, const std::string& text, const std::string& detail) {
    static_cast<void>(take_secret(m_passphrase));
    m_page = page;
    set_busy(false);
    m_heading.set_text(text);
    m_text.set_text(detail);
    m_text.set_visible(!detail.empty());
    Gtk::Widget* shown = &m_source;
    switch (page) {
    case Page::Source:
        break;
    case Page::Passphrase:
        shown = &m_sealed;
        break;
    case Page::Accounts:
        shown = &m_accounts;
        break;
    case Page::Choice:
        shown = &m_choice;
        break;
    case Page::Result:
        shown = &m_result;
        break;
    }
    m_pages.set_visible_child(*shown);
    m_again->set_visible(page != Page::Source);
    m_undo_button->set_visible(page == Page::Result && m_undo != 0);
    m_next->set_label(page == Page::Choice   ? tr("_Import")
                      : page == Page::Result ? tr("_Close")
                                             : tr("_Continue"));
    check();
    shown->child_focus(Gtk::DIR_TAB_FORWARD);
}

void ImportWindow::show_source() {
    show_page(
        Page::Source, tr("Import from which file or folder?"),
        tr("Of another OTR program, such as ~/.purple or ~/.config/coyim. Nothing changes before "
           "you have seen what is there."));
    m_file.grab_focus();
}

void ImportWindow::start(const std::string& path) {
    m_actions.forget();
    m_bar.hide();
    m_undo = 0;
    m_question.reset();
    m_chooser.reset();
    m_file.set_text(Glib::filename_display_name(path));
    m_path = path;
    show_source();
    if (!path.empty()) {
        read(util::SecretString());
    }
}

void ImportWindow::show_over(const std::string& text, const std::string& detail) {
    show_source();
    if (!text.empty()) {
        m_bar.say(detail.empty() ? text : text + "\n" + detail);
    }
}

void ImportWindow::show_passphrase(const std::string& text, const std::string& detail) {
    show_page(Page::Passphrase, text, detail);
}

void ImportWindow::show_accounts(const std::string& text, const std::string& detail,
                                 const std::vector<std::string>& theirs,
                                 const std::vector<std::string>& ours) {
    m_account_choices.clear();
    m_account_labels.clear();
    for (const std::string& name : theirs) {
        auto choice = std::make_unique<Gtk::ComboBoxText>();
        choice->append(tr("None of these: leave it out"));
        for (const std::string& account : ours) {
            choice->append(account);
        }
        choice->set_active(0);
        choice->get_accessible()->set_name(name);
        auto label = std::make_unique<Gtk::Label>(name);
        label->set_xalign(0);
        const int row = static_cast<int>(m_account_choices.size());
        m_accounts.attach(*label, 0, row);
        m_accounts.attach(*choice, 1, row);
        m_account_choices.push_back(std::move(choice));
        m_account_labels.push_back(std::move(label));
    }
    m_accounts.show_all();
    show_page(Page::Accounts, text, detail);
}

void ImportWindow::show_choices(const std::string& text, const std::string& detail,
                                std::vector<ipc::ImportableKey> keys,
                                std::vector<ipc::ImportableOwnKey> own) {
    m_table.set_visible(!keys.empty());
    m_all.set_visible(!keys.empty());
    m_table.show_keys(std::move(keys));
    m_own_choices.clear();
    m_own_keys = std::move(own);
    for (const ipc::ImportableOwnKey& key : m_own_keys) {
        auto choice = std::make_unique<Gtk::CheckButton>(
            format(key.warning.empty() ? tr("{account}: {code}, there is no key here yet")
                                       : tr("{account}: {code}, replaces the key that is here"),
                   {{"account", key.account}, {"code", groups_of(key.key)}}));
        if (auto* label = dynamic_cast<Gtk::Label*>(choice->get_child())) {
            label->set_line_wrap(true);
        }
        choice->signal_toggled().connect([this] { check(); });
        m_own.pack_start(*choice, Gtk::PACK_SHRINK);
        m_own_choices.push_back(std::move(choice));
    }
    m_own.show_all();
    m_own_heading.set_visible(!m_own_keys.empty());
    show_page(Page::Choice, text, detail);
}

void ImportWindow::show_result(const std::string& text, unsigned undo) {
    m_undo = undo;
    m_result.set_text(text);
    show_page(Page::Result, tr("What was imported"), {});
}

/// What the plugin works on takes its time.
void ImportWindow::set_busy(bool is_busy) {
    m_is_taking = is_busy && (m_page == Page::Choice || m_page == Page::Result);
    m_again->set_sensitive(!m_is_taking);
    m_spinner.property_active() = is_busy;
    m_pages.set_sensitive(!is_busy);
    m_undo_button->set_sensitive(!is_busy);
    check();
}

void ImportWindow::check() {
    bool is_possible = true;
    if (m_page == Page::Source) {
        is_possible = m_file.get_text_length() > 0;
    } else if (m_page == Page::Passphrase) {
        is_possible = m_passphrase.get_text_length() > 0;
    } else if (m_page == Page::Choice) {
        const std::size_t number = m_table.chosen_count();
        is_possible = number > 0 || !chosen_own().empty();
        if (m_table.get_visible()) {
            m_heading.set_text(
                format(tr_n("Import {number} code?", "Import {number} codes?", number),
                       {{"number", std::to_string(number)}}));
        }
    }
    m_next->set_sensitive(is_possible && !m_spinner.property_active());
}

// --- Acts --------------------------------------------------------------------------------------

void ImportWindow::go_on() {
    m_bar.hide();
    switch (m_page) {
    case Page::Source:
        read(util::SecretString());
        break;
    case Page::Passphrase:
        read(take_secret(m_passphrase));
        break;
    case Page::Accounts:
        match();
        break;
    case Page::Choice:
        import();
        break;
    case Page::Result:
        hide();
        break;
    }
}

void ImportWindow::choose(bool is_folder) {
    m_chooser = std::make_unique<Gtk::FileChooserDialog>(
        *this, is_folder ? tr("Choose a folder") : tr("Choose a file"),
        is_folder ? Gtk::FILE_CHOOSER_ACTION_SELECT_FOLDER : Gtk::FILE_CHOOSER_ACTION_OPEN);
    m_chooser->add_button(tr("_Cancel"), Gtk::RESPONSE_CANCEL);
    m_chooser->add_button(tr("_Open"), Gtk::RESPONSE_OK);
    m_chooser->set_default_response(Gtk::RESPONSE_OK);
    m_chooser->set_modal(true);
    m_chooser->set_local_only(true);
    m_chooser->property_show_hidden() = true; // where most programs have theirs
    m_chooser->signal_response().connect([this](int response) {
        m_chooser->hide();
        const std::string path = m_chooser->get_filename();
        if (response == Gtk::RESPONSE_OK && !path.empty()) {
            m_file.set_text(Glib::filename_display_name(path));
            m_path = path;
            m_next->grab_focus();
        }
    });
    m_chooser->show();
}

void ImportWindow::read(const util::SecretString& passphrase) {
    if (m_path.empty()) {
        try {
            m_path = Glib::filename_from_utf8(m_file.get_text());
        } catch (const Glib::ConvertError& error) {
            m_bar.say(error.what());
            return;
        }
    }
    set_busy(true);
    m_actions.read(m_path, passphrase);
}

void ImportWindow::match() {
    Places places;
    for (const auto& choice : m_account_choices) {
        places.push_back(static_cast<guint32>(choice->get_active_row_number()));
    }
    set_busy(true);
    m_actions.match(places);
}

ImportWindow::Places ImportWindow::chosen_own() const {
    Places places;
    for (guint32 place = 0; place < m_own_choices.size(); ++place) {
        if (m_own_choices[place]->get_active()) {
            places.push_back(place);
        }
    }
    return places;
}

void ImportWindow::import() {
    const Places keys = m_table.chosen();
    const Places own = chosen_own();
    std::string warnings;
    std::size_t replaced = 0;
    for (const guint32 place : own) {
        const ipc::ImportableOwnKey& key = m_own_keys[place];
        if (!key.warning.empty()) {
            warnings += (warnings.empty() ? "" : "\n\n") + key.account + "\n" + key.warning;
            ++replaced;
        }
    }
    if (replaced == 0) {
        take(keys, own);
        return;
    }
    const auto answered = [this, keys, own](bool is_yes) {
        if (is_yes) {
            take(keys, own);
        }
    };
    m_question = ask_question(*this,
                              {.text = format(tr_n("Replace {number} key of your own?",
                                                   "Replace {number} keys of your own?", replaced),
                                              {{"number", std::to_string(replaced)}}),
                               .details = warnings,
                               .yes = tr("_Replace"),
                               .no = tr("_Cancel"),
                               .is_dangerous = true},
                              answered);
}

void ImportWindow::take(const Places& keys, const Places& own) {
    set_busy(true);
    m_actions.take(keys, own);
}

bool ImportWindow::on_key_press_event(GdkEventKey* event) {
    if (event->keyval == GDK_KEY_Escape) {
        if (!m_is_taking) {
            hide();
        }
        return true;
    }
    return Gtk::Window::on_key_press_event(event);
}

bool ImportWindow::on_delete_event(GdkEventAny* event) {
    return m_is_taking || Gtk::Window::on_delete_event(event);
}

void ImportWindow::on_hide() {
    Gtk::Window::on_hide();
    static_cast<void>(take_secret(m_passphrase));
    m_actions.closed();
}

} // namespace otr_guard::windows
