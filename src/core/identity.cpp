// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/identity.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/mman.h>
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

using SexpPtr = util::CPtr<gcry_sexp, gcry_sexp_release>;

/// A file that exists in memory alone, but has a descriptor: libotr asks fstat for the size of a
/// key file. Unbuffered, so that no key stays behind in a buffer. Null when there is no memory.
util::FilePtr memory_file(std::string_view content) {
    const int descriptor = ::memfd_create("otr-guard", MFD_CLOEXEC);
    util::FilePtr stream(descriptor < 0 ? nullptr : ::fdopen(descriptor, "w+b"));
    if (stream == nullptr) {
        return stream;
    }
    static_cast<void>(std::setvbuf(stream.get(), nullptr, _IONBF, 0));
    const bool is_whole = content.empty() || std::fwrite(content.data(), 1, content.size(),
                                                         stream.get()) == content.size();
    if (!is_whole || std::fseek(stream.get(), 0, SEEK_SET) != 0) {
        return nullptr;
    }
    return stream;
}

/// Everything in a memory file; empty when it cannot be read.
SecretString content_of(std::FILE* stream) {
    struct stat status {};
    if (std::ferror(stream) != 0 || ::fstat(::fileno(stream), &status) != 0 ||
        std::fseek(stream, 0, SEEK_SET) != 0) {
        return {};
    }
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    const std::size_t size = std::fread(text.data(), 1, text.size(), stream);
    SecretString secret(size == text.size() ? std::string_view(text) : std::string_view());
    util::wipe(text.data(), text.size());
    return secret;
}

/// False when libgcrypt could not print it.
bool append_sexp(std::string& text, gcry_sexp_t sexp) {
    const std::size_t size = gcry_sexp_sprint(sexp, GCRYSEXP_FMT_ADVANCED, nullptr, 0);
    std::string printed(size, '\0');
    const std::size_t length =
        gcry_sexp_sprint(sexp, GCRYSEXP_FMT_ADVANCED, printed.data(), printed.size());
    text.append(printed, 0, length);
    util::wipe(printed.data(), printed.size());
    return length > 0;
}

bool append_name(std::string& text, const char* format, const char* name) {
    gcry_sexp_t sexp = nullptr;
    if (gcry_sexp_build(&sexp, nullptr, format, name) != 0) {
        return false;
    }
    const SexpPtr owned(sexp);
    return append_sexp(text, sexp);
}

FileProblem put_aside(const std::filesystem::path& path, std::string reason, bool& may_write) {
    const auto kept = util::set_aside(path);
    may_write = kept.has_value();
    return {path.filename().string(), kept ? kept->filename().string() : "", std::move(reason)};
}

/// A file that could not be read must not be written; once the user has put it away it may.
bool is_blocked(const std::filesystem::path& path, bool& may_write) {
    struct stat status {};
    may_write = may_write || ::lstat(path.c_str(), &status) != 0;
    return !may_write;
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
      m_state(otrl_userstate_create()) {}

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
    util::make_private(m_key_file);
    std::string& bytes = *content;
    const SecretString text(bytes);
    util::wipe(bytes.data(), bytes.size());
    if (read_keys(memory_file(text.view()).get())) {
        return std::nullopt;
    }
    return put_aside(m_key_file,
                     text.empty() ? "empty: a program stopped while it wrote the file"
                                  : "not a list of keys",
                     m_may_write_keys);
}

bool Identity::read_keys(std::FILE* stream) {
    otrl_privkey_forget_all(m_state.get());
    if (stream != nullptr && otrl_privkey_read_FILEp(m_state.get(), stream) == 0) {
        return true;
    }
    otrl_privkey_forget_all(m_state.get()); // no half of a list
    return false;
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
    util::make_private(m_tag_file);
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
    const auto written = util::write_file_atomically(m_tag_file, content_of(stream.get()).view());
    if (!written) {
        util::log_warning("write_tags", written.error().detail);
    }
}

// --- Keys --------------------------------------------------------------------------------------

Expected<void> Identity::check_writable() {
    if (is_blocked(m_key_file, m_may_write_keys)) {
        return failure(ErrorCode::Refused,
                       m_key_file.string() + ": could not be read, and is not written over");
    }
    return {};
}

Expected<void> Identity::adopt_key(void* new_key) {
    const std::size_t keys_before = accounts_with_keys().size();
    const SecretString text_before = keys_text(nullptr);
    const util::FilePtr before = memory_file(text_before.view());
    const util::FilePtr stream = memory_file({});
    Expected<void> result = check_writable();
    if (result && (text_before.empty() || before == nullptr || stream == nullptr)) {
        result = failure(ErrorCode::Io, "out of memory");
    }
    if (!result) {
        otrl_privkey_generate_cancelled(m_state.get(), new_key);
        return result;
    }
    // Writes all keys and reads them back: what is in memory afterwards is what is in the stream.
    const gcry_error_t error =
        otrl_privkey_generate_finish_FILEp(m_state.get(), new_key, stream.get());
    const SecretString after = content_of(stream.get());
    if (error != 0) {
        result = failure(ErrorCode::Crypto, gcry_strerror(error));
    } else if (after.empty() || accounts_with_keys().size() != keys_before + 1) {
        result = failure(ErrorCode::Crypto, "the new key did not come in addition to the others");
    } else {
        result = util::write_file_atomically(m_key_file, after.view());
    }
    if (!result && !read_keys(before.get())) {
        util::log_error("adopt_key", "the keys in memory are lost until the next start");
    }
    return result;
}

SecretString Identity::keys_text(const OtrlPrivKey* without) const {
    std::vector<const OtrlPrivKey*> keys;
    for (const OtrlPrivKey* key = m_state->privkey_root; key != nullptr; key = key->next) {
        if (key != without) {
            keys.push_back(key);
        }
    }
    std::ranges::reverse(keys); // libotr puts what it reads at the front
    // Enough room for all of them: a string that grows leaves copies behind.
    constexpr std::size_t key_bytes = 4096;
    std::string text;
    text.reserve((keys.size() + 1) * key_bytes);
    text.append("(privkeys\n");
    bool is_whole = true;
    for (const OtrlPrivKey* key : keys) {
        text.append(" (account\n");
        is_whole = append_name(text, "(name %s)", key->accountname) &&
                   append_name(text, "(protocol %s)", key->protocol) &&
                   append_sexp(text, key->privkey) && is_whole;
        text.append(" )\n");
    }
    text.append(")\n");
    SecretString secret(is_whole ? std::string_view(text) : std::string_view());
    util::wipe(text.data(), text.size());
    return secret;
}

Expected<void> Identity::delete_key(const model::AccountId& account) {
    OtrlPrivKey* key =
        otrl_privkey_find(m_state.get(), account.username.c_str(), account.protocol.c_str());
    if (key == nullptr) {
        return failure(ErrorCode::NotFound, "no key for this account");
    }
    if (auto writable = check_writable(); !writable) {
        return writable;
    }
    const SecretString text = keys_text(key);
    if (text.empty()) {
        return failure(ErrorCode::Crypto, "the other keys could not be written");
    }
    auto written = util::write_file_atomically(m_key_file, text.view());
    if (written) {
        otrl_privkey_forget(key);
    }
    return written;
}

} // namespace otr_guard::core
