// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "wiped_memory.h"

#include <algorithm>
#include <array>
#include <malloc.h>
#include <string_view>

#include "imports.h"
#include "util/log.h"
#include "util/secret.h"

namespace {

/// `block` comes from malloc, whoever allocated it: operator new and GLib (since 2.46) call it.
void wipe(void* block) noexcept {
    if (block != nullptr) {
        otr_guard::util::wipe(block, ::malloc_usable_size(block));
    }
}

} // namespace

// --- What the linker puts in place of each NAME, by its option --wrap; __real_NAME is the original

// NOLINTBEGIN: the names are the linker's and the compiler's
extern "C" {

void __real_free(void* block) noexcept;
void __wrap_free(void* block) noexcept {
    wipe(block);
    __real_free(block);
}

void __real_g_free(void* block) noexcept;
void __wrap_g_free(void* block) noexcept {
    wipe(block);
    __real_g_free(block);
}

// operator delete(void*)
void __real__ZdlPv(void* block) noexcept;
void __wrap__ZdlPv(void* block) noexcept {
    wipe(block);
    __real__ZdlPv(block);
}

// operator delete(void*, std::size_t)
void __real__ZdlPvm(void* block, std::size_t size) noexcept;
void __wrap__ZdlPvm(void* block, std::size_t size) noexcept {
    wipe(block);
    __real__ZdlPvm(block, size);
}
}
// NOLINTEND

namespace otr_guard::plugin {

void wipe_what_libraries_free() {
    const std::array imports{Import{"free", reinterpret_cast<void*>(&__wrap_free)}};
    constexpr std::array<std::string_view, 2> libraries{"libotr.so", "libgcrypt.so"};
    const auto taken = replace_imports(imports, [&libraries](std::string_view name) {
        return std::ranges::any_of(
            libraries, [name](std::string_view start) { return name.starts_with(start); });
    });
    const auto wiping = std::ranges::count_if(
        taken, [](const TakenImports& one) { return one.count > 0 && !one.has_failed; });
    if (static_cast<std::size_t>(wiping) < libraries.size()) {
        util::log_debug("wipe_what_libraries_free", "freed memory of a library is not wiped");
    }
}

} // namespace otr_guard::plugin
