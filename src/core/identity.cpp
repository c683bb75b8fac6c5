// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/identity.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "model/limits.h"
#include "util/file.h"
#include "util/secret.h"

namespace otr_guard::core {

namespace limits = model::limits;
using util::ErrorCode;
using util::Expected;
using util::failure;

namespace {

constexpr const char* key_file = "otr.private_key";
constexpr const char* tag_file = "otr.instance_tags";

using SexpPtr = util::CPtr<gcry_sexp, gcry_sexp_release>;

/// A file that is removed again unless it was renamed.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::filesystem::path& beside)
        : m_path(beside.string() + ".XXXXXX"), m_descriptor(::mkostemp(m_path.data(), O_CLOEXEC)) {
        if (m_descriptor >= 0) {
            m_stream.reset(::fdopen(m_descriptor, "w+b"));
        }
    }
    ~TemporaryFile() {
        if (m_descriptor >= 0) {
            ::unlink(m_path.c_str());
        }
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] std::FILE* stream() const { return m_stream.get(); }
    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    std::string m_path;
    int m_descriptor;
    util::FilePtr m_stream;
};

/// `content` as a stream with a file descriptor: libotr asks fstat for the size of a key file, so
/// fmemopen will not do. Lives in memory alone.
util::FilePtr stream_of(std::string_view content) {
    const int descriptor = ::memfd_create("otr-guard", MFD_CLOEXEC);
    util::FilePtr stream(descriptor < 0 ? nullptr : ::fdopen(descriptor, "w+b"));
    if (stream != nullptr) {
        std::fwrite(content.data(), 1, content.size(), stream.get());
        std::rewind(stream.get());
    }
    return stream;
}

std::string sexp_text(gcry_sexp_t sexp) {
    const std::size_t size = gcry_sexp_sprint(sexp, GCRYSEXP_FMT_ADVANCED, nullptr, 0);
    std::string text(size, '\0');
    gcry_sexp_sprint(sexp, GCRYSEXP_FMT_ADVANCED, text.data(), text.size());
    text.resize(std::strlen(text.c_str()));
    return text;
}

} // namespace

Expected<void> initialise_libotr() {
    static bool is_initialised = false;
    if (is_initialised) {
        return {};
    }
    if (otrl_init(OTRL_VERSION_MAJOR, OTRL_VERSION_MINOR, OTRL_VERSION_SUB) != 0) {
        return failure(ErrorCode::Crypto, "this libotr does not fit the one it was built with");
    }
    is_initialised = true;
    return {};
}

Identity::Identity(std::filesystem::path folder)
    : m_folder(std::move(folder)), m_state(otrl_userstate_create()) {}

// --- Reading -----------------------------------------------------------------------------------

std::vector<FileProblem> Identity::load() {
    std::vector<FileProblem> problems;
    const auto read = [&](const char* name, std::size_t max_bytes, auto parse) {
        const std::filesystem::path path = m_folder / name;
        auto content = util::read_file(path, max_bytes);
        if (!content && content.error().code == ErrorCode::NotFound) {
            return;
        }
        std::string reason = content ? "" : content.error().detail;
        if (content) {
            ::chmod(path.c_str(), 0600);
            // pidgin-otr leaves an empty file when it dies while making a key.
            if (content->empty()) {
                return;
            }
            const util::FilePtr stream = stream_of(*content);
            const gcry_error_t error =
                stream != nullptr ? parse(stream.get()) : gcry_error_from_errno(errno);
            util::wipe(content->data(), content->size());
            if (error == 0) {
                return;
            }
            reason = gcry_strerror(error);
        }
        const auto kept = util::set_aside(path);
        problems.push_back({name, kept ? kept->filename().string() : "", std::move(reason)});
    };
    read(key_file, limits::key_file_bytes, [this](std::FILE* stream) {
        return otrl_privkey_read_FILEp(m_state.get(), stream);
    });
    read(tag_file, limits::instance_tag_file_bytes, [this](std::FILE* stream) {
        return otrl_instag_read_FILEp(m_state.get(), stream);
    });
    return problems;
}

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
    char* buffer = nullptr;
    std::size_t size = 0;
    bool is_whole = false;
    {
        const util::FilePtr stream(::open_memstream(&buffer, &size));
        is_whole = stream != nullptr &&
                   otrl_instag_generate_FILEp(m_state.get(), stream.get(),
                                              account.username.c_str(),
                                              account.protocol.c_str()) == 0 &&
                   std::fflush(stream.get()) == 0 && std::ferror(stream.get()) == 0;
    }
    const util::MallocPtr<char> owned(buffer);
    const OtrlInsTag* made = find();
    if (!is_whole || made == nullptr) {
        return failure(ErrorCode::Crypto, "libotr could not make an instance tag");
    }
    if (auto written = util::write_file_atomically(m_folder / tag_file, {buffer, size}); !written) {
        return tl::unexpected(written.error());
    }
    return made->instag;
}

// --- Keys --------------------------------------------------------------------------------------

Expected<void> Identity::adopt_key(void* new_key) {
    const std::filesystem::path path = m_folder / key_file;
    const std::vector<model::AccountId> before = accounts_with_keys();
    TemporaryFile temporary(path);
    if (temporary.stream() == nullptr) {
        auto error = failure(ErrorCode::Io, path.string() + ": " + std::strerror(errno));
        otrl_privkey_generate_cancelled(m_state.get(), new_key);
        return error;
    }
    // Writes all keys and reads them back: what is in memory afterwards is what is in the file.
    const gcry_error_t error =
        otrl_privkey_generate_finish_FILEp(m_state.get(), new_key, temporary.stream());
    const bool is_whole = error == 0 && accounts_with_keys().size() > before.size() &&
                          std::fflush(temporary.stream()) == 0 &&
                          std::ferror(temporary.stream()) == 0 &&
                          ::fsync(::fileno(temporary.stream())) == 0;
    if (!is_whole || ::rename(temporary.path().c_str(), path.c_str()) != 0) {
        auto reason = failure(ErrorCode::Io, error != 0 ? gcry_strerror(error)
                                                        : path.string() + ": not written");
        reload_keys();
        return reason;
    }
    const int folder = ::open(m_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
    return {};
}

void Identity::reload_keys() {
    auto content = util::read_file(m_folder / key_file, limits::key_file_bytes);
    if (!content || content->empty()) {
        otrl_privkey_forget_all(m_state.get());
        return;
    }
    if (const util::FilePtr stream = stream_of(*content)) {
        otrl_privkey_read_FILEp(m_state.get(), stream.get());
    }
    util::wipe(content->data(), content->size());
}

Expected<void> Identity::delete_key(const model::AccountId& account) {
    OtrlPrivKey* key = otrl_privkey_find(m_state.get(), account.username.c_str(),
                                         account.protocol.c_str());
    if (key == nullptr) {
        return failure(ErrorCode::NotFound, "no key for this account");
    }
    std::string text = "(privkeys\n";
    for (const OtrlPrivKey* other = m_state->privkey_root; other != nullptr; other = other->next) {
        if (other == key) {
            continue;
        }
        gcry_sexp_t entry = nullptr;
        if (gcry_sexp_build(&entry, nullptr, "(account (name %s) (protocol %s) %S)",
                            other->accountname, other->protocol, other->privkey) != 0) {
            return failure(ErrorCode::Crypto, "a key could not be written");
        }
        const SexpPtr owned(entry);
        text += sexp_text(entry);
    }
    text += ")\n";
    auto written = util::write_file_atomically(m_folder / key_file, text);
    util::wipe(text.data(), text.size());
    if (written) {
        otrl_privkey_forget(key);
    }
    return written;
}

} // namespace otr_guard::core
