# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verifying in the window of the windows program, beside a real Pidgin.

Driven by the names that a screen reader speaks, and by the keyboard.
"""

import os
import pathlib
import re
import signal
import sys
import unittest

from otrtest.headless import plugin_path
from otrtest.waiting import wait_until
from pidgin_user import ALICE, BUDDIES, CAROL, DIALOG, PidginCase, PidginUser

WINDOW = "Verify Bob"
QUESTION = "Where did we <first> meet?"
OTHER_VERSION = pathlib.Path(__file__).with_name("windows_of_another_version.py")
OTHER_CODE = "0123456789abcdef0123456789abcdef01234567"


class Windows(PidginCase):

    windows = True

    def setUp(self):
        super().setUp()
        self.make_private()

    # --- hands and eyes ---

    def open_window(self):
        self.alice.choose("Verify...")
        self.wait_window("Is it really Bob?", "We can talk by phone or meet")

    def wait_window(self, *texts):
        return self.alice.wait_dialog(*texts, window=WINDOW)

    def click(self, button):
        self.alice.screen.click("push button", button, WINDOW)

    def type(self, *texts):
        """Into the fields in turn, and Return."""
        self.alice.desktop.focus(WINDOW)
        for number, text in enumerate(texts):
            self.alice.desktop.keys(*["Tab"] * min(number, 1))
            self.alice.desktop.type(text)
        self.alice.desktop.keys("Return")

    def close_window(self):
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(WINDOW)

    def program(self):
        """Process id of the windows program."""
        desktop = self.alice.desktop
        return int(desktop.xdotool("getwindowpid", desktop.window(WINDOW)))

    def wait_gone(self, process):
        wait_until(lambda: not pathlib.Path(f"/proc/{process}").exists(), interval=0.1,
                   what="the windows program to end")

    # --- the ways to verify ---

    def test_a_question_of_ours(self):
        self.open_window()
        self.alice.picture("window-choose")
        self.click("We share a secret")
        self.wait_window("They can answer a question that nobody else can")
        self.type(QUESTION, self.secret("in lisbon"))
        self.bob.wait_system(QUESTION)
        self.wait_window("Waiting for Bob to answer")
        self.alice.picture("window-waiting")
        self.bob.otr(ALICE, "answer in lisbon")
        self.wait_window("The answer was right")
        self.alice.picture("window-success")
        self.alice.wait_padlock("Private")
        self.close_window()
        self.open_window()
        self.wait_window("So far: verified by a question",
                         "Bob has not told us that they have verified you.")

    def test_a_failed_check_leaves_it_to_the_user_what_becomes_of_an_earlier_one(self):
        self.alice.say(f'/otr question "{QUESTION}" "in lisbon"')
        self.bob.wait_system(QUESTION)
        self.bob.otr(ALICE, "answer in lisbon")
        self.alice.wait_padlock("Private")
        self.open_window()
        self.click("We share a secret")
        self.wait_window("They can answer a question")
        self.type("And who was late?", self.secret("the train"))
        self.bob.wait_system("And who was late?")
        self.bob.otr(ALICE, "answer the bus")
        shown = self.wait_window("not the same", "The earlier verification stays, unless")
        self.assertNotIn("/otr", shown)
        self.alice.picture("window-failed-again")
        self.alice.wait_padlock("Private")
        self.click("Try again")
        since = self.bob.mark()
        self.type("Which was late?", self.secret("the train"))
        self.bob.wait_system("Which was late?", since=since)
        self.wait_window("Waiting for Bob to answer")
        self.bob.otr(ALICE, "abort")
        self.wait_window("was cancelled on their side")
        self.click("Take the verification back")
        self.alice.wait_padlock("Unverified")
        self.wait_window("no longer counts as verified")
        self.close_window()
        self.open_window()
        self.wait_window("So far: not verified")

    def test_a_wrong_answer_to_a_secret(self):
        self.open_window()
        self.click("We share a secret")
        self.alice.screen.click("radio button", "We both know a secret already", WINDOW)
        self.wait_window("Secret")
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.keys("alt+r")
        self.type(self.secret("correct horse"))
        self.bob.wait_system("wants to compare a secret")
        self.bob.otr(ALICE, "answer battery staple")
        self.wait_window("not the same", "Other ways")
        self.alice.picture("window-failure")
        self.alice.wait_padlock("Unverified")

    def test_a_question_of_theirs_and_one_back(self):
        self.bob.otr(ALICE, f'question "{QUESTION}" "{self.secret("in lisbon")}"')
        self.alice.wait_shown(QUESTION)
        self.assertNotIn(WINDOW, self.alice.desktop.windows().values(),
                         "what others send opens no window")
        self.alice.choose("Answer question...")
        self.wait_window(f'Bob asks: "{QUESTION}"')
        self.alice.picture("window-question")
        self.type("in lisbon")
        self.wait_window("Your answer was right", "Now ask them")
        self.assertFalse(self.alice.screen.find("push button", "Refuse question", "Bob"))
        self.bob.wait_otr_status(ALICE, verified="yes")
        self.assertEqual(self.status()["verified"], "no")
        self.click("Now ask them")
        self.type("And who was late?", self.secret("the train"))
        self.bob.wait_system("And who was late?")
        self.bob.otr(ALICE, "answer the train")
        self.wait_window("The answer was right")
        self.alice.wait_padlock("Private")

    def test_their_question_waits_while_ours_is_typed(self):
        self.open_window()
        self.click("We share a secret")
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.type("half a question")
        self.bob.otr(ALICE, f'question "{QUESTION}" "in lisbon"')
        shown = self.wait_window("Bob asks you something.", "half a question")
        self.assertNotIn(QUESTION, shown)
        self.click("Look at it")
        self.wait_window(f'Bob asks: "{QUESTION}"')
        self.click("Refuse")
        self.wait_window("We can talk by phone or meet")
        self.bob.wait_otr_status(ALICE, verification="none")

    def test_a_pin(self):
        self.open_window()
        self.click("We can talk by phone or meet")
        self.wait_window("OTR Guard makes six digits")
        self.click("Make a PIN")
        digits = wait_until(lambda: re.search(r"\b(\d{3}) (\d{3})\b",
                                              self.wait_window("never in this chat")),
                            interval=0.2, what="the PIN")
        self.alice.picture("window-pin")
        pin = "".join(digits.groups())
        self.secret(pin)
        self.bob.wait_otr_status(ALICE, verification="asked")
        self.bob.otr(ALICE, f"answer {pin}")
        shown = self.wait_window("verified now")
        self.assertNotIn(pin[:3] + " " + pin[3:], shown)
        self.alice.wait_padlock("Private")

    def test_codes_are_compared_by_the_machine(self):
        self.open_window()
        self.click("They sent or published a code")
        self.wait_window("The computer compares it")
        self.paste("no code at all")
        self.wait_window("That is not exactly one whole code")
        self.paste(OTHER_CODE)
        used = self.bob.otr_status(ALICE)["my fingerprint"]
        self.wait_window("nothing you type is sent", "The code you gave",
                         "01234567 89ABCDEF 01234567 89ABCDEF 01234567", "The code in use", used)
        self.alice.picture("window-differs")
        self.alice.say(self.secret("not for whoever that is"))
        self.alice.wait_shown("What you type waits")
        self.alice.desktop.focus(WINDOW)
        self.click("Try again")
        self.wait_window("The computer compares it")
        self.paste(f"it is {self.bob.otr_status(ALICE)['my fingerprint']}.")
        self.wait_window("verified now")
        self.alice.wait_padlock("Private")
        self.bob.wait_message("not for whoever that is")

    def paste(self, text):
        self.alice.desktop.focus(WINDOW)
        self.alice.screen.set_text(text, name="Their code", window=WINDOW)
        self.click("Compare")

    def test_codes_are_compared_by_eye_and_taken_back(self):
        self.open_window()
        self.click("Compare the codes ourselves")
        status = self.bob.otr_status(ALICE)
        shown = self.wait_window(status["my fingerprint"], status["their fingerprint"])
        self.alice.picture("window-compare")
        self.click("Read out group by group")
        self.wait_window("Group 1 of 5")
        self.click("Next group")
        self.wait_window("Group 2 of 5")
        self.alice.picture("window-read-out")
        self.assertEqual(len(re.findall(r"(?:\b[a-z]{3,8} ){14}[a-z]{3,8}\b", shown)), 2)
        self.click("They are the same")
        self.alice.wait_padlock("Private")
        self.wait_window("counts as verified from now on")
        self.click("Take the verification back")  # at once
        self.alice.wait_padlock("Unverified")
        self.wait_window("no longer counts as verified", "We can talk by phone or meet")
        self.click("Compare the codes ourselves")
        self.click("They are the same")
        self.alice.wait_padlock("Private")
        self.close_window()
        self.open_window()
        self.click("Take the verification back")  # or later
        self.alice.wait_padlock("Unverified")
        self.click("Compare the codes ourselves")
        self.click("They differ")
        self.wait_window("nothing you type is sent")

    def test_two_otr_guards_show_a_number_too(self):
        self.talk()
        self.open_window()
        self.click("Compare the codes ourselves")
        shown = self.wait_window("Your code")
        numbers = re.findall(r"\b(?:\d{5} ){9}\d{4}\b", shown)
        self.assertEqual(len(numbers), 2, shown)
        self.alice.picture("window-compare-number")
        self.click("Back")
        self.click("They sent or published a code")
        self.wait_window("The computer compares it")
        self.paste(numbers[0])  # Bob reads it out, Alice types it
        self.wait_window("verified now")

    # --- what changes meanwhile ---

    def test_the_window_follows_the_conversation(self):
        self.open_window()
        self.click("We share a secret")
        self.bob.otr(ALICE, "end")
        self.wait_window("Start a private conversation first")
        self.alice.picture("window-start")
        self.click("Start private conversation")
        self.wait_window("We can talk by phone or meet")
        self.alice.wait_padlock("Unverified")

    def test_the_program_dies_and_comes_back(self):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Known codes...")
        self.alice.wait_dialog("1 code", window="Known codes")
        self.open_window()
        first = self.program()
        os.kill(first, signal.SIGKILL)
        self.alice.wait_shown("The window for verifying has ended unexpectedly.")
        self.alice.wait_dialog("The window of known codes has ended unexpectedly.")
        self.alice.press_button("Close")
        self.talk("as if nothing had been")
        self.alice.say("/otr verify")
        self.wait_window("We can talk by phone or meet")
        self.assertNotEqual(self.program(), first)

    def test_the_program_ends_with_pidgin(self):
        self.open_window()
        process = self.program()
        self.alice.kill()
        self.wait_gone(process)

    def test_the_program_ends_with_the_plugin(self):
        self.open_window()
        process = self.program()
        self.alice.quit()
        self.wait_gone(process)

    def test_the_program_has_no_key_and_no_part_of_libotr(self):
        self.open_window()
        maps = pathlib.Path(f"/proc/{self.program()}/maps").read_text()
        self.assertFalse(re.findall(r"/lib(?:otr|purple)[^/]*$", maps, re.MULTILINE))
        opened = [os.readlink(one) for one in
                  pathlib.Path(f"/proc/{self.program()}/fd").iterdir()]
        self.assertFalse([one for one in opened if str(self.alice.folder) in one])


class WithoutAProgram(PidginCase):
    """libpurple's dialogs take the place of a windows program that is of no use."""

    def assert_dialog_instead_of(self, program):
        file = self.alice.folder / "plugins" / "otr-guard-windows"
        file.write_text(f"#!/bin/sh\n{program}\n")
        file.chmod(0o700)
        self.make_private()
        self.alice.choose("Verify...")
        self.alice.wait_dialog("Is it really Bob?")
        self.assertIn(DIALOG, self.alice.desktop.windows().values())

    def test_it_ends_at_once(self):
        self.assert_dialog_instead_of("exit 3")

    def test_it_never_answers(self):
        self.assert_dialog_instead_of("exec cat <&3 >/dev/null")

    def test_it_is_of_another_version(self):
        self.assert_dialog_instead_of(f"exec '{sys.executable}' -B '{OTHER_VERSION}'")

    def test_it_talks_nonsense(self):
        self.assert_dialog_instead_of("echo what do you want >&3; exec cat <&3 >/dev/null")


class SeveralWindows(PidginCase):
    """A window of Pidgin for each conversation; what is said of one is never said of another."""

    windows = True
    preferences = {"/pidgin/conversations/placement": "new"}

    def test_each_shows_its_own_state(self):
        carol = self.start_friend("carol")
        self.make_private()
        self.alice.wait_buddy_online(CAROL)
        self.alice.open_conversation("Carol")
        self.alice.wait_padlock("Not private", "Carol")
        self.alice.wait_padlock("Unverified", "Bob")
        self.assertEqual(self.alice.entries("Carol")[0], "Start private conversation")
        self.assertEqual(self.alice.entries("Bob")[0], "Refresh private conversation")
        self.alice.choose("Start private conversation", window="Carol")
        self.alice.wait_padlock("Unverified", "Carol")
        self.alice.choose("Verify...", window="Bob")
        self.alice.choose("Verify...", window="Carol")
        self.alice.wait_dialog("Is it really Carol?", window="Verify Carol")
        self.wait_window_of_bob("Is it really Bob?", "We share a secret")
        carol.otr(ALICE, "end")
        self.alice.wait_padlock("Finished", "Carol")
        self.alice.wait_dialog("Start a private conversation first", window="Verify Carol")
        self.alice.wait_padlock("Unverified", "Bob")
        self.wait_window_of_bob("We share a secret")
        # The conversation's window is closed, that for verifying stays and knows what happens.
        self.alice.desktop.focus("Bob")
        self.alice.desktop.keys("ctrl+w")
        wait_until(lambda: "Bob" not in self.alice.desktop.windows().values(), interval=0.1,
                   what="the conversation to close")
        self.bob.otr(ALICE, "end")
        self.wait_window_of_bob("Start a private conversation first")

    def wait_window_of_bob(self, *texts):
        return self.alice.wait_dialog(*texts, window=WINDOW)


class TwoPidgins(PidginCase):
    """The whole way, with a window on both sides."""

    windows = True

    def start_friend(self, user, plugins=None):
        friend = self.enterContext(PidginUser(
            self.server, self.server.port, plugin=plugin_path(), windows=True, user=user,
            buddy=ALICE))
        return friend

    def test_from_the_first_click_to_verified(self):
        self.bob.wait_buddy_online()
        self.make_private()
        self.bob.open_conversation("Alice")
        self.bob.wait_padlock("Unverified", "Alice")
        self.alice.choose("Verify...")
        self.alice.screen.click("push button", "We share a secret", WINDOW)
        self.alice.wait_dialog("They can answer a question", window=WINDOW)
        self.type_into(self.alice, WINDOW, "Where did we meet?", self.secret("in lisbon"))
        self.bob.wait_shown("Where did we meet?", "Alice")
        self.bob.choose("Answer question...", window="Alice")
        theirs = "Verify Alice"
        self.bob.wait_dialog('Alice asks: "Where did we meet?"', window=theirs)
        self.type_into(self.bob, theirs, "in lisbon")
        self.alice.wait_dialog("The answer was right", window=WINDOW)
        self.alice.wait_padlock("Private")
        self.bob.wait_dialog("Your answer was right", window=theirs)
        self.bob.wait_padlock("Unverified", "Alice")
        self.bob.screen.click("push button", "Now ask them", theirs)
        self.type_into(self.bob, theirs, "Who was late?", self.secret("the train"))
        self.alice.screen.click("push button", "Look at it", WINDOW)
        self.alice.wait_dialog('Bob asks: "Who was late?"', window=WINDOW)
        self.type_into(self.alice, WINDOW, "the train")
        self.bob.wait_dialog("The answer was right", window=theirs)
        self.bob.wait_padlock("Private", "Alice")
        self.alice.picture("two-alice")
        self.bob.picture("two-bob")

    @staticmethod
    def type_into(user, window, *texts):
        user.desktop.focus(window)
        for number, text in enumerate(texts):
            user.desktop.keys(*["Tab"] * min(number, 1))
            user.desktop.type(text)
        user.desktop.keys("Return")


if __name__ == "__main__":
    unittest.main()
