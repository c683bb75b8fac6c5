# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lint checks share: which files there are, and C++ without comments and strings."""

import os
import pathlib
import re
import sys

#: Folders of ours; everything else in the tree is somebody's build or editor.
FOLDERS = ("src", "plugin", "tests", "cmake", "packaging", ".ci")

_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|"""
    r"""(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'""", re.S)


def files(root, suffixes, folders=FOLDERS):
    """The files below `root` with one of the suffixes, sorted, as paths relative to it."""
    root = pathlib.Path(root)
    found = []
    for folder in folders:
        for directory, names, entries in os.walk(root / folder):
            names[:] = [name for name in names if name not in ("__pycache__", "build")]
            found += [(pathlib.Path(directory) / entry).relative_to(root) for entry in entries
                      if entry.endswith(suffixes)]
    return sorted(found)


def without_comments(text):
    """C or C++ code with comments and the contents of literals blanked out; lines keep place."""
    def blank(match):
        token = match.group()
        if token.startswith("/"):
            return re.sub(r"[^\n]", " ", token)
        return '""' + "\n" * token.count("\n")
    return _TOKEN.sub(blank, text)


def lines(text):
    """Numbered from 1, as compilers do."""
    return enumerate(text.split("\n"), 1)


def main(check):
    """Runs `check(root)`, which returns its complaints; the exit code says whether there are any."""
    complaints = check(pathlib.Path(sys.argv[1]))
    for complaint in complaints:
        print(complaint)
    print(f"{len(complaints)} complaint(s)")
    sys.exit(1 if complaints else 0)
