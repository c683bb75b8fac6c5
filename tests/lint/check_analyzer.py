# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Follows the paths through our C with gcc's analyzer: check_analyzer.py SOURCE_ROOT BUILD_FOLDER.

The C++ is read by clang-tidy, which brings clang's analyzer (run_tidy.py --paths); gcc 12's is for C
alone. BUILD_FOLDER holds compile_commands.json.
"""

import json
import pathlib
import shlex
import subprocess
import sys
import tempfile


def c_commands(root, build):
    """(path below the root, words of the command, folder) of our own C files."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.suffix == ".c" and path.is_relative_to(root / "plugin"):
            yield path.relative_to(root), shlex.split(entry["command"]), entry["directory"]


def analysed(words, output):
    """The command with the analyzer, and without what would leave files in the build folder."""
    words = list(words)
    while pathlib.Path(words[0]).name == "ccache":
        words.pop(0)
    words[words.index("-o") + 1] = output
    for name in ("-MF", "-MT"):
        if name in words:
            del words[words.index(name):words.index(name) + 2]
    return [word for word in words if word not in ("-MD", "-MMD")] + ["-fanalyzer"]


def is_gcc(compiler):
    version = subprocess.run([compiler, "--version"], check=False, capture_output=True, text=True)
    return "Free Software Foundation" in version.stdout


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    looked_at = findings = 0
    with tempfile.TemporaryDirectory(prefix="otr-guard-analyzer-") as folder:
        for path, words, directory in c_commands(root, build):
            command = analysed(words, f"{folder}/object.o")
            if not is_gcc(command[0]):
                print(f"{command[0]} is not gcc, whose analyzer this is")
                return 77
            result = subprocess.run(command, cwd=directory, check=False, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            looked_at += 1
            if result.returncode != 0 or "[-Wanalyzer" in result.stdout:
                findings += 1
                print(f"{path}:\n{result.stdout}")
    print(f"{looked_at} files looked at, {findings} with findings")
    return 0 if looked_at and not findings else 1


if __name__ == "__main__":
    sys.exit(main())
