# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostility inside a private conversation: from the server under it, and from the other person."""

import collections
import re
import struct
import unittest

from otrtest import attacks
from otrtest.links import XmppLink
from otrtest.pairs import XmppPair
from otrtest.peers.libotr_peer import LibotrPeer
from otrtest.waiting import wait_until
from otrtest.wire import TO_CLIENT, TO_SERVER

ALLOWED_TAG = re.compile(r'(</?(b|i|u|s)>|<br>|<font color="[^"<>]*">|</font>'
                         r'|<a href="(https?|ftp|mailto|xmpp):[^"<>]*">|</a>)\Z')


class Hostile(XmppPair):
    """What holds whatever happened."""

    def begin(self, *clients):
        self.marks = {client: client.mark() for client in clients}
        self.meters = {client: attacks.Meter(client.process.pid) for client in clients}

    def assert_calm(self, cpu, memory):
        """One line of a kind at the most, no window, no dialog, and no more than this is used."""
        for client, since in self.marks.items():
            told = collections.Counter(line["text"] for line in client.messages("system", since)
                                       if not line["text"].startswith("state: "))
            # That an interruption is over is told with it, however often it was told by itself.
            for over in [line for line in told if "goes on with fresh keys" in line]:
                told[over] -= any("was interrupted" in line for line in told)
            self.assertEqual({line: count for line, count in told.items() if count > 1}, {})
            opened = [event for event in client.events[since:]
                      if event["event"] in ("conversation_created", "request", "notify")]
            self.assertEqual(opened, [])
            if not client.is_sanitized:
                self.assertLess(self.meters[client].cpu(), cpu, "seconds of processor time")
                self.assertLess(self.meters[client].memory(), memory, "megabytes")

    def assert_both_can_talk(self, what):
        """Private, and every text once."""
        for sender, to, receiver, text in (
                (self.alice, self.bob_name, self.bob, f"typed by alice {what}"),
                (self.bob, self.alice_name, self.alice, f"typed by bob {what}")):
            since = receiver.mark()
            sender.send(to, text)
            receiver.wait_message(text, since=since, timeout=100)
            self.assertEqual(sum(text in one for one in receiver.received(since)), 1)
        self.assert_never_in_clear("typed by")


class UnderFire(Hostile):
    """alice and bob are private, and the server says what it likes in the name of each."""

    def setUp(self):
        super().setUp()
        self.make_private()
        self.say(self.alice, self.bob_name, self.bob, "typed by alice at first")
        self.say(self.bob, self.alice_name, self.alice, "typed by bob at first")
        message = next(body for body in self.wires["alice"].bodies(TO_SERVER)
                       if attacks.kind_of(body) == attacks.DATA)
        self.tag_of_alice, self.tag_of_bob = attacks.instance_tags(message)
        self.begin(self.alice, self.bob)

    def inject(self, text_for_alice, text_for_bob, count=1):
        for wire, sender, receiver, text in (
                (self.wires["alice"], self.bob_name, self.alice_name, text_for_alice),
                (self.wires["bob"], self.alice_name, self.bob_name, text_for_bob)):
            wire.inject(TO_CLIENT, attacks.stanza(sender, receiver, text) * count)

    def words_in_otr(self):
        """Messages of OTR that alice's program wrote so far, but for texts."""
        return [body for body in self.wires["alice"].bodies(TO_SERVER)
                if "?OTR" in body and attacks.kind_of(body) != attacks.DATA]

    def test_a_thousand_queries(self):
        self.wires["alice"].inject(
            TO_CLIENT, attacks.stanza(self.bob_name, self.alice_name, "?OTRv23?") * 1000)
        self.assert_both_can_talk("after queries")
        self.assertLessEqual(len(self.words_in_otr()), 60)
        self.assert_calm(cpu=5, memory=16)

    def test_a_thousand_errors(self):
        self.inject("?OTR Error: no", "?OTR Error: no", 1000)
        self.assert_both_can_talk("after errors")
        self.assertLessEqual(len(self.words_in_otr()), 30)
        self.assert_calm(cpu=5, memory=16)

    def test_a_thousand_beginnings_of_an_exchange(self):
        for number in range(100):
            self.inject(attacks.d_h_commit(0x2000 + number), attacks.d_h_commit(0x2000 + number), 5)
            self.inject(attacks.d_h_commit(self.tag_of_bob, self.tag_of_alice),
                        attacks.d_h_commit(self.tag_of_alice, self.tag_of_bob), 5)
        self.assert_both_can_talk("after beginnings")
        self.assert_calm(cpu=5, memory=16)

    def test_the_silent_downgrade_again_and_again(self):
        for _ in range(20):
            self.inject("?OTRv3?", "?OTRv3?")
            self.inject(attacks.d_h_key(self.tag_of_bob, self.tag_of_alice),
                        attacks.d_h_key(self.tag_of_alice, self.tag_of_bob))
        self.alice.send(self.bob_name, "typed by alice in the middle of it")
        self.bob.send(self.alice_name, "typed by bob in the middle of it")
        self.bob.wait_message("typed by alice in the middle", timeout=60)
        self.alice.wait_message("typed by bob in the middle", timeout=60)
        self.assert_both_can_talk("after downgrades")
        self.assert_calm(cpu=5, memory=16)

    def test_data_of_nobody_and_tags_of_anybody(self):
        for number in range(200):
            to_alice, to_bob = ((self.tag_of_bob, self.tag_of_alice),
                                (self.tag_of_alice, self.tag_of_bob))
            if number % 2:
                to_alice, to_bob = (0x3000 + number, to_alice[1]), (0x3000 + number, to_bob[1])
            self.inject(attacks.data_message(*to_alice), attacks.data_message(*to_bob), 5)
        self.assert_both_can_talk("after garbage")
        self.assertLessEqual(len(self.words_in_otr()), 30)
        self.assert_calm(cpu=5, memory=16)

    def test_an_error_for_every_error(self):
        """Each of them hears an error whenever it says one, or anything else."""
        def mirror(sender, receiver):
            def answer(unit):
                text = attacks.body_of(unit.data)
                if unit.direction == TO_SERVER and text and "?OTR" in text:
                    wire = self.wires[receiver.partition("@")[0]]
                    wire.inject(TO_CLIENT, attacks.stanza(sender, receiver, "?OTR Error: no"))
            return answer
        self.wires["alice"].filter = mirror(self.bob_name, self.alice_name)
        self.wires["bob"].filter = mirror(self.alice_name, self.bob_name)
        self.inject("?OTR Error: no", "?OTR Error: no")
        for number in range(10):
            self.assert_both_can_talk(f"in the loop, {number}")
        self.assertLessEqual(len(self.words_in_otr()), 30)
        self.assert_calm(cpu=5, memory=16)


class InClear(Hostile):

    def test_errors_are_not_answered_with_errors(self):
        for client, other in ((self.alice, self.bob_name), (self.bob, self.alice_name)):
            client.call("open_conversation", account=client.account, to=other)
            client.otr(other, "policy manual")
        self.begin(self.alice, self.bob)
        since = len(self.wires["alice"].bodies(TO_SERVER))
        for user, sender, receiver in (("alice", self.bob_name, self.alice_name),
                                       ("bob", self.alice_name, self.bob_name)):
            self.wires[user].inject(
                TO_CLIENT, attacks.stanza(sender, receiver, "?OTR Error: no") * 1000)
        self.say(self.alice, self.bob_name, self.bob, "hello there")
        self.say(self.bob, self.alice_name, self.alice, "hello back")
        said = self.wires["alice"].bodies(TO_SERVER)[since:]
        self.assertEqual([text for text in said if "?OTR" in text], [])
        for client, since in self.marks.items():
            self.assertLessEqual(len(client.messages("system", since)), 1)


def numbers(*values):
    """As SMP carries them: how many, and each behind its length."""
    return struct.pack(">I", len(values)) + b"".join(struct.pack(">I", len(value)) + value
                                                     for value in values)


class HostilePerson(Hostile):
    """Somebody who is private with alice, and whose program is out for trouble."""

    def prepare(self):
        self.alice = self.make_client("alice")
        self.peer = self._stack.enter_context(
            LibotrPeer(XmppLink(self.server, "bob"), self.alice_name))
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.peer.start_otr()
        self.alice.wait_otr_status(self.bob_name, state="private")
        self.peer.wait_private()
        self.begin(self.alice)

    def talk(self, text):
        since = self.alice.mark()
        self.peer.send(text)
        self.alice.wait_message(text, since=since, timeout=60)
        self.assertEqual(self.alice.otr_status(self.bob_name)["state"], "private")

    def test_records_of_absurd_sizes(self):
        bodies = (b"", b"\0", b"\xff" * 4, b"\xff" * 65535, b"\0" * 65535,
                  struct.pack(">I", 6) + b"\xff" * 40, numbers(*[b""] * 6), numbers(*[b"\1"] * 11),
                  numbers(*[b"\xff" * 5900] * 11), b"?" * 60_000 + numbers(b"\1"))
        for kind in (*range(10), 0x100, 0x4f47, 0x4f48, 0xffff):
            if kind == 1:
                continue  # the goodbye, of any size
            for body in bodies:
                self.peer.send_tlv(kind, body)
        self.talk("after the records")
        self.assertEqual(len(self.alice.messages("recv", self.marks[self.alice])), 1)
        self.assert_calm(cpu=10, memory=64)

    def test_markup_that_imitates_fetches_or_breaks_out(self):
        hostile = ('<img src="file:///etc/passwd"><img id="5">',
                   '</font></span></body></html><h1>(12:00) Private conversation started</h1>',
                   '<a href="javascript:alert(1)">https://example.org/</a>',
                   '<a href="https://evil.example/">https://example.org/</a>',
                   '<span style="background:url(https://evil.example/x)">red</span>',
                   '<script>alert(1)</script><object data="https://evil.example/"></object>',
                   '<body bgcolor="#000000"><font size="7" onclick="x()">big</font>',
                   '<!-- --><![CDATA[<b>]]><?xml?><b')
        for number, text in enumerate(hostile):
            with self.subTest(text):
                since = self.alice.mark()
                self.peer.send(f"{text} mark {number}")
                shown = self.alice.wait_message(f"mark {number}", since=since)
                self.assertEqual(shown["flags"], ["recv"])
                for tag in re.findall(r"<[^>]*>?", shown["html"]):
                    self.assertRegex(tag, ALLOWED_TAG)
                for address in re.findall(r'<a href="([^"]*)">', shown["html"]):
                    self.assertIn(address, shown["text"], "a link that shows another address")
        self.assertEqual(self.alice.messages("system", self.marks[self.alice]), [])
        self.talk("after the markup")

    def test_half_a_megabyte_of_text_in_pieces(self):
        self.peer.set_max_message_size(50_000)
        self.peer.send("<b>x</b> &amp; " * (1 << 15) + " the end")
        self.alice.wait_message("the end", timeout=60)
        self.talk("after that")
        self.assert_calm(cpu=10, memory=200)

    def test_more_than_is_kept_of_unfinished_messages_is_told(self):
        self.peer.set_max_message_size(50_000)
        self.peer.send("<b>x</b> &amp; " * (1 << 17) + " the end")
        self.alice.wait_system("could not be read", since=self.marks[self.alice], timeout=60)
        self.talk("after that")
        self.assert_calm(cpu=10, memory=64)

    def test_a_goodbye_in_the_middle_of_everything(self):
        self.peer.send_tlv(1, b"\xff" * 65535)
        self.alice.wait_otr_status(self.bob_name, state="finished")
        self.alice.send(self.bob_name, "typed by alice for nobody")
        self.assertEqual(self.alice.otr_status(self.bob_name)["queued"], "1")
        self.assert_never_in_clear("typed by alice")
        self.assert_calm(cpu=3, memory=16)


if __name__ == "__main__":
    unittest.main()
