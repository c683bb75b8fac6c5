// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "own_key_list.h"

#include <algorithm>
#include <cctype>

#include "core/code.h"
#include "dialogs.h"
#include "i18n.h"
#include "labels.h"
#include "names.h"
#include "plugin.h"

namespace otr_guard::plugin {

namespace {

constexpr std::string_view xmpp = "prpl-jabber";

std::string origin_of(const core::TrustStore& trust, const model::AccountId& account,
                      const model::Fingerprint& key) {
    const auto note = trust.own_key(account, key);
    if (!note || !note->when) {
        return {};
    }
    const std::string date = date_of(*note->when);
    return note->origin == core::OwnKeyNote::Origin::Made
               ? format(tr("made on {date}"), {{"date", date}})
               : format(tr("imported on {date}"), {{"date", date}});
}

OwnKey describe(Plugin& plugin, const model::AccountId& account) {
    core::Engine& engine = plugin.engine();
    OwnKey own{.account = account,
               .label = account_label(account),
               .key = engine.identity().fingerprint_of(account),
               .origin = {},
               .uri = {},
               .people = engine.trust().people_on(account),
               .has_account = find_account(account) != nullptr,
               .is_under_way = engine.own_keys().is_under_way(account)};
    if (own.key) {
        own.origin = origin_of(engine.trust(), account, *own.key);
        if (account.protocol == xmpp) {
            own.uri = core::to_xmpp_uri(account.username, *own.key);
        }
    }
    return own;
}

} // namespace

std::vector<OwnKey> own_keys(Plugin& plugin) {
    std::vector<OwnKey> keys;
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        keys.push_back(describe(plugin, account_id(static_cast<PurpleAccount*>(item->data))));
    }
    for (const model::AccountId& account : plugin.engine().identity().accounts_with_keys()) {
        if (std::ranges::find(keys, account, &OwnKey::account) == keys.end()) {
            keys.push_back(describe(plugin, account));
        }
    }
    return keys;
}

std::optional<OwnKey> find_own_key(Plugin& plugin, const model::AccountId& account) {
    OwnKey key = describe(plugin, account);
    return key.key || key.has_account ? std::optional(std::move(key)) : std::nullopt;
}

std::string story_of(const OwnKey& key) {
    if (!key.key) {
        return key.is_under_way ? tr("being made") : tr("no key yet");
    }
    const std::string people =
        format(tr_n("used with {number} person", "used with {number} people", key.people),
               {{"number", std::to_string(key.people)}});
    std::string story = key.origin.empty() ? people : key.origin + ", " + people;
    return key.has_account ? story : story + ", " + tr("the account is not in this program");
}

std::string own_key_problem(const util::Error& error) {
    switch (error.code) {
    case util::ErrorCode::WrongPassphrase:
        return tr("The passphrase is another one. Capital letters and spaces count.");
    case util::ErrorCode::Malformed:
        return tr("This is not an exported key of OTR Guard, or it is damaged.");
    case util::ErrorCode::TooLarge:
        return tr("This file would take too much memory and time to open, so it was left alone.");
    case util::ErrorCode::Refused:
        return tr("The account has another key by now, or this very key; nothing was changed.");
    case util::ErrorCode::Busy:
        return tr("A key of this account is being made or written already. Try again in a moment.");
    case util::ErrorCode::NotFound:
        return tr("The account has no key.");
    case util::ErrorCode::Unavailable:
        return tr("A later version of OTR Guard has exported this key; this one cannot read it.");
    case util::ErrorCode::Io:
    case util::ErrorCode::Crypto:
        break;
    }
    return format(tr("Nothing was changed: {reason}"), {{"reason", error.detail}});
}

std::string backup_file_name(const model::AccountId& account) {
    std::string name = account.username.substr(0, account.username.find('/'));
    std::ranges::replace_if(
        name,
        [](unsigned char character) {
            return character < 0x80 && std::isalnum(character) == 0 && character != '@' &&
                   character != '.' && character != '-' && character != '_';
        },
        '-');
    return "otr-key-" + name + ".json";
}

} // namespace otr_guard::plugin
