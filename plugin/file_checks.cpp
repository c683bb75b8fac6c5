// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_checks.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "file_metadata.h"
#include "i18n.h"
#include "metadata_dialogs.h"
#include "plugin.h"
#include "purple_host.h"
#include "ui.h"

namespace otr_guard::plugin {

namespace {

void take_clean_copy(Plugin& plugin, const model::PeerId& peer, const std::string& path,
                     const FileChecked& go_on) {
    plugin.file_metadata().make_clean_copy(path, [&plugin, peer, go_on](const auto& copy) {
        if (copy) {
            go_on((*copy)->path(), *copy);
        } else {
            plugin.host().write_text(peer, copy.error() + " " + tr("The file is not sent."));
        }
    });
}

void ask(Plugin& plugin, const model::PeerId& peer, const std::string& path,
         const MetadataAnswer& answer, const FileChecked& go_on) {
    const MetadataQuestion question{.name = std::filesystem::path(path).filename().string(),
                                    .answer = answer};
    const bool is_asked = plugin.ui().ask_about_metadata(
        peer, question, [&plugin, peer, path, go_on](MetadataChoice choice) {
            switch (choice) {
            case MetadataChoice::AsItIs:
                go_on(path, nullptr);
                break;
            case MetadataChoice::Without:
                take_clean_copy(plugin, peer, path, go_on);
                break;
            case MetadataChoice::Cancel:
                plugin.host().write_text(peer, tr("The file is not sent."));
                break;
            }
        });
    if (!is_asked) {
        plugin.host().write_text(peer, tr("The file is not sent."));
    }
}

} // namespace

void check_file(Plugin& plugin, const model::PeerId& peer, const std::string& path,
                FileChecked go_on) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        go_on(path, nullptr); // which says what is wrong with it
        return;
    }
    plugin.file_metadata().check(
        path, [&plugin, peer, path, go_on = std::move(go_on)](const MetadataAnswer& answer) {
            if (answer.outcome == MetadataAnswer::Outcome::Found) {
                ask(plugin, peer, path, answer, go_on);
                return;
            }
            if (const std::string text = answer.sentence(); !text.empty()) {
                plugin.host().write_text(peer, text);
            }
            go_on(path, nullptr);
        });
}

} // namespace otr_guard::plugin
