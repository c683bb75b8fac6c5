# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs clang-tidy as .clang-tidy says: run_tidy.py [--minutes N] BUILD_FOLDER [PART_OF_A_PATH...]

BUILD_FOLDER holds compile_commands.json. Without parts: everything in src/ and plugin/, what was
changed last first; after N minutes no further file is begun, and the rest is named.
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

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: gcc's, which this clang does not know, and what is no warning of clang-tidy's.
_FOREIGN = re.compile(r" -(?:fzero-call-used-regs=\S+|ftrivial-auto-var-init=\S+|Werror\b)")


def _commands(build, parts):
    """By file name, below the root."""
    commands = {}
    for entry in json.loads((pathlib.Path(build) / "compile_commands.json").read_text()):
        name = pathlib.Path(entry["file"]).resolve().relative_to(ROOT).as_posix()
        if name.startswith(("src/", "plugin/")) and name.endswith(".cpp") and (
                not parts or any(part in name for part in parts)):
            commands[name] = {**entry, "command": _FOREIGN.sub("", entry["command"])}
    return commands


def _newest_first(names):
    log = subprocess.run(["git", "log", "--format=", "--name-only", "--", "src", "plugin"],
                         cwd=ROOT, check=False, capture_output=True, text=True).stdout
    order = {name: place for place, name in reversed(list(enumerate(log.split())))}
    return sorted(names, key=lambda name: (order.get(name, -1), name))


def _check(database, name, deadline):
    """The findings; None when there was no time left."""
    if time.monotonic() >= deadline:
        return None
    start = time.monotonic()
    result = subprocess.run(["clang-tidy", "--quiet", "-p", database, ROOT / name], check=False,
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    findings = result.stdout + result.stderr if result.returncode else ""
    print(f"{name}: {'findings' if findings else 'clean'} ({time.monotonic() - start:.0f} s)\n"
          + findings, end="", flush=True)
    return findings


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("build")
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    commands = _commands(options.build, options.parts)
    names = _newest_first(commands)
    deadline = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="otr-guard-tidy-") as database:
        (pathlib.Path(database) / "compile_commands.json").write_text(
            json.dumps(list(commands.values())))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda name: _check(database, name, deadline), names))
    skipped = [name for name, findings in zip(names, results) if findings is None]
    failed = [name for name, findings in zip(names, results) if findings]
    if skipped:
        print("no time left for: " + " ".join(skipped))
    print(f"clang-tidy: {len(names) - len(skipped)} files looked at, {len(failed)} with findings")
    sys.exit(1 if failed or not names else 0)


if __name__ == "__main__":
    main()
