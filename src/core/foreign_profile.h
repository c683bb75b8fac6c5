// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The files of another OTR program: which of them hold keys, and what is in them. A file is known
// by its contents, its name only decides whether a folder's file is looked at. Nothing of the other
// program's is ever written or executed, and no link inside a folder is followed. Any thread.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/foreign.h"
#include "util/expected.h"
#include "util/secret.h"

namespace otr_guard::core {

/// One file as it was read.
struct FileContent {
    std::string name; ///< the last part of its path
    util::SecretString content;
    bool only_names = false; ///< it was not asked for, but may say what the accounts are called
};

/// What the files of one folder say together. `passphrase` is for those under one; empty: there is
/// none yet.
[[nodiscard]] ForeignProfile read_foreign_files(const std::vector<FileContent>& files,
                                                const util::SecretString& passphrase);

/// A file, or a folder with those below it. NotFound when there is none, Io when it cannot be read.
/// A profile without any finding is one without keys that we know how to read.
[[nodiscard]] util::Expected<ForeignProfile> read_foreign(const std::filesystem::path& path,
                                                          const util::SecretString& passphrase);

/// What accounts that a program only numbers are called: Adium's Accounts.plist and Psi's
/// accounts.xml.
[[nodiscard]] std::map<std::string, std::string> account_names(std::string_view xml);

} // namespace otr_guard::core
