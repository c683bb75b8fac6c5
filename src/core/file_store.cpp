// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/file_store.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gcrypt.h>

#include "core/file_name.h"
#include "model/file_limits.h"
#include "util/c_ptr.h"
#include "util/file.h"

namespace otr_guard::core {

namespace limits = model::limits;
using util::ErrorCode;

namespace {

/// The system's reason alone: paths are the user's own, and stand where they are needed.
tl::unexpected<util::Error> io_failure() {
    return util::failure(ErrorCode::Io, std::strerror(errno));
}

/// False at the end of the file as well.
bool read_all(int file, std::span<char> into, std::uint64_t start) {
    while (!into.empty()) {
        const ssize_t count = ::pread(file, into.data(), into.size(), static_cast<off_t>(start));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        into = into.subspan(static_cast<std::size_t>(count));
        start += static_cast<std::uint64_t>(count);
    }
    return true;
}

bool write_all(int file, std::string_view bytes, std::uint64_t start) {
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(start));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
        start += static_cast<std::uint64_t>(count);
    }
    return true;
}

std::string to_hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

using Hash = util::CPtr<gcry_md_handle, gcry_md_close>;

util::Expected<FileHashes> hash_of(int file) {
    gcry_md_hd_t handle = nullptr;
    if (gcry_md_open(&handle, GCRY_MD_SHA1, 0) != 0) {
        return util::failure(ErrorCode::Crypto, "no SHA-1");
    }
    const Hash hash(handle);
    if (gcry_md_enable(hash.get(), GCRY_MD_SHA256) != 0) {
        return util::failure(ErrorCode::Crypto, "no SHA-256");
    }
    std::array<char, 65536> buffer{};
    for (std::uint64_t at = 0;;) {
        const ssize_t count = ::pread(file, buffer.data(), buffer.size(), static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return io_failure();
        }
        if (count == 0) {
            break;
        }
        gcry_md_write(hash.get(), buffer.data(), static_cast<std::size_t>(count));
        at += static_cast<std::uint64_t>(count);
    }
    const auto digits = [&hash](int algorithm) {
        return to_hex({gcry_md_read(hash.get(), algorithm), gcry_md_get_algo_dlen(algorithm)});
    };
    return FileHashes{digits(GCRY_MD_SHA1), digits(GCRY_MD_SHA256)};
}

/// For mkostemp().
std::string temporary_name(const std::filesystem::path& folder) {
    return (folder / ".otr-guard-part-XXXXXX").string();
}

/// What the system calls a file that has no name.
std::string name_of(const util::Descriptor& file) {
    return "/proc/self/fd/" + std::to_string(file.get());
}

bool copy_all(int from, int to) {
    std::vector<char> buffer(65536);
    for (std::uint64_t at = 0;;) {
        const ssize_t count = ::pread(from, buffer.data(), buffer.size(), static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return count == 0;
        }
        const auto size = static_cast<std::size_t>(count);
        if (!write_all(to, {buffer.data(), size}, at)) {
            return false;
        }
        at += size;
    }
}

/// For filesystems that know neither links nor a renaming that replaces nothing.
bool rename_over_own(const std::filesystem::path& from, const std::filesystem::path& to) {
    const util::Descriptor reserved(
        ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!reserved.is_open()) {
        return false;
    }
    if (::rename(from.c_str(), to.c_str()) != 0) {
        const int reason = errno;
        static_cast<void>(::unlink(to.c_str()));
        errno = reason;
        return false;
    }
    return true;
}

} // namespace

// --- Sending -----------------------------------------------------------------------------------

util::Expected<std::shared_ptr<SourceFile>> SourceFile::open(const std::filesystem::path& path) {
    util::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
        return io_failure();
    }
    if (!S_ISREG(status.st_mode)) {
        return util::failure(ErrorCode::Refused, "not a file");
    }
    if (static_cast<std::uint64_t>(status.st_size) > limits::file_bytes) {
        return util::failure(ErrorCode::TooLarge, "too large");
    }
    auto source = std::make_shared<SourceFile>(Key{}, std::move(file));
    source->m_size = static_cast<std::uint64_t>(status.st_size);
    source->m_changed_seconds = status.st_mtim.tv_sec;
    source->m_changed_nanoseconds = status.st_mtim.tv_nsec;
    return source;
}

bool SourceFile::is_unchanged() const {
    struct stat status {};
    return ::fstat(m_file.get(), &status) == 0 &&
           static_cast<std::uint64_t>(status.st_size) == m_size &&
           status.st_mtim.tv_sec == m_changed_seconds &&
           status.st_mtim.tv_nsec == m_changed_nanoseconds;
}

util::Expected<FileHashes> SourceFile::hash() const {
    auto hashes = hash_of(m_file.get());
    if (hashes && !is_unchanged()) {
        return util::failure(ErrorCode::Refused, "changed");
    }
    return hashes;
}

util::Expected<std::string> SourceFile::read(std::uint64_t start, std::size_t length) const {
    std::string bytes(length, '\0');
    if (!is_unchanged() || !read_all(m_file.get(), bytes, start)) {
        return util::failure(ErrorCode::Refused, "changed");
    }
    return bytes;
}

// --- Receiving ---------------------------------------------------------------------------------

util::Expected<std::shared_ptr<PartFile>> PartFile::create(const std::filesystem::path& folder) {
    util::Descriptor nameless(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    // Without /proc it would never get a name.
    if (nameless.is_open() && ::access(name_of(nameless).c_str(), F_OK) == 0) {
        return std::make_shared<PartFile>(Key{}, std::move(nameless), folder,
                                          std::filesystem::path());
    }
    std::string path = temporary_name(folder);
    util::Descriptor file(::mkostemp(path.data(), O_CLOEXEC)); // with mode 0600
    if (!file.is_open()) {
        return io_failure();
    }
    return std::make_shared<PartFile>(Key{}, std::move(file), folder, path);
}

PartFile::~PartFile() {
    if (!m_path.empty()) {
        static_cast<void>(::unlink(m_path.c_str()));
    }
}

util::Expected<void> PartFile::write(std::uint64_t start, std::string_view bytes) {
    if (!write_all(m_file.get(), bytes, start)) {
        return io_failure();
    }
    return {};
}

util::Expected<FileHashes> PartFile::hash() const {
    return hash_of(m_file.get());
}

bool PartFile::give_name(const std::filesystem::path& name) const {
    if (m_path.empty()) {
        return ::linkat(AT_FDCWD, name_of(m_file).c_str(), AT_FDCWD, name.c_str(),
                        AT_SYMLINK_FOLLOW) == 0;
    }
    if (::link(m_path.c_str(), name.c_str()) == 0) {
        static_cast<void>(::unlink(m_path.c_str()));
        return true;
    }
    if (errno == EEXIST) {
        return false;
    }
    // FAT has no links.
    if (::renameat2(AT_FDCWD, m_path.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    const bool is_unknown =
        errno == EPERM || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
    return is_unknown && rename_over_own(m_path, name);
}

// Where the system does not let a file without a name have one after all (a sandbox, perhaps), what
// has come must not be lost.
bool PartFile::move_to_named() {
    std::string path = temporary_name(m_folder);
    util::Descriptor file(::mkostemp(path.data(), O_CLOEXEC)); // with mode 0600
    if (!file.is_open()) {
        return false;
    }
    m_path = path; // goes with this object
    if (!copy_all(m_file.get(), file.get()) || ::fsync(file.get()) != 0) {
        return false;
    }
    m_file = std::move(file);
    return true;
}

util::Expected<std::filesystem::path> PartFile::finish(const std::string& name) {
    if (::fchmod(m_file.get(), 0600) != 0 || ::fsync(m_file.get()) != 0) {
        return io_failure();
    }
    auto path = take_free_name(name);
    if (!path && path.error().code == ErrorCode::Io && m_path.empty() && move_to_named()) {
        path = take_free_name(name);
    }
    return path;
}

util::Expected<std::filesystem::path> PartFile::take_free_name(const std::string& name) {
    for (unsigned number = 1; number <= limits::same_file_names; ++number) {
        const std::filesystem::path path = m_folder / numbered_file_name(name, number);
        if (give_name(path)) {
            m_path.clear();
            static_cast<void>(m_file.close()); // here rather than in the main loop
            return path;
        }
        if (errno != EEXIST) {
            return io_failure();
        }
    }
    return util::failure(ErrorCode::Refused, "no free name");
}

} // namespace otr_guard::core
