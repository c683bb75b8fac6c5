# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every C and C++ file looks as .clang-format says. check_format.py ROOT CLANG_FORMAT"""

import subprocess
import sys

import sources


def check(root):
    files = sources.files(root, (".h", ".cpp", ".c"), ("src", "plugin", "tests"))
    result = subprocess.run([sys.argv[2], "--dry-run", *files], cwd=root, check=False, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return sorted({line.partition(": warning")[0] for line in result.stdout.splitlines()
                   if ": warning: " in line or ": error: " in line})


if __name__ == "__main__":
    sources.main(check)
