// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "imports.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

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

struct Task {
    std::span<const Import> imports;
    const LibraryFilter& is_meant;
    std::vector<TakenImports> taken;
};

TakenImports replace_in(const dl_phdr_info& library, std::string_view name,
                        std::span<const Import> imports) {
    TakenImports result{std::string(name), 0, false};
    const Linkage linkage = linkage_of(library);
    if (linkage.symbols == nullptr || linkage.names == nullptr) {
        return result;
    }
    const std::size_t step = linkage.has_addends ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel));
    for (std::size_t table = 0; table < linkage.tables.size(); ++table) {
        for (std::size_t at = 0; at + step <= linkage.sizes[table]; at += step) {
            // Rel is the beginning of Rela.
            const auto* relocation = reinterpret_cast<const ElfW(Rel)*>(linkage.tables[table] + at);
            const std::size_t index = symbol_index(relocation->r_info);
            const std::string_view symbol =
                index == 0 ? "" : linkage.names + linkage.symbols[index].st_name;
            const auto found = std::ranges::find(imports, symbol, &Import::symbol);
            if (found == imports.end()) {
                continue;
            }
            if (put(library, library.dlpi_addr + relocation->r_offset, found->function)) {
                ++result.count;
            } else {
                result.has_failed = true;
            }
        }
    }
    return result;
}

// NOLINTEND(performance-no-int-to-ptr,cppcoreguidelines-pro-type-union-access)

int visit(dl_phdr_info* library, std::size_t, void* data) {
    auto& task = *static_cast<Task*>(data);
    return util::guarded("visit", 0, [&] {
        const std::string_view file = library->dlpi_name != nullptr ? library->dlpi_name : "";
        const std::string_view name = file.substr(file.rfind('/') + 1);
        if (task.is_meant(name)) {
            task.taken.push_back(replace_in(*library, name, task.imports));
        }
        return 0;
    });
}

} // namespace

std::vector<TakenImports> replace_imports(std::span<const Import> imports,
                                          const LibraryFilter& is_meant) {
    Task task{imports, is_meant, {}};
    ::dl_iterate_phdr(visit, &task);
    return std::move(task.taken);
}

} // namespace otr_guard::plugin
