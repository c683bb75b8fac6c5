# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Command lines that nobody would type, by the thousand: pasted from a hostile page, cut, doubled,
without end. They are answered or refused; nothing of them reaches the other person."""

import random
import unittest

from otrtest import attacks
from otrtest.pairs import XmppPair
from otrtest.waiting import Timeout

MARK = "pasted-lapwing-7718"
OTR = ("start refresh end status myfp theirfp trust untrust question secret answer pin code abort policy "
       "logging expect sessions session queue keys forget help verify").split()
WORDS = ("never manual opportunistic known always verified default off redacted on none release discard tor "
         "proxy socks5 http 127.0.0.1 ::1 9050 0 65536 -1 99999999999999999999 1e9 00000000 1 2 3").split()
GARBAGE = ('"', '""', '"a', 'a"', '\\"', "'", "“", "”", "„x“", "\u202e", "\u2066", "\ufeff", "\x01", "\x7f",
           "%s%n%x", "{}{0}{name}", "<b>", "&lt;", "&#0;", "?OTRv23?", "?OTR:AAMC", " \t  \t\t\t\t \t \t \t ",
           "../../../etc/passwd", "xmpp:a@b?otr-fingerprint=", "0" * 39, "g" * 40, "b0" * 20, "B0 " * 20,
           "abandon " * 15, "é" * 300, "👩‍👩‍👧" * 40)
HUGE = ("x" * 1_000_000, '"' * 200_000, "\\" * 200_001, "a " * 200_000, "0" * 500_000, "<b>" * 100_000)
LINES = 1500


class Commands(XmppPair):

    @staticmethod
    def otr_line(chance):
        words = [chance.choice(OTR) if chance.random() < 0.8 else chance.choice(GARBAGE)]
        for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 9))):
            words.append(chance.choice(chance.choice((WORDS, GARBAGE, OTR, (MARK,)))))
        return words

    @staticmethod
    def guard_line(chance):
        """Words behind "require", so that it does not bind the account: it would go offline, where
        libpurple takes no commands."""
        start = chance.choice(("require tor", "require proxy", "require proxy socks5",
                               "require proxy http", "require", "status", "check", "identity", "hint", ""))
        words = [*start.split(), *(chance.choice(GARBAGE) for _ in range(chance.choice((1, 1, 2, 5))))]
        return words + [chance.choice(WORDS) for _ in range(chance.choice((0, 1, 2)))]

    def run_lines(self, verb, words, huge):
        chance = random.Random(5)
        lines = []
        for _ in range(LINES):
            text = f"/{verb} " + chance.choice((" ", " ", "  ", "\t", "\n")).join(words(chance))
            # libpurple itself answers to what is no command of ours.
            lines.append(text if chance.random() < 0.9
                         else text[:chance.randrange(len(verb) + 2, len(text) + 1)])
        lines = [text for text in lines if text.split() != ["/guard", "require", "tor"]]
        lines += [start + text for text in HUGE for start in huge]
        for number, text in enumerate(lines):
            with self.subTest(number=number, text=text[:200]):
                status, error, _ = self.alice.command(self.bob_name, text)
                self.assertIn(status, ("ok", "failed", "wrong_args"))
                self.assertTrue(status == "ok" or error, "refused without a reason")

    def test_lines_of_words_and_of_nonsense(self):
        self.make_private()
        key = self.alice.otr(self.bob_name, "myfp")
        meter = attacks.Meter(self.alice.process.pid)
        since = self.alice.mark()
        self.run_lines("otr", self.otr_line,
                       ("/otr code ", "/otr question ", "/otr secret ", "/otr expect "))
        self.assert_calm(since, meter)
        self.assertEqual(self.alice.otr(self.bob_name, "myfp"), key)
        self.recover()

    def test_lines_about_the_network(self):
        self.make_private()
        meter = attacks.Meter(self.alice.process.pid)
        since = self.alice.mark()
        self.run_lines("guard", self.guard_line,
                       ("/guard require proxy ", "/guard require ", "/guard "))
        self.assert_calm(since, meter)
        signed_off = [one for one in self.alice.events[since:] if one["event"] == "signed-off"]
        self.assertEqual(signed_off, [])
        self.recover()

    def assert_calm(self, since, meter):
        created = [event for event in self.alice.events[since:]
                   if event["event"] == "conversation_created"]
        self.assertEqual(created, [])
        # A question is asked of bob, inside the encryption; nothing crosses the wire readable.
        self.assert_never_in_clear(MARK)
        if not self.alice.is_sanitized:
            self.assertLess(meter.memory(), 200, "megabytes")

    def start_again(self, attempts=3):
        """Bob's program answers a few queries within ten seconds, and has had hundreds."""
        self.alice.command(self.bob_name, "/otr start")
        try:
            self.wait_private()
        except Timeout:
            if attempts == 1:
                raise
            self.start_again(attempts - 1)

    def recover(self):
        """Whatever was chosen, a person can go back."""
        for words in ("expect none", "policy always", "queue discard"):
            self.alice.command(self.bob_name, f"/otr {words}")
        for line in self.alice.otr(self.bob_name, "keys"):
            self.assertNotIn("\x01", line)
        self.start_again()
        self.alice.otr(self.bob_name, "trust")
        self.say(self.alice, self.bob_name, self.bob, "typed after all that")
        self.assert_never_in_clear("typed after all that")


if __name__ == "__main__":
    unittest.main()
