// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Ownership of objects that come from C libraries. A handle with a free function is put into a
// CPtr the moment it is obtained; nothing outside src/util calls a free function by hand.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <type_traits>

namespace otr_guard::util {

template <auto FreeFunction> struct CDeleter {
    template <typename T> void operator()(T* object) const noexcept {
        FreeFunction(const_cast<std::remove_const_t<T>*>(object));
    }
};

/// Owns a C object; `FreeFunction` is called once with a non-null pointer.
template <typename T, auto FreeFunction> using CPtr = std::unique_ptr<T, CDeleter<FreeFunction>>;

inline void free_memory(void* memory) noexcept {
    std::free(memory);
}
inline void close_stream(std::FILE* stream) noexcept {
    static_cast<void>(std::fclose(stream));
}

/// Memory that came from malloc (strdup, open_memstream, libotr's message buffers).
template <typename T> using MallocPtr = CPtr<T, free_memory>;

/// An open stdio stream. Closing ignores errors: whoever writes must flush and check first.
using FilePtr = CPtr<std::FILE, close_stream>;

static_assert(sizeof(MallocPtr<char>) == sizeof(char*));

} // namespace otr_guard::util
