// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "own_key_dialogs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/key_backup.h"
#include "core/markup.h"
#include "core/words.h"
#include "i18n.h"
#include "ipc/gobject_ptr.h"
#include "ipc/user_files.h"
#include "model/limits.h"
#include "model/own_key_texts.h"
#include "plugin.h"

namespace otr_guard::plugin {

namespace {

const Dialogs::Subject subject{Dialogs::Kind::OwnKeys, std::nullopt};

PurpleRequestFieldGroup* add_group(PurpleRequestFields& fields) {
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(&fields, group);
    return group;
}

void add_passphrase(PurpleRequestFieldGroup* group, const char* id, const std::string& label) {
    PurpleRequestField* field = purple_request_field_string_new(id, label.c_str(), nullptr, FALSE);
    purple_request_field_string_set_masked(field, TRUE);
    purple_request_field_set_required(field, TRUE);
    purple_request_field_group_add_field(group, field);
}

std::string code_of(const OwnKey& key) {
    return key.key ? key.key->to_groups() + "\n" + core::to_words(*key.key) : tr("no key yet");
}

} // namespace

/// A key that is on its way in.
struct OwnKeyDialogs::Import {
    std::string text;
    model::AccountId account;
    std::optional<model::Fingerprint> replaces;
    std::shared_ptr<util::SecretString> passphrase;
};

OwnKeyDialogs::OwnKeyDialogs(Plugin& plugin, Dialogs& dialogs)
    : m_plugin(plugin), m_dialogs(dialogs) {}

// --- The list ----------------------------------------------------------------------------------

void OwnKeyDialogs::show() {
    const std::vector<OwnKey> keys = own_keys(m_plugin);
    if (keys.empty()) {
        inform(m_plugin, tr("There is no account yet."), {});
        return;
    }
    std::vector<std::string> labels;
    std::vector<model::AccountId> accounts;
    for (const OwnKey& key : keys) {
        labels.push_back(format(tr("{account}: {code} ({state})"),
                                {{"account", key.label},
                                 {"code", key.key ? key.key->to_groups() : std::string("-")},
                                 {"state", story_of(key)}}));
        accounts.push_back(key.account);
    }
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = add_group(*fields);
    add_list_field(group, "accounts", tr("Accounts"), labels, 0);
    add_list_field(group, "action", tr("What to do"),
                   {tr("Show the code"), tr("Make a new key"), tr("Export under a passphrase"),
                    tr("Import from a file"), tr("Delete the key")},
                   0);
    const auto answered = [this, accounts](PurpleRequestFields& filled) {
        const auto chosen = selected_indices(filled, "accounts");
        const auto action = selected_indices(filled, "action");
        if (chosen.size() != 1 || chosen.front() >= accounts.size() || action.size() != 1) {
            inform(m_plugin, tr("Nothing was done, because nothing was chosen."), {});
            return;
        }
        act(static_cast<Action>(action.front()), accounts[chosen.front()]);
    };
    check_shown(
        m_plugin,
        m_dialogs.ask_fields(
            subject,
            {tr("My codes (fingerprints)"),
             tr("Give them to others in person, by phone, or where they know that it is you.")},
            std::move(fields), tr("Do it"), tr("Close"), answered));
}

void OwnKeyDialogs::act(Action action, const model::AccountId& account) {
    if (action == Action::Import) {
        choose_file();
        return;
    }
    const auto key = find_own_key(m_plugin, account);
    if (!key || (!key->key && action != Action::Show && action != Action::Make)) {
        inform(m_plugin, tr("The account has no key."), {});
        return;
    }
    switch (action) {
    case Action::Show:
        show_codes(*key);
        break;
    case Action::Make:
        make(*key);
        break;
    case Action::Export:
        ask_passphrase(*key, {});
        break;
    case Action::Delete:
        remove(*key);
        break;
    case Action::Import:
        break;
    }
}

void OwnKeyDialogs::show_codes(const OwnKey& key) {
    const std::string link = key.uri.empty() ? "" : "<br>" + core::markup::escape(key.uri);
    const std::string html = "<b>" + core::markup::escape(key.label) + "</b><br>" +
                             core::markup::escape(code_of(key)) + link + "<br>" +
                             core::markup::escape(story_of(key));
    purple_notify_formatted(
        m_plugin.handle(), "OTR Guard", tr("My codes (fingerprints)").c_str(),
        tr("Give them to others in person, by phone, or where they know that it is you; the words "
           "say the same as the digits.")
            .c_str(),
        html.c_str(), nullptr, nullptr);
}

// --- Making and deleting -----------------------------------------------------------------------

void OwnKeyDialogs::confirm(const std::string& question, const std::string& warning,
                            const std::string& yes, std::function<void()> act) {
    check_shown(m_plugin, m_dialogs.act(subject, {question, warning},
                                        {{yes, std::move(act)}, {tr("Cancel"), {}}}));
}

std::function<void(util::Expected<void>)> OwnKeyDialogs::report(const std::string& success) {
    return
        [this, success, alive = std::weak_ptr<bool>(m_alive)](const util::Expected<void>& result) {
            if (!alive.expired()) {
                inform(m_plugin, result ? success : own_key_problem(result.error()), {});
            }
        };
}

void OwnKeyDialogs::make(const OwnKey& key) {
    const auto act = [this, key] {
        m_plugin.engine().own_keys().make(
            key.account, key.key,
            report(format(tr("The key of {account} was made."), {{"account", key.label}})));
    };
    if (!key.key) {
        act();
        return;
    }
    confirm(format(tr("Make a new key for {account}?"), {{"account", key.label}}),
            model::new_key_warning(key.people), tr("Make a new key"), act);
}

void OwnKeyDialogs::remove(const OwnKey& key) {
    confirm(format(tr("Delete the key of {account}?"), {{"account", key.label}}),
            model::delete_key_warning(key.people), tr("Delete the key"), [this, key] {
                m_plugin.engine().own_keys().remove(key.account, *key.key,
                                                    report(format(tr("The key of {account} was "
                                                                     "deleted."),
                                                                  {{"account", key.label}})));
            });
}

// --- Exporting ---------------------------------------------------------------------------------

void OwnKeyDialogs::ask_passphrase(const OwnKey& key, const std::string& problem) {
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = add_group(*fields);
    add_passphrase(group, "passphrase", tr("Passphrase"));
    add_passphrase(group, "again", tr("The same again"));
    const auto answered = [this, key](PurpleRequestFields& filled) {
        const auto passphrase =
            std::make_shared<util::SecretString>(take_text(filled, "passphrase"));
        const util::SecretString again = take_text(filled, "again");
        const model::Strength strength = model::strength_of(passphrase->view());
        if (!util::equal_in_constant_time(passphrase->view(), again.view())) {
            ask_passphrase(key, tr("The two were not the same."));
        } else if (passphrase->size() > model::limits::passphrase_bytes) {
            ask_passphrase(key, tr("That is too long."));
        } else if (strength == model::Strength::TooShort) {
            ask_passphrase(key, model::text_of(strength));
        } else if (strength == model::Strength::Weak) {
            confirm(tr("Export under a passphrase that is easy to guess?"),
                    model::text_of(strength), tr("Export all the same"),
                    [this, key, passphrase] { save(key, passphrase); });
        } else {
            save(key, passphrase);
        }
    };
    check_shown(m_plugin,
                m_dialogs.ask_fields(
                    subject,
                    {format(tr("A passphrase for the key of {account}"), {{"account", key.label}}),
                     problem.empty() ? model::passphrase_advice()
                                     : problem + "\n" + model::passphrase_advice()},
                    std::move(fields), tr("Continue"), tr("Cancel"), answered));
}

void OwnKeyDialogs::save(const OwnKey& key, const std::shared_ptr<util::SecretString>& passphrase) {
    const auto chosen = [this, key, passphrase](const std::string& path) {
        m_plugin.engine().own_keys().seal(key.account, *key.key, std::move(*passphrase),
                                          [this, path, alive = std::weak_ptr<bool>(m_alive)](
                                              const util::Expected<std::string>& sealed) {
                                              if (!alive.expired()) {
                                                  write(path, sealed);
                                              }
                                          });
    };
    check_shown(m_plugin, m_dialogs.ask_file(subject, tr("Export the key"),
                                             backup_file_name(key.account), true, chosen));
}

void OwnKeyDialogs::write(const std::string& path, const util::Expected<std::string>& sealed) {
    if (!sealed) {
        inform(m_plugin, own_key_problem(sealed.error()), {});
        return;
    }
    const ipc::GObjectPtr<GFile> file(g_file_new_for_path(path.c_str()));
    ipc::write_user_file(
        file.get(), *sealed,
        [this, path, alive = std::weak_ptr<bool>(m_alive)](const std::string& problem) {
            if (!alive.expired()) {
                inform(m_plugin,
                       problem.empty() ? format(tr("Written to {file}."), {{"file", path}})
                                       : format(tr("Not written to {file}: {problem}"),
                                                {{"file", path}, {"problem", problem}}),
                       {});
            }
        });
}

// --- Importing ---------------------------------------------------------------------------------

void OwnKeyDialogs::choose_file() {
    const auto chosen = [this](const std::string& path) {
        const ipc::GObjectPtr<GFile> file(g_file_new_for_path(path.c_str()));
        ipc::read_user_file(
            file.get(), model::limits::key_backup_bytes,
            [this, alive = std::weak_ptr<bool>(m_alive)](const util::Expected<std::string>& text) {
                if (!alive.expired()) {
                    read(text);
                }
            });
    };
    check_shown(m_plugin, m_dialogs.ask_file(subject, tr("Import a key"), "", false, chosen));
}

void OwnKeyDialogs::read(const util::Expected<std::string>& text) {
    if (!text) {
        inform(m_plugin,
               format(tr("The file cannot be read: {problem}"), {{"problem", text.error().detail}}),
               {});
        return;
    }
    open_backup(*text);
}

void OwnKeyDialogs::open_backup(const std::string& text) {
    const auto names = core::read_backup_names(text);
    if (!names) {
        inform(m_plugin, own_key_problem(names.error()), {});
        return;
    }
    ask_for_import(text, {});
}

void OwnKeyDialogs::ask_for_import(const std::string& text, const std::string& problem) {
    const auto names = core::read_backup_names(text);
    const std::vector<OwnKey> keys = own_keys(m_plugin);
    std::vector<std::string> labels;
    std::vector<OwnKey> targets;
    std::size_t named = keys.size();
    for (const OwnKey& key : keys) {
        if (!key.has_account) {
            continue;
        }
        if (key.account == names->account) {
            named = targets.size();
        }
        labels.push_back(key.label);
        targets.push_back(key);
    }
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = add_group(*fields);
    add_passphrase(group, "passphrase", tr("Passphrase"));
    add_list_field(group, "accounts", tr("For which account"), labels, named);
    const auto answered = [this, text, targets](PurpleRequestFields& filled) {
        const auto passphrase =
            std::make_shared<util::SecretString>(take_text(filled, "passphrase"));
        const auto chosen = selected_indices(filled, "accounts");
        if (chosen.size() != 1 || chosen.front() >= targets.size()) {
            ask_for_import(text, tr("No account was chosen."));
            return;
        }
        const OwnKey& target = targets[chosen.front()];
        const Import what{text, target.account, target.key, passphrase};
        if (!target.key) {
            import(what);
            return;
        }
        confirm(format(tr("Replace the key of {account}?"), {{"account", target.label}}),
                model::replace_key_warning(target.people), tr("Replace the key"),
                [this, what] { import(what); });
    };
    const std::string whose = format(
        tr("It is the key of {account} with the code {code}."),
        {{"account", account_label(names->account)}, {"code", names->fingerprint.to_groups()}});
    check_shown(m_plugin,
                m_dialogs.ask_fields(
                    subject, {tr("Import a key"), problem.empty() ? whose : problem + "\n" + whose},
                    std::move(fields), tr("Import"), tr("Cancel"), answered));
}

void OwnKeyDialogs::import(const Import& what) {
    m_plugin.engine().own_keys().import(
        what.account, what.replaces, what.text, std::move(*what.passphrase),
        [this, text = what.text,
         alive = std::weak_ptr<bool>(m_alive)](const util::Expected<void>& result) {
            if (alive.expired()) {
                return;
            }
            if (!result && result.error().code == util::ErrorCode::WrongPassphrase) {
                ask_for_import(text, own_key_problem(result.error()));
                return;
            }
            inform(m_plugin, result ? tr("The key was imported.") : own_key_problem(result.error()),
                   {});
        });
}

} // namespace otr_guard::plugin
