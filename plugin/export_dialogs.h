// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Going to another OTR program, in libpurple's own requests: known codes in its format, and private
// keys only when the user says so, since they lie open there. What exists is not written over
// unless the question has said so.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialogs.h"
#include "util/secret.h"

namespace otr_guard::plugin {

class Plugin;

enum class ExportFormat {
    PidginOtr, ///< otr.fingerprints and otr.private_key in a folder
    CoyIm      ///< one accounts.json
};

[[nodiscard]] std::optional<ExportFormat> export_format_from_word(std::string_view word);

class ExportDialogs {
public:
    ExportDialogs(Plugin& plugin, Dialogs& dialogs);

    /// A folder for pidgin-otr's files, a file for CoyIM's; `~/` stands for the user's own.
    void open(ExportFormat format, const std::string& path);

private:
    struct File {
        std::string path;
        std::shared_ptr<util::SecretString> content;
    };

    [[nodiscard]] std::vector<File> files(ExportFormat format, const std::string& path,
                                          bool with_keys) const;
    void write(std::vector<File> files);

    Plugin& m_plugin;
    Dialogs& m_dialogs;
    /// Files are written while this object may go away.
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace otr_guard::plugin
