// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "import_dialogs.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "i18n.h"
#include "import_texts.h"
#include "labels.h"
#include "model/own_key_texts.h"
#include "own_key_list.h"
#include "plugin.h"
#include "purple_host.h"

namespace otr_guard::plugin {

namespace {

const Dialogs::Subject subject{Dialogs::Kind::Import, std::nullopt};

enum class Which { Unproblematic, All, Chosen, None };

struct Choice {
    Which which;
    std::string label;
};

PurpleRequestFieldGroup* add_group(PurpleRequestFields& fields) {
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(&fields, group);
    return group;
}

std::vector<Choice> choices_for(const core::ImportPlan& plan) {
    std::vector<Choice> choices;
    if (std::ranges::any_of(plan.keys, [](const core::PlannedKey& key) {
            return key.conflict != core::Conflict::None;
        })) {
        choices.push_back({Which::Unproblematic, tr("All that contradict nothing here")});
    }
    choices.push_back({Which::All, tr("All of them")});
    choices.push_back({Which::Chosen, tr("Those chosen above")});
    choices.push_back({Which::None, tr("None of them")});
    return choices;
}

bool is_wanted(Which which, const core::PlannedKey& key, bool is_chosen) {
    switch (which) {
    case Which::Unproblematic:
        return key.conflict == core::Conflict::None;
    case Which::All:
        return true;
    case Which::Chosen:
        return is_chosen;
    case Which::None:
        break;
    }
    return false;
}

void add_keys(PurpleRequestFields& fields, const core::ImportPlan& plan) {
    if (plan.keys.empty()) {
        return;
    }
    std::vector<std::string> labels;
    for (const core::PlannedKey& planned : plan.keys) {
        labels.push_back(key_label(planned.key, effect_label(planned)));
    }
    PurpleRequestFieldGroup* group = add_group(fields);
    purple_request_field_list_set_multi_select(
        add_list_field(group, "keys", tr("Codes"), labels, labels.size()), TRUE);
    std::vector<std::string> choices;
    for (const Choice& choice : choices_for(plan)) {
        choices.push_back(choice.label);
    }
    add_list_field(group, "which", tr("Which"), choices, 0);
}

void add_own_keys(PurpleRequestFields& fields, const ProfileImport& import) {
    std::vector<std::string> labels;
    for (const core::PlannedOwnKey& planned : import.plan().own) {
        const std::string code = import.fingerprint_of(planned).to_groups();
        labels.push_back(format(planned.replaces
                                    ? tr("{account}: {code}, replaces the key that is here")
                                    : tr("{account}: {code}, there is no key here yet"),
                                {{"account", account_label(planned.account)}, {"code", code}}));
    }
    if (!labels.empty()) {
        purple_request_field_list_set_multi_select(
            add_list_field(add_group(fields), "own", tr("Your own keys"), labels, labels.size()),
            TRUE);
    }
}

} // namespace

ImportDialogs::ImportDialogs(Plugin& plugin, Dialogs& dialogs, Next next)
    : m_plugin(plugin), m_dialogs(dialogs), m_next(std::move(next)), m_reader(plugin) {}

// --- Reading -----------------------------------------------------------------------------------

void ImportDialogs::ask_path() {
    check_shown(m_plugin,
                m_dialogs.ask_text(
                    subject,
                    {tr("Import from which file or folder?"),
                     tr("Of another OTR program, such as ~/.purple or ~/.config/coyim. Nothing "
                        "changes before you have seen what is there.")},
                    {}, tr("Continue"), [this](const util::SecretString& path) {
                        if (!path.empty()) {
                            open(std::string(path.view()));
                        }
                    }));
}

void ImportDialogs::open(const std::string& path) {
    if (path.empty()) {
        ask_path();
        return;
    }
    read(std::make_shared<ProfileImport>(m_plugin, path), {});
}

void ImportDialogs::read(const ImportPtr& import, util::SecretString passphrase) {
    m_reader.read(import->path(), std::move(passphrase),
                  [this, import](util::Expected<core::ForeignProfile> profile) {
                      go_on(import, import->take(std::move(profile)));
                  });
}

void ImportDialogs::go_on(const ImportPtr& import, const ProfileImport::Next& next) {
    using enum ProfileImport::Step;
    switch (next.step) {
    case Over:
        inform(m_plugin, next.text, next.detail);
        break;
    case Passphrase:
        ask_passphrase(import, next);
        break;
    case Backup:
        m_next.open_backup(import->backup());
        break;
    case Accounts:
        ask_accounts(import, next);
        break;
    case Choice:
        preview(import, next);
        break;
    }
}

void ImportDialogs::ask_passphrase(const ImportPtr& import, const ProfileImport::Next& next) {
    check_shown(m_plugin,
                m_dialogs.ask_text(subject, {next.text, next.detail},
                                   {.is_masked = true, .is_multiline = false}, tr("Continue"),
                                   [this, import, next](util::SecretString passphrase) {
                                       if (passphrase.empty()) {
                                           ask_passphrase(import, next);
                                       } else {
                                           read(import, std::move(passphrase));
                                       }
                                   }));
}

// --- Accounts ----------------------------------------------------------------------------------

void ImportDialogs::ask_accounts(const ImportPtr& import, const ProfileImport::Next& next) {
    std::vector<std::string> labels{tr("None of these: leave it out")};
    std::ranges::transform(import->ours(), std::back_inserter(labels), account_label);
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = add_group(*fields);
    std::string text = next.detail;
    const std::size_t count = import->unknown().size();
    for (std::size_t i = 0; i < count; ++i) {
        // Clients do not escape the labels of fields, so names stand in the text.
        const std::string number = std::to_string(i + 1);
        text += "\n" + number + ": " + foreign_label(import->unknown()[i]);
        add_list_field(group, ("account" + number).c_str(),
                       format(tr("Account {number}"), {{"number", number}}), labels, 0);
    }
    const auto answered = [this, import, count](PurpleRequestFields& filled) {
        std::vector<std::optional<std::size_t>> places(count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto chosen =
                selected_indices(filled, ("account" + std::to_string(i + 1)).c_str());
            if (chosen.size() == 1 && chosen.front() > 0) {
                places[i] = chosen.front() - 1;
            }
        }
        go_on(import, import->match(places));
    };
    check_shown(m_plugin, m_dialogs.ask_fields(subject, {next.text, text}, std::move(fields),
                                               tr("Continue"), tr("Cancel"), answered));
}

// --- The preview -------------------------------------------------------------------------------

void ImportDialogs::preview(const ImportPtr& import, const ProfileImport::Next& next) {
    FieldsPtr fields(purple_request_fields_new());
    add_keys(*fields, import->plan());
    add_own_keys(*fields, *import);
    check_shown(m_plugin, m_dialogs.ask_fields(subject, {next.text, next.detail}, std::move(fields),
                                               tr("Import"), tr("Cancel"),
                                               [this, import](PurpleRequestFields& filled) {
                                                   chosen(import, filled);
                                               }));
}

void ImportDialogs::chosen(const ImportPtr& import, PurpleRequestFields& filled) {
    const core::ImportPlan& plan = import->plan();
    std::vector<std::size_t> places;
    if (!plan.keys.empty()) {
        const std::vector<Choice> choices = choices_for(plan);
        const auto which = selected_indices(filled, "which");
        const auto rows = selected_indices(filled, "keys");
        const bool is_answered = which.size() == 1 && which.front() < choices.size();
        for (std::size_t row = 0; is_answered && row < plan.keys.size(); ++row) {
            const bool is_chosen = std::ranges::find(rows, row) != rows.end();
            if (is_wanted(choices[which.front()].which, plan.keys[row], is_chosen)) {
                places.push_back(row);
            }
        }
    }
    std::vector<std::size_t> own;
    if (!plan.own.empty()) {
        own = selected_indices(filled, "own");
        std::erase_if(own, [&](std::size_t row) { return row >= plan.own.size(); });
    }
    if (places.empty() && own.empty()) {
        inform(m_plugin, tr("Nothing was done, because nothing was chosen."), {});
        return;
    }
    if (import->has_changed(places)) {
        ProfileImport::Next again = import->plan_again();
        again.detail = tr("Something has changed in the meantime, so nothing was done. Have a look "
                          "and try again.") +
                       "\n" + again.detail;
        go_on(import, again);
        return;
    }
    if (!places.empty()) {
        m_next.take_keys(import->keys(places));
    }
    take_own_keys(import, std::move(own));
}

// --- Own keys ----------------------------------------------------------------------------------

void ImportDialogs::take_own_keys(const ImportPtr& import, std::vector<std::size_t> places) {
    if (places.empty()) {
        return;
    }
    const std::size_t place = places.front();
    places.erase(places.begin());
    const auto then = [this, import, places] { take_own_keys(import, places); };
    const core::PlannedOwnKey& key = import->plan().own[place];
    const auto known = find_own_key(m_plugin, key.account);
    if (!key.replaces || !known) {
        take_own_key(import, place, then);
        return;
    }
    check_shown(
        m_plugin,
        m_dialogs.act(subject,
                      {format(tr("Replace the key of {account}?"), {{"account", known->label}}),
                       model::replace_key_warning(known->people)},
                      {{tr("Replace the key"),
                        [this, import, place, then] { take_own_key(import, place, then); }},
                       {tr("Keep the key"), then}}));
}

void ImportDialogs::take_own_key(const ImportPtr& import, std::size_t place,
                                 std::function<void()> then) {
    const auto taken = [this, then = std::move(then),
                        alive = std::weak_ptr<bool>(m_alive)](const std::string& text) {
        if (!alive.expired()) {
            inform(m_plugin, text, {});
            then();
        }
    };
    import->take_own_key(place, taken);
}

} // namespace otr_guard::plugin
