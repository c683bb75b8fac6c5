// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/endpoint.h"

namespace otr_guard::ipc {

void log_failure(GObject* source, GAsyncResult* result, gpointer) {
    ErrorOut error;
    const GVariantPtr nothing(g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, error));
    if (error.is_set() && !error.is_cancelled()) {
        util::log_warning("channel", error.text());
    }
}

} // namespace otr_guard::ipc
