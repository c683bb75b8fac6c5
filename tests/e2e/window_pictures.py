# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of every window as different people have them: window_pictures.py FOLDER [VARIANT...]

Light and dark, at twice the text size, and in every language. To be looked at: nothing is compared.
Needs the environment of the e2e tests (tests/support/README.md).
"""

import pathlib
import shutil
import sys
import tempfile
import unittest

from otrtest.catalogs import Catalog
from otrtest.headless import plugin_path
from pidgin_user import PidginCase

LOOKS = {
    "light": {},
    "dark": {"GTK_THEME": "Adwaita:dark"},
    "large": {"GDK_DPI_SCALE": "2"},
}
LINGUAS = pathlib.Path(__file__).parents[2] / "po" / "LINGUAS"
LANGUAGES = [line for line in LINGUAS.read_text().split("\n") if line and line[0] != "#"]
PROGRAM = "otr-guard-windows"


class Pictures(PidginCase):
    """`variant` is a look or a language."""

    windows = True
    folder = pathlib.Path(".")

    def __init__(self, variant):
        super().__init__()
        self.variant = variant
        self.language = None if variant in LOOKS else variant
        self.say = Catalog(self.language, plugin_path()).say
        self.verify = max(self.say("Verify {name}").split("{name}"), key=len)
        self.known = self.say("Known codes (fingerprints)")
        self.own = self.say("My codes (fingerprints)")
        self.export = self.say("Export a key")

    def start_alice(self, **options):
        return super().start_alice(
            plugin=self.place_plugin(),
            known=[("carol@localhost", "ab" * 20, "verified"), ("bob@localhost", "cd" * 20, "")],
            environment={"LC_ALL": "C.UTF-8", "LANGUAGE": self.language or "en"}, **options)

    def runTest(self):
        self.alice.conversation()
        self.alice.say("/otr start")
        self.alice.wait_padlock(self.say("Unverified"))
        self.verification()
        self.known_codes()
        self.own_codes()
        self.network()

    def place_plugin(self):
        """A copy of the plugin beside a windows program that starts in the variant."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        source = pathlib.Path(plugin_path())
        (folder / "pidgin").mkdir()
        (folder / "locale").symlink_to(source.parent / "locale")
        for name in (source.name, "pidgin/pidgin-ui.so"):
            shutil.copy(source.parent / name, folder / name)
        script = folder / PROGRAM
        settings = " ".join(f"{name}={value}"
                            for name, value in LOOKS.get(self.variant, {}).items())
        script.write_text(f"#!/bin/sh\nexec env {settings} '{source.parent / PROGRAM}'\n")
        script.chmod(0o755)
        return folder / source.name

    def picture(self, name):
        self.alice.desktop.screenshot(self.folder / f"{name}-{self.variant}.png")

    def click(self, button, window):
        self.alice.screen.click("push button", self.say(button), window)

    def wait(self, words, window):
        self.alice.wait_dialog(self.say(words), window=window)

    def choose(self, action):
        self.alice.desktop.choose(self.say("Buddy List"), self.say("/Tools")[1:], "OTR Guard",
                                  self.say(action))

    def verification(self):
        self.alice.say("/otr verify")
        self.wait("We share a secret", self.verify)
        self.picture("verify-choose")
        for button, words, name in (
                ("We can talk by phone or meet", "Make a PIN", "pin"),
                ("They sent or published a code", "The computer compares it", "code"),
                ("We share a secret", "They can answer a question that nobody else can", "secret"),
                ("Compare the codes ourselves", "Copy your code", "compare")):
            self.click(button, self.verify)
            self.wait(words, self.verify)
            self.picture(f"verify-{name}")
            self.click("Back", self.verify)
            self.wait("We share a secret", self.verify)
        self.alice.desktop.focus(self.verify)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(self.verify)

    def known_codes(self):
        self.choose("Known codes...")
        self.alice.wait_dialog("Carol", window=self.known)
        self.alice.desktop.focus(self.known)
        self.alice.desktop.press("table cell", "Carol", self.known)
        self.alice.wait_dialog("ABABABAB", window=self.known)
        self.picture("known-codes")

    def own_codes(self):
        self.choose("My codes...")
        self.wait("Has a key", self.own)
        self.picture("own-codes")
        self.click("Export…", self.own)
        self.wait("Take at least five words", self.export)
        self.picture("own-codes-export")
        self.click("Cancel", self.export)

    def network(self):
        self.choose("Network of accounts...")
        self.wait("What gives this account away", self.say("Network of accounts"))
        self.picture("network")


if __name__ == "__main__":
    Pictures.folder = pathlib.Path(sys.argv[1])
    Pictures.folder.mkdir(parents=True, exist_ok=True)
    variants = sys.argv[2:] or [*LOOKS, *LANGUAGES]
    suite = unittest.TestSuite([Pictures(variant) for variant in variants])
    sys.exit(0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1)
