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
from otrtest.waiting import wait_until
from pidgin_files_case import FOLDER
from pidgin_user import ALICE, DIALOG, PidginCase

LOOKS = {
    "light": {},
    "dark": {"GTK_THEME": "Adwaita:dark"},
    "large": {"GDK_DPI_SCALE": "2"},
}
LINGUAS = pathlib.Path(__file__).parents[2] / "po" / "LINGUAS"
LANGUAGES = [line for line in LINGUAS.read_text().split("\n") if line and line[0] != "#"]
PROGRAM = "otr-guard-windows"
FOREIGN = pathlib.Path(__file__).parents[1] / "support" / "data" / "foreign"


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
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.bob.call("set_pref", name=FOLDER, value=str(self.home))
        options["preferences"] = {FOLDER: str(self.home)}
        return super().start_alice(
            plugin=self.place_plugin(),
            known=[("carol@localhost", "ab" * 20, "verified"), ("bob@localhost", "cd" * 20, "")],
            environment={"LC_ALL": "C.UTF-8", "LANGUAGE": self.language or "en"}, **options)

    def runTest(self):
        self.alice.conversation()
        self.alice.say("/otr start")
        self.alice.wait_padlock(self.say("Unverified"))
        self.verification()
        self.results()
        self.question()
        self.configuration()
        self.known_codes()
        self.own_codes()
        self.importing()
        self.network()
        self.files()

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

    def results(self):
        """What becomes of the ways to verify, good and bad."""
        self.click("We can talk by phone or meet", self.verify)
        self.click("Make a PIN", self.verify)
        self.wait("Cancel the PIN", self.verify)
        self.picture("verify-pin-made")
        self.click("Cancel the PIN", self.verify)
        self.wait("We share a secret", self.verify)
        self.click("They sent or published a code", self.verify)
        self.alice.screen.set_text("0123456789abcdef" * 2 + "cdcdcdcd", name=self.say("Their code"),
                                   window=self.verify)
        self.click("Compare", self.verify)
        self.wait("Other ways", self.verify)
        self.picture("verify-differs")
        self.click("Other ways", self.verify)
        self.click("Compare the codes ourselves", self.verify)
        self.click("They are the same", self.verify)
        self.wait("Take the verification back", self.verify)
        self.picture("verify-same")
        self.click("Take the verification back", self.verify)
        self.wait("We share a secret", self.verify)
        self.close(self.verify)

    def question(self):
        """Pidgin's window with everything that is ours in it, and the peer's question."""
        self.bob.otr(ALICE, 'question "Where did we meet first?" "in the old library"')
        self.alice.screen.wait("push button", self.say("Refuse question"), "Bob")
        self.alice.desktop.open_menu("Bob", "OTR")
        self.picture("pidgin")
        self.alice.desktop.keys("Escape")
        self.alice.desktop.focus("Bob")
        self.alice.screen.click("push button", self.say("Answer question..."), "Bob")
        self.wait("A right answer shows them", self.verify)
        self.picture("verify-question")
        self.click("Refuse", self.verify)
        self.wait("We share a secret", self.verify)
        self.bob.otr(ALICE, "end")
        self.wait("Start private conversation", self.verify)
        self.picture("verify-start")
        self.click("Start private conversation", self.verify)
        self.wait("We share a secret", self.verify)
        self.close(self.verify)

    def configuration(self):
        desktop = self.alice.desktop
        before = desktop.windows()
        desktop.choose(self.say("Buddy List"), self.say("/Tools")[1:],
                       self.say("/Tools/Plugins").split("/")[-1])
        plugins = wait_until(lambda: next((title for number, title in desktop.windows().items()
                                           if number not in before and title), None),
                             what="the list of plugins", interval=0.2)
        desktop.focus(plugins)
        desktop.type("OTR Guard")
        self.alice.screen.wait("table cell", "OTR Guard", plugins)
        desktop.keys("Escape")
        self.alice.screen.click("push button", self.say("Configure Plugin"), plugins)
        self.wait("Known codes...", DIALOG)
        self.picture("configuration")
        self.close(DIALOG)
        self.close(plugins)

    def close(self, window):
        self.alice.desktop.focus(window)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(window)

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

    def importing(self):
        window = self.say("Import from another program")
        self.choose("Import from another program...")
        self.wait("File or folder", window)
        self.picture("import-source")
        for program, words in (("keysync", "Passphrase"), ("irssi", "Which accounts?"),
                               ("adium", "Your own keys")):
            self.alice.screen.set_text(str(FOREIGN / program), "text", self.say("File or folder"),
                                       window)
            self.click("Continue", window)
            self.wait(words, window)
            self.picture(f"import-{program}")
            self.click("Start over", window)
            self.wait("File or folder", window)
        self.close(window)

    def network(self):
        self.choose("Network of accounts...")
        self.wait("What gives this account away", self.say("Network of accounts"))
        self.picture("network")

    def files(self):
        """One that is offered, one that runs, one that has come."""
        self.bob.otr(ALICE, "trust")
        self.alice.say("/otr trust")
        for name, size in (("minutes.pdf", 200_000), ("holiday.jpg", 90_000_000),
                           ("invoice.docm", 40_000)):
            path = self.home / name
            path.write_bytes(b"x" * size)
            since = self.bob.mark()
            if name == "holiday.jpg":
                self.alice.say(f"/otr send {path}")
                self.bob.wait_system(name, since=since, timeout=60)
                self.bob.otr(ALICE, "accept")
                continue
            self.bob.otr(ALICE, f"send {path}")
            self.bob.wait_system("was offered to", since=since, timeout=60)
            if name == "minutes.pdf":
                self.alice.say("/otr accept")
                self.bob.wait_system("has arrived whole", since=since, timeout=60)
        files = self.say("Files")
        self.choose("Files...")
        self.wait("Open folder", files)
        self.picture("files")
        self.close(files)


if __name__ == "__main__":
    Pictures.folder = pathlib.Path(sys.argv[1])
    Pictures.folder.mkdir(parents=True, exist_ok=True)
    variants = sys.argv[2:] or [*LOOKS, *LANGUAGES]
    suite = unittest.TestSuite([Pictures(variant) for variant in variants])
    sys.exit(0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1)
