# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may include whom. The arrows run one way; src/README.md says why.

The core is tested without libpurple, GLib and GTK because it cannot see them, and the client never
loads GTK 3 because nothing that it loads can.
"""

import re

import sources

# Headers of C and POSIX that need no library. Headers of the C++ library have no dot and no slash.
_SYSTEM = re.compile(r"[a-z_0-9]+|"
                     r"(?:dlfcn|fcntl|locale|poll|pthread|signal|stdio|string|time|unistd)\.h|"
                     r"libintl\.h|link\.h|sys/[a-z]+\.h")
_PURPLE = (r"glib(?:-object|-unix)?\.h|gmodule\.h|glib/[a-z0-9]+\.h|"
           r"(?:account|accountopt|blist|buddyicon|cmds|connection|conversation|core|debug|dnsquery|dnssrv|eventloop|log|"
           r"notify|plugin|pluginpref|prefs|privacy|proxy|prpl|request|savedstatuses|server|"
           r"signals|sslconn|status|util|version|xmlnode)\.h")
_GIO = r"gio/[a-z]+\.h|glib(?:-object|-unix)?\.h"

# Folder: folders of our own headers (None: all), headers of libraries. The longest name counts.
_RULES = {
    "src/util": (("util",), r"tl/expected\.hpp"),
    "src/model": (("model", "util"), r""),
    "src/core": (("core", "model", "util"), r"gcrypt\.h|nlohmann/json\.hpp|pugixml\.hpp"),
    "src/ipc": (("ipc", "model", "util"), _GIO),
    "src/windows": (("windows", "ipc", "model", "util"),
                    _GIO + r"|gdk/gdkx\.h|(?:gtkmm|giomm|glibmm|gdkmm|pangomm|sigc\+\+)/[a-z]+\.h|qrencode\.h"),
    "src/run": (("run", "model", "util"), r"netdb\.h|sched\.h"),
    "plugin": (("", "pidgin", "core", "ipc", "model", "util"), _PURPLE + r"|tl/expected\.hpp"),
    "plugin/pidgin": (("",), _PURPLE + r"|(?:gtk|gdk|pango)/[a-z]+\.h|gtk[a-z]+\.h|pidgin[a-z]*\.h"),
    "tests": (None, r".*"),
}

# Libraries whose headers need care come in through one file of ours.
_ALSO = {
    "src/core/libotr.h": r"libotr/[a-z0-9]+\.h",
    "src/core/proxy_policy.cpp": r"arpa/inet\.h",
    "plugin/connection_gate.cpp": r"malloc\.h",
    "plugin/imports.cpp": r"(?:elf|link)\.h",
    "plugin/notifications.cpp": r"malloc\.h",
    "plugin/own_lookups.cpp": r"netdb\.h",
    "plugin/tor_check.cpp": r"(?:arpa/inet|netinet/in)\.h",
    "plugin/wiped_memory.cpp": r"malloc\.h",
    "src/run/enclosure.cpp": r"(?:linux/(?:close_range|ipv6)|net/if|netinet/in)\.h",
    "src/util/glib_ptr.h": r"glib(?:-object)?\.h",
}

_INCLUDE = re.compile(r'^\s*#\s*include\s*(?P<kind>[<"])(?P<name>[^>"]+)[>"]')
_NAMESPACE = re.compile(r"^\s*namespace\s+otr_guard::(?P<name>\w+)")


def _folder_of(path):
    return max((folder for folder in _RULES if path.as_posix().startswith(folder + "/")), key=len,
               default=None)


def _is_allowed(path, kind, name, own, libraries):
    if kind == "<":
        return bool(_SYSTEM.fullmatch(name) or re.fullmatch(libraries, name)
                    or re.fullmatch(_ALSO.get(path.as_posix(), ""), name))
    return own is None or name.rpartition("/")[0].partition("/")[0] in own


def complaints_about(path, text):
    folder = _folder_of(path)
    if folder is None:
        return [f"{path}: no rule says what this folder may include"]
    own, libraries = _RULES[folder]
    found = []
    for number, line in sources.lines(text):
        include = _INCLUDE.match(line)
        if include and not _is_allowed(path, include["kind"], include["name"], own, libraries):
            found.append(f"{path}:{number}: {folder} may not include {include['name']}")
        namespace = _NAMESPACE.match(line)
        if namespace and folder != "tests" and namespace["name"] != folder.rpartition("/")[2]:
            found.append(f"{path}:{number}: namespace otr_guard::{namespace['name']} in {folder}")
    return found


def check(root):
    found = []
    for path in sources.files(root, (".h", ".cpp", ".c", ".h.in"), ("src", "plugin", "tests")):
        found += complaints_about(path, (root / path).read_text())
    return found


if __name__ == "__main__":
    sources.main(check)
