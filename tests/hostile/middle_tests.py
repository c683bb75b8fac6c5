# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""One conversation (key exchange, text, a verification, text) of two real clients, told once for
every message in it and for what a server can do to that message. All of them run at the same time:
alice has an account for each. The core's test (man_in_the_middle) has every deed for every message.
"""

import collections
import contextlib
import dataclasses
import pathlib
import re
import tempfile
import time
import unittest

from otrtest import attacks
from otrtest.headless import HeadlessClient, plugin_path
from otrtest.keys import put_key
from otrtest.servers import Prosody
from otrtest.waiting import patience
from otrtest.wire import TO_CLIENT, TO_SERVER, xmpp_wire

#: Query, four of the exchange, three texts, five of the verification, two texts.
MESSAGES = 15
#: So many strangers' key exchanges are answered in ten seconds by one client.
CONVERSATIONS_OF_A_BOB = 45

CASES = [(deed, victim) for deed in ("drop", "duplicate", "cut", "overtake")
         for victim in range(MESSAGES)] + \
        [("replay", victim) for victim in (0, 1, 2, 3, 4, 5, 8)] + \
        [("error", victim) for victim in (1, 3, 5, 10)] + \
        [("query", victim) for victim in (3, 5, 10)] + \
        [("answer", victim) for victim in (3, 4, 5, 10)]


@dataclasses.dataclass
class Conversation:
    """One case, and what the server still has of it."""
    number: int
    deed: str
    victim: int
    bob: HeadlessClient
    seen: int = 0
    is_over: bool = False
    has_dropped_data: bool = False
    kept: list = dataclasses.field(default_factory=list)
    typed: list = dataclasses.field(default_factory=list)

    @property
    def name(self):
        return f"message {self.victim}: {self.deed}"

    @property
    def alice_name(self):
        return f"alice{self.number}@localhost"

    @property
    def bob_name(self):
        return f"bob{self.number}@localhost"

    def meddle(self, unit):
        """What the wire passes on instead of this message."""
        if self.is_over:
            return None
        if self.kept and self.deed == "overtake" and self.kept[0].direction == unit.direction:
            return unit.data + self.kept.pop().data
        self.seen += 1
        return self.do(unit) if self.seen - 1 == self.victim else None

    def do(self, unit):
        text = attacks.body_of(unit.data)
        kind = attacks.kind_of(text)
        if self.deed == "drop":
            self.has_dropped_data = kind == attacks.DATA
            return b""
        if self.deed == "duplicate":
            return unit.data + unit.data
        if self.deed == "cut":
            return attacks.with_body(unit.data, text[:len(text) // 2])
        if self.deed in ("overtake", "replay"):
            self.kept.append(unit)
            return b"" if self.deed == "overtake" else None
        forged = {"error": "?OTR Error: forged", "query": "?OTRv23?"}.get(self.deed)
        if self.deed == "answer" and kind not in (None, attacks.D_H_COMMIT):
            forged = attacks.d_h_key(*attacks.instance_tags(text))
        return attacks.with_body(unit.data, forged) + unit.data if forged else None


class Middle(unittest.TestCase):

    def setUp(self):
        self._stack = contextlib.ExitStack()
        self.addCleanup(self._stack.close)
        users = {f"{who}{number}": "x" for number in range(len(CASES)) for who in ("alice", "bob")}
        self.server = self._stack.enter_context(Prosody(users, roster=False))
        self.wire = self._stack.enter_context(xmpp_wire(self.server, self.meddle))
        self.alice = self.start("alice", range(len(CASES)), self.wire.port)
        self.conversations = []
        for first in range(0, len(CASES), CONVERSATIONS_OF_A_BOB):
            numbers = range(first, min(first + CONVERSATIONS_OF_A_BOB, len(CASES)))
            bob = self.start("bob", numbers, self.server.port)
            self.conversations += [Conversation(number, *CASES[number], bob) for number in numbers]
        self.alice_since = self.alice.mark()

    def start(self, who, numbers, port):
        """A client with one account for each number, all of them signed on."""
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="otrtest-middle-"))
        names = [f"{who}{number}@localhost/" for number in numbers]
        put_key(pathlib.Path(folder), *names, number=0 if who == "alice" else 1)
        client = self._stack.enter_context(HeadlessClient(profile=folder, name=who,
                                                          plugins=[plugin_path()]))
        since = client.mark()
        for number in numbers:
            account = client.add_xmpp_account(self.server, f"{who}{number}", port=port)
            client.call("connect", account=account)
        for name in names:
            client.wait_for({"event": "signed-on", "account": name}, since=since, timeout=60)
        return client

    def meddle(self, unit):
        text = attacks.body_of(unit.data)
        if text is None or "?OTR" not in text:
            return None
        number = re.search(rb"""\b(?:to|from)=['"]bob(\d+)@""", unit.data)
        return self.conversations[int(number[1])].meddle(unit) if number else None

    # --- what the two of a conversation do ---

    def as_alice(self, talk, words):
        return self.alice.otr(talk.bob_name, words, account=f"{talk.alice_name}/")

    def as_bob(self, talk, words):
        return talk.bob.otr(talk.alice_name, words, account=f"{talk.bob_name}/")

    def say(self, talk, who):
        text = f"typed-{talk.number}-{len(talk.typed)}."
        talk.typed.append(text)
        if who == "alice":
            self.alice.send(talk.bob_name, text, account=f"{talk.alice_name}/")
        else:
            talk.bob.send(talk.alice_name, text, account=f"{talk.bob_name}/")

    # --- what they see ---

    def is_private(self, talk):
        return all("state: private" in lines for lines in (self.as_alice(talk, "status"),
                                                           self.as_bob(talk, "status")))

    def lines(self, talk, flag, since=0):
        """Of both, each with who saw it."""
        return [("alice", event["text"]) for event in
                self.alice.messages(flag, since, account=f"{talk.alice_name}/")] + \
               [("bob", event["text"]) for event in
                talk.bob.messages(flag, since, account=f"{talk.bob_name}/")]

    def times_read(self, talk, text):
        return sum(text in line for _, line in self.lines(talk, "recv"))

    def has_read_all(self, talk):
        return all(self.times_read(talk, text) for text in talk.typed)

    def was_told(self, talk, words):
        return any(words in line for _, line in self.lines(talk, "system"))

    def settle(self, condition, seconds):
        """Until it is true of all conversations; a deed may well keep it from some."""
        deadline = time.monotonic() + seconds * patience()
        left = self.conversations
        while left and time.monotonic() < deadline:
            left = [talk for talk in left if not condition(talk)]
            time.sleep(0.2)
        return [talk.name for talk in left]

    # --- the conversation ---

    def talk_about(self):
        for talk in self.conversations:
            self.as_alice(talk, "policy always")
            self.as_bob(talk, "policy always")
            self.as_alice(talk, "start")
        self.settle(self.is_private, 10)
        for talk in self.conversations:
            for who in ("alice", "bob", "alice"):
                self.say(talk, who)
        self.settle(self.has_read_all, 10)
        for talk in self.conversations:
            self.as_alice(talk, 'question "where?" "here"')
        self.settle(lambda talk: self.was_told(talk, "where?"), 3)
        for talk in self.conversations:
            self.as_bob(talk, "answer here")
        self.settle(lambda talk: self.was_told(talk, "is verified now"), 3)
        for talk in self.conversations:
            self.say(talk, "alice")
            self.say(talk, "bob")
        self.settle(self.has_read_all, 10)

    def end_the_meddling(self):
        for talk in self.conversations:
            talk.is_over = True
            for unit in talk.kept:
                self.wire.inject(unit.direction, unit.data, unit.connection)

    def talk_again(self):
        for talk in self.conversations:
            self.as_alice(talk, "start")
        self.settle(self.is_private, 12)
        for talk in self.conversations:
            self.say(talk, "alice")
            self.say(talk, "bob")
        return self.settle(lambda talk: all(self.times_read(talk, text)
                                            for text in talk.typed[-2:]), 12)

    def test_what_a_server_can_do_to_one_message(self):
        self.talk_about()
        self.end_the_meddling()
        for talk in self.conversations:
            with self.subTest(talk.name):
                self.check_lines(talk)
                self.check_losses(talk)
        with self.subTest("well again"):
            self.assertEqual(self.talk_again(), [])
        self.check_the_wire()
        self.check_windows()

    def clients(self):
        return [self.alice, *{id(talk.bob): talk.bob for talk in self.conversations}.values()]

    def check_lines(self, talk):
        told = collections.Counter(line for line in self.lines(talk, "system")
                                   if not line[1].startswith("state: "))  # what we asked for
        self.assertEqual({line: count for line, count in told.items() if count > 1}, {})

    def check_losses(self, talk):
        for text in talk.typed:
            self.assertLessEqual(self.times_read(talk, text), 1, text)
        waiting = self.as_alice(talk, "queue") + self.as_bob(talk, "queue")
        lost = [text for text in talk.typed if not self.times_read(talk, text)
                and not any(text in line for line in waiting)]
        if talk.has_dropped_data:
            self.assertLessEqual(len(lost), 1, lost)
        elif lost:
            self.assertTrue(self.was_told(talk, "could not be read"), lost)

    def check_the_wire(self):
        for stream in self.wire.streams():
            self.assertNotIn(b"typed-", stream)

    def check_windows(self):
        for client in self.clients():
            created = collections.Counter(
                (event["account"], event["conversation"].split("/")[0]) for event in client.events
                if event["event"] == "conversation_created")
            self.assertEqual([key for key, count in created.items() if count > 1], [])
            self.assertEqual([event for event in client.events if event["event"] == "notify"], [])


if __name__ == "__main__":
    unittest.main()
