// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later

// Preloaded into a client: looks for secrets in every block of memory at the moment at which it is
// freed, and writes down who frees it. What is found there would be in a core dump later; it is
// overwritten, so that whoever searches the whole memory afterwards finds what is still in use.
//
// OTR_GUARD_SECRETS         what to look for, in hexadecimal, every byte XOR 0x5a, separated by
//                           commas; so the list itself is not found
// OTR_GUARD_SECRETS_REPORT  the file to append to: a line for each block, with the number of the
//                           secret and the call stack, innermost first, as MODULE:FUNCTION+OFFSET

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

extern "C" {
// glibc's own, under the names by which it offers them to replacements.
void* __libc_malloc(std::size_t size);
void __libc_free(void* block);
}

namespace {

constexpr unsigned char mask = 0x5a;
constexpr std::size_t most_secrets = 16;
constexpr std::size_t longest_secret = 128;

struct Secret {
    unsigned char masked[longest_secret];
    std::size_t size;
};

Secret secrets[most_secrets];
std::size_t secret_count = 0;
int report = -1;
thread_local bool is_busy = false;

bool is_at(const unsigned char* place, const Secret& secret) {
    for (std::size_t i = 0; i < secret.size; ++i) {
        if ((place[i] ^ mask) != secret.masked[i]) {
            return false;
        }
    }
    return true;
}

bool is_in(const void* block, std::size_t size, const Secret& secret) {
    const auto* bytes = static_cast<const unsigned char*>(block);
    for (std::size_t i = 0; i + secret.size <= size; ++i) {
        if (is_at(bytes + i, secret)) {
            return true;
        }
    }
    return false;
}

void write_down(std::size_t number) {
    void* frames[24];
    const int depth = backtrace(frames, 24);
    char line[4096];
    int length = std::snprintf(line, sizeof line, "%zu", number);
    for (int i = 2; i < depth && length < 3900; ++i) {
        Dl_info info{};
        if (dladdr(frames[i], &info) == 0 || info.dli_fname == nullptr) {
            continue;
        }
        const char* slash = std::strrchr(info.dli_fname, '/');
        const auto offset =
            static_cast<const char*>(frames[i]) - static_cast<const char*>(info.dli_fbase);
        length += std::snprintf(line + length, sizeof line - static_cast<std::size_t>(length),
                                " %s:%s+0x%zx", slash != nullptr ? slash + 1 : info.dli_fname,
                                info.dli_sname != nullptr ? info.dli_sname : "",
                                static_cast<std::size_t>(offset));
    }
    line[length++] = '\n';
    (void)!write(report, line, static_cast<std::size_t>(length));
}

void look_at(void* block) {
    if (block == nullptr || report < 0 || is_busy) {
        return;
    }
    is_busy = true;
    const std::size_t size = malloc_usable_size(block);
    bool is_found = false;
    for (std::size_t number = 0; number < secret_count; ++number) {
        if (is_in(block, size, secrets[number])) {
            write_down(number);
            is_found = true;
        }
    }
    if (is_found) {
        std::memset(block, 0, size);
        asm volatile("" : : "r"(block) : "memory"); // keeps what is written to freed memory
    }
    is_busy = false;
}

int digit(char character) {
    return character <= '9' ? character - '0' : character - 'a' + 10;
}

void read_secrets(const char* text) {
    for (; *text != '\0' && secret_count < most_secrets; ++secret_count) {
        Secret& secret = secrets[secret_count];
        for (; *text != '\0' && *text != ',' && secret.size < longest_secret; text += 2) {
            secret.masked[secret.size++] =
                static_cast<unsigned char>(digit(text[0]) * 16 + digit(text[1]));
        }
        text += *text == ',' ? 1 : 0;
    }
}

__attribute__((constructor)) void begin() {
    const char* list = std::getenv("OTR_GUARD_SECRETS");
    const char* path = std::getenv("OTR_GUARD_SECRETS_REPORT");
    if (list == nullptr || path == nullptr) {
        return;
    }
    void* frames[2];
    backtrace(frames, 2); // loads libgcc now, not within free()
    read_secrets(list);
    report = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

} // namespace

extern "C" {

void free(void* block) {
    look_at(block);
    __libc_free(block);
}

void* realloc(void* block, std::size_t size) {
    if (block == nullptr) {
        return __libc_malloc(size);
    }
    if (size == 0) {
        free(block);
        return nullptr;
    }
    void* moved = __libc_malloc(size);
    if (moved != nullptr) {
        const std::size_t old = malloc_usable_size(block);
        std::memcpy(moved, block, old < size ? old : size);
        free(block);
    }
    return moved;
}
}
