// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "import_dialogs.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "core/foreign_profile.h"
#include "i18n.h"
#include "import_texts.h"
#include "labels.h"
#include "model/own_key_texts.h"
#include "names.h"
#include "own_key_list.h"
#include "plugin.h"
#include "purple_host.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

const Dialogs::Subject subject{Dialogs::Kind::Import, std::nullopt};

/// More are left out: nobody has so many accounts.
constexpr std::size_t asked_accounts = 10;

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

std::vector<model::AccountId> our_accounts() {
    std::vector<model::AccountId> accounts;
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        accounts.push_back(account_id(static_cast<PurpleAccount*>(item->data)));
    }
    return accounts;
}

/// As libpurple knows somebody on this account.
std::string normalised(const model::AccountId& account, const std::string& name) {
    // Names may come from anywhere, libpurple takes UTF-8.
    PurpleAccount* found = find_account(account);
    if (found == nullptr || g_utf8_validate(name.c_str(), -1, nullptr) == FALSE) {
        return name;
    }
    return peer_id(found, name.c_str()).username;
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

void add_own_keys(PurpleRequestFields& fields, const core::ForeignProfile& profile,
                  const core::ImportPlan& plan) {
    if (plan.own.empty()) {
        return;
    }
    std::vector<std::string> labels;
    for (const core::PlannedOwnKey& planned : plan.own) {
        const std::string code = profile.own[planned.place].key.fingerprint.to_groups();
        labels.push_back(format(planned.replaces
                                    ? tr("{account}: {code}, replaces the key that is here")
                                    : tr("{account}: {code}, there is no key here yet"),
                                {{"account", account_label(planned.account)}, {"code", code}}));
    }
    purple_request_field_list_set_multi_select(
        add_list_field(add_group(fields), "own", tr("Your own keys"), labels, labels.size()), TRUE);
}

std::string preview_text(const core::ForeignProfile& profile, const core::ImportPlan& plan) {
    std::string text = tr("Import only from a source that you trust: a code that is imported as "
                          "verified is trusted as if you had verified it yourself. Nothing that is "
                          "verified here is lost.");
    if (!plan.own.empty()) {
        text += "\n" + tr("Your own keys are imported only when you choose them. A key belongs to "
                          "one program: stop using the other one.");
    }
    for (const std::string& more : {left_out_text(plan), remarks_text(profile.remarks)}) {
        text += more.empty() ? more : "\n" + more;
    }
    return text;
}

} // namespace

/// One import on its way.
struct ImportDialogs::Import {
    std::string path;
    core::ForeignProfile profile;
    core::AccountMap accounts;
};

ImportDialogs::ImportDialogs(Plugin& plugin, Dialogs& dialogs, Next next)
    : m_plugin(plugin), m_dialogs(dialogs), m_next(std::move(next)) {}

ImportDialogs::~ImportDialogs() = default;

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
    read(std::make_shared<Import>(Import{from_home(path), {}, {}}), {});
}

void ImportDialogs::read(const ImportPtr& import, util::SecretString passphrase) {
    using Result = util::Expected<core::ForeignProfile>;
    const auto secret = std::make_shared<util::SecretString>(std::move(passphrase));
    const auto result = std::make_shared<Result>(util::failure(util::ErrorCode::Io, "unexpected"));
    const auto work = [path = import->path, secret, result] {
        util::guarded("import", [&] { *result = core::read_foreign(path, *secret); });
    };
    const auto deliver = [this, import, result, alive = std::weak_ptr<bool>(m_alive)] {
        m_plugin.host().post([this, import, alive, result] {
            if (!alive.expired()) {
                go_on(import, std::move(*result));
            }
        });
    };
    try {
        m_worker.submit(work, deliver);
    } catch (const std::exception& problem) { // no thread to be had
        go_on(import, util::failure(util::ErrorCode::Unavailable, problem.what()));
    }
}

void ImportDialogs::go_on(const ImportPtr& import, util::Expected<core::ForeignProfile> profile) {
    if (!profile) {
        inform(m_plugin,
               profile.error().code == util::ErrorCode::NotFound
                   ? format(tr("There is no file or folder {file}."), {{"file", import->path}})
                   : format(tr("The file cannot be read: {problem}"),
                            {{"problem", profile.error().detail}}),
               {});
        return;
    }
    import->profile = std::move(*profile);
    if (!import->profile.backup.empty()) {
        m_next.open_backup(import->profile.backup);
    } else if (import->profile.sealed != core::Sealed::Nothing) {
        ask_passphrase(import);
    } else if (import->profile.own.empty() && import->profile.keys.empty()) {
        inform(m_plugin,
               format(tr("There are no keys or codes in {file} that can be read."),
                      {{"file", import->path}}),
               remarks_text(import->profile.remarks));
    } else {
        match_accounts(import);
    }
}

void ImportDialogs::ask_passphrase(const ImportPtr& import) {
    const bool is_wrong = import->profile.sealed == core::Sealed::WrongPassphrase;
    const std::string advice =
        tr("KeySync has shown it as a picture of squares (a QR code) and as text.");
    check_shown(
        m_plugin,
        m_dialogs.ask_text(
            subject,
            {tr("There are keys under a passphrase."),
             is_wrong ? tr("The passphrase is another one. Capital letters and spaces count.") +
                            "\n" + advice
                      : advice},
            {.is_masked = true, .is_multiline = false}, tr("Continue"),
            [this, import](util::SecretString passphrase) {
                if (passphrase.empty()) {
                    ask_passphrase(import);
                } else {
                    read(import, std::move(passphrase));
                }
            }));
}

// --- Accounts ----------------------------------------------------------------------------------

void ImportDialogs::match_accounts(const ImportPtr& import) {
    const std::vector<model::AccountId> ours = our_accounts();
    import->accounts = core::match_accounts(import->profile, ours);
    std::vector<model::AccountId> unknown;
    for (const auto& [theirs, account] : import->accounts) {
        if (!account && unknown.size() < asked_accounts) {
            unknown.push_back(theirs);
        }
    }
    if (unknown.empty() || ours.empty()) {
        preview(import);
    } else {
        ask_accounts(import, unknown);
    }
}

void ImportDialogs::ask_accounts(const ImportPtr& import,
                                 const std::vector<model::AccountId>& unknown) {
    const std::vector<model::AccountId> ours = our_accounts();
    std::vector<std::string> labels{tr("None of these: leave it out")};
    std::ranges::transform(ours, std::back_inserter(labels), account_label);
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = add_group(*fields);
    std::string text = tr("The other program calls these accounts by other names. Which are they?");
    for (std::size_t i = 0; i < unknown.size(); ++i) {
        // Clients do not escape the labels of fields, so names stand in the text.
        const std::string number = std::to_string(i + 1);
        text += "\n" + number + ": " + foreign_label(unknown[i]);
        add_list_field(group, ("account" + number).c_str(),
                       format(tr("Account {number}"), {{"number", number}}), labels, 0);
    }
    const auto answered = [this, import, unknown, ours](PurpleRequestFields& filled) {
        for (std::size_t i = 0; i < unknown.size(); ++i) {
            const auto chosen =
                selected_indices(filled, ("account" + std::to_string(i + 1)).c_str());
            if (chosen.size() == 1 && chosen.front() > 0 && chosen.front() <= ours.size()) {
                import->accounts[unknown[i]] = ours[chosen.front() - 1];
            }
        }
        preview(import);
    };
    check_shown(m_plugin,
                m_dialogs.ask_fields(subject, {tr("Which accounts?"), text}, std::move(fields),
                                     tr("Continue"), tr("Cancel"), answered));
}

// --- The preview -------------------------------------------------------------------------------

void ImportDialogs::preview(const ImportPtr& import) {
    core::Engine& engine = m_plugin.engine();
    const core::ImportPlan plan = core::plan_import(import->profile, import->accounts,
                                                    engine.trust(), engine.identity(), normalised);
    if (plan.keys.empty() && plan.own.empty()) {
        const std::string remarks = remarks_text(import->profile.remarks);
        inform(m_plugin, format(tr("There is nothing new in {file}."), {{"file", import->path}}),
               left_out_text(plan) + (remarks.empty() ? "" : "\n" + remarks));
        return;
    }
    FieldsPtr fields(purple_request_fields_new());
    add_keys(*fields, plan);
    add_own_keys(*fields, import->profile, plan);
    const std::string number = std::to_string(plan.keys.size());
    const std::string question =
        plan.keys.empty()
            ? tr("Import your own keys?")
            : format(tr_n("Import {number} code?", "Import {number} codes?", plan.keys.size()),
                     {{"number", number}});
    check_shown(m_plugin,
                m_dialogs.ask_fields(subject, {question, preview_text(import->profile, plan)},
                                     std::move(fields), tr("Import"), tr("Cancel"),
                                     [this, import, plan](PurpleRequestFields& filled) {
                                         chosen(import, plan, filled);
                                     }));
}

void ImportDialogs::chosen(const ImportPtr& import, const core::ImportPlan& plan,
                           PurpleRequestFields& filled) {
    core::KeyList list;
    if (!plan.keys.empty()) {
        const std::vector<Choice> choices = choices_for(plan);
        const auto which = selected_indices(filled, "which");
        const auto rows = selected_indices(filled, "keys");
        const bool is_answered = which.size() == 1 && which.front() < choices.size();
        for (std::size_t row = 0; is_answered && row < plan.keys.size(); ++row) {
            const bool is_chosen = std::ranges::find(rows, row) != rows.end();
            if (is_wanted(choices[which.front()].which, plan.keys[row], is_chosen)) {
                list.keys.push_back(plan.keys[row].key);
            }
        }
    }
    std::vector<core::PlannedOwnKey> own;
    if (!plan.own.empty()) {
        for (const std::size_t row : selected_indices(filled, "own")) {
            if (row < plan.own.size()) {
                own.push_back(plan.own[row]);
            }
        }
    }
    if (list.keys.empty() && own.empty()) {
        inform(m_plugin, tr("Nothing was done, because nothing was chosen."), {});
        return;
    }
    if (!list.keys.empty()) {
        m_next.take_keys(list);
    }
    take_own_keys(import, std::move(own));
}

// --- Own keys ----------------------------------------------------------------------------------

void ImportDialogs::take_own_keys(const ImportPtr& import, std::vector<core::PlannedOwnKey> keys) {
    if (keys.empty()) {
        return;
    }
    const core::PlannedOwnKey key = keys.front();
    keys.erase(keys.begin());
    const auto then = [this, import, keys] { take_own_keys(import, keys); };
    const auto known = find_own_key(m_plugin, key.account);
    if (!key.replaces || !known) {
        take_own_key(import, key, then);
        return;
    }
    check_shown(
        m_plugin,
        m_dialogs.act(subject,
                      {format(tr("Replace the key of {account}?"), {{"account", known->label}}),
                       model::replace_key_warning(known->people)},
                      {{tr("Replace the key"),
                        [this, import, key, then] { take_own_key(import, key, then); }},
                       {tr("Keep the key"), then}}));
}

void ImportDialogs::take_own_key(const ImportPtr& import, const core::PlannedOwnKey& key,
                                 std::function<void()> then) {
    core::CheckedKey& theirs = import->profile.own[key.place].key;
    m_plugin.engine().own_keys().take(
        key.account, key.replaces, std::move(theirs),
        [this, import, account = key.account, then = std::move(then),
         alive = std::weak_ptr<bool>(m_alive)](const util::Expected<void>& result) {
            if (alive.expired()) {
                return;
            }
            inform(m_plugin,
                   result ? format(tr("The key of {account} was imported."),
                                   {{"account", account_label(account)}})
                          : own_key_problem(result.error()),
                   {});
            then();
        });
}

} // namespace otr_guard::plugin
