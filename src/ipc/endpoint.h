// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The objects at both ends of a channel: proxies for calls to the other end, skeletons for calls
// from it. Nothing here waits; main thread only.

#include <memory>
#include <utility>

#include "ipc/gobject_ptr.h"
#include "util/guarded.h"
#include "util/log.h"

namespace otr_guard::ipc {

inline void unexport(void* skeleton) noexcept {
    g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(skeleton));
    g_object_unref(skeleton);
}

/// A skeleton that takes calls until it is dropped.
template <typename Skeleton> using ExportedPtr = util::CPtr<Skeleton, unexport>;

/// False, with a line in the log, when it cannot take calls.
inline bool export_on(GDBusConnection& connection, const char* path, void* skeleton) {
    ErrorOut error;
    const bool is_exported = g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(skeleton),
                                                              &connection, path, error) != FALSE;
    if (!is_exported) {
        util::log_warning("channel", error.text());
    }
    return is_exported;
}

/// `make` is the ..._proxy_new_sync of an interface; with these flags it asks nobody anything.
/// Null, with a line in the log, on failure.
template <typename Make>
[[nodiscard]] auto make_proxy(GDBusConnection& connection, const char* path, Make make) {
    constexpr auto flags = static_cast<GDBusProxyFlags>(G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES |
                                                        G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS);
    ErrorOut error;
    GObjectPtr<
        std::remove_pointer_t<decltype(make(&connection, flags, nullptr, path, nullptr, error))>>
        proxy(make(&connection, flags, nullptr, path, nullptr, error));
    if (proxy == nullptr) {
        util::log_warning("channel", error.text());
    }
    return proxy;
}

/// For calls that are answered when some work is done: they wait as long as the channel is there.
inline void wait_for_answers(void* proxy) {
    g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(proxy), G_MAXINT);
}

/// The answer to a call that breaks a limit or names what is not there.
inline void refuse(GDBusMethodInvocation* call, const char* reason) {
    g_dbus_method_invocation_return_dbus_error(call, "org.freedesktop.DBus.Error.InvalidArgs",
                                               reason);
}

/// The answer to a call about something that is not as its user saw it any more.
inline void say_changed(GDBusMethodInvocation* call, const char* what) {
    g_dbus_method_invocation_return_dbus_error(call, "im.otrguard.Error.Changed", what);
}

/// A call that is answered later, when what takes the calls may be gone.
template <typename Skeleton> struct LateAnswer {
    std::shared_ptr<Skeleton> object;
    GDBusMethodInvocation* call; ///< lives until it is answered
};

template <typename Skeleton>
[[nodiscard]] LateAnswer<Skeleton> later(Skeleton* object, GDBusMethodInvocation* call) {
    return {GObjectPtr<Skeleton>(static_cast<Skeleton*>(g_object_ref(object))), call};
}

/// For the body of a skeleton's handler: the call was taken, whatever happened.
template <typename Act> gboolean handled(const char* where, Act&& act) {
    util::guarded(where, std::forward<Act>(act));
    return TRUE;
}

/// For calls whose answer is of no interest but in the log.
void log_failure(GObject* source, GAsyncResult* result, gpointer);

} // namespace otr_guard::ipc
