// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "key_dialogs.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "core/markup.h"
#include "core/words.h"
#include "i18n.h"
#include "labels.h"
#include "names.h"
#include "plugin.h"

namespace otr_guard::plugin {

using Kind = Dialogs::Kind;

namespace {

/// More than a person looks through in one list; more than this are asked for by name.
constexpr std::size_t listed_keys = 100;
constexpr std::size_t name_characters = 100;

struct ListedKey {
    model::PeerId peer;
    model::Fingerprint fingerprint;
    std::string label;
};

enum class KeyAction { Verify, TakeBack, Forget };

std::string both_forms(const model::Fingerprint& fingerprint) {
    return fingerprint.to_groups() + "\n" + core::to_words(fingerprint);
}

// --- Comparing ---------------------------------------------------------------------------------

void codes_match(Plugin& plugin, const model::PeerId& peer, const model::Fingerprint& theirs) {
    if (plugin.engine().trust().find(peer, theirs) == nullptr) {
        inform(plugin, tr("This code (fingerprint) is no longer known, so nothing was done."), {});
        return;
    }
    plugin.engine().session(peer).trust(theirs);
}

void codes_differ(Plugin& plugin, Dialogs& dialogs, const model::PeerId& peer,
                  const model::Fingerprint& theirs) {
    plugin.engine().session(peer).reject(theirs);
    const Dialogs::Text text{
        format(tr("Somebody else may be in place of {name}."),
               {{"name", isolated(display_name(peer))}}),
        tr("Nothing you type here is sent now. Make sure that both of you look at the codes of "
           "this very conversation and compare once more; if they still differ, end it.")};
    const auto end = [&plugin, peer] {
        if (plugin.engine().status(peer).state != model::SessionState::Plaintext) {
            plugin.engine().session(peer).end();
        }
    };
    check_shown(plugin, dialogs.act({Kind::Codes, peer}, text,
                                    {{tr("End private conversation"), end}, {tr("Close"), {}}}));
}

} // namespace

void show_codes(Plugin& plugin, Dialogs& dialogs, const model::PeerId& peer,
                const model::Fingerprint& theirs) {
    const auto own = plugin.engine().status(peer).my_key;
    const std::string name = isolated(display_name(peer));
    const Dialogs::Text text{
        format(tr("Compare codes (fingerprints) with {name}"), {{"name", name}}),
        tr("Read them to each other in person or by phone, not in this chat. All of it must be the "
           "same on both sides.") +
            "\n\n" + format(tr("Code of {name}:"), {{"name", name}}) + "\n" + both_forms(theirs) +
            "\n\n" + tr("Your code:") + "\n" + (own ? both_forms(*own) : tr("none yet"))};
    check_shown(
        plugin,
        dialogs.act({Kind::Codes, peer}, text,
                    {{tr("They are the same"),
                      [&plugin, peer, theirs] { codes_match(plugin, peer, theirs); }},
                     {tr("They differ"), [&plugin, &dialogs, peer,
                                          theirs] { codes_differ(plugin, dialogs, peer, theirs); }},
                     {tr("Not now"), {}}}));
}

// --- Known keys --------------------------------------------------------------------------------

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char character) {
        return static_cast<char>(std::tolower(character));
    });
    return result;
}

std::vector<ListedKey> keys_with(const core::TrustStore& trust, std::string_view part) {
    std::vector<ListedKey> keys;
    const std::string wanted = lower(part);
    for (const auto& [peer, key] : trust.all()) {
        const bool is_wanted = lower(peer.username).find(wanted) != std::string::npos ||
                               lower(key.fingerprint.to_groups()).find(wanted) != std::string::npos;
        if (!is_wanted) {
            continue;
        }
        keys.push_back({peer, key.fingerprint,
                        format(tr("{name}, {state}: {code}, on {account}"),
                               {{"name", isolated(core::markup::to_single_line(peer.username,
                                                                               name_characters))},
                                {"account", account_label(peer.account)},
                                {"code", key.fingerprint.to_groups()},
                                {"state", verification_of(key)}})});
    }
    std::ranges::sort(keys, {}, &ListedKey::label);
    return keys;
}

void list_keys(Plugin& plugin, Dialogs& dialogs, const std::string& part);

void act_on_keys(Plugin& plugin, Dialogs& dialogs, KeyAction action,
                 const std::vector<ListedKey>& keys) {
    std::size_t in_use = 0;
    for (const ListedKey& key : keys) {
        if (plugin.engine().trust().find(key.peer, key.fingerprint) == nullptr) {
            continue;
        }
        switch (action) {
        case KeyAction::Verify:
            show_codes(plugin, dialogs, key.peer, key.fingerprint);
            break;
        case KeyAction::TakeBack:
            plugin.engine().session(key.peer).untrust(key.fingerprint);
            break;
        case KeyAction::Forget:
            in_use += plugin.engine().forget(key.peer, key.fingerprint) ? 0U : 1U;
            break;
        }
    }
    if (in_use > 0) {
        inform(plugin,
               format(tr_n("{number} code is in use and was kept.",
                           "{number} codes are in use and were kept.", in_use),
                      {{"number", std::to_string(in_use)}}),
               tr("End the private conversation first."));
    }
}

void list_keys(Plugin& plugin, Dialogs& dialogs, const std::string& part) {
    std::vector<ListedKey> keys = keys_with(plugin.engine().trust(), part);
    if (keys.empty()) {
        inform(plugin, tr("No such code (fingerprint) is known."),
               tr("The codes of others are remembered from the first private conversation on."));
        return;
    }
    const std::size_t left_out = keys.size() > listed_keys ? keys.size() - listed_keys : 0;
    keys.resize(keys.size() - left_out);
    std::vector<std::string> labels;
    std::ranges::transform(keys, std::back_inserter(labels), &ListedKey::label);

    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(fields.get(), group);
    purple_request_field_list_set_multi_select(
        add_list_field(group, "keys", tr("Codes"), labels, labels.size()), TRUE);
    add_list_field(group, "action", tr("What to do"),
                   {tr("Compare and verify"), tr("No longer verified"), tr("Forget")}, 0);

    std::string note = tr("Choose codes, and what to do with them. To see whole lines, make the "
                          "window larger.");
    if (left_out > 0) {
        note += " " + format(tr_n("{number} more is not shown.", "{number} more are not shown.",
                                  left_out),
                             {{"number", std::to_string(left_out)}});
    }
    const auto answered = [&plugin, &dialogs, keys, part](PurpleRequestFields& filled) {
        std::vector<ListedKey> chosen;
        for (const std::size_t index : selected_indices(filled, "keys")) {
            if (index < keys.size()) {
                chosen.push_back(keys[index]);
            }
        }
        const auto actions = selected_indices(filled, "action");
        if (chosen.empty() || actions.size() != 1 || actions.front() > 2) {
            inform(plugin, tr("Nothing was done, because nothing was chosen."), {});
            return;
        }
        const auto action = static_cast<KeyAction>(actions.front());
        act_on_keys(plugin, dialogs, action, chosen);
        if (action != KeyAction::Verify) {
            list_keys(plugin, dialogs, part);
        }
    };
    check_shown(plugin, dialogs.ask_fields({Kind::Keys, std::nullopt},
                                           {tr("Known codes (fingerprints)"), note},
                                           std::move(fields), tr("Do it"), tr("Close"), answered));
}

} // namespace

void show_known_keys(Plugin& plugin, Dialogs& dialogs) {
    if (plugin.engine().trust().size() <= listed_keys) {
        list_keys(plugin, dialogs, {});
        return;
    }
    check_shown(plugin, dialogs.ask_text(
                            {Kind::Keys, std::nullopt},
                            {tr("Whose codes (fingerprints)?"),
                             tr("There are many. Type a part of a name or of a code.")},
                            {}, tr("Show"), [&plugin, &dialogs](const util::SecretString& part) {
                                list_keys(plugin, dialogs, std::string(part.view()));
                            }));
}

// --- Own keys ----------------------------------------------------------------------------------

void show_own_keys(Plugin& plugin) {
    std::string html;
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        const auto* account = static_cast<PurpleAccount*>(item->data);
        const model::AccountId id = account_id(account);
        const auto key = plugin.engine().identity().fingerprint_of(id);
        const bool is_enabled = purple_account_get_enabled(account, purple_core_get_ui()) != FALSE;
        if (!key && is_enabled) {
            plugin.engine().make_key(id);
        }
        const std::string code = key          ? both_forms(*key)
                                 : is_enabled ? tr("It is being made now; ask again in a moment.")
                                              : tr("None; it is made when the account is enabled.");
        html += "<b>" + core::markup::escape(account_label(id)) + "</b><br>" +
                core::markup::escape(code) + "<br><br>";
    }
    purple_notify_formatted(
        plugin.handle(), "OTR Guard", tr("My codes (fingerprints)").c_str(),
        tr("Give them to others in person, by phone, or where they know that it is you; the words "
           "say the same as the digits.")
            .c_str(),
        html.c_str(), nullptr, nullptr);
}

} // namespace otr_guard::plugin
