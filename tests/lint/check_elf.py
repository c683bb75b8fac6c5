# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what the linker made: is it hardened, and does it stay away from what is not its own?

check_elf.py FILE [--exports NAME] [--gtk2 | --program] [--sanitized] [--unoptimised]
             [--objects FILE...]
The objects are ours; Debian's start-up files carry no CET note, so the linker drops it from the
whole, and what we compiled is checked file by file.
"""

import argparse
import platform
import re
import subprocess
import sys

_TOOLKIT = re.compile(r"lib(?:gtk|gdk|gtkmm|gdkmm|pidgin)[^/]*\.so")
_GTK_3 = re.compile(r"lib(?:gtk-3|gdk-3|gtkmm|gdkmm)[^/]*\.so")
#: What holds keys and sessions: nothing for the windows program.
_CLIENT = re.compile(r"lib(?:otr|purple|pidgin|gtk-x11-2|gdk-x11-2)[^/]*\.so")
_FORTIFIED = re.compile(r"__\w+_chk$")


def _read(*arguments):
    return subprocess.run(["readelf", "--wide", *arguments], check=True, capture_output=True,
                          text=True).stdout


def _symbols(path):
    """(name, section index, binding) of the dynamic symbols."""
    for line in _read("--dyn-syms", path).splitlines():
        words = line.split()
        if len(words) >= 8 and words[0].rstrip(":").isdigit():
            yield words[7].partition("@")[0], words[6], words[4]


def _segments(path):
    """(type, flags) of the program headers."""
    return [(words[0], "".join(words[6:-1])) for words in
            (line.split() for line in _read("--segments", path).splitlines())
            if len(words) > 7 and words[1].startswith("0x")]


def linked_complaints(path, is_program):
    dynamic = _read("--dynamic", path)
    segments = _segments(path)
    types = dict(segments)
    found = []
    if "GNU_RELRO" not in types:
        found.append("no RELRO segment")
    if not re.search(r"\(FLAGS_1\).*\bNOW\b", dynamic):
        found.append("symbols are not bound at start (no NOW)")
    if is_program and not re.search(r"\(FLAGS_1\).*\bPIE\b", dynamic):
        found.append("its code stands at a fixed place (no PIE)")
    if not is_program and not re.search(r"\(FLAGS_1\).*\bNODELETE\b", dynamic):
        found.append("the module can be unmapped (no NODELETE)")
    if re.search(r"\(TEXTREL\)|\(FLAGS\).*\bTEXTREL\b", dynamic):
        found.append("the code is written to when it is loaded (TEXTREL)")
    if re.search(r"\((?:RPATH|RUNPATH)\)", dynamic):
        found.append("libraries are looked for in a folder of its own (RPATH)")
    if "E" in types.get("GNU_STACK", "E"):
        found.append("the stack is executable")
    if any("W" in flags and "E" in flags for kind, flags in segments if kind == "LOAD"):
        found.append("a segment is writable and executable")
    return found


def symbol_complaints(path, exports, optimised):
    symbols = list(_symbols(path))
    exported = sorted(name for name, section, binding in symbols
                      if section != "UND" and binding in ("GLOBAL", "WEAK", "UNIQUE"))
    needed = {name for name, section, _ in symbols if section == "UND"}
    found = []
    if exports and exported != [exports]:
        found.append(f"exports {exported or 'nothing'} instead of {exports} alone")
    if "__stack_chk_fail" not in needed:
        found.append("no stack protector")
    if optimised and not any(_FORTIFIED.match(name) for name in needed):
        found.append("no fortified function")
    return found


def library_complaints(path, forbidden):
    found = []
    for name in re.findall(r"\(NEEDED\).*\[(.*?)\]", _read("--dynamic", path)):
        if forbidden.match(name):
            found.append(f"needs {name}")
    loaded = subprocess.run(["ldd", path], check=True, capture_output=True, text=True).stdout
    if "not found" in loaded:
        found.append("a library is missing:\n" + loaded)
    found += [f"loads {name}" for name in sorted(set(forbidden.findall(loaded)))]
    return found


def object_complaints(path):
    if platform.machine() not in ("x86_64", "i686"):
        return []
    features = re.search(r"x86 feature:(.*)", _read("--notes", path))
    missing = {"IBT", "SHSTK"} - set(re.findall(r"\w+", features[1] if features else ""))
    return [f"{path}: compiled without {', '.join(sorted(missing))}"] if missing else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plugin")
    parser.add_argument("--exports", default="purple_init_plugin")
    parser.add_argument("--gtk2", action="store_true",
                        help="Pidgin's part: GTK 2 but never GTK 3")
    parser.add_argument("--all-known", action="store_true",
                        help="the compiler knows the size of every buffer: nothing is left to fortify")
    parser.add_argument("--program", action="store_true",
                        help="the windows program: neither libotr nor libpurple")
    parser.add_argument("--sanitized", action="store_true")
    parser.add_argument("--unoptimised", action="store_true")
    parser.add_argument("--objects", nargs="*", default=[])
    options = parser.parse_args()
    found = linked_complaints(options.plugin, options.program)
    forbidden = _CLIENT if options.program else _GTK_3 if options.gtk2 else _TOOLKIT
    found += library_complaints(options.plugin, forbidden)
    if not options.sanitized:
        exports = None if options.program else options.exports
        found += symbol_complaints(options.plugin, exports,
                                   not options.unoptimised and not options.all_known)
    for path in options.objects:
        found += object_complaints(path)
    print("\n".join(found) or f"{options.plugin} and {len(options.objects)} objects are in order")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
