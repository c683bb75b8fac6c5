# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the pictures of README.md again: readme_pictures.py data/screenshots

Needs the environment of the e2e tests (tests/support/README.md).
"""

import pathlib
import re
import subprocess
import sys
import unittest

from pidgin_user import ALICE, BUDDIES, PidginCase

WINDOW, KNOWN = "Verify Bob", "Known codes (fingerprints)"
NETWORK = "Network of accounts"
WIDTH, HEIGHT = 600, 440


class Pictures(PidginCase):

    folder = pathlib.Path(".")
    windows = True

    def runTest(self):
        self.make_private()
        desktop = self.alice.desktop
        desktop.xdotool("windowsize", "--sync", desktop.window("Bob"), WIDTH, HEIGHT)
        desktop.xdotool("windowmove", "--sync", desktop.window("Bob"), 400, 60)
        self.alice.say("Did you get the tickets?")
        self.bob.wait_message("tickets")
        self.bob.send(ALICE, "Yes, two for Friday. Nobody else knows.")
        self.alice.wait_shown("Nobody else knows")
        self.alice.choose("Verify...")
        self.alice.wait_dialog("Is it really Bob?", window=WINDOW)
        self.picture(WINDOW, "verify")
        self.alice.screen.click("push button", "Compare the codes ourselves", WINDOW)
        self.alice.wait_dialog("Your code", window=WINDOW)
        self.picture(WINDOW, "compare")
        self.alice.screen.click("push button", "Back", WINDOW)
        self.alice.screen.click("push button", "We share a secret", WINDOW)
        self.alice.wait_dialog("They can answer a question", window=WINDOW)
        desktop.focus(WINDOW)
        desktop.type("Where did we meet first?")
        desktop.keys("Tab")
        desktop.type("in the old library")
        desktop.keys("Return")
        self.bob.wait_system("Where did we meet first?")
        self.bob.otr(ALICE, "answer in the old library")
        self.alice.wait_padlock("Private")
        desktop.focus(WINDOW)
        desktop.keys("Escape")
        self.alice.wait_no_dialog(WINDOW)
        self.picture("Bob", "private-conversation")
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Known codes...")
        self.alice.wait_dialog("4 codes", window=KNOWN)
        desktop.xdotool("windowsize", "--sync", desktop.window(KNOWN), 800, 460)
        desktop.focus(KNOWN)
        desktop.press("table cell", "new code", KNOWN)
        self.alice.wait_dialog("not the code that was verified", window=KNOWN)
        self.picture(KNOWN, "known-codes")
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Network of accounts...")
        self.alice.wait_dialog("What gives this account away", window=NETWORK)
        self.picture(NETWORK, "network")

    def start_alice(self, **options):
        return super().start_alice(known=[
            ("carol@localhost", "5bd33d3a47a5e6c1d0f3a7b6b8c2fd7f0dd5a1c9", "smp"),
            ("carol@localhost", "9f1c44b2a0c8e77d1b52f0a6c3d98e4417ab20ce", ""),
            ("dave@localhost", "e36a9d07f1c2b8546a7f3e1d0c9b8a7f6e5d4c3b", "verified")], **options)

    def picture(self, window, name):
        """One window with its frame, in few colours."""
        number = self.alice.desktop.focus(window)
        x, y, width, height = self.place_with_frame(number)
        whole, target = self.folder / "whole.png", self.folder / f"{name}.png"
        self.alice.desktop.screenshot(whole)
        subprocess.run(["convert", whole, "-crop", f"{width}x{height}+{x}+{y}", "+repage",
                        "-strip", "+dither", "-colors", "128", f"PNG8:{target}"], check=True)
        whole.unlink()

    def place_with_frame(self, number):
        output = self.alice.desktop.output
        shown = output("xwininfo", "-id", number)
        x, y, width, height = (
            int(re.search(rf"{words}: +(-?\d+)", shown).group(1))
            for words in ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height"))
        extents = output("xprop", "-id", number, "_NET_FRAME_EXTENTS")
        left, right, top, bottom = (int(one) for one in extents.split("=")[1].split(","))
        return x - left, y - top, width + left + right, height + top + bottom


if __name__ == "__main__":
    Pictures.folder = pathlib.Path(sys.argv[1])
    Pictures.folder.mkdir(parents=True, exist_ok=True)
    suite = unittest.TestSuite([Pictures()])
    sys.exit(0 if unittest.TextTestRunner().run(suite).wasSuccessful() else 1)
