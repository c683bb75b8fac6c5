// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/identity.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "model/limits.h"
#include "util/file.h"
#include "util/log.h"

namespace otr_guard::core {

namespace limits = model::limits;
using util::ErrorCode;
using util::Expected;
using util::failure;
using util::SecretString;

namespace {

constexpr const char* oldest_libgcrypt = "1.8.0";
/// libotr reads lines of the tag file into 1000 bytes.
constexpr std::size_t longest_tag_line = 999;
constexpr std::size_t tag_digits = 8;

std::size_t count_of(const s_OtrlUserState& state) {
    std::size_t keys = 0;
    for (const OtrlPrivKey* key = state.privkey_root; key != nullptr; key = key->next) {
        ++keys;
    }
    return keys;
}

bool fits_a_tag_line(std::string_view username, std::string_view protocol) {
    constexpr std::string_view separators("\t\r\n\0", 4);
    return !username.empty() && !protocol.empty() && username.front() != '#' &&
           username.find_first_of(separators) == std::string_view::npos &&
           protocol.find_first_of(separators) == std::string_view::npos &&
           username.size() + protocol.size() + tag_digits + 3 <= longest_tag_line;
}

bool is_tag_line(std::string_view line) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) {
        return false;
    }
    const std::string_view digits = line.substr(second + 1);
    return fits_a_tag_line(line.substr(0, first), line.substr(first + 1, second - first - 1)) &&
           digits.size() == tag_digits &&
           digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos &&
           std::stoul(std::string(digits), nullptr, 16) >= OTRL_MIN_VALID_INSTAG;
}

/// The lines that libotr can read: of others it leaks a part. Comments count as neither good nor
/// bad.
struct TagLines {
    std::string good;
    bool has_bad = false;
};

TagLines sort_tag_lines(std::string_view text) {
    TagLines lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (is_tag_line(line)) {
            lines.good.append(line).append("\n");
        } else if (!line.empty() && line.front() != '#') {
            lines.has_bad = true;
        }
    }
    return lines;
}

} // namespace

Expected<void> initialise_libotr() {
    static bool is_initialised = false;
    if (is_initialised) {
        return {};
    }
    if (gcry_control(GCRYCTL_ANY_INITIALIZATION_P) == 0) {
        if (otrl_init(OTRL_VERSION_MAJOR, OTRL_VERSION_MINOR, OTRL_VERSION_SUB) != 0) {
            return failure(ErrorCode::Crypto, "this libotr does not fit the one it was built with");
        }
    } else {
        util::log_debug("initialise_libotr", "libgcrypt is in use already; its memory stays as is");
        otrl_dh_init();
        otrl_sm_init();
        // libotr asks for more secret memory than the 16 or 32 KiB that others set up.
        constexpr unsigned secure_pool_bytes = 256U << 10;
        gcry_control(GCRYCTL_AUTO_EXPAND_SECMEM, secure_pool_bytes);
    }
    if (gcry_check_version(oldest_libgcrypt) == nullptr) {
        return failure(ErrorCode::Crypto, "libgcrypt is too old");
    }
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    is_initialised = true;
    return {};
}

Identity::Identity(const std::filesystem::path& folder)
    : m_key_file(folder / "otr.private_key"), m_tag_file(folder / "otr.instance_tags"),
      m_state(otrl_userstate_create()), m_context_place(m_state.get()) {}

// --- Reading -----------------------------------------------------------------------------------

std::vector<FileProblem> Identity::load() {
    std::vector<FileProblem> problems;
    for (auto& problem : {load_keys(), load_tags()}) {
        if (problem) {
            problems.push_back(*problem);
        }
    }
    return problems;
}

FileProblem Identity::put_aside(const std::filesystem::path& path, std::string reason,
                                bool& may_write) const {
    const auto kept = m_is_read_only
                          ? util::failure(ErrorCode::Refused, "belongs to another process")
                          : util::set_aside(path);
    may_write = kept.has_value();
    return {path.filename().string(), kept ? kept->filename().string() : "", std::move(reason)};
}

bool Identity::is_blocked(const std::filesystem::path& path, bool& may_write) const {
    struct stat status {};
    may_write = may_write || ::lstat(path.c_str(), &status) != 0;
    return m_is_read_only || !may_write;
}

std::optional<FileProblem> Identity::load_keys() {
    otrl_privkey_forget_all(m_state.get());
    m_may_write_keys = true;
    auto content = util::read_file(m_key_file, limits::key_file_bytes);
    if (!content) {
        const util::Error& error = content.error();
        if (error.code == ErrorCode::TooLarge) {
            return put_aside(m_key_file, error.detail, m_may_write_keys);
        }
        if (error.code == ErrorCode::NotFound) {
            return std::nullopt;
        }
        // There may be good keys in it: nothing is known.
        m_may_write_keys = false;
        return FileProblem{m_key_file.filename().string(), "", error.detail};
    }
    if (!m_is_read_only) {
        util::make_private(m_key_file);
    }
    std::string& bytes = *content;
    const SecretString text(bytes);
    util::wipe(bytes.data(), bytes.size());
    if (UserStatePtr keys = parse_private_keys(text.view())) {
        commit({m_key_file, {}, std::move(keys)});
        return std::nullopt;
    }
    return put_aside(m_key_file,
                     text.empty() ? "empty: a program stopped while it wrote the file"
                                  : "not a list of keys",
                     m_may_write_keys);
}

std::optional<FileProblem> Identity::load_tags() {
    otrl_instag_forget_all(m_state.get());
    m_may_write_tags = true;
    auto content = util::read_file(m_tag_file, limits::instance_tag_file_bytes);
    if (!content) {
        const util::Error& error = content.error();
        if (error.code == ErrorCode::TooLarge) {
            return put_aside(m_tag_file, error.detail, m_may_write_tags);
        }
        if (error.code == ErrorCode::NotFound) {
            return std::nullopt;
        }
        m_may_write_tags = false;
        return FileProblem{m_tag_file.filename().string(), "", error.detail};
    }
    if (!m_is_read_only) {
        util::make_private(m_tag_file);
    }
    TagLines lines = sort_tag_lines(*content);
    if (!lines.good.empty()) {
        const util::FilePtr stream(::fmemopen(lines.good.data(), lines.good.size(), "r"));
        otrl_instag_read_FILEp(m_state.get(), stream.get());
    }
    if (!lines.has_bad) {
        return std::nullopt;
    }
    auto problem = put_aside(m_tag_file, "holds lines that are no instance tags", m_may_write_tags);
    write_tags();
    return problem;
}

// --- Looking up --------------------------------------------------------------------------------

std::optional<model::Fingerprint> Identity::fingerprint_of(const model::AccountId& account) const {
    std::array<unsigned char, model::Fingerprint::size> bytes{};
    if (otrl_privkey_fingerprint_raw(m_state.get(), bytes.data(), account.username.c_str(),
                                     account.protocol.c_str()) == nullptr) {
        return std::nullopt;
    }
    return model::Fingerprint(bytes);
}

std::vector<model::AccountId> Identity::accounts_with_keys() const {
    std::vector<model::AccountId> accounts;
    for (const OtrlPrivKey* key = m_state->privkey_root; key != nullptr; key = key->next) {
        accounts.push_back({key->accountname, key->protocol});
    }
    std::ranges::reverse(accounts); // libotr puts each in front of those before it
    return accounts;
}

// --- Instance tags -----------------------------------------------------------------------------

Expected<model::InstanceTag> Identity::instance_tag_of(const model::AccountId& account) {
    const auto find = [&] {
        return otrl_instag_find(m_state.get(), account.username.c_str(), account.protocol.c_str());
    };
    if (const OtrlInsTag* known = find()) {
        return known->instag;
    }
    if (!fits_a_tag_line(account.username, account.protocol)) {
        return failure(ErrorCode::Malformed, "a name that otr.instance_tags cannot hold");
    }
    const util::FilePtr nowhere = memory_file({});
    if (nowhere == nullptr ||
        otrl_instag_generate_FILEp(m_state.get(), nowhere.get(), account.username.c_str(),
                                   account.protocol.c_str()) != 0) {
        return failure(ErrorCode::Crypto, "libotr could not make an instance tag");
    }
    write_tags();
    const OtrlInsTag* made = find();
    if (made == nullptr) {
        return failure(ErrorCode::Crypto, "libotr could not make an instance tag");
    }
    return made->instag;
}

void Identity::write_tags() {
    if (is_blocked(m_tag_file, m_may_write_tags)) {
        return;
    }
    const util::FilePtr stream = memory_file({});
    if (stream == nullptr || otrl_instag_write_FILEp(m_state.get(), stream.get()) != 0) {
        util::log_warning("write_tags", "out of memory");
        return;
    }
    const SecretString content = content_of(stream.get());
    if (m_writer) {
        m_writer(m_tag_file, std::string(content.view()));
        return;
    }
    if (const auto written = util::write_file_atomically(m_tag_file, content.view()); !written) {
        util::log_warning("write_tags", written.error().detail);
    }
}

// --- Keys --------------------------------------------------------------------------------------

Expected<void> Identity::check_writable() {
    if (is_blocked(m_key_file, m_may_write_keys)) {
        return failure(ErrorCode::Refused,
                       m_key_file.string() +
                           (m_is_read_only ? ": belongs to another program that is running"
                                           : ": could not be read, and is not written over"));
    }
    return {};
}

Expected<SecretString> Identity::key_of(const model::AccountId& account) const {
    const OtrlPrivKey* key =
        otrl_privkey_find(m_state.get(), account.username.c_str(), account.protocol.c_str());
    if (key == nullptr) {
        return failure(ErrorCode::NotFound, "no key for this account");
    }
    SecretString text = key_text_of(*key);
    if (text.empty()) {
        return failure(ErrorCode::Crypto, "libgcrypt could not print the key");
    }
    return text;
}

Expected<PendingKeys> Identity::prepare(const KeyChange& change) {
    if (fingerprint_of(change.account) != change.replaces) {
        return failure(ErrorCode::Refused, "the account has another key now");
    }
    if (auto writable = check_writable(); !writable) {
        return tl::unexpected(writable.error());
    }
    std::vector<SecretString> texts;
    std::vector<model::AccountId> accounts;
    for (model::AccountId& account : accounts_with_keys()) {
        if (account == change.account) {
            continue;
        }
        auto text = key_of(account);
        if (!text) {
            return tl::unexpected(text.error());
        }
        texts.push_back(std::move(*text));
        accounts.push_back(std::move(account));
    }
    std::vector<NamedKey> keys;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        keys.push_back({accounts[i], texts[i].view()});
    }
    if (!change.key.empty()) {
        keys.push_back({change.account, change.key.view()});
    }
    PendingKeys pending{m_key_file, private_keys_text(keys), nullptr};
    pending.keys = parse_private_keys(pending.text.view());
    if (pending.keys == nullptr || count_of(*pending.keys) != keys.size()) {
        return failure(ErrorCode::Crypto, "libotr does not read what is to be written");
    }
    return pending;
}

void Identity::commit(PendingKeys written) {
    OtrlPrivKey*& ours = m_state->privkey_root;
    OtrlPrivKey*& theirs = written.keys->privkey_root;
    std::swap(ours, theirs);
    for (OtrlPrivKey** root : {&ours, &theirs}) {
        if (*root != nullptr) {
            (*root)->tous = root; // the list's way back to its beginning
        }
    }
}

} // namespace otr_guard::core
