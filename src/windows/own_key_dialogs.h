// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The passphrase of a key that goes out, and what is to become of one that comes in. What was typed
// is handed over once and forgotten.

#include <functional>
#include <vector>

#include <gtkmm/comboboxtext.h>
#include <gtkmm/dialog.h>
#include <gtkmm/entry.h>
#include <gtkmm/label.h>

#include "ipc/own_key_codec.h"
#include "util/secret.h"

namespace otr_guard::windows {

class SealDialog : public Gtk::Dialog {
public:
    /// `seal` is not called when cancelled.
    SealDialog(Gtk::Window& parent, const ipc::OwnKey& key,
               std::function<void(util::SecretString)> seal);

private:
    void add_entry(Gtk::Entry& entry, const std::string& title, const std::string& name);
    void check();

    Gtk::Label m_heading;
    Gtk::Label m_advice;
    Gtk::Entry m_passphrase;
    Gtk::Entry m_again;
    Gtk::Label m_verdict;
};

class OpenDialog : public Gtk::Dialog {
public:
    /// What a sealed text says of itself.
    struct Sealed {
        model::AccountId account;
        std::string label;
        std::string key;
        std::string text;
    };
    using Import = std::function<void(const ipc::OwnKey& target, util::SecretString)>;

    /// `targets` are the accounts that can take it; not called when cancelled. May be shown again
    /// after a wrong passphrase.
    OpenDialog(Gtk::Window& parent, const Sealed& sealed, std::vector<ipc::OwnKey> targets,
               Import import);
    void say(const std::string& problem);

private:
    [[nodiscard]] const ipc::OwnKey* target() const;
    void check();

    std::string m_key;
    std::vector<ipc::OwnKey> m_targets;
    Gtk::Label m_heading;
    Gtk::Label m_whose;
    Gtk::Label m_account_label;
    Gtk::ComboBoxText m_account;
    Gtk::Label m_passphrase_label;
    Gtk::Entry m_passphrase;
    Gtk::Label m_warning;
    Gtk::Label m_problem;
};

} // namespace otr_guard::windows
