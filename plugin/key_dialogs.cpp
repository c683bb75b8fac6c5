// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "key_dialogs.h"

#include "core/markup.h"
#include "core/words.h"
#include "i18n.h"
#include "names.h"
#include "plugin.h"

namespace otr_guard::plugin {

using Kind = Dialogs::Kind;

namespace {

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
