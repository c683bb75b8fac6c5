# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real Pidgin in a window, as a user has it: menus, keyboard, dialogs, tabs."""

import unittest

from otrtest.waiting import wait_until
from pidgin_user import ALICE, BUDDIES, CAROL, MENU_OF_PIDGIN, QUESTION, PidginCase


class Talking(PidginCase):

    def test_started_from_the_menu_and_ended_from_it(self):
        self.alice.open_conversation()
        self.assertEqual(self.alice.entries()[:3], ["Start private conversation",
                                                    "When it is private", "Settings..."])
        self.alice.wait_padlock("Not private")
        self.alice.choose("Start private conversation")
        self.alice.wait_shown("This conversation is private now, but not verified")
        self.alice.wait_padlock("Unverified")
        self.bob.wait_otr_status(ALICE, state="private")
        self.talk()
        self.alice.picture("private")
        self.assertEqual(self.alice.entries()[:4], ["Refresh private conversation",
                                                    "End private conversation", "Verify...",
                                                    "Send file..."])
        self.assertIn("OnionShare", self.alice.entries())
        self.assert_no_line_twice()
        self.end_from_the_menu()

    def assert_no_line_twice(self):
        shown = self.alice.conversation_text()
        for line in ("was asked for a private conversation", "This conversation is private now"):
            self.assertEqual(shown.count(line), 1, shown)
        self.assertNotIn("?OTR", shown)

    def end_from_the_menu(self):
        self.alice.choose("End private conversation")
        self.alice.wait_shown("was ended on your side")
        self.alice.wait_padlock("Not private")
        self.bob.wait_otr_status(ALICE, state="finished")
        self.alice.say("said in the open")
        wait_until(lambda: self.wire.shows("said in the open"), what="clear text on the wire")
        self.bob.wait_message("said in the open")
        self.assertEqual(self.alice.conversation_text().count("was ended on your side"), 1)
        self.alice.picture("ended")

    def test_started_by_command_and_ended_with_the_keyboard(self):
        self.alice.open_conversation()
        self.alice.say("/otr start")
        self.alice.wait_shown("This conversation is private now")
        self.talk("typed after a command")
        self.assertNotIn("/otr start", self.alice.conversation_text().replace("again: /otr", ""))
        self.alice.choose_by_keyboard("End private conversation")
        self.alice.wait_shown("was ended on your side")
        self.bob.wait_otr_status(ALICE, state="finished")

    def test_started_where_every_client_has_its_menu(self):
        self.alice.open_conversation()
        self.alice.choose("Start private conversation", menu=MENU_OF_PIDGIN)
        self.alice.wait_shown("This conversation is private now")
        self.assertIn("Verify...", self.alice.entries(menu=MENU_OF_PIDGIN))
        self.talk("begun in another menu")

    def test_started_from_the_buddy_list(self):
        desktop = self.alice.desktop
        desktop.focus(BUDDIES)
        desktop.choose_from_popup(("table cell", "Bob", BUDDIES), "OTR Guard",
                                  "Start private conversation")
        desktop.window("Bob")
        self.alice.wait_shown("This conversation is private now")
        self.talk("begun in the buddy list")

    def test_several_tabs(self):
        carol = self.start_friend("carol", plugins=[])
        self.make_private()
        self.alice.wait_buddy_online(CAROL)
        self.alice.open_conversation("Carol")
        self.alice.say("hello in the open", "Carol")
        carol.wait_message("hello in the open")
        self.assertEqual(self.alice.entries("Carol")[0], "Start private conversation")
        self.assertNotIn("private now", self.alice.conversation_text("Carol"))
        self.alice.picture("tabs")
        self.alice.desktop.keys("ctrl+Page_Up")
        self.alice.desktop.window("Bob")
        self.assertEqual(self.alice.entries()[0], "Refresh private conversation")
        self.talk("in the other tab")
        self.assertFalse(carol.received()[1:])
        self.assertTrue(self.wire.shows("hello in the open"))

    def test_a_closed_window_changes_nothing(self):
        self.make_private()
        self.alice.choose_verification(2)
        self.alice.wait_dialog("A question for Bob")
        self.alice.desktop.focus("Bob")
        self.alice.desktop.keys("ctrl+w")
        self.alice.wait_no_dialog("Bob")
        self.alice.type_into_dialog(QUESTION, "in lisbon")
        self.bob.wait_system(QUESTION)
        self.bob.otr(ALICE, "answer in lisbon")
        self.bob.wait_system("has verified you")
        self.bob.send(ALICE, self.secret("written after the window was closed"))
        self.alice.wait_shown("written after the window was closed")
        self.assertEqual(self.status()["verified"], "yes")


class Leaving(PidginCase):

    preferences = {"/purple/logging/log_ims": True, "/purple/logging/format": "txt"}

    def test_quitting_says_goodbye_and_leaves_nothing_behind(self):
        self.alice.open_conversation()
        self.alice.say("/otr policy manual")
        self.alice.say("written before")
        self.bob.wait_message("written before")
        self.alice.choose("Start private conversation")
        self.alice.wait_shown("This conversation is private now")
        self.talk("nobody finds this on the disk")
        self.bob.otr(ALICE, f'question "{QUESTION}" "in lisbon"')
        self.alice.wait_shown(QUESTION)
        self.alice.choose("Answer question...")
        self.alice.wait_dialog(QUESTION)
        self.alice.desktop.focus(BUDDIES)
        self.alice.desktop.keys("ctrl+q")
        self.assertEqual(self.alice.wait_end(), 0)
        self.bob.wait_otr_status(ALICE, state="finished")
        self.assertTrue(self.files_with("written before"))
        for text in self.said + [QUESTION, "in lisbon"]:
            self.assertEqual(self.files_with(text), [])
            self.assertNotIn(text, self.alice.debug_log())

    def files_with(self, text):
        return [str(path) for path in self.alice.folder.rglob("*")
                if path.is_file() and text.encode() in path.read_bytes()]


if __name__ == "__main__":
    unittest.main()
