# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of every window as different people have them: window_pictures.py FOLDER

Light and dark, at twice the text size, and from right to left. To be looked at: nothing is compared.
Needs the environment of the e2e tests (tests/support/README.md).
"""

import pathlib
import shutil
import sys
import tempfile
import unittest

from otrtest.headless import plugin_path
from pidgin_user import BUDDIES, PidginCase

VARIANTS = {
    "light": {},
    "dark": {"GTK_THEME": "Adwaita:dark"},
    "large": {"GDK_DPI_SCALE": "2"},
    "right-to-left": {"LANGUAGE": "ar", "LC_ALL": "C.UTF-8"},
}
PROGRAM = "otr-guard-windows"
VERIFY, KNOWN = "Verify Bob", "Known codes (fingerprints)"
OWN, EXPORT = "My codes (fingerprints)", "Export a key"


class Pictures(PidginCase):

    windows = True
    folder = pathlib.Path(".")

    def __init__(self, variant):
        super().__init__()
        self.variant = variant

    def start_alice(self, **options):
        return super().start_alice(
            plugin=self.place_plugin(),
            known=[("carol@localhost", "ab" * 20, "verified"), ("bob@localhost", "cd" * 20, "")],
            **options)

    def runTest(self):
        self.make_private()
        self.verification()
        self.known_codes()
        self.own_codes()

    def place_plugin(self):
        """A copy of the plugin beside a windows program that starts in the variant."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        source = pathlib.Path(plugin_path())
        (folder / "pidgin").mkdir()
        for name in (source.name, "pidgin/pidgin-ui.so"):
            shutil.copy(source.parent / name, folder / name)
        script = folder / PROGRAM
        settings = " ".join(f"{name}={value}" for name, value in VARIANTS[self.variant].items())
        script.write_text(f"#!/bin/sh\nexec env {settings} '{source.parent / PROGRAM}'\n")
        script.chmod(0o755)
        return folder / source.name

    def picture(self, name):
        self.alice.desktop.screenshot(self.folder / f"{name}-{self.variant}.png")

    def click(self, button, window):
        self.alice.screen.click("push button", button, window)

    def verification(self):
        self.alice.choose("Verify...")
        self.alice.wait_dialog("Is it really Bob?", window=VERIFY)
        self.picture("verify-choose")
        for button, text in (("We can talk by phone or meet", "PIN"),
                             ("They sent or published a code", "Their code"),
                             ("We share a secret", "They can answer a question"),
                             ("Compare the codes ourselves", "Your code")):
            self.click(button, VERIFY)
            self.alice.wait_dialog(text, window=VERIFY)
            self.picture(f"verify-{text.split()[-1].lower()}")
            self.click("Back", VERIFY)
            self.alice.wait_dialog("Is it really Bob?", window=VERIFY)
        self.alice.desktop.focus(VERIFY)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(VERIFY)

    def known_codes(self):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Known codes...")
        self.alice.wait_dialog("3 codes", window=KNOWN)
        self.alice.desktop.focus(KNOWN)
        self.alice.desktop.press("table cell", "Carol", KNOWN)
        self.alice.wait_dialog("verified in another program", "ABABABAB", window=KNOWN)
        self.picture("known-codes")

    def own_codes(self):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "My codes...")
        self.alice.wait_dialog("Has a key", window=OWN)
        self.picture("own-codes")
        self.click("Export…", OWN)
        self.alice.wait_dialog("at least five words", window=EXPORT)
        self.picture("own-codes-export")
        self.click("Cancel", EXPORT)


if __name__ == "__main__":
    Pictures.folder = pathlib.Path(sys.argv[1])
    Pictures.folder.mkdir(parents=True, exist_ok=True)
    suite = unittest.TestSuite([Pictures(variant) for variant in VARIANTS])
    sys.exit(0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1)
