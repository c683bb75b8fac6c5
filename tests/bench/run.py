# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""OTR Guard beside pidgin-otr, raw libotr and no OTR at all: the same script for each, in turn.

    run.py BUILD_FOLDER [--quick]

Prints the table for README.md. Instructions are callgrind's, which repeat to within a percent;
times are medians of several runs, taken in turn, and only good beside each other. --quick leaves
out what takes minutes. Needs valgrind and pidgin-otr (packaging/dependencies.sh test).
"""

import argparse
import hashlib
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from otrtest.keys import put_key  # noqa: E402

PIDGIN_OTR = "/usr/lib/pidgin/pidgin-otr.so"
PROTOCOL = "prpl-loopback"
NAMES = ("no OTR", "libotr", "pidgin-otr", "OTR Guard")
LOADS = 7
KEY_RUNS = 15
EXCHANGES = 9
VERIFICATIONS = 5
#: So few that nothing that runs by the clock comes in between.
COUNTS = {50: 200, 1024: 60, 16384: 8}


def write_codes(profile, number):
    """As libotr writes them: sorted. The two who talk come after all the others."""
    with open(profile / "otr.fingerprints", "w", encoding="ascii") as file:
        for index in range(number):
            code = hashlib.sha1(str(index).encode()).hexdigest()
            file.write(f"friend{index:06d}\tya\t{PROTOCOL}\t{code}\t\n")


def write_acquaintances(profile, number):
    """So many people that none of them is a stranger."""
    with open(profile / "otr.fingerprints", "a", encoding="ascii") as file:
        code = hashlib.sha1(b"somebody").hexdigest()
        for index in range(number):
            mark = f"#{index}" if index else ""
            file.write(f"zb{mark}\tya\t{PROTOCOL}\t{code}\t\nya{mark}\tzb\t{PROTOCOL}\t{code}\t\n")


class Bench:

    def __init__(self, build):
        self.host = build / "tests/bench/bench_host"
        self.plugins = {"OTR Guard": build / "plugin/otr-guard.so", "pidgin-otr": PIDGIN_OTR}

    def run(self, name, scenario, *, around=(), codes=0, keys=True, **options):
        with tempfile.TemporaryDirectory(prefix="otr-guard-bench-") as folder:
            profile = pathlib.Path(folder)
            if keys:
                put_key(profile, "ya", protocol=PROTOCOL, number=0)
                self._add_key(profile, "zb")
            write_codes(profile, codes)
            if options.get("sessions", 1) > 1:
                write_acquaintances(profile, options["sessions"])
            if options.get("limit"):
                (profile / "otr.max_message_size").write_text(f"{PROTOCOL}\t{options['limit']}\n")
            command = [*around, self.host, "--profile", profile, "--scenario",
                       "raw" if name == "libotr" else scenario]
            if name in self.plugins:
                command += ["--plugin", self.plugins[name]]
            for option, value in options.items():
                command += [f"--{option}", str(value)]
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                                  check=False, stdin=subprocess.DEVNULL)
            if done.returncode != 0:
                raise SystemExit(f"{name}, {scenario}: {done.stderr[-2000:]}")
            return json.loads(done.stdout.splitlines()[-1]), done.stderr

    @staticmethod
    def _add_key(profile, account):
        """A second key in the same file."""
        first = (profile / "otr.private_key").read_text()
        put_key(profile, account, protocol=PROTOCOL, number=1)
        second = (profile / "otr.private_key").read_text()
        (profile / "otr.private_key").write_text(
            first.rstrip()[:-1] + second[len("(privkeys "):])

    def instructions(self, name, size, **options):
        """Per message, both ends, by callgrind."""
        count = COUNTS[size]
        _, said = self.run(name, "talk", size=size, count=count, around=(
            "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
            "--collect-atstart=no", "--toggle-collect=otr_guard_bench_measured"), **options)
        return int(re.search(r"Collected : (\d+)", said)[1]) / count

    def over_libotr(self, size, names=("pidgin-otr", "OTR Guard"), **options):
        """What each adds to a client without OTR, over what libotr alone takes."""
        plain = self.instructions("no OTR", size, **options)
        alone = self.instructions("libotr", size, limit=options.get("limit", 0))
        return {name: (self.instructions(name, size, **options) - plain) / alone
                for name in names}

    def in_turn(self, runs, scenario, figure, names=("pidgin-otr", "OTR Guard"), **options):
        found = {name: [] for name in names}
        for _ in range(runs):
            for name in names:
                found[name].append(self.run(name, scenario, **options)[0][figure])
        return found


def milliseconds(figures):
    return {name: f"{statistics.median(found):.2f} ms ({min(found):.2f} to {max(found):.2f})"
            for name, found in figures.items()}


def ratios(figures):
    return {name: f"{ratio:.2f}" for name, ratio in figures.items()}


def table(bench, is_quick):
    """Rows: what is measured, pidgin-otr's figure, OTR Guard's, the target."""
    rows = (
        ("instructions per message of 50 B, over libotr alone", "1.10",
         lambda: ratios(bench.over_libotr(50))),
        ("the same, 1 KiB", "1.04", lambda: ratios(bench.over_libotr(1024))),
        ("the same, 16 KiB", "1.02", lambda: ratios(bench.over_libotr(16384))),
        ("the same, 16 KiB in 59 fragments", "1.1",
         lambda: ratios(bench.over_libotr(16384, limit=417))),
        ("the same, 50 B, 20 more accounts", "1.12",
         lambda: ratios(bench.over_libotr(50, accounts=20))),
        ("the same, 50 B, 10,000 known codes", "1.12",
         lambda: ratios(bench.over_libotr(50, codes=10_000))),
    )
    slow = (
        ("the same, 50 B, 100,000 known codes", "1.12",
         lambda: ratios(bench.over_libotr(50, names=("OTR Guard",), codes=100_000))),
        ("the same, 50 B, to the last of 1,000 private conversations", "1.1",
         lambda: ratios(bench.over_libotr(50, names=("OTR Guard",), sessions=1000))),
    )
    times = (
        ("loading the plugin", "", lambda: milliseconds(
            bench.in_turn(LOADS, "load", "milliseconds"))),
        ("the same, 10,000 known codes", "5 ms more", lambda: milliseconds(
            bench.in_turn(LOADS, "load", "milliseconds", codes=10_000))),
        ("the same, 100,000 known codes", "60 ms", lambda: milliseconds(
            bench.in_turn(LOADS, "load", "milliseconds", names=("OTR Guard",), codes=100_000))),
        ("memory for 10,000 known codes", "2.5 MiB", lambda: memory_of_codes(bench)),
        ("longest stall while two keys are made", "2 ms", lambda: milliseconds(
            bench.in_turn(KEY_RUNS, "keys", "longest_milliseconds", keys=False))),
        ("longest stall in a key exchange, 10,000 known codes", "4 ms", lambda: milliseconds(
            bench.in_turn(EXCHANGES, "exchange", "longest_milliseconds", codes=10_000))),
        ("longest stall in a verification", "4 ms", lambda: milliseconds(
            bench.in_turn(VERIFICATIONS, "verify", "longest_milliseconds"))),
    )
    for what, target, measure in (*rows, *(() if is_quick else slow), *times):
        yield what, target, measure()


def memory_of_codes(bench):
    heap = {codes: bench.in_turn(1, "load", "heap", codes=codes) for codes in (0, 10_000)}
    return {name: f"{(heap[10_000][name][0] - heap[0][name][0]) / 2**20:.2f} MiB"
            for name in heap[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    print("| measure | pidgin-otr | OTR Guard | target |\n| --- | --- | --- | --- |")
    for what, target, figures in table(Bench(options.build.resolve()), options.quick):
        print(f"| {what} | {figures.get('pidgin-otr', 'minutes')} | {figures['OTR Guard']} "
              f"| {target} |", flush=True)


if __name__ == "__main__":
    main()
