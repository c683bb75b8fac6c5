# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Strangers, and a server that speaks in their name, as fast as they can and at any size.

What it may cost is written here: seconds of processor time and megabytes, as measured on one core
of an EPYC server, times three or more."""

import collections
import contextlib
import pathlib
import tempfile
import unittest

from otrtest import attacks
from otrtest.headless import HeadlessClient, plugin_path
from otrtest.keys import put_key
from otrtest.servers import Prosody
from otrtest.waiting import wait_until
from otrtest.wire import TO_CLIENT, TO_SERVER, xmpp_wire

ALICE = "alice@localhost"
BOB = "bob@localhost/x"
EVE = "eve@strangers.test/x"


class Flood(unittest.TestCase):
    """alice alone at a server that says whatever we like."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Prosody({"alice": "a", "bob": "b"}))

    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.answers = []
        self.markers = 0
        wire = stack.enter_context(xmpp_wire(self.server, self.keep_answers))
        profile = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        put_key(profile, f"{ALICE}/")
        self.wire = wire
        self.alice = stack.enter_context(HeadlessClient(profile=profile, name="alice",
                                                        plugins=[plugin_path()]))
        self.alice.connect_xmpp(self.server, "alice", port=wire.port)
        self.arrive([])
        self.since = self.alice.mark()
        self.meter = attacks.Meter(self.alice.process.pid)

    def keep_answers(self, unit):
        """Nobody is there to read them."""
        if unit.direction != TO_SERVER or not unit.data.startswith(b"<message"):
            return None
        self.answers.append(attacks.body_of(unit.data))
        return b""

    def arrive(self, stanzas):
        """All of them have been dealt with when this returns."""
        self.markers += 1
        since = self.alice.mark()
        for start in range(0, len(stanzas), 100):
            self.wire.inject(TO_CLIENT, b"".join(stanzas[start:start + 100]))
        self.wire.inject(TO_CLIENT, attacks.stanza(BOB, ALICE, f"marker {self.markers}"))
        self.alice.wait_message(f"marker {self.markers}", since=since, timeout=90)

    def count_answers(self):
        """What alice's program wrote, all that it wrote until now."""
        self.alice.raw_serv_send_im("nobody@strangers.test", "the last one")
        wait_until(lambda: any(answer.startswith("the last one") for answer in self.answers),
                   what="the last answer")
        return len(self.answers) - 1

    @staticmethod
    def from_strangers(count, text):
        """One message of each; `text` makes it out of a number."""
        return [attacks.stanza(f"s{number}@strangers.test/x", ALICE, text(number))
                for number in range(count)]

    def own_tag(self):
        """What anybody gets to know who asks for a private conversation."""
        self.arrive([attacks.stanza("asker@strangers.test/x", ALICE, "?OTRv3?")])
        return attacks.instance_tags(wait_until(lambda: self.answers, what="an answer")[0])[0]

    def assert_cost(self, cpu, memory):
        if self.alice.is_sanitized:
            return
        self.assertLess(self.meter.cpu(), cpu, "seconds of processor time")
        self.assertLess(self.meter.memory(), memory, "megabytes")

    def assert_nothing_seen(self):
        """No window, no dialog, no line: only the marks between."""
        for event in self.alice.events[self.since:]:
            self.assertNotIn(event["event"], ("conversation_created", "request", "notify"), event)
            if event["event"] == "message":
                self.assertRegex(event["text"], "^marker ")

    # --- how much, how fast ---

    def test_a_thousand_queries_a_second_of_one_sender(self):
        for sender in (EVE, BOB):
            self.arrive([attacks.stanza(sender, ALICE, "?OTRv23?")] * 3000)
        self.assertLessEqual(self.count_answers(), 12)
        self.assert_cost(cpu=1, memory=8)
        self.assert_nothing_seen()

    def test_ten_thousand_senders_of_everything(self):
        tag = self.own_tag()
        everything = {
            "query": lambda _: "?OTRv23?",
            "exchange": lambda number: attacks.d_h_commit(0x1000 + number),
            "answer": lambda number: attacks.d_h_key(0x1000 + number, tag),
            "data": lambda number: attacks.data_message(0x1000 + number, tag),
            "error": lambda _: "?OTR Error: you did something wrong",
            "fragment": lambda number: attacks.fragment(0x1000 + number, tag, 1, 3, "x" * 100),
            "nothing": lambda _: "?OTR:AAMD.",
        }
        for kind, text in everything.items():
            with self.subTest(kind):
                self.arrive(self.from_strangers(10_000, text))
        # Sixty exchanges in ten seconds, ten complaints a minute.
        self.assertLessEqual(self.count_answers(), 400)
        self.assert_cost(cpu=12, memory=16)
        self.assert_nothing_seen()

    def test_five_thousand_instance_tags_of_one_sender(self):
        tag = self.own_tag()
        for text in (attacks.d_h_commit, lambda sender: attacks.d_h_key(sender, tag),
                     lambda sender: attacks.data_message(sender, tag),
                     lambda sender: attacks.fragment(sender, tag, 1, 3, "x" * 100)):
            self.arrive([attacks.stanza(BOB, ALICE, text(0x1000 + number))
                         for number in range(5000)])
        self.assertLessEqual(self.count_answers(), 80)
        self.assert_cost(cpu=4, memory=8)
        windows = [event for event in self.alice.events[self.since:]
                   if event["event"] in ("conversation_created", "request", "notify")]
        self.assertEqual(windows, [])
        self.assertLessEqual(len(self.alice.messages("system", self.since)), 1)

    def test_fragments_that_never_become_a_message(self):
        piece = "x" * 200_000
        self.arrive([attacks.stanza(f"s{sender}@strangers.test/x", ALICE,
                                    attacks.fragment(0x1000 + tag, 0, number, 65535, piece))
                     for sender in range(30) for tag in range(4) for number in range(1, 6)])
        # 120 MB came; 64 unfinished messages of one megabyte at the most are kept.
        self.assert_cost(cpu=12, memory=80)
        self.assert_nothing_seen()

    def test_messages_of_a_megabyte(self):
        size = 1 << 20
        for name, text in {
                "data": attacks.data_message(0x1000, 0, size * 3 // 4),
                "no end": "?OTR:" + "A" * size,
                "beginnings": "?OTR" * (size // 4),
                "messages": "?OTR:AAMD." * (size // 10),
                "fragments": "?OTR|1|2," * (size // 9),
                "digits": "?OTR|" + "0" * size,
                "versions": "?OTRv" + "2" * size,
                "error": "?OTR Error: " + "<b>x" * (size // 4),
                "error of brackets": "?OTR Error: " + "<" * size,
                "error of marks": "?OTR Error: " + "&" * size,
        }.items():
            meter = attacks.Meter(self.alice.process.pid)
            self.arrive([attacks.stanza(EVE, ALICE, text)])
            if not self.alice.is_sanitized:
                self.assertLess(meter.cpu(), 4, name)
        self.assertLess(self.meter.peak(), 400)
        self.assert_nothing_seen()

    def test_white_space_without_end_is_a_message_in_clear(self):
        size = 1 << 20
        for text in (attacks.WHITESPACE_TAG * (size // 32), attacks.TAG_BASE + " " * size,
                     "\t " * (size // 2)):
            self.arrive([attacks.stanza(EVE, ALICE, "words" + text)])
        self.assert_cost(cpu=6, memory=200)
        created = [event for event in self.alice.events[self.since:]
                   if event["event"] == "conversation_created"]
        self.assertLessEqual(len(created), 1)
        self.assertLessEqual(self.count_answers(), 3)
        lines = collections.Counter(line["text"] for line in
                                    self.alice.messages("system", self.since))
        self.assertEqual(lines, {})


if __name__ == "__main__":
    unittest.main()
