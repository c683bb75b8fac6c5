# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every file of ours says in its first lines whose it is and under which licence."""

import re

import sources

_HEADER = re.compile(r"""(?:\#![^\n]*\n)?                # a script's interpreter
    (?://|/\*|\#)\ SPDX-FileCopyrightText:\ OTR\ Guard\ contributors\n
    (?://|\ \*|\#)\ SPDX-License-Identifier:\ GPL-2\.0-or-later(?:\ \*/)?\n""", re.X)

_SUFFIXES = (".h", ".cpp", ".c", ".h.in", ".py", ".cmake", "CMakeLists.txt", ".sh", ".map")


def complaints_about(path, text):
    return [] if _HEADER.match(text) else [f"{path}: no SPDX header in the first lines"]


def check(root):
    scripts = [path for path in (".ci/run", "CMakeLists.txt") if (root / path).exists()]
    found = []
    for path in sources.files(root, _SUFFIXES) + scripts:
        found += complaints_about(path, (root / path).read_text())
    return found


if __name__ == "__main__":
    sources.main(check)
