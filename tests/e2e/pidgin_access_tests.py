# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything by keyboard and with a screen reader: the padlock in Pidgin, and every window."""

import unittest

from otrtest.waiting import wait_until
from pidgin_user import ALICE, BUDDIES, CAROL, PidginCase

VERIFY = "Verify Bob"
KNOWN, OWN, NETWORK = "Known codes (fingerprints)", "My codes (fingerprints)", "Network of accounts"
#: What is named by what stands in it, or belongs to its table.
NAMED_BY_CONTENT = ("label", "table cell", "frame", "dialog", "alert", "scroll pane")


class Access(PidginCase):

    windows = True

    def start_alice(self, **options):
        return super().start_alice(known=[(CAROL, "ab" * 20, "verified")], **options)

    def assert_all_named(self, window):
        """Whatever the keyboard reaches says what it is."""
        nameless = [(one["role"], one["text"]) for one in self.alice.screen.tree(window)
                    if "focusable" in one["states"] and not one["name"].strip()
                    and not one["label"].strip() and one["role"] not in NAMED_BY_CONTENT]
        self.assertEqual(nameless, [], f"in {window}")

    def assert_escape_closes(self, window):
        self.alice.desktop.focus(window)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(window)

    def focused(self, window):
        return next((one for one in self.alice.screen.tree(window)
                     if "focused" in one["states"]), None)

    def click(self, button, window):
        self.alice.screen.click("push button", button, window)

    # --- in Pidgin ---

    def test_the_padlock_is_reached_and_opened_by_keyboard(self):
        self.make_private()
        desktop = self.alice.desktop
        desktop.focus("Bob")
        padlock = self.alice.screen.find("push button", "OTR: Unverified", "Bob")
        self.assertIn("could be somebody in between", padlock["description"])
        self.assertIn("Shift+Ctrl+L", padlock["description"])
        before = len(desktop.windows())
        desktop.keys("ctrl+shift+l")
        wait_until(lambda: len(desktop.windows()) > before, what="the padlock's menu", interval=0.1)
        desktop.keys("Down", "Down", "Return")  # the third: Verify...
        self.alice.wait_dialog("Is it really Bob?", window=VERIFY)

    def test_the_menu_stays_as_it_is_while_somebody_moves_through_it(self):
        self.make_private()
        desktop = self.alice.desktop
        desktop.focus("Bob")
        desktop.keys("alt+r", "Down", "Down")  # the third: Verify...
        self.bob.send(ALICE, self.secret("a message meanwhile"))
        self.alice.wait_shown("a message meanwhile")
        desktop.keys("Return")
        self.alice.wait_dialog("Is it really Bob?", window=VERIFY)

    def test_a_question_is_announced_in_a_bar_that_leaves_the_keyboard_alone(self):
        self.make_private()
        self.alice.desktop.focus("Bob")
        self.alice.desktop.type("half a sen")
        self.bob.otr(ALICE, 'question "Where was it?" "in lisbon"')
        self.alice.screen.wait("push button", "Refuse question", "Bob")
        self.alice.picture("question-bar")
        self.alice.desktop.type("tence")
        self.alice.desktop.keys("Return")
        self.bob.wait_message(self.secret("half a sentence"))
        self.click("Answer question...", "Bob")
        self.alice.wait_dialog('Bob asks: "Where was it?"', window=VERIFY)
        self.alice.desktop.focus(VERIFY)
        self.alice.desktop.type("in lisbon")
        self.alice.desktop.keys("Return")
        self.alice.wait_dialog("Your answer was right", window=VERIFY)
        wait_until(lambda: not self.alice.screen.find("push button", "Refuse question", "Bob"),
                   what="the bar to go")

    # --- the windows ---

    def test_the_verification_window(self):
        self.make_private()
        self.alice.choose("Verify...")
        self.alice.wait_dialog("We share a secret", window=VERIFY)
        self.assert_all_named(VERIFY)
        parent = self.alice.desktop.output("xprop", "-id", self.alice.desktop.window(VERIFY),
                                           "WM_TRANSIENT_FOR")
        self.assertEqual(int(parent.split("#")[1], 16), int(self.alice.desktop.window("Bob")))
        for button, words in (("We can talk by phone or meet", "Make a PIN"),
                              ("They sent or published a code", "The computer compares it"),
                              ("We share a secret", "They can answer a question"),
                              ("Compare the codes ourselves", "Copy your code")):
            self.click(button, VERIFY)
            self.alice.wait_dialog(words, window=VERIFY)
            self.assert_all_named(VERIFY)
            self.click("Back", VERIFY)
            self.alice.wait_dialog("We share a secret", window=VERIFY)
        self.assertEqual(self.focused(VERIFY)["name"], "We can talk by phone or meet")
        self.assert_escape_closes(VERIFY)

    def test_the_other_windows(self):
        for entry, window, words in (("Known codes...", KNOWN, "Carol"),
                                     ("My codes...", OWN, "Has a key"),
                                     ("Network of accounts...", NETWORK,
                                      "What gives this account away"),
                                     ("Import from another program...",
                                      "Import from another program", "File or folder"),
                                     ("Files...", "Files", "There are no files")):
            self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", entry)
            self.alice.wait_dialog(words, window=window)
            self.assert_all_named(window)
            if window == OWN:
                self.click("Export…", OWN)
                self.alice.wait_dialog("at least five words", window="Export a key")
                self.assert_all_named("Export a key")
                self.assert_escape_closes("Export a key")
            self.assert_escape_closes(window)

    def test_escape_closes_the_known_codes_from_the_table_too(self):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Known codes...")
        self.alice.wait_dialog("1 code", window=KNOWN)
        self.alice.screen.set_text("carol", "text", "Search", KNOWN)
        self.alice.desktop.focus(KNOWN)
        self.alice.desktop.press("table cell", "Carol", KNOWN)
        self.assert_escape_closes(KNOWN)


if __name__ == "__main__":
    unittest.main(verbosity=2)
