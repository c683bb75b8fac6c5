# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verifying each other by command, as scripts and people without a window do."""

import re
import unittest

from otrtest.pairs import XmppPair


class Verification(XmppPair):

    def prepare(self):
        super().prepare()
        self.make_private()

    def verified(self, client, name):
        return client.otr_status(name)["verified"]

    def test_a_question_answered_rightly_verifies_the_one_who_was_asked(self):
        since = self.bob.mark()
        self.alice.otr(self.bob_name, 'question "Where did we meet?" "in Lisbon"')
        self.bob.wait_system("Where did we meet?", since=since)
        self.bob.otr(self.alice_name, "answer in Lisbon")
        self.alice.wait_otr_status(self.bob_name, verified="yes")
        self.assertEqual(self.verified(self.bob, self.alice_name), "no")

    def test_a_wrong_answer_verifies_nobody(self):
        since = self.bob.mark()
        self.alice.otr(self.bob_name, 'question "Where did we meet?" "in Lisbon"')
        self.bob.wait_system("Where did we meet?", since=since)
        since = self.alice.mark()
        self.bob.otr(self.alice_name, "answer in Madrid")
        failure = self.alice.wait_system("the two answers are not the same", since=since)
        self.assertIn("is still not verified", failure["text"])
        self.assertEqual(self.verified(self.alice, self.bob_name), "no")
        self.assertEqual(self.verified(self.bob, self.alice_name), "no")

    def test_a_shared_secret_verifies_both(self):
        since = self.bob.mark()
        self.alice.otr(self.bob_name, "secret correct horse")
        self.bob.wait_system("wants to compare a secret", since=since)
        self.bob.otr(self.alice_name, "answer correct horse")
        self.alice.wait_otr_status(self.bob_name, verified="yes")
        self.bob.wait_otr_status(self.alice_name, verified="yes")

    def test_a_pin_is_shown_and_works_once(self):
        since = self.bob.mark()
        lines = self.alice.otr(self.bob_name, "pin")
        pin = re.search(r"\b(\d{3})\W?(\d{3})\b", "\n".join(lines))
        self.assertTrue(pin, lines)
        self.bob.wait_system("PIN", since=since)
        self.bob.otr(self.alice_name, "answer " + pin.group(1) + pin.group(2))
        self.alice.wait_otr_status(self.bob_name, verified="yes")

    def test_a_failed_check_keeps_an_earlier_verification(self):
        self.alice.otr(self.bob_name, "trust")
        since = self.bob.mark()
        self.alice.otr(self.bob_name, 'question "Which colour?" "green"')
        self.bob.wait_system("Which colour?", since=since)
        since = self.alice.mark()
        self.bob.otr(self.alice_name, "answer red")
        failure = self.alice.wait_system("the two answers are not the same", since=since)
        self.assertIn("The earlier verification stays", failure["text"])
        self.assertEqual(self.verified(self.alice, self.bob_name), "yes")

    def test_a_pasted_code_is_compared_by_the_machine(self):
        code = self.bob.otr_status(self.alice_name)["my fingerprint"]
        self.alice.otr(self.bob_name, f"code xmpp:bob@localhost?otr-fingerprint={code.replace(' ', '').lower()}")
        self.assertEqual(self.verified(self.alice, self.bob_name), "yes")

    def test_a_code_that_differs_blocks_sending(self):
        self.alice.otr(self.bob_name, "code " + "ab" * 20)
        since = self.bob.mark()
        self.alice.send(self.bob_name, "must not leave")
        self.assertEqual(self.alice.otr_status(self.bob_name)["queued"], "1")
        self.say(self.bob, self.alice_name, self.alice, "receiving goes on")
        self.assertEqual([text for text in self.bob.received(since) if "must not" in text], [])

    def test_marks_survive_a_restart_in_the_file_that_pidgin_otr_reads(self):
        self.alice.otr(self.bob_name, "trust")
        self.alice.quit()
        text = (self.alice.profile / "otr.fingerprints").read_text()
        self.assertRegex(text, r"^bob@localhost\talice@localhost/\tprpl-jabber\t[0-9a-f]{40}\tverified\n$")
        self.assertEqual((self.alice.profile / "otr.fingerprints").stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
