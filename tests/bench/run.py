# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""OTR Guard beside pidgin-otr, raw libotr and no OTR at all: the same script for each, in turn.

    run.py BUILD_FOLDER [--quick] [--only WORD]

Prints the table for README.md. Instructions are callgrind's, which repeat to within a percent;
times are the main thread's on a processor, medians of several runs taken in turn. --quick leaves
out what takes minutes. Needs valgrind and pidgin-otr (packaging/dependencies.sh test).
"""

import argparse
import functools
import hashlib
import json
import os
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
BOTH = ("pidgin-otr", "OTR Guard")
OURS = ("OTR Guard",)
LOADS = 7
KEY_RUNS = 15
EXCHANGES = 9
VERIFICATIONS = 5
COUNTS = {50: 200, 1024: 60, 16384: 8}
#: For callgrind, a string instruction is as many as it moves bytes: libc is told to do without.
NO_STRING_INSTRUCTIONS = ("glibc.cpu.x86_rep_movsb_threshold=0x7fffffff:"
                          "glibc.cpu.x86_rep_stosb_threshold=0x7fffffff")


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
            environment = dict(os.environ)
            if around:
                environment["GLIBC_TUNABLES"] = NO_STRING_INSTRUCTIONS
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                                  check=False, stdin=subprocess.DEVNULL, env=environment)
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

    @functools.cache
    def instructions(self, name, size, **options):
        """Per message, both ends, by callgrind."""
        count = COUNTS[size]
        _, said = self.run(name, "talk", size=size, count=count, around=(
            "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
            "--instr-atstart=no"), **options)
        return int(re.search(r"Collected : (\d+)", said)[1]) / count

    def over_libotr(self, size, names=BOTH, **options):
        """What each adds to a client without OTR, over what libotr alone takes."""
        accounts = {"accounts": options["accounts"]} if "accounts" in options else {}
        limit = {"limit": options["limit"]} if "limit" in options else {}
        plain = self.instructions("no OTR", size, **accounts)
        alone = self.instructions("libotr", size, **limit)
        return {name: f"{(self.instructions(name, size, **options) - plain) / alone:.2f}"
                for name in names}

    def over_one_session(self, sessions):
        ratios = {name: self.instructions(name, 50, sessions=sessions) /
                  self.instructions(name, 50) for name in OURS}
        return {name: f"{ratio:.2f}" for name, ratio in ratios.items()}

    def in_turn(self, runs, scenario, names=BOTH, **options):
        found = {name: [] for name in names}
        for _ in range(runs):
            for name in names:
                found[name].append(self.run(name, scenario, **options)[0])
        return found

    def milliseconds(self, runs, scenario, figure="longest_milliseconds", **options):
        found = {name: [figures[figure] for figures in runs]
                 for name, runs in self.in_turn(runs, scenario, **options).items()}
        return {name: f"{statistics.median(figures):.1f} ms ({min(figures):.1f} to "
                      f"{max(figures):.1f})" for name, figures in found.items()}

    def load_time(self, **options):
        return self.milliseconds(LOADS, "load", "milliseconds", **options)

    def memory_of_codes(self):
        heap = {codes: self.in_turn(1, "load", codes=codes) for codes in (0, 10_000)}
        return {name: f"{(heap[10_000][name][0]['heap'] - heap[0][name][0]['heap']) / 2**20:.1f} "
                      f"MiB" for name in BOTH}

    def bytes_of(self, scenario, figure, names=BOTH, unit=1, **options):
        return {name: f"{runs[0][figure] / unit:.1f}{' KiB' if unit == 1024 else ' bytes'}"
                for name, runs in self.in_turn(1, scenario, names, **options).items()}

    def written(self):
        return {name: f"{runs[0]['written'] / 2**20:.1f} MiB, {runs[0]['fsyncs']} fsync, "
                      f"{runs[0]['main_fsyncs']} of them on the main loop"
                for name, runs in self.in_turn(1, "exchange", codes=10_000).items()}


def table(bench, is_quick):
    """Rows: what is measured, the target, how; the slow ones last."""
    rows = [
        ("instructions for a message of 50 B, both ends, over libotr alone", "1.10",
         lambda: bench.over_libotr(50)),
        ("the same, 1 KiB", "1.04", lambda: bench.over_libotr(1024)),
        ("the same, 16 KiB", "1.02", lambda: bench.over_libotr(16384)),
        ("the same, 16 KiB in 59 fragments", "1.1",
         lambda: bench.over_libotr(16384, limit=417)),
        ("the same, 50 B, 20 more accounts", "1.12",
         lambda: bench.over_libotr(50, accounts=20)),
        ("the same, 50 B, 10,000 known codes", "1.12",
         lambda: bench.over_libotr(50, codes=10_000)),
        ("loading the plugin", "", bench.load_time),
        ("the same, 10,000 known codes", "5 ms more", lambda: bench.load_time(codes=10_000)),
        ("the same, 100,000 known codes", "60 ms",
         lambda: bench.load_time(names=OURS, codes=100_000)),
        ("memory for 10,000 known codes", "2.5 MiB", bench.memory_of_codes),
        ("memory for a private conversation, both ends", "8 KiB more",
         lambda: bench.bytes_of("talk", "heap_per_session", unit=1024, sessions=50)),
        ("memory that a stranger's junk leaves behind, of 10,000 strangers", "0",
         lambda: bench.bytes_of("strangers", "bytes_for_each", count=10_000)),
        ("the same, of 100,000 strangers", "0",
         lambda: bench.bytes_of("strangers", "bytes_for_each", OURS, count=100_000)),
        ("longest stall while two keys are made", "2 ms",
         lambda: bench.milliseconds(KEY_RUNS, "keys", keys=False)),
        ("longest stall in a key exchange, 10,000 known codes", "4 ms",
         lambda: bench.milliseconds(EXCHANGES, "exchange", codes=10_000)),
        ("written by both ends of it", "", bench.written),
        ("longest stall in a verification", "4 ms",
         lambda: bench.milliseconds(VERIFICATIONS, "verify")),
    ]
    slow = [
        ("instructions as above, 50 B, 100,000 known codes", "1.12",
         lambda: bench.over_libotr(50, names=OURS, codes=100_000)),
        ("instructions for 50 B to the last of 1,000 private conversations, over one", "1.1",
         lambda: bench.over_one_session(1000)),
    ]
    return rows + ([] if is_quick else slow)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", help="rows that hold this word")
    options = parser.parse_args()
    print("| measure | pidgin-otr | OTR Guard | target |\n| --- | --- | --- | --- |")
    for what, target, measure in table(Bench(options.build.resolve()), options.quick):
        if options.only in what:
            figures = measure()
            print(f"| {what} | {figures.get('pidgin-otr', 'minutes')} | {figures['OTR Guard']} "
                  f"| {target} |", flush=True)


if __name__ == "__main__":
    main()
