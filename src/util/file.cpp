// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace otr_guard::util {

namespace {

tl::unexpected<Error> io_failure(const std::filesystem::path& path) {
    const int reason = errno;
    const auto code = reason == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
    return failure(code, path.string() + ": " + std::strerror(reason));
}

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// Where a write has to go so that a symbolic link at `path` survives.
std::filesystem::path target_of(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_symlink(path, error)) {
        return path;
    }
    const std::filesystem::path target = std::filesystem::read_symlink(path, error);
    return error ? path : path.parent_path() / target;
}

/// What temporary files have behind the name of what they become; mkostemp puts letters for X.
constexpr std::string_view temporary_suffix = ".otr-guard-XXXXXX";

std::string date_suffix() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    const std::size_t length =
        std::strftime(text.data(), text.size(), ".unreadable-%Y%m%d-%H%M%S", &parts);
    return {text.data(), length};
}

/// Fails with EEXIST when there is something under the new name.
bool rename_to_free_name(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return false;
    }
    // NFS and others know no RENAME_NOREPLACE; nearly all of them know hard links.
    if (::link(from.c_str(), to.c_str()) == 0) {
        return ::unlink(from.c_str()) == 0;
    }
    struct stat status {};
    if (errno == EEXIST || ::lstat(to.c_str(), &status) == 0) {
        errno = EEXIST;
        return false;
    }
    return ::rename(from.c_str(), to.c_str()) == 0;
}

} // namespace

Expected<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.is_open()) {
        return io_failure(path);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) {
        return io_failure(path);
    }
    if (!S_ISREG(status.st_mode)) {
        return failure(ErrorCode::Io, path.string() + ": not a regular file");
    }
    const auto expected_size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
    if (expected_size > max_bytes) {
        return failure(ErrorCode::TooLarge, path.string());
    }
    // Read in place: a key file leaves no copies behind in buffers. One byte more shows the end.
    std::string content(static_cast<std::size_t>(expected_size) + 1, '\0');
    std::size_t size = 0;
    for (;;) {
        const ssize_t count = ::read(file.get(), content.data() + size, content.size() - size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return io_failure(path);
        }
        if (count == 0) {
            content.resize(size);
            return content;
        }
        size += static_cast<std::size_t>(count);
        if (size > max_bytes) {
            return failure(ErrorCode::TooLarge, path.string());
        }
        if (size == content.size()) {
            content.resize(2 * size); // it grows while it is read
        }
    }
}

Expected<void> write_file_atomically(const std::filesystem::path& path, std::string_view content) {
    const std::filesystem::path target = target_of(path);
    std::string temporary = target.string().append(temporary_suffix);
    Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.is_open()) {
        return failure(ErrorCode::Io, target.string() + ": " + std::strerror(errno));
    }
    const bool is_written = ::fchmod(file.get(), 0600) == 0 && write_all(file.get(), content) &&
                            ::fsync(file.get()) == 0 && file.close() &&
                            ::rename(temporary.c_str(), target.c_str()) == 0;
    if (!is_written) {
        auto error = failure(ErrorCode::Io, target.string() + ": " + std::strerror(errno));
        ::unlink(temporary.c_str());
        return error;
    }
    const std::filesystem::path folder = target.parent_path();
    const Descriptor directory(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Some file systems have no fsync for folders and say so with EINVAL.
    if (!directory.is_open() || (::fsync(directory.get()) != 0 && errno != EINVAL)) {
        return io_failure(folder);
    }
    return {};
}

Expected<std::filesystem::path> set_aside(const std::filesystem::path& path) {
    const std::string suffix = date_suffix();
    constexpr int attempts = 1000;
    for (int i = 1; i <= attempts; ++i) {
        std::filesystem::path kept = path;
        kept += suffix;
        if (i > 1) {
            kept += "-" + std::to_string(i);
        }
        if (rename_to_free_name(path, kept)) {
            return kept;
        }
        if (errno != EEXIST) {
            return io_failure(path);
        }
    }
    return failure(ErrorCode::Io, path.string() + ": no free name to keep it under");
}

Expected<Descriptor> lock_file(const std::filesystem::path& path) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) {
        return io_failure(path);
    }
    // Not flock: children that are forked without exec, as libpurple's resolvers are, would keep
    // it.
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(file.get(), F_SETLK, &lock) == 0) {
        return file;
    }
    if (errno == EACCES || errno == EAGAIN) {
        return failure(ErrorCode::Busy, path.string() + ": locked by another process");
    }
    return io_failure(path);
}

void remove_leftovers(const std::filesystem::path& path) {
    const std::filesystem::path target = target_of(path);
    const std::size_t random = temporary_suffix.find('X');
    const std::string start = target.filename().string().append(temporary_suffix.substr(0, random));
    const std::size_t length = start.size() + temporary_suffix.size() - random;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(target.parent_path(), error), end;
         !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.size() == length && name.starts_with(start)) {
            ::unlink(entry->path().c_str());
        }
    }
}

void make_private(const std::filesystem::path& path) noexcept {
    constexpr mode_t others = S_IRWXG | S_IRWXO;
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & others) != 0) {
        ::chmod(path.c_str(), status.st_mode & S_IRWXU);
    }
}

} // namespace otr_guard::util
