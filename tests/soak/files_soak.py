# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A file of 100 MB between two OTR Guards over a server: whole, in flat memory, while text passes."""

import hashlib
import os
import pathlib
import tempfile
import time
import unittest

from otrtest.pairs import XmppPair
from otrtest.waiting import patience

SIZE = 100_000_000
FOLDER = "/plugins/core/otr-guard/files/folder"
#: The whole file would be three times that.
MOST_GROWTH_KB = 30_000


def memory_kb(client):
    status = pathlib.Path(f"/proc/{client.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def sha256(path):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


class LargeFile(XmppPair):

    def test_100_megabytes(self):
        self.make_private()
        self.alice.otr(self.bob_name, "trust")
        self.bob.otr(self.alice_name, "trust")
        with tempfile.TemporaryDirectory(prefix="otrtest-files-") as folder:
            path = pathlib.Path(folder) / "large.bin"
            downloads = pathlib.Path(folder) / "downloads"
            downloads.mkdir()
            with path.open("wb") as file:
                for _ in range(SIZE // 1_000_000):
                    file.write(os.urandom(1_000_000))
            self.bob.call("set_pref", name=FOLDER, value=str(downloads))
            before = [memory_kb(client) for client in (self.alice, self.bob)]
            self.alice.otr(self.bob_name, f"send {path}")
            self.bob.wait_system("offers you file", timeout=60)
            began = time.monotonic()
            since = self.bob.mark()
            self.bob.otr(self.alice_name, "accept")
            growth, slowest = self.watch(since, before)
            seconds = time.monotonic() - began
            received = downloads / "large.bin"
            self.assertEqual(received.stat().st_size, SIZE)
            self.assertEqual(sha256(received), sha256(path))
        print(f"{SIZE / 1e6:.0f} MB in {seconds:.1f} s: {SIZE / 1e6 / seconds:.2f} MB/s; memory grew "
              f"by at most {growth} kB; slowest text {slowest:.2f} s", flush=True)
        self.assertLess(growth, MOST_GROWTH_KB)

    def watch(self, since, before):
        """Says something again and again until the file is there."""
        growth, slowest, number = 0, 0.0, 0
        deadline = time.monotonic() + 1200 * patience()
        while not any("has arrived whole" in event.get("text", "")
                      for event in self.bob.events[since:]):
            self.assertLess(time.monotonic(), deadline, "the file takes too long")
            number += 1
            said = time.monotonic()
            self.say(self.alice, self.bob_name, self.bob, f"text {number}.")
            slowest = max(slowest, time.monotonic() - said)
            now = [memory_kb(client) for client in (self.alice, self.bob)]
            growth = max(growth, *(after - start for after, start in zip(now, before)))
            time.sleep(0.5)  # the pace of a talk, nothing is waited for
        return growth, slowest


if __name__ == "__main__":
    unittest.main()
