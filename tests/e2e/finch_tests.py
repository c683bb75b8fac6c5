# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real Finch in a terminal: the command, the buddy's menu, and dialogs without a mouse."""

import unittest

from otrtest.finch import Finch
from otrtest.headless import HeadlessClient, plugin_path
from otrtest.servers import Prosody
from otrtest.waiting import wait_until
from otrtest.wire import xmpp_wire

ALICE, BOB = "alice@localhost", "bob@localhost"
QUESTION = "Where did we <first> meet?"


class FinchTests(unittest.TestCase):

    preferences = {"/purple/logging/log_ims": True, "/purple/logging/format": "txt",
                   "/finch/conversations/size/width": 96,
                   "/finch/conversations/size/height": 30}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(Prosody({"alice": "wonderland", "bob": "builder"}))

    def setUp(self):
        self.said = []
        self.wire = self.enterContext(xmpp_wire(self.server))
        self.bob = self.enterContext(HeadlessClient(name="bob", plugins=[plugin_path()]))
        self.bob.connect_xmpp(self.server, "bob")
        self.finch = self.enterContext(Finch(
            self.server, "alice", [BOB], plugin_path(), self.wire.port, self.preferences))
        self.finch.wait_text("Buddy List", " Bob")
        self.addCleanup(self.assert_nothing_in_clear)

    def assert_nothing_in_clear(self):
        for text in self.said:
            self.assertFalse(self.wire.shows(text), f"{text!r} was readable on the wire")

    def secret(self, text):
        self.said.append(text)
        return text

    def open_conversation(self):
        self.finch.down()
        self.finch.keys("Enter")
        self.finch.wait_text("Bob (alice@localhost")

    def make_private(self):
        self.open_conversation()
        self.finch.say("/otr start")
        self.finch.wait_text("This conversation is private now, but not verified")
        self.bob.wait_otr_status(ALICE, state="private")

    def talk(self, words):
        since = self.bob.mark()
        self.finch.say(self.secret(words))
        self.bob.wait_message(words, since=since)
        self.bob.send(ALICE, self.secret(f"{words}, answered"))
        self.finch.wait_text(f"{words}, answered")

    def files_with(self, text):
        return [str(path) for path in self.finch.folder.rglob("*")
                if path.is_file() and text.encode() in path.read_bytes()]

    # --- talking ---

    def test_by_command_from_start_to_end(self):
        self.make_private()
        self.talk("only for the two of us")
        self.finch.say("/otr status")
        shown = self.finch.wait_text("state: private", "verified: no", "queued: 0")
        fingerprint = self.bob.otr_status(ALICE)["my fingerprint"]
        self.assertIn(f"their fingerprint: {fingerprint}", shown)
        self.assertEqual(shown.count("This conversation is private now"), 1)
        self.finch.say("/otr end")
        self.finch.wait_text("was ended on your side")
        self.bob.wait_otr_status(ALICE, state="finished")
        self.finch.say("said in the open")
        wait_until(lambda: self.wire.shows("said in the open"), what="clear text on the wire")

    def test_the_buddys_menu(self):
        self.finch.down()
        self.finch.choose("OTR Guard", "Start private conversation")
        self.finch.wait_text("This conversation is private now")
        self.talk("begun in the buddy list")

    def test_quitting_says_goodbye_and_leaves_nothing_behind(self):
        self.make_private()
        self.talk("nobody finds this on the disk")
        self.finch.keys("M-q")
        self.finch.wait_end()
        self.bob.wait_otr_status(ALICE, state="finished")
        for text in self.said:
            self.assertEqual(self.files_with(text), [])

    # --- verifying ---

    def test_a_question_of_ours_by_command(self):
        self.make_private()
        self.finch.say(f'/otr question "{QUESTION}" "in lisbon"')
        self.bob.wait_system(QUESTION)
        self.bob.otr(ALICE, "answer in lisbon")
        self.finch.wait_text("The answer was right: the code (fingerprint) that Bob uses is "
                             "verified now.")
        self.finch.say("/otr status")
        self.finch.wait_text("verified: yes")

    def test_a_question_of_theirs_by_dialog(self):
        self.make_private()
        self.bob.otr(ALICE, f'question "{QUESTION}" "in lisbon"')
        self.assertNotIn("Bob asks you a question", self.finch.wait_text(QUESTION))
        self.finch.say("/otr verify")
        self.finch.wait_text("Bob asks you a question", f'Asked by Bob: "{QUESTION}"')
        self.finch.type(self.secret("in lisbon"))
        self.finch.press("Answer")
        self.finch.wait_text("Your answer was right: Bob has verified you.")
        self.assertNotIn("Asked by", self.finch.text())
        self.bob.wait_otr_status(ALICE, verified="yes")

    def test_a_question_of_ours_by_dialog(self):
        self.make_private()
        self.choose_verification(2, "They can answer a question")
        self.finch.wait_text("A question for Bob", "Capital letters and spaces count")
        self.finch.type(QUESTION)
        self.finch.keys("Tab")
        self.finch.type("in lisbon")
        self.finch.press("Ask")
        self.bob.wait_system(QUESTION)
        self.bob.otr(ALICE, "answer in lisbon")
        self.finch.wait_text("The answer was right")

    def test_codes_are_compared(self):
        self.make_private()
        codes = self.bob.otr_status(ALICE)
        self.choose_verification(4, "We compare the codes")
        self.finch.wait_text(f"Code of Bob: {codes['my fingerprint']}",
                             f"Your code: {codes['their fingerprint']}")
        self.finch.press("Not now")
        self.finch.wait_gone("Code of Bob")
        self.finch.say("/otr status")
        self.finch.wait_text("state: private", "verified: no")
        self.choose_verification(4, "We compare the codes")
        self.finch.wait_text("Code of Bob")
        self.finch.press("They are the same")
        self.finch.wait_gone("Code of Bob")
        self.bob.send(ALICE, self.secret("after the comparison"))
        self.finch.say("/otr status")
        self.finch.wait_text("verified: yes")

    def choose_verification(self, number, label):
        self.finch.say("/otr verify")
        # Words stay whole.
        self.finch.wait_text("Is it really Bob?", "needed once for each device or program")
        self.finch.down()
        self.finch.wait_text("We both know a secret")
        self.finch.down(number)
        self.finch.keys("Enter")
        self.finch.wait_text("Continue", label)
        self.finch.press("Continue")


if __name__ == "__main__":
    unittest.main()
