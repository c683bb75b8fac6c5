// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Ownership of what GLib counts references of.

#include <gio/gio.h>

#include "util/c_ptr.h"

namespace otr_guard::ipc {

inline void unref_object(void* object) noexcept {
    g_object_unref(object);
}

template <typename T> using GObjectPtr = util::CPtr<T, unref_object>;
using GVariantPtr = util::CPtr<GVariant, g_variant_unref>;

/// Where a GLib function writes its error; empty when there was none.
class ErrorOut {
public:
    ErrorOut() = default;
    ~ErrorOut() { g_clear_error(&m_error); }
    ErrorOut(const ErrorOut&) = delete;
    ErrorOut& operator=(const ErrorOut&) = delete;

    operator GError**() { return &m_error; }
    [[nodiscard]] bool is_set() const { return m_error != nullptr; }
    [[nodiscard]] bool is_cancelled() const {
        return g_error_matches(m_error, G_IO_ERROR, G_IO_ERROR_CANCELLED) != FALSE;
    }
    [[nodiscard]] const char* text() const { return m_error != nullptr ? m_error->message : ""; }

private:
    GError* m_error = nullptr;
};

} // namespace otr_guard::ipc
