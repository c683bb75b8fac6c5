// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "setting_dialogs.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/code.h"
#include "core/markup.h"
#include "i18n.h"
#include "labels.h"
#include "names.h"
#include "notices.h"
#include "plugin.h"
#include "settings.h"

namespace otr_guard::plugin {

using Kind = Dialogs::Kind;

namespace {

/// "As elsewhere", then the choices in their order.
template <typename Choice, std::size_t size>
void add_choice_field(PurpleRequestFieldGroup* group, const char* id, const std::string& label,
                      const std::array<Choice, size>& choices, const std::string& as_elsewhere,
                      std::optional<Choice> chosen) {
    std::vector<std::string> labels{as_elsewhere};
    std::size_t selected = 0;
    for (const Choice choice : choices) {
        selected = chosen == choice ? labels.size() : selected;
        labels.push_back(label_of(choice));
    }
    add_list_field(group, id, label, labels, selected);
}

/// Hands the choice in a field to `set`, none for "as elsewhere", when it differs from `now`.
template <typename Choice, std::size_t size, typename Set>
void apply_choice(PurpleRequestFields& fields, const char* id,
                  const std::array<Choice, size>& choices, std::optional<Choice> now, Set set) {
    const auto selected = selected_indices(fields, id);
    if (selected.size() != 1 || selected.front() > choices.size()) {
        return;
    }
    const std::optional<Choice> chosen =
        selected.front() == 0 ? std::nullopt : std::optional(choices[selected.front() - 1]);
    if (chosen != now) {
        set(chosen);
    }
}

std::string as_elsewhere_label(const std::string& applies) {
    return format(tr("No choice here (now: {choice})"), {{"choice", applies}});
}

// --- One buddy ---------------------------------------------------------------------------------

void set_expected_code(Plugin& plugin, const model::PeerId& peer, std::string_view typed) {
    const auto expected = plugin.engine().status(peer).expected_key;
    if (typed.empty()) {
        if (expected) {
            plugin.engine().session(peer).expect(std::nullopt);
        }
        return;
    }
    const auto code = core::parse_code(typed);
    if (!code) {
        inform(plugin, text_of({model::NoticeKind::CodeMalformed, {}}, ""),
               tr("The expected code was left as it was."));
    } else if (*code == plugin.engine().status(peer).my_key) {
        inform(plugin, text_of({model::NoticeKind::CodeIsOurs, {}}, display_name(peer)),
               tr("The expected code was left as it was."));
    } else if (code.value() != expected) {
        plugin.engine().session(peer).expect(*code);
    }
}

void peer_settings_chosen(Plugin& plugin, const model::PeerId& peer, bool is_buddy,
                          PurpleRequestFields& fields) {
    Settings& settings = plugin.settings();
    const util::SecretString expected = take_text(fields, "expected");
    set_expected_code(plugin, peer, expected.view());
    if (is_buddy) {
        apply_choice(fields, "logging", all_loggings, settings.buddy_logging(peer),
                     [&](auto chosen) { settings.set_buddy_logging(peer, chosen); });
    }
    apply_choice(fields, "policy", all_policies, settings.buddy_policy(peer), [&](auto chosen) {
        settings.set_buddy_policy(peer, chosen);
        plugin.engine().trust_changed();
    });
}

} // namespace

void show_peer_settings(Plugin& plugin, Dialogs& dialogs, const model::PeerId& peer) {
    const Settings& settings = plugin.settings();
    const bool is_buddy = find_buddy(peer) != nullptr;
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(fields.get(), group);
    const model::Policy policy =
        settings.account_policy(peer.account).value_or(settings.global_policy());
    add_choice_field(group, "policy", tr("When it is private"), all_policies,
                     as_elsewhere_label(label_of(policy)), settings.buddy_policy(peer));
    if (is_buddy) {
        const model::Logging logging =
            settings.account_logging(peer.account).value_or(settings.global_logging());
        add_choice_field(group, "logging", tr("History while it is private"), all_loggings,
                         as_elsewhere_label(label_of(logging)), settings.buddy_logging(peer));
    }
    const auto expected = plugin.engine().status(peer).expected_key;
    purple_request_field_group_add_field(
        group, purple_request_field_string_new(
                   "expected", tr("Only this code (fingerprint) will do; empty for any").c_str(),
                   expected ? expected->to_groups().c_str() : nullptr, FALSE));
    const Dialogs::Text text{
        format(tr("Private conversations with {name}"), {{"name", isolated(display_name(peer))}}),
        tr("What is not chosen here comes from the account, then from the preferences.")};
    check_shown(plugin, dialogs.ask_fields({Kind::PeerSettings, peer}, text, std::move(fields),
                                           tr("Save"), tr("Cancel"),
                                           [&plugin, peer, is_buddy](PurpleRequestFields& filled) {
                                               peer_settings_chosen(plugin, peer, is_buddy, filled);
                                           }));
}

// --- One account -------------------------------------------------------------------------------

namespace {

void show_settings_of(Plugin& plugin, Dialogs& dialogs, const model::AccountId& account) {
    const Settings& settings = plugin.settings();
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(fields.get(), group);
    add_choice_field(group, "policy", tr("When it is private"), all_policies,
                     as_elsewhere_label(label_of(settings.global_policy())),
                     settings.account_policy(account));
    add_choice_field(group, "logging", tr("History while it is private"), all_loggings,
                     as_elsewhere_label(label_of(settings.global_logging())),
                     settings.account_logging(account));
    const auto answered = [&plugin, account](PurpleRequestFields& filled) {
        if (find_account(account) == nullptr) {
            inform(plugin, tr("This account no longer exists, so nothing was changed."), {});
            return;
        }
        Settings& chosen_for = plugin.settings();
        apply_choice(filled, "policy", all_policies, chosen_for.account_policy(account),
                     [&](auto chosen) { chosen_for.set_account_policy(account, chosen); });
        apply_choice(filled, "logging", all_loggings, chosen_for.account_logging(account),
                     [&](auto chosen) { chosen_for.set_account_logging(account, chosen); });
    };
    const Dialogs::Text text{
        format(tr("Private conversations of {account}"), {{"account", account_label(account)}}),
        tr("For everybody on this account who has no choice of their own. What is not chosen here "
           "comes from the preferences.")};
    check_shown(plugin, dialogs.ask_fields({Kind::AccountSettings, std::nullopt}, text,
                                           std::move(fields), tr("Save"), tr("Cancel"), answered));
}

} // namespace

void choose_account(Plugin& plugin, Dialogs& dialogs, Kind kind, const std::string& question,
                    std::function<void(const model::AccountId&)> chosen) {
    std::vector<model::AccountId> accounts;
    std::vector<std::string> labels;
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        const auto* account = static_cast<PurpleAccount*>(item->data);
        accounts.push_back(account_id(account));
        labels.push_back(account_label(accounts.back()));
    }
    if (accounts.empty()) {
        inform(plugin, tr("There is no account yet."), {});
        return;
    }
    if (accounts.size() == 1) {
        chosen(accounts.front());
        return;
    }
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(fields.get(), group);
    add_list_field(group, "account", tr("Account"), labels, 0);
    const auto answered = [accounts, chosen = std::move(chosen)](PurpleRequestFields& filled) {
        const auto selected = selected_indices(filled, "account");
        if (selected.size() == 1 && selected.front() < accounts.size()) {
            chosen(accounts[selected.front()]);
        }
    };
    check_shown(plugin, dialogs.ask_fields({kind, std::nullopt}, {question, {}}, std::move(fields),
                                           tr("Continue"), tr("Cancel"), answered));
}

void show_account_settings(Plugin& plugin, Dialogs& dialogs) {
    choose_account(plugin, dialogs, Kind::AccountSettings, tr("Settings of which account?"),
                   [&plugin, &dialogs](const model::AccountId& account) {
                       show_settings_of(plugin, dialogs, account);
                   });
}

} // namespace otr_guard::plugin
