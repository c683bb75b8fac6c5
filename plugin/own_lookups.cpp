// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "own_lookups.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <dlfcn.h>
#include <netdb.h>
#include <string_view>
#include <sys/socket.h>

#include "imports.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

std::atomic<MustNotLookUp> g_must_not{nullptr};

bool must_not() {
    const MustNotLookUp ask = g_must_not.load();
    return ask == nullptr || util::guarded("must_not", true, [&] { return ask(); });
}

// --- The replacements -------------------------------------------------------------------------

int careful_getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                        addrinfo** result) {
    if (node == nullptr || !must_not()) {
        return ::getaddrinfo(node, service, hints, result);
    }
    addrinfo numeric{};
    if (hints != nullptr) {
        numeric = *hints;
    } else {
        numeric.ai_family = AF_UNSPEC;
    }
    numeric.ai_flags |= AI_NUMERICHOST;
    return ::getaddrinfo(node, service, &numeric, result);
}

int careful_getnameinfo(const sockaddr* address, socklen_t size, char* host, socklen_t host_size,
                        char* service, socklen_t service_size, int flags) {
    if (host != nullptr && must_not()) {
        if ((flags & NI_NAMEREQD) != 0) {
            return EAI_NONAME;
        }
        flags |= NI_NUMERICHOST;
    }
    return ::getnameinfo(address, size, host, host_size, service, service_size, flags);
}

using ResolverSearch = int (*)(void*, const char*, int, int, unsigned char*, int);

/// Kerberos asks for the realm's servers with this one.
int careful_res_nsearch(void* state, const char* name, int name_class, int type,
                        unsigned char* answer, int size) {
    static const auto original =
        reinterpret_cast<ResolverSearch>(::dlsym(RTLD_DEFAULT, "__res_nsearch"));
    if (original == nullptr || must_not()) {
        return -1;
    }
    return original(state, name, name_class, type, answer, size);
}

const std::array replacements{
    Import{"getaddrinfo", reinterpret_cast<void*>(&careful_getaddrinfo)},
    Import{"getnameinfo", reinterpret_cast<void*>(&careful_getnameinfo)},
    Import{"res_nsearch", reinterpret_cast<void*>(&careful_res_nsearch)},
    Import{"__res_nsearch", reinterpret_cast<void*>(&careful_res_nsearch)},
};

bool is_meant(std::string_view library) {
    return std::ranges::any_of(std::array<std::string_view, 5>{"libsasl2.so", "libkrb5.so",
                                                               "libgssapi", "libgs2",
                                                               "libk5crypto.so"},
                               [&](std::string_view start) { return library.starts_with(start); });
}

} // namespace

util::Expected<void> take_own_lookups(MustNotLookUp must_not_look_up) {
    g_must_not.store(must_not_look_up);
    for (const TakenImports& taken : replace_imports(replacements, is_meant)) {
        if (taken.has_failed || (taken.count == 0 && taken.library.starts_with("libsasl2.so"))) {
            return util::failure(util::ErrorCode::Unavailable,
                                 "name look-ups of the SASL library cannot be stopped");
        }
    }
    return {};
}

} // namespace otr_guard::plugin
