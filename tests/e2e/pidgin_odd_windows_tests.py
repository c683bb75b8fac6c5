# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A windows program that was taken over, or that hangs: Pidgin and the conversation go on, and
nothing is believed that its user could not have chosen."""

import json
import os
import pathlib
import re
import sys
import unittest

import otrtest
from otrtest import attacks
from otrtest.waiting import patience, wait_until
from pidgin_user import ALICE, DIALOG, PidginCase

CHANGED, REFUSED = "im.otrguard.Error.Changed", "org.freedesktop.DBus.Error.InvalidArgs"
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"


class OddWindows(PidginCase):

    def put_program(self, mode):
        """In the place of otr-guard-windows; returns where it reports."""
        report = self.alice.folder / "report.json"
        script = pathlib.Path(otrtest.__file__).parent / "odd_windows.py"
        file = self.alice.folder / "plugins" / "otr-guard-windows"
        file.write_text(f'#!/bin/sh\nexport OTR_GUARD_SOURCE_DIR="{os.environ["OTR_GUARD_SOURCE_DIR"]}"'
                        f'\nexec "{sys.executable}" -B "{script}" {mode} "{report}"\n')
        file.chmod(0o700)
        return report

    def read(self, report):
        wait_until(report.exists, timeout=60 * patience(), what="the program's report")
        return json.loads(report.read_text())

    def fingerprints(self):
        file = self.alice.folder / "otr.fingerprints"
        wait_until(file.exists, what="Bob's code on the disk")  # a thread writes it
        return [line.split("\t") for line in file.read_text().splitlines()]

    def test_one_that_hangs_is_given_up(self):
        self.put_program("hang")
        self.make_private()
        self.alice.choose("Verify...")
        self.talk("while it hangs")
        self.alice.wait_dialog("Is it really Bob?")
        self.assertIn(DIALOG, self.alice.desktop.windows().values())
        self.talk("and afterwards")

    def test_one_that_lies_is_not_believed(self):
        report = self.put_program("lie")
        self.make_private()
        before = self.fingerprints()
        key = (self.alice.folder / "otr.private_key").read_bytes()
        self.alice.choose("Verify...")
        told = self.read(report)
        expected = {
            **dict.fromkeys(("another key is theirs", "no key is theirs", "nonsense is theirs",
                             "a stranger's key", "asked with another key", "what nobody asked",
                             "a code of another", "taken back from another", "undone"), CHANGED),
            **dict.fromkeys(("of no account", "a long question", "a long secret", "a long code",
                             "exported as", "a list of nothing", "places beyond", "no such remedy",
                             "a file of no account", "a file of long names", "of other types",
                             "what was not read", "accounts of what was not read",
                             "choices of what was not read", "a long path", "a long passphrase",
                             "choices of another import", "taken of another import",
                             "accounts that are not asked for", "matched without a question",
                             "taken beyond the choices", "own beyond the choices",
                             "choices twice", "taken of what is forgotten"), REFUSED),
            "step of an import": "choice", "choices of an import": [2, 1],
            "an unknown key": [0, 0], "forgotten": [0, 1, 0],
        }
        self.assertEqual({what: told[what] for what in expected}, expected)
        for what in ("another key deleted", "another key replaced", "imported nonsense",
                     "a key sealed by nothing", "no such way", "a file that nobody offered",
                     "a file of a stranger", "what nobody shares"):
            self.assertIsInstance(told[what], list, what)
            self.assertTrue(told[what][-1] or told[what][0], what)  # a sentence says why not
        self.assertRegex(told["no such method"], "UnknownMethod")
        self.assertRegex(told["no such interface"], "UnknownMethod|UnknownInterface")
        self.assertEqual(self.fingerprints(), before)
        self.assertEqual((self.alice.folder / "otr.private_key").read_bytes(), key)
        status = self.status()
        self.assertEqual((status["state"], status["verified"]), ("private", "no"))
        self.assertEqual(self.bob.otr_status(ALICE)["state"], "private")
        self.talk("after all the lies")

    def test_one_that_floods_is_cut_off(self):
        report = self.put_program("flood")
        self.make_private()
        desktop = self.alice.desktop
        meter = attacks.Meter(desktop.xdotool("getwindowpid", desktop.window("Bob")).strip())
        self.alice.choose("Verify...")
        self.assertEqual(self.read(report), {"closed": True})
        self.talk("after the flood")
        if not re.search("address|thread", os.environ.get("OTR_GUARD_SANITIZERS", "")):
            self.assertLess(meter.memory(), 64, "megabytes")


if __name__ == "__main__":
    unittest.main()
