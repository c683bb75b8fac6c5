# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""An installation somewhere else than where it was configured to go: each part finds the others."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from otrtest.headless import HeadlessClient
from otrtest.servers import Prosody
from otrtest.waiting import wait_until
from otrtest.wire import xmpp_wire
from pidgin_user import ALICE, MENU, PidginUser

GERMAN = {"LANGUAGE": "de", "LC_ALL": "C.UTF-8"}


class Moved(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="otrtest-moved-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        first = cls.folder / "first"
        subprocess.run(["cmake", "--install", os.environ["OTR_GUARD_BINARY_DIR"], "--prefix", first],
                       check=True, stdout=subprocess.DEVNULL,
                       env={name: value for name, value in os.environ.items() if name != "DESTDIR"})
        cls.top = first.rename(cls.folder / "a place of its own")
        cls.plugin, = cls.top.rglob("purple-2/otr-guard.so")

    def test_words_and_help_of_the_plugin(self):
        # As in ~/.purple/plugins, where libpurple finds it.
        link = self.folder / "plugins/otr-guard.so"
        link.parent.mkdir()
        link.symlink_to(self.plugin)
        with HeadlessClient(plugins=[link], environment=GERMAN) as client:
            since = client.mark()
            client.call("plugin_action", plugin="core-otr-guard", label="Hilfe")
            shown = client.wait_for({"event": "notify", "type": "formatted"}, since=since)
            self.assertIn("Unterhaltung", shown["html"])

    def test_words_of_the_launcher(self):
        # Found as a shell finds it, and with something that must not be taken for translations.
        (self.top / "bin/locale").touch()
        said = subprocess.run(["otr-guard-run", "--help"], check=True, capture_output=True, text=True,
                              cwd="/", env={**os.environ, **GERMAN, "PATH": f"{self.top}/bin:/bin"}
                              ).stdout
        self.assertIn("Startet ein Programm", said)

    def test_padlock_windows_and_help_in_pidgin(self):
        server = self.enterContext(Prosody({"alice": "wonderland", "bob": "builder"}))
        wire = self.enterContext(xmpp_wire(server))
        bob = self.enterContext(HeadlessClient(name="bob", plugins=[self.plugin]))
        bob.connect_xmpp(server, "bob")
        alice = self.enterContext(PidginUser(server, wire.port, plugin=self.plugin))
        alice.wait_buddy_online()
        alice.open_conversation()
        alice.choose("Start private conversation", menu=MENU)
        alice.wait_padlock("Unverified")
        bob.wait_otr_status(ALICE, state="private")
        alice.choose("Verify...")
        alice.wait_dialog("Is it really Bob?", window="Verify Bob")
        alice.screen.click("push button", "Help", "Verify Bob")
        alice.wait_dialog("We can talk by phone or meet", window="OTR Guard: help")
        program = self.top / "libexec/otr-guard/otr-guard-windows"
        wait_until(lambda: program in _running(), what="the window to be this installation's")


def _running():
    """The programs of all processes that may be asked."""
    found = set()
    for link in pathlib.Path("/proc").glob("[0-9]*/exe"):
        try:
            found.add(link.readlink())
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


if __name__ == "__main__":
    unittest.main()
