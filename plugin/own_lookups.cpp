// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "own_lookups.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <netdb.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

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

struct Replacement {
    std::string_view name;
    void* function;
};

const std::array replacements{
    Replacement{"getaddrinfo", reinterpret_cast<void*>(&careful_getaddrinfo)},
    Replacement{"getnameinfo", reinterpret_cast<void*>(&careful_getnameinfo)},
    Replacement{"res_nsearch", reinterpret_cast<void*>(&careful_res_nsearch)},
    Replacement{"__res_nsearch", reinterpret_cast<void*>(&careful_res_nsearch)},
};

// --- Finding their places ---------------------------------------------------------------------

// The loader tells of its tables by numbers that are addresses, and in a union.
// NOLINTBEGIN(performance-no-int-to-ptr,cppcoreguidelines-pro-type-union-access)

/// What the loader needs to bind one library's calls to other libraries.
struct Linkage {
    const ElfW(Sym) * symbols = nullptr;
    const char* names = nullptr;
    std::array<std::uintptr_t, 2> tables{};
    std::array<std::size_t, 2> sizes{};
    bool has_addends = sizeof(void*) == 8;
};

struct Survey {
    bool has_sasl = false;
    bool is_sasl_taken = false;
    bool has_failed = false;
};

bool is_meant(std::string_view file) {
    const std::string_view name = file.substr(file.rfind('/') + 1);
    return std::ranges::any_of(std::array<std::string_view, 5>{"libsasl2.so", "libkrb5.so",
                                                               "libgssapi", "libgs2",
                                                               "libk5crypto.so"},
                               [&](std::string_view start) { return name.starts_with(start); });
}

Linkage linkage_of(const dl_phdr_info& library) {
    Linkage found;
    const auto* headers = library.dlpi_phdr;
    const auto* end = headers + library.dlpi_phnum;
    const auto* dynamic = std::find_if(
        headers, end, [](const ElfW(Phdr) & header) { return header.p_type == PT_DYNAMIC; });
    if (dynamic == end) {
        return found;
    }
    // The loader has added the base to these on most machines, and not on some.
    const auto address = [&library](std::uintptr_t value) {
        return value < library.dlpi_addr ? value + library.dlpi_addr : value;
    };
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(library.dlpi_addr + dynamic->p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
        const auto value = static_cast<std::uintptr_t>(entry->d_un.d_val);
        switch (entry->d_tag) {
        case DT_SYMTAB:
            found.symbols = reinterpret_cast<const ElfW(Sym)*>(address(value));
            break;
        case DT_STRTAB:
            found.names = reinterpret_cast<const char*>(address(value));
            break;
        case DT_JMPREL:
            found.tables[0] = address(value);
            break;
        case DT_PLTRELSZ:
            found.sizes[0] = value;
            break;
        case DT_RELA:
        case DT_REL:
            found.tables[1] = address(value);
            found.has_addends = entry->d_tag == DT_RELA;
            break;
        case DT_RELASZ:
        case DT_RELSZ:
            found.sizes[1] = value;
            break;
        default:
            break;
        }
    }
    return found;
}

std::size_t symbol_index(std::uintptr_t info) {
    return sizeof(void*) == 8 ? static_cast<std::size_t>(info >> 32U)
                              : static_cast<std::size_t>(info >> 8U);
}

/// Whether the loader has made the place read-only after binding.
bool is_sealed(const dl_phdr_info& library, std::uintptr_t place) {
    return std::any_of(library.dlpi_phdr, library.dlpi_phdr + library.dlpi_phnum,
                       [&](const ElfW(Phdr) & header) {
                           const std::uintptr_t start = library.dlpi_addr + header.p_vaddr;
                           return header.p_type == PT_GNU_RELRO && place >= start &&
                                  place < start + header.p_memsz;
                       });
}

/// False when the place cannot be written.
bool put(const dl_phdr_info& library, std::uintptr_t place, void* function) {
    void* now = nullptr;
    auto* slot = reinterpret_cast<void*>(place);
    std::memcpy(&now, slot, sizeof(now));
    if (now == function) {
        return true;
    }
    const auto page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    auto* page = reinterpret_cast<void*>(place & ~(page_size - 1));
    const bool sealed = is_sealed(library, place);
    if (sealed && ::mprotect(page, page_size, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    std::memcpy(slot, &function, sizeof(function));
    return !sealed || ::mprotect(page, page_size, PROT_READ) == 0;
}

/// How many calls of `library` to a replaced function are ours now.
std::size_t replace_in(const dl_phdr_info& library, Survey& survey) {
    const Linkage linkage = linkage_of(library);
    if (linkage.symbols == nullptr || linkage.names == nullptr) {
        return 0;
    }
    std::size_t taken = 0;
    const std::size_t step = linkage.has_addends ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel));
    for (std::size_t table = 0; table < linkage.tables.size(); ++table) {
        for (std::size_t at = 0; at + step <= linkage.sizes[table]; at += step) {
            // Rel is the beginning of Rela.
            const auto* relocation = reinterpret_cast<const ElfW(Rel)*>(linkage.tables[table] + at);
            const std::size_t index = symbol_index(relocation->r_info);
            const std::string_view name =
                index == 0 ? "" : linkage.names + linkage.symbols[index].st_name;
            const auto* found = std::ranges::find(replacements, name, &Replacement::name);
            if (found == replacements.end()) {
                continue;
            }
            if (put(library, library.dlpi_addr + relocation->r_offset, found->function)) {
                ++taken;
            } else {
                survey.has_failed = true;
            }
        }
    }
    return taken;
}

// NOLINTEND(performance-no-int-to-ptr,cppcoreguidelines-pro-type-union-access)

int visit(dl_phdr_info* library, std::size_t, void* data) {
    auto& survey = *static_cast<Survey*>(data);
    return util::guarded("visit", 0, [&] {
        const std::string_view file = library->dlpi_name != nullptr ? library->dlpi_name : "";
        if (!is_meant(file)) {
            return 0;
        }
        const bool is_sasl = file.find("libsasl2.so") != std::string_view::npos;
        const std::size_t taken = replace_in(*library, survey);
        survey.has_sasl = survey.has_sasl || is_sasl;
        survey.is_sasl_taken = survey.is_sasl_taken || (is_sasl && taken > 0);
        return 0;
    });
}

} // namespace

util::Expected<void> take_own_lookups(MustNotLookUp must_not_look_up) {
    g_must_not.store(must_not_look_up);
    Survey survey;
    ::dl_iterate_phdr(visit, &survey);
    if (survey.has_failed || (survey.has_sasl && !survey.is_sasl_taken)) {
        return util::failure(util::ErrorCode::Unavailable,
                             "name look-ups of the SASL library cannot be stopped");
    }
    return {};
}

} // namespace otr_guard::plugin
