// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Coming from another OTR program, page by page: where its files are, a passphrase and whose
// accounts these are when need be, what to take, what became of it. Decides nothing itself.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtkmm/box.h>
#include <gtkmm/button.h>
#include <gtkmm/checkbutton.h>
#include <gtkmm/comboboxtext.h>
#include <gtkmm/entry.h>
#include <gtkmm/filechooserdialog.h>
#include <gtkmm/grid.h>
#include <gtkmm/label.h>
#include <gtkmm/messagedialog.h>
#include <gtkmm/spinner.h>
#include <gtkmm/stack.h>
#include <gtkmm/window.h>

#include "util/secret.h"
#include "windows/import_table.h"
#include "windows/notice_bar.h"

namespace otr_guard::windows {

class ImportWindow : public Gtk::Window {
public:
    using Places = std::vector<guint32>;
    struct Actions {
        /// A file or folder, as the system names it.
        std::function<void(const std::string& path, const util::SecretString& passphrase)> read;
        /// For each of their accounts the place of one of ours, counted from 1; 0: none.
        std::function<void(const Places&)> match;
        std::function<void(const Places& keys, const Places& own)> take;
        std::function<void(unsigned undo)> undo;
        /// What was read is of no use any more.
        std::function<void()> forget;
        std::function<void()> closed;
    };

    explicit ImportWindow(Actions actions);

    /// Begins anew; with a path as if the user had chosen it.
    void start(const std::string& path);
    /// Keys are being imported: then the window stays until it is known what became of them.
    [[nodiscard]] bool is_taking() const { return m_is_taking; }

    // What an action has come to. `text` and `detail` are plain.
    /// Back to the first page, where what was chosen stands.
    void show_over(const std::string& text, const std::string& detail);
    void show_passphrase(const std::string& text, const std::string& detail);
    void show_accounts(const std::string& text, const std::string& detail,
                       const std::vector<std::string>& theirs,
                       const std::vector<std::string>& ours);
    void show_choices(const std::string& text, const std::string& detail,
                      std::vector<ipc::ImportableKey> keys, std::vector<ipc::ImportableOwnKey> own);
    /// `undo` is for Actions::undo, 0 when there is nothing to undo.
    void show_result(const std::string& text, unsigned undo);

protected:
    bool on_delete_event(GdkEventAny* event) override;
    bool on_key_press_event(GdkEventKey* event) override;
    void on_hide() override;

private:
    enum class Page { Source, Passphrase, Accounts, Choice, Result };

    void build_source();
    void build_passphrase();
    void build_choice();
    void build_buttons();
    void show_source();
    void show_page(Page page, const std::string& text, const std::string& detail);
    void set_busy(bool is_busy);
    void check();
    void go_on();
    void choose(bool is_folder);
    void read(const util::SecretString& passphrase);
    void match();
    void import();
    void take(const Places& keys, const Places& own);
    [[nodiscard]] Places chosen_own() const;

    Actions m_actions;
    Page m_page = Page::Source;
    std::string m_path; ///< as the system names it; what is typed may be less exact
    bool m_is_taking = false;
    unsigned m_undo = 0;
    std::vector<ipc::ImportableOwnKey> m_own_keys;

    Gtk::Box m_top;
    NoticeBar m_bar;
    Gtk::Label m_heading;
    Gtk::Label m_text;
    Gtk::Stack m_pages;
    Gtk::Box m_source;
    Gtk::Entry m_file;
    Gtk::Box m_sealed;
    Gtk::Entry m_passphrase;
    Gtk::Grid m_accounts;
    std::vector<std::unique_ptr<Gtk::ComboBoxText>> m_account_choices;
    std::vector<std::unique_ptr<Gtk::Label>> m_account_labels;
    Gtk::Box m_choice;
    ImportTable m_table;
    Gtk::Box m_all;
    Gtk::Label m_own_heading;
    Gtk::Box m_own;
    std::vector<std::unique_ptr<Gtk::CheckButton>> m_own_choices;
    Gtk::Label m_result;
    Gtk::Spinner m_spinner;
    Gtk::Button* m_undo_button = nullptr;
    Gtk::Button* m_again = nullptr;
    Gtk::Button* m_next = nullptr;
    std::unique_ptr<Gtk::FileChooserDialog> m_chooser;
    std::unique_ptr<Gtk::MessageDialog> m_question;
};

} // namespace otr_guard::windows
