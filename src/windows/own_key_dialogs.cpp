// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/own_key_dialogs.h"

#include <utility>

#include "model/limits.h"
#include "model/own_key_texts.h"
#include "util/i18n.h"
#include "windows/code_texts.h"
#include "windows/own_keys_model.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using util::format;
using util::tr;

namespace {

void mask(Gtk::Entry& entry, const std::string& name) {
    entry.get_accessible()->set_name(name);
    entry.set_visibility(false);
    entry.set_max_length(model::limits::passphrase_bytes / 4); // characters
    entry.set_input_purpose(Gtk::INPUT_PURPOSE_PASSWORD);
    entry.set_activates_default(true);
}

void fill(Gtk::Dialog& dialog, const std::vector<Gtk::Widget*>& widgets) {
    Gtk::Box& box = *dialog.get_content_area();
    box.set_spacing(spacing / 2);
    for (Gtk::Widget* widget : widgets) {
        box.pack_start(*widget, Gtk::PACK_SHRINK);
    }
}

} // namespace

// --- Out ---------------------------------------------------------------------------------------

SealDialog::SealDialog(Gtk::Window& parent, const ipc::OwnKey& key,
                       std::function<void(util::SecretString)> seal)
    : Gtk::Dialog(tr("Export a key"), parent) {
    set_border_width(spacing);
    set_resizable(false);
    make_heading(m_heading);
    m_heading.set_text(
        format(tr("A passphrase for the key of {account}"), {{"account", key.label}}));
    make_text(m_advice);
    m_advice.set_text(model::passphrase_advice());
    make_text(m_verdict);
    fill(*this, {&m_heading, &m_advice});
    add_entry(m_passphrase, tr("_Passphrase"), tr("Passphrase"));
    add_entry(m_again, tr("The same _again"), tr("The same again"));
    fill(*this, {&m_verdict});
    add_button(tr("_Cancel"), Gtk::RESPONSE_CANCEL);
    add_button(tr("Choose a _file…"), Gtk::RESPONSE_OK);
    set_default_response(Gtk::RESPONSE_OK);
    signal_response().connect([this, seal = std::move(seal)](int response) {
        hide();
        util::SecretString passphrase = take_secret(m_passphrase);
        m_again.set_text("");
        if (response == Gtk::RESPONSE_OK) {
            seal(std::move(passphrase));
        }
    });
    check();
    show_all_children();
}

void SealDialog::add_entry(Gtk::Entry& entry, const std::string& title, const std::string& name) {
    auto* label = Gtk::make_managed<Gtk::Label>(title, true);
    label->set_xalign(0);
    label->set_mnemonic_widget(entry);
    mask(entry, name);
    entry.signal_changed().connect([this] { check(); });
    fill(*this, {label, &entry});
}

void SealDialog::check() {
    const PassphraseVerdict verdict =
        judge(gtk_entry_get_text(m_passphrase.gobj()), gtk_entry_get_text(m_again.gobj()));
    m_verdict.set_text(verdict.text);
    set_response_sensitive(Gtk::RESPONSE_OK, verdict.is_good);
}

// --- In ----------------------------------------------------------------------------------------

OpenDialog::OpenDialog(Gtk::Window& parent, const Sealed& sealed, std::vector<ipc::OwnKey> targets,
                       Import import)
    : Gtk::Dialog(tr("Import a key"), parent), m_key(sealed.key), m_targets(std::move(targets)) {
    set_border_width(spacing);
    set_resizable(false);
    make_heading(m_heading);
    m_heading.set_text(tr("Import a key"));
    make_code(m_whose, tr("The key in the file"));
    m_whose.set_text(format(tr("It is the key of {account} with the code {code}."),
                            {{"account", sealed.label}, {"code", groups_of(sealed.key)}}));
    m_account_label.set_text_with_mnemonic(tr("For which _account"));
    m_account_label.set_mnemonic_widget(m_account);
    m_passphrase_label.set_text_with_mnemonic(tr("_Passphrase"));
    m_passphrase_label.set_mnemonic_widget(m_passphrase);
    for (Gtk::Label* label : {&m_account_label, &m_passphrase_label}) {
        label->set_xalign(0);
    }
    m_account.get_accessible()->set_name(tr("For which account"));
    for (std::size_t i = 0; i < m_targets.size(); ++i) {
        m_account.append(m_targets[i].label);
        if (m_targets[i].account == sealed.account) {
            m_account.set_active(static_cast<int>(i));
        }
    }
    mask(m_passphrase, tr("Passphrase"));
    m_account.signal_changed().connect([this] { check(); });
    m_passphrase.signal_changed().connect([this] { check(); });
    make_text(m_warning);
    make_text(m_problem);
    fill(*this, {&m_heading, &m_whose, &m_account_label, &m_account, &m_passphrase_label,
                 &m_passphrase, &m_problem, &m_warning});
    add_button(tr("_Cancel"), Gtk::RESPONSE_CANCEL);
    add_button(tr("_Import"), Gtk::RESPONSE_OK);
    set_default_response(Gtk::RESPONSE_OK);
    signal_response().connect([this, import = std::move(import)](int response) {
        hide();
        util::SecretString passphrase = take_secret(m_passphrase);
        if (const ipc::OwnKey* chosen = target();
            response == Gtk::RESPONSE_OK && chosen != nullptr) {
            import(*chosen, std::move(passphrase));
        }
    });
    show_all_children();
    m_problem.hide();
    check();
    m_passphrase.grab_focus();
}

const ipc::OwnKey* OpenDialog::target() const {
    const int row = m_account.get_active_row_number();
    return row >= 0 ? &m_targets.at(static_cast<std::size_t>(row)) : nullptr;
}

void OpenDialog::check() {
    const ipc::OwnKey* chosen = target();
    const bool has_it = chosen != nullptr && chosen->key == m_key;
    const bool replaces = chosen != nullptr && !chosen->key.empty() && !has_it;
    m_warning.set_text(has_it     ? tr("This account has this very key already.")
                       : replaces ? model::replace_key_warning(chosen->people)
                                  : std::string());
    m_warning.set_visible(has_it || replaces);
    set_response_sensitive(Gtk::RESPONSE_OK,
                           chosen != nullptr && !has_it && m_passphrase.get_text_length() > 0);
}

void OpenDialog::say(const std::string& problem) {
    m_problem.set_text(problem);
    m_problem.show();
    show();
    m_passphrase.grab_focus();
}

} // namespace otr_guard::windows
