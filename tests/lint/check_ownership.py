# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""No memory is owned by hand outside src/util: C++ code there holds CPtr and containers.

C files are left out; they have nothing else. So are replacements of operator new and delete (a test
that looks at freed memory needs them).
"""

import re

import sources

_FORBIDDEN = (
    (re.compile(r"(?<!operator )\bnew\b(?=\s*[\w:(\[])"), "naked new"),
    (re.compile(r"(?<!operator )(?<!= )(?<!=)\bdelete\b(?=\s*[\w:(\[*])"), "naked delete"),
    (re.compile(r"(?<![\w.>])(?:std::)?(?:free|g_free)\s*\("), "freed by hand"),
)
_REPLACEMENT = re.compile(
    r"operator (?:new|delete)\b[^{;]*\{(?:[^}\n]*\}$|.*?^\})", re.S | re.M)
#: Takes the place of free itself.
_IS_FREE = "tests/support/freed_memory.cpp"


def complaints_about(path, text):
    found = []
    code = _REPLACEMENT.sub(lambda match: "\n" * match.group().count("\n"),
                            sources.without_comments(text))
    for number, line in sources.lines(code):
        if line.lstrip().startswith("#"):
            continue
        found += [f"{path}:{number}: {what}: {line.strip()}" for pattern, what in _FORBIDDEN
                  if pattern.search(line)]
    return found


def check(root):
    found = []
    for path in sources.files(root, (".h", ".cpp", ".h.in"), ("src", "plugin", "tests")):
        if not path.is_relative_to("src/util") and path.as_posix() != _IS_FREE:
            found += complaints_about(path, (root / path).read_text())
    return found


if __name__ == "__main__":
    sources.main(check)
