# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verifying in real Pidgin: its dialogs, answered with the keyboard."""

import unittest

from pidgin_user import ALICE, DIALOG, QUESTION, PidginCase


class Verifying(PidginCase):

    def setUp(self):
        super().setUp()
        self.make_private()

    def test_a_question_of_ours(self):
        self.alice.choose_verification(2)
        self.alice.wait_dialog("A question for Bob", "Capital letters and spaces count")
        self.alice.type_into_dialog(QUESTION, self.secret("in lisbon"))
        self.bob.wait_system(QUESTION)
        self.alice.wait_shown("The question went to Bob.")
        self.bob.otr(ALICE, "answer in lisbon")
        self.alice.wait_shown("The answer was right: the code (fingerprint) that Bob uses is "
                              "verified now.")
        self.alice.wait_padlock("Private")
        self.alice.picture("verified")
        self.assertEqual(self.status()["verified"], "yes")
        self.assertEqual(self.bob.otr_status(ALICE)["verified"], "no")

    def test_a_question_of_theirs(self):
        self.bob.otr(ALICE, f'question "{QUESTION}" "{self.secret("in lisbon")}"')
        self.alice.wait_shown(f'Bob wants to know whether it is really you, and asks: "{QUESTION}"')
        self.assertNotIn(DIALOG, self.alice.desktop.windows().values(),
                         "what others send opens no window")
        self.alice.choose("Answer question...")
        self.alice.wait_dialog("Bob asks you a question", f'Asked by Bob: "{QUESTION}"')
        self.alice.picture("question")
        self.alice.type_into_dialog("in lisbon")
        self.alice.wait_shown("Your answer was right: Bob has verified you.")
        self.bob.wait_otr_status(ALICE, verified="yes")
        self.assertEqual(self.status()["verified"], "no")
        self.alice.wait_no_dialog()

    def test_a_wrong_answer_of_ours(self):
        self.bob.otr(ALICE, f'question "{QUESTION}" "in lisbon"')
        self.alice.wait_shown(QUESTION)
        self.alice.choose("Answer question...")
        self.alice.wait_dialog("Bob asks you a question")
        self.alice.type_into_dialog("in porto")
        self.alice.wait_shown("the two answers are not the same")
        self.bob.wait_system("the two answers are not the same")
        self.assertEqual(self.bob.otr_status(ALICE)["verified"], "no")

    def test_codes_are_compared(self):
        self.alice.choose_verification(4)
        shown = self.alice.wait_dialog("Compare codes (fingerprints) with Bob")
        status = self.bob.otr_status(ALICE)
        self.assertIn(f"Code of Bob: {status['my fingerprint']}", shown)
        self.assertIn(f"Your code: {status['their fingerprint']}", shown)
        self.alice.picture("codes")
        self.alice.press_button("They are the same")
        self.alice.wait_no_dialog()
        self.alice.wait_padlock("Private")
        self.assertEqual(self.status()["verified"], "yes")

    def test_a_dialog_goes_with_what_it_is_about(self):
        self.alice.choose_verification(3)
        self.alice.wait_dialog("A secret that only you and Bob know")
        self.alice.picture("secret")
        self.bob.otr(ALICE, "end")
        self.alice.wait_shown("Bob has ended the private conversation.")
        self.alice.wait_no_dialog()
        self.alice.wait_padlock("Finished")
        self.alice.picture("ended-by-bob")
        self.alice.say(self.secret("typed without noticing"))
        self.alice.wait_shown("What you type waits")
        self.assertEqual(self.status()["queued"], "1")

    def test_escape_changes_nothing(self):
        for number, text in ((2, "A question for Bob"), (4, "Compare codes")):
            self.alice.choose_verification(number)
            self.alice.wait_dialog(text)
            self.alice.desktop.focus(DIALOG)
            self.alice.desktop.keys("Escape")
            self.alice.wait_no_dialog()
        self.assertEqual(self.status()["verified"], "no")
        self.talk("as before")


if __name__ == "__main__":
    unittest.main()
