// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_checks.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/markup.h"
#include "dialogs.h"
#include "file_metadata.h"
#include "i18n.h"
#include "metadata_dialogs.h"
#include "plugin.h"
#include "ui.h"

namespace otr_guard::plugin {

namespace {

constexpr std::size_t name_characters = 100;

void refuse(Plugin& plugin, const model::PeerId& peer, const std::string& text,
            const FileChecked& done) {
    say(plugin, peer, text);
    done(std::nullopt);
}

void take_clean_copy(Plugin& plugin, const model::PeerId& peer, const std::string& path,
                     const FileChecked& done) {
    plugin.file_metadata().make_clean_copy(path, [&plugin, peer, done](const auto& copy) {
        if (copy) {
            done(CheckedFile{(*copy)->path(), *copy});
        } else {
            refuse(plugin, peer, copy.error() + " " + tr("The file is not sent."), done);
        }
    });
}

void ask(Plugin& plugin, const model::PeerId& peer, const std::string& path,
         const MetadataAnswer& answer, const FileChecked& done) {
    const std::string name = std::filesystem::path(path).filename().string();
    const MetadataQuestion question{
        .name = isolated(core::markup::to_single_line(name, name_characters)), .answer = answer};
    const bool is_asked = plugin.ui().ask_about_metadata(
        peer, question, [&plugin, peer, path, done](MetadataChoice choice) {
            switch (choice) {
            case MetadataChoice::AsItIs:
                done(CheckedFile{path});
                break;
            case MetadataChoice::Without:
                take_clean_copy(plugin, peer, path, done);
                break;
            case MetadataChoice::Cancel:
                refuse(plugin, peer, tr("The file is not sent."), done);
                break;
            }
        });
    if (!is_asked) {
        refuse(plugin, peer, tr("The file is not sent."), done);
    }
}

} // namespace

void check_file(Plugin& plugin, const model::PeerId& peer, const std::string& path,
                FileRemark remark, FileChecked done) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        done(CheckedFile{path}); // the core says what is wrong with it
        return;
    }
    plugin.file_metadata().check(path, [&plugin, peer, path, remark = std::move(remark),
                                        done = std::move(done)](const MetadataAnswer& answer) {
        if (answer.outcome == MetadataAnswer::Outcome::Found) {
            ask(plugin, peer, path, answer, done);
            return;
        }
        if (const std::string text = answer.sentence(); !text.empty()) {
            remark(text);
        }
        done(CheckedFile{path});
    });
}

} // namespace otr_guard::plugin
