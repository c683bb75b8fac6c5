# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin's whole life under valgrind: no invalid access, nothing of ours left behind."""

import os
import pathlib
import sys
import tempfile
import unittest

from otrtest import memcheck
from otrtest.headless import HeadlessClient, plugin_path
from otrtest.keys import put_key
from otrtest.pairs import XmppPair

PLUGIN = "core-otr-guard"
STRANGER = "stranger@localhost"


@unittest.skipIf(HeadlessClient.sanitizers(), "valgrind and sanitizers do not mix")
class Memory(XmppPair):

    def prepare(self):
        folder = tempfile.TemporaryDirectory(prefix="otrtest-memory-")
        self.addCleanup(folder.cleanup)
        profile = pathlib.Path(folder.name) / "profile"
        # To make a key takes minutes under valgrind.
        put_key(profile, "alice@localhost/")
        self.memcheck = memcheck.Memcheck(folder.name)
        self.alice = HeadlessClient(profile=profile, name="alice", wrapper=self.memcheck.wrapper,
                                    environment=self.memcheck.environment)
        self.bob = self.make_client("bob")

    def test_the_plugins_whole_life(self):
        with self.alice:
            self.alice.call("load_plugin", file=plugin_path())
            self.alice.connect_xmpp(self.server, "alice", port=self.wires["alice"].port)
            self.alice.wait_buddy_online(self.bob_name, timeout=60)
            self.talk("before")
            # Twice: a second run must not lose what the first one left behind.
            self.verify()
            self.verify()
            self.look_around()
            self.meet_a_stranger()
            self.make_private()
            since = self.bob.mark()
            self.alice.call("unload_plugin", plugin=PLUGIN)
            self.bob.wait_otr_status(self.alice_name, state="finished")
            self.assertTrue(self.bob.messages("system", since))
            self.alice.call("load_plugin", file=plugin_path())
            self.bob.otr(self.alice_name, "end")
            self.talk("after")
            self.wait_text_and_release_it()
            self.make_private()
            self.alice.quit(timeout=90)
        self.bob.wait_otr_status(self.alice_name, state="finished")
        self.assertEqual(self.alice.exit_code, 0)
        found = self.memcheck.findings()
        self.assertEqual(found, [], "\n\n".join(found))

    def talk(self, when):
        self.make_private()
        for number in range(2):
            self.say(self.alice, self.bob_name, self.bob, f"from alice {when} {number}")
            self.say(self.bob, self.alice_name, self.alice, f"from bob {when} {number}")
        since = self.alice.mark()
        self.bob.send(self.alice_name, '<b>bold</b> &amp; <a href="https://example.org/">link</a>')
        self.alice.wait_message("bold & link", since=since)
        self.say(self.bob, self.alice_name, self.alice, f"long {when} " + "word " * 3000)

    def verify(self):
        for asker, asked, to_asked, to_asker in (
                (self.alice, self.bob, self.bob_name, self.alice_name),
                (self.bob, self.alice, self.alice_name, self.bob_name)):
            since, asked_since = asker.mark(), asked.mark()
            asker.otr(to_asked, 'question "where did we meet" "in the park"')
            asked.wait_system("where did we meet", since=asked_since)
            asked.otr(to_asker, "answer in the park")
            asker.wait_system("is verified now", since=since)
            asked.wait_system("Your answer was right", since=asked_since)

    def look_around(self):
        """What the user can open; the last dialog stays open while the plugin is unloaded."""
        for words in ("keys", "sessions", "queue", "myfp", "theirfp", "policy", "help", "refresh"):
            self.alice.otr(self.bob_name, words)
        self.alice.conversation_menu(self.bob_name)
        self.alice.buddy_menu(self.bob_name)
        self.alice.call("plugin_prefs", plugin=PLUGIN)
        for action in self.alice.call("plugin_actions", plugin=PLUGIN):
            self.alice.call("plugin_action", plugin=PLUGIN, label=action)
            for request in self.alice.call("requests"):
                self.alice.answer(request, action="cancel")
        self.alice.otr(self.bob_name, "verify")
        self.assertTrue(self.alice.call("requests"))

    def meet_a_stranger(self):
        for text in ("?OTRv23? hello", "?OTR:AAMC", "?OTR|1|2,00001,00003,abcdef,", "?OTR:AAEK.",
                     "see ?OTR Error: x \t  \t\t\t\t \t \t \t    \t\t  \t",
                     "is ?OTRv23? a word \t  \t\t\t\t \t \t \t    \t\t  \t",
                     "plain <b>text</b> \t  \t\t\t\t \t \t \t  "):
            self.alice.call("receive", account=self.alice.account, to=STRANGER, text=text)

    def wait_text_and_release_it(self):
        self.bob.otr(self.alice_name, "end")
        self.alice.wait_otr_status(self.bob_name, state="finished")
        self.alice.send(self.bob_name, "kept until then")
        self.alice.wait_otr_status(self.bob_name, queued="1")
        since = self.bob.mark()
        self.alice.otr(self.bob_name, "start")
        self.bob.wait_message("kept until then", since=since)


class Report(unittest.TestCase):
    """What counts as a finding."""

    LEAK = "<error><kind>Leak_DefinitelyLost</kind><xwhat><text>lost</text></xwhat>{}</error>"
    ACCESS = "<error><kind>InvalidRead</kind><what>Invalid read of size 8</what>{}</error>"

    def findings(self, error, *objects):
        frames = "".join(f"<frame><obj>{one}</obj><fn>f</fn></frame>" for one in objects)
        stack = f"<stack>{frames}</stack>"
        return memcheck.findings_in(f"<valgrindoutput>{error.format(stack)}</valgrindoutput>")

    def test_a_leak_counts_when_the_module_had_a_part_in_it(self):
        self.assertEqual(self.findings(self.LEAK, "/lib/libpurple.so.0", "/bin/client"), [])
        found = self.findings(self.LEAK, "/lib/libotr.so.5", "/x/otr-guard.so", "/bin/client")
        self.assertEqual(len(found), 1)
        self.assertIn("Leak_DefinitelyLost: lost", found[0])

    def test_an_invalid_access_counts_wherever_it_is(self):
        self.assertEqual(len(self.findings(self.ACCESS, "/lib/libpurple.so.0")), 1)

    def test_a_report_without_its_end_is_not_taken_for_a_clean_one(self):
        with self.assertRaises(ValueError):
            memcheck.findings_in("<valgrindoutput>")


if __name__ == "__main__":
    if not memcheck.is_available():
        print("skipped: valgrind is not installed")
        sys.exit(77)
    os.environ.setdefault("OTR_GUARD_PATIENCE", "3")
    unittest.main()
