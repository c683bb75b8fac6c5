// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/own_keys_model.h"

#include <algorithm>
#include <utility>

#include "model/own_key_texts.h"
#include "util/i18n.h"
#include "util/secret.h"

namespace otr_guard::windows {

using util::format;
using util::tr;
using util::tr_n;

void OwnKeysModel::replace(std::vector<ipc::OwnKey> keys) {
    m_keys = std::move(keys);
    if (m_chosen && find(*m_chosen) != nullptr) {
        return;
    }
    const auto first =
        std::ranges::find_if(m_keys, [](const ipc::OwnKey& key) { return !key.key.empty(); });
    m_chosen = first != m_keys.end() ? std::optional(first->account)
               : m_keys.empty()      ? std::nullopt
                                     : std::optional(m_keys.front().account);
}

void OwnKeysModel::choose(const model::AccountId& account) {
    if (find(account) != nullptr) {
        m_chosen = account;
    }
}

const ipc::OwnKey* OwnKeysModel::chosen() const {
    return m_chosen ? find(*m_chosen) : nullptr;
}

const ipc::OwnKey* OwnKeysModel::find(const model::AccountId& account) const {
    const auto found = std::ranges::find(m_keys, account, &ipc::OwnKey::account);
    return found != m_keys.end() ? &*found : nullptr;
}

bool OwnKeysModel::can(Act act) const {
    const ipc::OwnKey* key = chosen();
    if (key == nullptr) {
        return false;
    }
    const bool has_key = !key->key.empty();
    switch (act) {
    case Act::Make:
        return key->has_account && !key->is_under_way;
    case Act::Delete:
        return has_key && !key->is_under_way;
    case Act::Seal:
    case Act::Show:
        break;
    }
    return has_key;
}

std::string state_of(const ipc::OwnKey& key) {
    if (key.is_under_way) {
        return tr("A key is being made…");
    }
    if (key.key.empty()) {
        return tr("No key yet");
    }
    return key.has_account ? tr("Has a key") : tr("Account not in this program");
}

std::string story_of(const ipc::OwnKey& key) {
    if (key.key.empty()) {
        return tr("This account has no key yet. One is made when it is first needed.");
    }
    const std::string origin = key.origin.empty()
                                   ? tr("When it was made is not known.")
                                   : format(tr("This key was {origin}."), {{"origin", key.origin}});
    return origin + " " +
           format(tr_n("Used with {number} person.", "Used with {number} people.", key.people),
                  {{"number", std::to_string(key.people)}});
}

PassphraseVerdict judge(std::string_view passphrase, std::string_view again) {
    const model::Strength strength = model::strength_of(passphrase);
    if (strength == model::Strength::TooShort) {
        return {model::text_of(strength), false};
    }
    if (again.empty()) {
        return {model::text_of(strength) + " " + tr("Type it once more."), false};
    }
    if (!util::equal_in_constant_time(passphrase, again)) {
        return {tr("The two are not the same."), false};
    }
    return {model::text_of(strength), true};
}

} // namespace otr_guard::windows
