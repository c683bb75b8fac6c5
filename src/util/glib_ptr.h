// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Ownership of memory that GLib allocates, for the parts that talk to libpurple. The core must
// never include this.

#include <glib.h>
#include <string>

#include "util/c_ptr.h"

namespace otr_guard::util {

inline void free_glib_memory(void* memory) noexcept {
    g_free(memory);
}

template <typename T> using GlibPtr = CPtr<T, free_glib_memory>;

/// Frees the text that a C interface lends for changing, and puts a copy of `by` in its place.
inline void replace_glib_text(char** text, const std::string& by) {
    const GlibPtr<char> old(*text);
    *text = g_strdup(by.c_str());
}

/// The same with nothing in its place.
inline void drop_glib_text(char** text) {
    const GlibPtr<char> old(*text);
    *text = nullptr;
}

} // namespace otr_guard::util
