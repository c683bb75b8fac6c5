// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "key_dialogs.h"

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

} // namespace otr_guard::plugin
