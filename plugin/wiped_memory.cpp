// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "wiped_memory.h"

#include <algorithm>
#include <array>
#include <malloc.h>
#include <new>

#include "imports.h"
#include "util/log.h"
#include "util/secret.h"

// Sanitizers have functions of their own in these places, and tell new from malloc by them.
#ifndef OTR_GUARD_SANITIZED

// --- In place of free and g_free, by the linker's option --wrap -------------------------------

extern "C" {
void __real_free(void* block) noexcept;   // NOLINT: the linker's name
void __wrap_free(void* block) noexcept;   // NOLINT
void __wrap_g_free(void* block) noexcept; // NOLINT

void __wrap_free(void* block) noexcept { // NOLINT
    if (block != nullptr) {
        otr_guard::util::wipe(block, ::malloc_usable_size(block));
        __real_free(block);
    }
}

/// GLib's memory is malloc's (since GLib 2.46, without a choice).
void __wrap_g_free(void* block) noexcept { // NOLINT
    __wrap_free(block);
}
}

// --- In place of operator delete, within this module only -------------------------------------

// Memory is malloc's in any case: operator new stays as it is.
// NOLINTBEGIN(misc-new-delete-overloads)
void operator delete(void* block) noexcept {
    __wrap_free(block);
}
void operator delete[](void* block) noexcept {
    __wrap_free(block);
}
void operator delete(void* block, std::size_t) noexcept {
    __wrap_free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
    __wrap_free(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
    __wrap_free(block);
}
void operator delete[](void* block, std::align_val_t) noexcept {
    __wrap_free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
    __wrap_free(block);
}
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
    __wrap_free(block);
}
// NOLINTEND(misc-new-delete-overloads)

namespace otr_guard::plugin {

void wipe_what_libraries_free() {
    const std::array imports{Import{"free", reinterpret_cast<void*>(&__wrap_free)}};
    constexpr std::array<std::string_view, 2> libraries{"libotr.so", "libgcrypt.so"};
    const auto taken = replace_imports(imports, [&libraries](std::string_view name) {
        return std::ranges::any_of(
            libraries, [name](std::string_view start) { return name.starts_with(start); });
    });
    const auto wipe = std::ranges::count_if(
        taken, [](const TakenImports& one) { return one.count > 0 && !one.has_failed; });
    if (static_cast<std::size_t>(wipe) < libraries.size()) {
        util::log_debug("wipe_what_libraries_free", "freed memory of a library is not wiped");
    }
}

} // namespace otr_guard::plugin

#else

void otr_guard::plugin::wipe_what_libraries_free() {}

#endif
