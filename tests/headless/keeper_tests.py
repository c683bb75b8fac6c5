# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""otr-guard-keep: what it started never outlives whoever wanted it, however that ends."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from otrtest.headless import plugin_path
from otrtest.waiting import patience, wait_until

KEEPER = str(pathlib.Path(plugin_path()).with_name("otr-guard-keep"))
LIFELINE = 3


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Keeper(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def keep(self, *command):
        """Our end of the lifeline and of the output."""
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        ours.settimeout(20 * patience())
        read, write = os.pipe()
        self.addCleanup(os.close, read)

        def hand_over():
            os.dup2(theirs.fileno(), LIFELINE)
        self.keeper = subprocess.Popen([KEEPER, *command], pass_fds=[LIFELINE], stdout=write,
                                       stderr=write, preexec_fn=hand_over)
        self.addCleanup(self.keeper.wait)
        self.addCleanup(self.keeper.kill)
        theirs.close()
        os.close(write)
        return ours, read

    def run_to_end(self, *command):
        ours, read = self.keep(*command)
        code = ours.recv(10)
        self.assertEqual(ours.recv(10), b"")
        output = b""
        while piece := os.read(read, 4096):
            output += piece
        return code[0], output

    def script(self, text):
        path = self.folder / "script"
        path.write_text(text)
        return ["/bin/sh", str(path)]

    def pids(self, count):
        """Of programs that wrote their numbers into the folder."""
        def there():
            found = [path.read_text().strip() for path in self.folder.glob("*.pid")]
            return found if len(found) == count and all(found) else None
        return [int(pid) for pid in wait_until(there, what="numbers of processes")]

    def test_output_and_exit_code_come_back(self):
        self.assertEqual(self.run_to_end(*self.script("echo out; echo err >&2; exit 7")),
                         (7, b"out\nerr\n"))
        self.assertEqual(self.run_to_end(*self.script("kill -9 $$"))[0], 128 + 9)
        self.assertEqual(self.run_to_end("/no/such/program")[0], 127)
        self.assertEqual(self.run_to_end(str(self.folder))[0], 126)

    def test_it_has_no_input_and_no_terminal(self):
        code, output = self.run_to_end(*self.script("cat; tty; : < /dev/tty"))
        self.assertIn(b"not a tty", output)
        self.assertNotEqual(code, 0)

    def test_closing_the_lifeline_is_ctrl_c(self):
        ours, read = self.keep(*self.script(
            f"trap 'echo tidied; exit 3' INT; echo $$ > {self.folder}/a.pid; "
            "while :; do sleep 0.05; done"))
        self.pids(1)
        ours.shutdown(socket.SHUT_WR)
        self.assertEqual(ours.recv(1), b"\x03")
        self.assertEqual(os.read(read, 100), b"tidied\n")

    def test_a_byte_is_ctrl_c_without_an_end_by_force(self):
        ours, read = self.keep(*self.script(
            f"trap 'echo heard' INT; echo $$ > {self.folder}/a.pid\n"
            f"while [ ! -e {self.folder}/enough ]; do sleep 0.05; done; echo done"))
        self.pids(1)
        ours.send(b"x")
        self.assertEqual(os.read(read, 100), b"heard\n")
        ours.settimeout(6)  # by force it would be five seconds
        with self.assertRaises(TimeoutError):
            ours.recv(1)
        (self.folder / "enough").touch()
        self.assertEqual(os.read(read, 100), b"done\n")
        self.assertEqual(ours.recv(1), b"\0")

    def test_whoever_does_not_listen_is_killed_with_all_that_it_started(self):
        deaf = ("trap '' INT TERM HUP; echo $$ > {0}/$1.pid; "
                "while :; do sleep 0.05; done")
        (self.folder / "deaf").write_text(deaf.format(self.folder))
        # One in the same group, one in a session of its own, one whose parent is gone.
        ours, _ = self.keep(*self.script(
            f"trap '' INT TERM\n/bin/sh {self.folder}/deaf a &\n"
            f"setsid /bin/sh {self.folder}/deaf b &\n"
            f"(setsid /bin/sh {self.folder}/deaf c &)\n"
            f"exec /bin/sh {self.folder}/deaf d"))
        pids = self.pids(4)
        self.assertTrue(all(map(is_alive, pids)))
        ours.shutdown(socket.SHUT_WR)
        self.assertEqual(ours.recv(1), bytes([128 + signal.SIGKILL]))
        self.assertFalse(any(map(is_alive, pids)))

    def test_what_is_left_behind_ends_with_the_program(self):
        ours, _ = self.keep(*self.script(
            f"setsid /bin/sh -c 'echo $$ > {self.folder}/a.pid; while :; do sleep 0.05; done' &\n"
            f"while [ ! -s {self.folder}/a.pid ]; do sleep 0.05; done; exit 0"))
        self.assertEqual(ours.recv(1), b"\0")
        self.assertFalse(is_alive(self.pids(1)[0]))

    def test_the_client_is_killed(self):
        script = self.script(f"echo $$ > {self.folder}/a.pid; while :; do sleep 0.05; done")
        client = subprocess.Popen(
            [sys.executable, "-c",
             "import os, socket, subprocess, sys, time\n"
             "ours, theirs = socket.socketpair()\n"
             "kept = os.dup(os.dup(ours.fileno()))\n"
             f"os.dup2(theirs.fileno(), {LIFELINE})\n"
             f"keeper = subprocess.Popen(sys.argv[1:], pass_fds=[{LIFELINE}])\n"
             f"open({str(self.folder / 'keeper.pid')!r}, 'w').write(str(keeper.pid))\n"
             "os.closerange(kept + 1, 100)\n"
             f"[os.close(one) for one in range({LIFELINE}, kept)]\n"
             "time.sleep(3600)", KEEPER, *script])
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        pids = self.pids(2)
        client.kill()
        client.wait()
        wait_until(lambda: not any(map(is_alive, pids)), what="the end of the program")

    def test_the_keeper_is_killed(self):
        self.keep(*self.script(f"echo $$ > {self.folder}/a.pid; exec sleep 3600"))
        pid = self.pids(1)[0]
        self.keeper.kill()
        wait_until(lambda: not is_alive(pid), what="the end of the program")


if __name__ == "__main__":
    unittest.main()
