// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/foreign_profile.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "core/dsa_numbers.h"
#include "core/java_properties.h"
#include "core/key_backup.h"
#include "model/limits.h"
#include "util/file.h"

namespace otr_guard::core {

namespace fs = std::filesystem;
namespace limits = model::limits;
using util::ErrorCode;
using util::Expected;
using util::failure;
using util::SecretString;

namespace {

// --- What a file is ----------------------------------------------------------------------------

constexpr std::array name_files{std::string_view("Accounts.plist"),
                                std::string_view("accounts.xml")};
constexpr std::array whole_names{
    std::string_view("privkeys"),        std::string_view("fingerprints"),
    std::string_view("keys.txt"),        std::string_view("fingerprints.txt"),
    std::string_view("accounts.json"),   std::string_view("accounts.json.enc"),
    std::string_view("otr_keystore"),    std::string_view("otr_keystore.ofc"),
    std::string_view("otr.private_key"), std::string_view("otr.key"),
    std::string_view("otr.fp"),          std::string_view("otr.keys")};
constexpr std::array endings{std::string_view(".fingerprints"), std::string_view(".privkeys"),
                             std::string_view(".key3"),         std::string_view(".key2"),
                             std::string_view(".fpr"),          std::string_view(".ofcaes"),
                             std::string_view(".otr_keys"),     std::string_view(".otr_fprints")};

bool is_name_file(std::string_view name) {
    return std::ranges::find(name_files, name) != name_files.end();
}

bool may_hold_keys(std::string_view name) {
    return std::ranges::find(whole_names, name) != whole_names.end() ||
           std::ranges::any_of(endings,
                               [name](std::string_view end) { return name.ends_with(end); });
}

/// Protocols 2 and later begin with a byte of their own; the older ones are text.
bool is_pickle(std::string_view text) {
    constexpr std::array starts{std::string_view("(d"),    std::string_view("(l"),
                                std::string_view("(i"),    std::string_view("ccopy_reg"),
                                std::string_view("cpotr"), std::string_view("c__builtin__")};
    return text.starts_with('\x80') || (!text.starts_with("(privkeys") &&
                                        std::ranges::any_of(starts, [text](std::string_view start) {
                                            return text.starts_with(start);
                                        }));
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

std::string stem(std::string_view name) {
    return std::string(name.substr(0, name.rfind('.')));
}

// --- One file ----------------------------------------------------------------------------------

void read_potr_file(std::string_view bytes, const ForeignFile& file) {
    auto numbers = read_potr_key(bytes);
    file.add_own({stem(file.name), {}},
                 numbers ? key_of(std::move(*numbers))
                         : Expected<CheckedKey>(tl::unexpected(numbers.error())));
}

void read_sealed(std::string_view bytes, const SecretString& passphrase, const ForeignFile& file) {
    if (passphrase.empty()) {
        file.profile.sealed = Sealed::NeedsPassphrase;
        return;
    }
    const auto text = open_openssl_file(bytes, passphrase);
    if (!text && text.error().code != ErrorCode::WrongPassphrase) {
        file.remark(ForeignProblem::Malformed);
    } else if (!text || !read_chatsecure_keys(text->view(), true, file)) {
        file.profile.sealed = Sealed::WrongPassphrase;
    }
}

void read_key_list(std::string_view text, const ForeignFile& file) {
    const auto list = read_known_keys(text);
    if (!list || list->skipped > 0) {
        file.remark(ForeignProblem::Malformed);
    }
    if (list) {
        for (const KeyOfPeer& key : list->keys) {
            file.profile.keys.push_back({key, Doubt::None, false, {}});
        }
    }
}

void read_json(std::string_view text, const ForeignFile& file) {
    const auto whole = nlohmann::json::parse(text, nullptr, false);
    if (!whole.is_object()) {
        file.remark(ForeignProblem::Malformed);
    } else if (whole.contains("Accounts")) {
        read_coyim_accounts(text, file);
    } else if (whole.contains("Params") && whole.contains("Data")) {
        file.remark(ForeignProblem::Locked, "CoyIM");
    } else if (whole.contains("otr-guard-key")) {
        file.profile.backup = std::string(text);
    } else {
        read_key_list(text, file);
    }
}

void read_file_content(std::string_view text, const SecretString& passphrase,
                       const ForeignFile& file) {
    const std::string_view start = trimmed(text);
    constexpr std::string_view potr_start("\0\0\0\0\0", 5);
    if (start.empty()) {
        return;
    }
    if (is_openssl_file(text)) {
        read_sealed(text, passphrase, file);
    } else if (text.starts_with(potr_start)) {
        read_potr_file(text, file);
    } else if (is_pickle(start)) {
        file.remark(ForeignProblem::Pickle);
    } else if (start.front() == '(') {
        read_libotr_keys(start, file);
    } else if (start.front() == '{') {
        read_json(start, file);
    } else if (file.name.ends_with(".ofc")) {
        file.remark(ForeignProblem::Locked, "ChatSecure");
    } else if (start.front() != '<' && !read_libotr_fingerprints(start, file) &&
               !read_chatsecure_keys(start, false, file)) {
        file.remark(ForeignProblem::Malformed);
    }
}

// --- Names -------------------------------------------------------------------------------------

/// potr's key files are named after the account or a label of it; the list of keys beside one has
/// the real name and the protocol.
void name_potr_account(model::AccountId& account, const std::vector<FileContent>& files) {
    const auto beside = std::ranges::find(files, account.username + ".fpr", &FileContent::name);
    if (beside == files.end()) {
        return;
    }
    ForeignProfile list;
    if (read_libotr_fingerprints(beside->content.view(), {beside->name, list})) {
        account = list.keys.front().key.first.account;
    }
}

void rename_accounts(ForeignProfile& profile, const std::vector<FileContent>& files) {
    for (ForeignOwnKey& own : profile.own) {
        if (own.account.protocol.empty()) {
            name_potr_account(own.account, files);
        }
    }
    std::map<std::string, std::string> names;
    for (const FileContent& file : files) {
        if (is_name_file(file.name)) {
            names.merge(account_names(file.content.view()));
        }
    }
    const auto rename = [&names](model::AccountId& account) {
        const auto found = names.find(account.username);
        if (found != names.end()) {
            account.username = found->second;
        }
    };
    for (ForeignOwnKey& own : profile.own) {
        rename(own.account);
    }
    for (ForeignKey& key : profile.keys) {
        rename(key.key.first.account);
    }
}

// --- Folders -----------------------------------------------------------------------------------

bool everybody_may_write(const fs::path& path) {
    std::error_code error;
    const fs::perms mode = fs::status(path, error).permissions();
    return !error && (mode & fs::perms::others_write) != fs::perms::none;
}

void add_file(const fs::path& path, bool only_names, std::vector<FileContent>& files,
              ForeignProfile& profile) {
    const std::string name = path.filename().string();
    const ForeignFile file{name, profile};
    if (everybody_may_write(path)) {
        file.remark(ForeignProblem::Writable);
        return;
    }
    auto content = util::read_file(path, limits::foreign_file_bytes);
    if (content) {
        files.push_back({name, SecretString(*content), only_names});
        util::wipe(content->data(), content->size());
    } else if (content.error().code == ErrorCode::TooLarge) {
        file.remark(ForeignProblem::TooLarge);
    } else {
        file.remark(ForeignProblem::Unreadable, content.error().detail);
    }
}

/// Psi has every profile twice: keys below the folder for data, and what its accounts are called
/// below the one for settings.
void add_names_elsewhere(const fs::path& folder, std::vector<FileContent>& files,
                         ForeignProfile& profile) {
    constexpr std::string_view data = "/.local/share/psi";
    constexpr std::string_view settings = "/.config/psi";
    std::error_code error;
    std::string name = (fs::absolute(folder, error) / "accounts.xml").string();
    const std::size_t at = error ? std::string::npos : name.rfind(data);
    if (at == std::string::npos) {
        return;
    }
    const fs::path elsewhere = name.replace(at, data.size(), settings);
    if (fs::symlink_status(elsewhere, error).type() == fs::file_type::regular) {
        add_file(elsewhere, true, files, profile);
    }
}

void append(ForeignProfile& all, ForeignProfile more) {
    std::ranges::move(more.own, std::back_inserter(all.own));
    std::ranges::move(more.keys, std::back_inserter(all.keys));
    std::ranges::move(more.remarks, std::back_inserter(all.remarks));
    all.sealed = std::max(all.sealed, more.sealed);
}

/// Files that may hold keys, by the folder that they are in.
std::map<fs::path, std::vector<fs::path>> find_files(const fs::path& folder,
                                                     ForeignProfile& profile) {
    std::map<fs::path, std::vector<fs::path>> found;
    const std::string name = folder.string();
    const ForeignFile whole{name, profile};
    std::size_t entries = 0;
    std::size_t files = 0;
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied,
                                           error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        if (++entries > limits::foreign_folder_entries || files >= limits::foreign_files) {
            whole.remark(ForeignProblem::TooLarge);
            break;
        }
        if (entry.depth() + 1 >= limits::foreign_folder_depth) {
            entry.disable_recursion_pending();
        }
        const std::string file = entry->path().filename().string();
        std::error_code unknown;
        if ((may_hold_keys(file) || is_name_file(file)) &&
            entry->symlink_status(unknown).type() == fs::file_type::regular) {
            found[entry->path().parent_path()].push_back(entry->path());
            ++files;
        }
    }
    if (error) {
        whole.remark(ForeignProblem::Unreadable, error.message());
    }
    return found;
}

ForeignProfile read_folder(const fs::path& folder, const SecretString& passphrase) {
    ForeignProfile all;
    for (auto& [place, paths] : find_files(folder, all)) {
        std::ranges::sort(paths);
        std::vector<FileContent> files;
        for (const fs::path& path : paths) {
            add_file(path, is_name_file(path.filename().string()), files, all);
        }
        add_names_elsewhere(place, files, all);
        append(all, read_foreign_files(files, passphrase));
    }
    return all;
}

/// With those beside it that say what its accounts are called.
ForeignProfile read_one(const fs::path& path, const SecretString& passphrase) {
    ForeignProfile all;
    std::vector<FileContent> files;
    add_file(path, false, files, all);
    const auto add_beside = [&](const std::string& name) {
        const fs::path beside = path.parent_path() / name;
        std::error_code error;
        if (name != path.filename() &&
            fs::symlink_status(beside, error).type() == fs::file_type::regular) {
            add_file(beside, true, files, all);
        }
    };
    for (const std::string_view name : name_files) {
        add_beside(std::string(name));
    }
    add_names_elsewhere(path.parent_path(), files, all);
    if (path.extension() == ".key3") {
        add_beside(path.stem().string() + ".fpr");
    }
    ForeignProfile profile = read_foreign_files(files, passphrase);
    all.backup = std::move(profile.backup);
    append(all, std::move(profile));
    return all;
}

} // namespace

ForeignProfile read_foreign_files(const std::vector<FileContent>& files,
                                  const SecretString& passphrase) {
    ForeignProfile profile;
    for (const FileContent& file : files) {
        if (!file.only_names) {
            read_file_content(file.content.view(), passphrase, {file.name, profile});
        }
    }
    rename_accounts(profile, files);
    return profile;
}

Expected<ForeignProfile> read_foreign(const fs::path& path, const SecretString& passphrase) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
        return failure(ErrorCode::NotFound, "there is no such file or folder");
    }
    if (error) {
        return failure(ErrorCode::Io, error.message());
    }
    return status.type() == fs::file_type::directory ? read_folder(path, passphrase)
                                                     : read_one(path, passphrase);
}

} // namespace otr_guard::core
