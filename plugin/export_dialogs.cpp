// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "export_dialogs.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/foreign.h"
#include "core/key_list.h"
#include "core/key_text.h"
#include "i18n.h"
#include "ipc/gobject_ptr.h"
#include "ipc/user_files.h"
#include "names.h"
#include "plugin.h"

namespace otr_guard::plugin {

namespace fs = std::filesystem;

namespace {

const Dialogs::Subject subject{Dialogs::Kind::Export, std::nullopt};

bool exists(const std::string& path) {
    std::error_code error;
    return fs::exists(path, error);
}

bool is_our_own(const std::string& folder) {
    std::error_code error;
    return fs::equivalent(folder, purple_user_dir(), error);
}

bool is_folder(const std::string& path) {
    std::error_code error;
    return fs::is_directory(path, error);
}

/// Codes first, then private keys where they have a file of their own.
std::vector<std::string> targets(ExportFormat format, const std::string& path) {
    if (format == ExportFormat::CoyIm) {
        return {path};
    }
    const fs::path folder(path);
    return {folder / "otr.fingerprints", folder / "otr.private_key"};
}

} // namespace

std::optional<ExportFormat> export_format_from_word(std::string_view word) {
    if (word == "pidgin") {
        return ExportFormat::PidginOtr;
    }
    return word == "coyim" ? std::optional(ExportFormat::CoyIm) : std::nullopt;
}

ExportDialogs::ExportDialogs(Plugin& plugin, Dialogs& dialogs)
    : m_plugin(plugin), m_dialogs(dialogs) {}

void ExportDialogs::open(ExportFormat format, const std::string& path) {
    const std::string place = from_home(path);
    if (format == ExportFormat::PidginOtr && (!is_folder(place) || is_our_own(place))) {
        inform(m_plugin,
               is_our_own(place)
                   ? tr("These are the files that OTR Guard itself uses; pidgin-otr reads them as "
                        "they are.")
                   : plugin::format(tr("There is no folder {file}."), {{"file", place}}),
               {});
        return;
    }
    std::string text = tr("Private keys lie open in the file: whoever reads it can pose as you. A "
                          "key belongs to one program: stop using this one.");
    for (const std::string& file : targets(format, place)) {
        if (exists(file)) {
            text += "\n" + plugin::format(tr("{file} exists already, and is written over."),
                                          {{"file", file}});
        }
    }
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(fields.get(), group);
    add_list_field(group, "what", tr("What to export"),
                   {tr("The codes of others"), tr("The codes of others, and my private keys")}, 0);
    const auto answered = [this, format, place](PurpleRequestFields& filled) {
        const auto what = selected_indices(filled, "what");
        if (what.size() == 1) {
            write(files(format, place, what.front() == 1));
        }
    };
    check_shown(m_plugin,
                m_dialogs.ask_fields(
                    subject, {plugin::format(tr("Export to {file}?"), {{"file", place}}), text},
                    std::move(fields), tr("Export"), tr("Cancel"), answered));
}

std::vector<ExportDialogs::File> ExportDialogs::files(ExportFormat format, const std::string& path,
                                                      bool with_keys) const {
    core::Engine& engine = m_plugin.engine();
    const std::vector<core::KeyOfPeer> known = engine.trust().all();
    const std::vector<model::AccountId> accounts = engine.identity().accounts_with_keys();
    std::vector<util::SecretString> texts;
    std::vector<core::NamedKey> own;
    texts.reserve(accounts.size());
    for (const model::AccountId& account : accounts) {
        auto key = engine.identity().key_of(account);
        if (with_keys && key) {
            texts.push_back(std::move(*key));
            own.push_back({account, texts.back().view()});
        }
    }
    const auto secret = [](util::SecretString text) {
        return std::make_shared<util::SecretString>(std::move(text));
    };
    const std::vector<std::string> paths = targets(format, path);
    if (format == ExportFormat::CoyIm) {
        return {{paths.front(), secret(core::coyim_accounts(known, own))}};
    }
    std::vector<File> written{
        {paths.front(), secret(util::SecretString(core::to_libotr_list(known)))}};
    if (with_keys) {
        written.push_back({paths.back(), secret(core::private_keys_text(own))});
    }
    return written;
}

void ExportDialogs::write(std::vector<File> files) {
    if (files.empty()) {
        return;
    }
    const File file = files.front();
    files.erase(files.begin());
    const ipc::GObjectPtr<GFile> target(g_file_new_for_path(file.path.c_str()));
    ipc::write_user_file(target.get(), std::string(file.content->view()),
                         [this, path = file.path, files = std::move(files),
                          alive = std::weak_ptr<bool>(m_alive)](const std::string& problem) {
                             if (alive.expired()) {
                                 return;
                             }
                             inform(m_plugin,
                                    problem.empty()
                                        ? plugin::format(tr("Written to {file}."), {{"file", path}})
                                        : plugin::format(tr("Not written to {file}: {problem}"),
                                                         {{"file", path}, {"problem", problem}}),
                                    {});
                             if (problem.empty()) {
                                 write(files);
                             }
                         });
}

} // namespace otr_guard::plugin
