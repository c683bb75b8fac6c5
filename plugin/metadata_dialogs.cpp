// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "metadata_dialogs.h"

#include <utility>
#include <vector>

#include "i18n.h"

namespace otr_guard::plugin {

bool ask_about_metadata(Dialogs& dialogs, const model::PeerId& peer,
                        const MetadataQuestion& question,
                        std::function<void(MetadataChoice)> answered) {
    const auto button = [&answered](const std::string& label, MetadataChoice choice) {
        return Dialogs::Button{label, [answered, choice] { answered(choice); }};
    };
    const Dialogs::Button cancel = button(tr("Cancel"), MetadataChoice::Cancel);
    const Dialogs::Button as_it_is = button(tr("Send as it is"), MetadataChoice::AsItIs);
    // Enter means the last one, and must not send what is in there.
    std::vector<Dialogs::Button> buttons{as_it_is, cancel};
    std::string advice;
    if (question.answer.can_be_cleaned) {
        buttons = {cancel, as_it_is, button(tr("Send without"), MetadataChoice::Without)};
        advice = tr("\"Send without\" makes a copy that holds none of that, and sends the copy. "
                    "Your own file stays as it is. What can be seen in a picture or read in a "
                    "document stays in the copy.");
    } else {
        advice = tr("It is in the files of this folder. The program mat2 takes it out of copies of "
                    "them.");
    }
    return dialogs.act({question.kind, peer},
                       {format(tr("{file} tells more than it shows"), {{"file", question.name}}),
                        question.answer.sentence() + "\n\n" + advice},
                       std::move(buttons), [answered] { answered(MetadataChoice::Cancel); });
}

} // namespace otr_guard::plugin
