// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later

// Preloaded into a client: a system that lets it down. The folder OTR_GUARD_ODD_SYSTEM holds what
// is wrong at the moment; both files are read anew at every call.
//
//   fault   "kill N": the process is killed in the N-th system call by which a file whose name
//           begins with "otr" is made, written, renamed or removed, after it has written N into
//           `struck`. "ENOSPC", "EIO": all of these calls fail with it.
//   clock   seconds that the clock is off; the monotonic one never is

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

constexpr int most_files = 1024;
bool is_ours[most_files]; ///< by descriptor

/// The function of the C library that the one below stands before.
template <typename Function> Function* real(Function*, const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string content_of(const char* name) {
    const char* folder = std::getenv("OTR_GUARD_ODD_SYSTEM");
    if (folder == nullptr) {
        return {};
    }
    const std::string path = std::string(folder) + "/" + name;
    const int file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path.c_str(), O_RDONLY));
    if (file < 0) {
        return {};
    }
    char text[64];
    const long size = syscall(SYS_read, file, text, sizeof text);
    syscall(SYS_close, file);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

void report(int call) {
    const std::string path = std::string(std::getenv("OTR_GUARD_ODD_SYSTEM")) + "/struck";
    const int file =
        static_cast<int>(syscall(SYS_openat, AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT, 0600));
    const std::string text = std::to_string(call);
    static_cast<void>(syscall(SYS_write, file, text.c_str(), text.size()));
    syscall(SYS_close, file);
}

bool concerns_us(const char* path) {
    const char* slash = std::strrchr(path, '/');
    return std::strncmp(slash != nullptr ? slash + 1 : path, "otr", 3) == 0;
}

bool concerns_us(int file) {
    return file >= 0 && file < most_files && is_ours[file];
}

/// Whether the call has to fail, with errno set. For those that concern us.
bool strikes() {
    static int calls = 0;
    const std::string fault = content_of("fault");
    if (fault.rfind("kill ", 0) == 0) {
        if (++calls == std::atoi(fault.c_str() + 5)) {
            report(calls);
            kill(getpid(), SIGKILL);
        }
        return false;
    }
    if (fault.empty()) {
        return false;
    }
    errno = fault == "EIO" ? EIO : ENOSPC;
    return true;
}

long clock_error() {
    return std::atol(content_of("clock").c_str());
}

} // namespace

extern "C" {

// --- Files -------------------------------------------------------------------------------------

int mkostemp(char* name, int flags) {
    if (!concerns_us(name)) {
        return real(mkostemp, "mkostemp")(name, flags);
    }
    if (strikes()) {
        return -1;
    }
    const int file = real(mkostemp, "mkostemp")(name, flags);
    if (file >= 0 && file < most_files) {
        is_ours[file] = true;
    }
    return file;
}

int fchmod(int file, mode_t mode) {
    return concerns_us(file) && strikes() ? -1 : real(fchmod, "fchmod")(file, mode);
}

ssize_t write(int file, const void* data, std::size_t size) {
    if (concerns_us(file) && strikes()) {
        const int reason = errno;
        static_cast<void>(syscall(SYS_write, file, data, size / 2)); // what fitted in
        errno = reason;
        return -1;
    }
    return syscall(SYS_write, file, data, size);
}

int fsync(int file) {
    return concerns_us(file) && strikes() ? -1 : real(fsync, "fsync")(file);
}

int close(int file) {
    const bool fails = concerns_us(file) && strikes();
    const int reason = errno;
    if (file >= 0 && file < most_files) {
        is_ours[file] = false;
    }
    const int result = real(close, "close")(file);
    errno = fails ? reason : errno;
    return fails ? -1 : result;
}

int rename(const char* from, const char* to) noexcept {
    return concerns_us(to) && strikes() ? -1 : real(rename, "rename")(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
    return concerns_us(to) && strikes()
               ? -1
               : real(renameat2, "renameat2")(from_folder, from, to_folder, to, flags);
}

int link(const char* from, const char* to) noexcept {
    return concerns_us(to) && strikes() ? -1 : real(link, "link")(from, to);
}

int unlink(const char* name) noexcept {
    return concerns_us(name) && strikes() ? -1 : real(unlink, "unlink")(name);
}

// --- The clock ---------------------------------------------------------------------------------

int clock_gettime(clockid_t clock, struct timespec* now) noexcept {
    const int result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += clock_error();
    }
    return result;
}

int gettimeofday(struct timeval* now, void*) noexcept {
    struct timespec exact {};
    const int result = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return result;
}

std::time_t time(std::time_t* seconds) noexcept {
    struct timespec now {};
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds != nullptr) {
        *seconds = now.tv_sec;
    }
    return now.tv_sec;
}
}
