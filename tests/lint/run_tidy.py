# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs clang-tidy as .clang-tidy says: run_tidy.py [--paths | --all] BUILD_FOLDER [PART_OF_A_PATH...]

BUILD_FOLDER holds compile_commands.json. Without parts: every source in src/ and plugin/. The
analyzer, which follows paths through functions, takes as long as all other checks together and is
left out unless asked for: --paths runs it alone, --all with the others. A file that could not be
looked at is named and counts as a failure.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import sources

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: gcc's, which this clang does not know, and what is no warning of clang-tidy's.
_FOREIGN = re.compile(r" -(?:fzero-call-used-regs=\S+|ftrivial-auto-var-init=\S+|Werror\b)")
_ANALYZER = "clang-analyzer-*"


def _commands(build):
    """By file name, below the root."""
    commands = {}
    for entry in json.loads((pathlib.Path(build) / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(ROOT):
            name = path.relative_to(ROOT).as_posix()
            commands[name] = {**entry, "command": _FOREIGN.sub("", entry["command"])}
    return commands


def _check(database, checks, name):
    """Whether it is clean; prints what is not."""
    start = time.monotonic()
    result = subprocess.run(["clang-tidy", "--quiet", *checks, "-p", database, ROOT / name],
                            check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    is_clean = result.returncode == 0 and not result.stdout
    print(f"{name}: {'clean' if is_clean else 'findings'} ({time.monotonic() - start:.0f} s)\n"
          + ("" if is_clean else result.stdout + result.stderr), end="", flush=True)
    return is_clean


def _options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--paths", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("build")
    parser.add_argument("parts", nargs="*")
    return parser.parse_args()


def main():
    options = _options()
    checks = []
    if not options.all:
        checks = [f"--checks=-*,{_ANALYZER}" if options.paths else f"--checks=-{_ANALYZER}"]
    commands = _commands(options.build)
    names = [path.as_posix() for path in sources.files(ROOT, (".cpp", ".c"), ("src", "plugin"))
             if not options.parts or any(part in path.as_posix() for part in options.parts)]
    known = [name for name in names if name in commands]
    with tempfile.TemporaryDirectory(prefix="otr-guard-tidy-") as database:
        (pathlib.Path(database) / "compile_commands.json").write_text(
            json.dumps([commands[name] for name in known]))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            clean = list(pool.map(lambda name: _check(database, checks, name), known))
    unknown = [name for name in names if name not in commands]
    for name in unknown:
        print(f"{name}: not looked at, because no target compiles it")
    print(f"clang-tidy: {len(known)} files looked at, {clean.count(False)} with findings, "
          f"{len(unknown)} not looked at")
    sys.exit(0 if known and all(clean) and not unknown else 1)


if __name__ == "__main__":
    main()
