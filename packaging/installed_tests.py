# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The installed package as its users meet it: the plugin is in the client's list, is switched on
there, and a private conversation happens. Bob has it in a client without a window.

Needs OTR_GUARD_PLUGIN, the installed file, and the harness; see packaging/debian/tests.
"""

import os
import pathlib
import unittest

from otrtest.finch import Finch
from otrtest.headless import HeadlessClient, plugin_path
from otrtest.servers import Prosody
from otrtest.waiting import wait_until
from otrtest.wire import xmpp_wire
from pidgin_user import ALICE, BOB, MENU, PidginUser

NAME = "OTR Guard"
LIBRARIES = pathlib.Path(plugin_path()).parents[1]
#: What an installation has beside the plugin.
PARTS = ("/usr/bin/otr-guard-run", "/usr/libexec/otr-guard/otr-guard-windows",
         LIBRARIES / "otr-guard/pidgin-ui.so", "/usr/share/otr-guard/help/en/verify.html",
         "/usr/share/otr-guard/emblems/private.png", "/usr/share/man/man1/otr-guard-run.1.gz",
         "/usr/share/locale/de/LC_MESSAGES/otr-guard.mo")


class Installed(unittest.TestCase):

    def setUp(self):
        self.said = []
        self.server = self.enterContext(Prosody({"alice": "wonderland", "bob": "builder"}))
        self.wire = self.enterContext(xmpp_wire(self.server))
        self.bob = self.enterContext(HeadlessClient(name="bob", plugins=[plugin_path()]))
        self.bob.connect_xmpp(self.server, "bob")
        self.addCleanup(self.assert_nothing_in_clear)

    def assert_nothing_in_clear(self):
        for text in self.said:
            self.assertFalse(self.wire.shows(text), f"{text!r} was readable on the wire")

    def secret(self, text):
        self.said.append(text)
        return text


class Files(unittest.TestCase):

    def test_everything_is_there_and_the_plugin_is_root_s(self):
        for part in (plugin_path(), *PARTS):
            self.assertTrue(pathlib.Path(part).is_file(), part)
            self.assertEqual(os.stat(part).st_uid, 0, part)


class InPidgin(Installed):

    def test_listed_switched_on_and_used(self):
        alice = self.enterContext(PidginUser(self.server, self.wire.port))
        alice.wait_buddy_online()
        self.assertFalse(alice.is_plugin_on(NAME))
        alice.toggle_plugin(NAME)
        wait_until(lambda: alice.is_plugin_on(NAME), what="the plugin to be switched on")
        alice.picture("installed-plugins")
        alice.close_plugins()
        alice.open_conversation()
        alice.wait_padlock("Not private")
        alice.choose("Start private conversation", menu=MENU)
        alice.wait_shown("This conversation is private now", timeout=60)  # a key is made first
        alice.wait_padlock("Unverified")
        since = self.bob.mark()
        alice.say(self.secret("only for the two of us"))
        self.bob.wait_message("only for the two of us", since=since)
        self.bob.send(ALICE, self.secret("and back again"))
        alice.wait_shown("and back again")
        alice.picture("installed-conversation")
        alice.choose("Verify...")
        alice.wait_dialog("Is it really Bob?", window="Verify Bob")
        alice.picture("installed-verify")
        alice.screen.click("push button", "Help", "Verify Bob")
        alice.wait_dialog("We can talk by phone or meet", window="OTR Guard: help")
        alice.picture("installed-help")
        self.assertEqual(alice.quit(), 0)
        self.bob.wait_otr_status(ALICE, state="finished")


class InFinch(Installed):

    def test_listed_switched_on_and_used(self):
        finch = self.enterContext(Finch(self.server, "alice", [BOB], None, self.wire.port, {
            "/finch/conversations/size/width": 96, "/finch/conversations/size/height": 30}))
        finch.wait_text("Buddy List", " Bob", timeout=40)
        self.switch_on(finch)
        finch.down()
        finch.keys("Enter")
        finch.wait_text("Bob (alice@localhost")
        finch.say("/otr start")
        finch.wait_text("This conversation is private now, but not verified", timeout=60)
        since = self.bob.mark()
        finch.say(self.secret("typed in a terminal"))
        self.bob.wait_message("typed in a terminal", since=since)
        self.bob.send(ALICE, self.secret("and back to it"))
        finch.wait_text("and back to it")
        finch.say("/otr end")
        self.bob.wait_otr_status(ALICE, state="finished")

    def switch_on(self, finch):
        finch.keys("M-a")
        finch.wait_text("Actions", "Plugins")
        finch.down(6)
        finch.keys("Enter")
        finch.wait_text("You can (un)load plugins")
        for _ in range(40):
            if f"Name: {NAME} " in finch.text():
                break
            before = finch.screen()
            finch.down()
            wait_until(lambda: finch.screen() != before, what="the next plugin", interval=0.05)
        self.assertIn(f"[ ] {NAME}", finch.text())
        finch.keys("Space")
        finch.wait_text(f"[X] {NAME}")
        finch.press("Close")
        finch.wait_gone("You can (un)load plugins")


if __name__ == "__main__":
    unittest.main()
