# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Proves the harness without OTR Guard: servers, wire, headless client, and peers among each other.

When one of these fails, no other failure of an interop test means anything.
"""

import tempfile
import time
import unittest

from otrtest import wire as wires
from otrtest.headless import CommandError, HeadlessClient, is_clean_report
from otrtest.links import IrcLink, XmppLink
from otrtest.peers.irssi_peer import IrssiPeer
from otrtest.peers.libotr_peer import BEHAVIOURS, LibotrPeer
from otrtest.peers.pidgin_peer import PidginPeer
from otrtest.peers.potr_peer import PotrPeer
from otrtest.servers import Ngircd, Prosody
from otrtest.waiting import Timeout, wait_until
from otrtest.wire import TO_CLIENT, TO_SERVER, irc_wire, xmpp_wire

ACCOUNTS = {"alice": "alice's", "bob": "bob's"}
ALICE, BOB = "alice@localhost", "bob@localhost"


class XmppCase(unittest.TestCase):
    """A server, and a wire on which alice (or whoever uses its port) is connected."""

    def setUp(self):
        self.server = self.enterContext(Prosody(ACCOUNTS))
        self.wire = self.enterContext(xmpp_wire(self.server))


class Headless(XmppCase):
    def setUp(self):
        super().setUp()
        self.alice = self.enterContext(HeadlessClient(name="alice"))
        self.bob = self.enterContext(HeadlessClient(name="bob"))
        self.alice.connect_xmpp(self.server, "alice", port=self.wire.port)
        self.bob.connect_xmpp(self.server, "bob")
        self.alice.wait_buddy_online(BOB)
        self.bob.wait_buddy_online(ALICE)

    def test_chats_in_clear_and_the_wire_shows_it(self):
        self.alice.send(BOB, "hello <b>bold</b> &lt;tag&gt; &amp; äöü")
        self.bob.wait_message("hello bold <tag> & äöü")
        self.bob.send(ALICE, "good evening")
        self.alice.wait_message("good evening")
        self.assertTrue(self.wire.shows("good evening", TO_CLIENT))
        self.assertFalse(self.wire.shows("good evening", TO_SERVER))
        self.assertIn("hello bold <tag> & äöü", self.wire.bodies(TO_SERVER))
        self.assertEqual(self.bob.received(to=ALICE), ["hello bold <tag> & äöü"])

    def test_lines_keep_their_order_and_flags(self):
        for number in range(20):
            self.alice.send(BOB, f"line {number}")
        self.bob.wait_message("line 19")
        self.assertEqual(self.bob.received(), [f"line {number}" for number in range(20)])
        self.assertEqual(len(self.alice.messages("send")), 20)

    def test_holds_and_releases_what_is_sent(self):
        self.wire.hold(TO_SERVER)
        self.alice.send(BOB, "one")
        self.alice.send(BOB, "two")
        wait_until(lambda: len([held for held in self.wire.held(TO_SERVER)
                                if b"<body" in held]) == 2, what="two held messages")
        self.assertEqual(self.bob.received(), [])
        self.wire.release()
        self.bob.wait_message("two")
        self.assertEqual(self.bob.received(), ["one", "two"])

    def test_drops_and_replaces_stanzas(self):
        def interfere(unit):
            if unit.direction == TO_SERVER and b"secret" in unit.data:
                return b""
            if unit.direction == TO_SERVER and b"apples" in unit.data:
                return unit.data.replace(b"apples", b"pears")
            return None
        self.wire.filter = interfere
        self.alice.send(BOB, "a secret")
        self.alice.send(BOB, "two apples")
        self.bob.wait_message("two pears")
        self.assertEqual(self.bob.received(), ["two pears"])
        self.assertTrue(self.wire.shows("a secret"), "what was dropped has been seen all the same")
        self.assertEqual([unit.action for unit in self.wire.seen()
                          if unit.action not in ("pass",)], ["drop", "replace"])

    def test_injects_as_a_hostile_server_would(self):
        self.wire.inject(TO_CLIENT, f"<message from='{BOB}/evil' to='{ALICE}' type='chat'>"
                                    "<body>I am bob</body></message>")
        self.assertEqual(self.alice.wait_message("I am bob")["who"], f"{BOB}/evil")

    def test_reports_a_lost_connection(self):
        self.wire.cut()
        event = self.alice.wait_for({"event": "connection_error"})
        self.assertEqual(event["account"], self.alice.account)
        self.alice.wait_for({"event": "signed-off"})
        self.bob.wait_buddy_offline(ALICE)
        self.alice.connect()
        self.bob.wait_buddy_online(ALICE)

    def test_answers_dialogs(self):
        self.alice.call("plugin_action", plugin="prpl-jabber", account=self.alice.account,
                        label="Change Password...")
        request = self.alice.wait_request(type="fields")
        fields = {field["id"]: field for group in request["groups"] for field in group["fields"]}
        self.assertTrue(fields["password1"]["masked"])
        with self.assertRaises(CommandError):
            self.alice.answer(request, fields={"no such field": "x"})
        self.alice.answer(request, fields={"password1": "one", "password2": "another"})
        self.alice.wait_for({"event": "request_closed", "request": request["request"]})
        self.alice.wait_for({"event": "notify", "level": "error"})
        self.assertEqual(self.alice.call("requests"), [])

    def test_logs_when_told(self):
        self.alice.call("set_pref", name="/purple/logging/log_ims", value=False)
        self.alice.send(BOB, "not for the log")
        self.alice.call("set_logging", account=self.alice.account, to=BOB, enabled=True)
        self.alice.send(BOB, "for the log")
        logs = "".join(self.alice.call("logs", account=self.alice.account, to=BOB))
        self.assertIn("for the log", logs)
        self.assertNotIn("not for the log", logs)

    def test_sends_past_the_conversation(self):
        self.alice.raw_serv_send_im(BOB, "I am away", flags=["auto_resp"])
        self.bob.wait_message("I am away")
        self.assertEqual(self.alice.messages("send"), [])

    def test_says_why_a_command_fails(self):
        with self.assertRaisesRegex(CommandError, "no such command"):
            self.alice.call("nonsense")
        self.assertEqual(self.alice.command(BOB, "/nonsense")[0], "not_found")
        with self.assertRaises(CommandError):
            self.alice.call("load_plugin", file="/nonexistent.so")

    def test_quits_cleanly_and_keeps_its_profile(self):
        with tempfile.TemporaryDirectory() as folder:
            with HeadlessClient(folder + "/profile") as client:
                client.add_xmpp_account(self.server, "alice")
            with HeadlessClient(folder + "/profile") as client:
                self.assertEqual([one["account"] for one in client.call("accounts")],
                                 [f"{ALICE}/"])


class HeadlessOnIrc(unittest.TestCase):
    def test_chats_in_clear_and_the_wire_shows_it(self):
        server = self.enterContext(Ngircd())
        wire = self.enterContext(irc_wire(server))
        alice = self.enterContext(HeadlessClient(name="alice"))
        bob = self.enterContext(HeadlessClient(name="bob"))
        alice.connect_irc(server, "alice", port=wire.port)
        bob.connect_irc(server, "bob")
        alice.send("bob", "one &lt;<br>two")
        bob.wait_message("two")
        bob.send("alice", "/me waves")
        self.assertEqual(bob.received(), ["one <", "two"])
        self.assertEqual(wire.bodies(TO_SERVER), ["one <", "two"])


class Splitter(unittest.TestCase):
    def test_cuts_stanzas_wherever_the_network_does(self):
        stream = (b"<?xml version='1.0'?><stream:stream to='localhost'>"
                  b"<message to='a>b'><body>1 &lt; 2</body><x/></message> <presence/>"
                  b"<iq type='get'><query/></iq></stream:stream>")
        whole = wires.StanzaSplitter().feed(stream)
        self.assertEqual([unit.strip()[:9] for unit in whole[1:]],
                         [b"<message ", b"<presence", b"<iq type=", b"</stream:"])
        self.assertEqual(b"".join(whole), stream)
        bytewise = wires.StanzaSplitter()
        self.assertEqual([unit for index in range(len(stream))
                          for unit in bytewise.feed(stream[index:index + 1])], whole)


class SanitizerReports(unittest.TestCase):
    LEAK = ("==1==ERROR: LeakSanitizer: detected memory leaks\n\nDirect leak of 4 byte(s) in 1 "
            "object(s) allocated from:\n    #0 0x1 in malloc (/usr/bin/x)\n    #1 0x2 in f "
            "(/usr/lib/purple-2/{module}+0x1)\n\nSUMMARY: AddressSanitizer: 4 byte(s) leaked\n")

    def test_only_leaks_of_the_plugin_count(self):
        self.assertTrue(is_clean_report(self.LEAK.format(module="libirc.so")))
        self.assertFalse(is_clean_report(self.LEAK.format(module="otr-guard.so")))
        self.assertFalse(is_clean_report("==1==ERROR: AddressSanitizer: heap-use-after-free"))
        self.assertFalse(is_clean_report("x.cpp:1:2: runtime error: signed integer overflow"))


def talk_privately(case, one, other, wire=None, timeout=20):
    """Both say something that only the other may read."""
    for sender, receiver in ((one, other), (other, one)):
        text = f"from {sender.name.split()[0].lower()} {time.monotonic_ns()}"
        sender.send(text)
        receiver.wait_message(text, timeout=timeout)
        if wire is not None:
            case.assertFalse(wire.shows(text), "readable on the wire")


def verify_by_question(asker, answerer, right=True):
    """Runs to the end on both sides; kinds of the two results."""
    since, other_since = asker.mark(), answerer.mark()
    asker.smp_question("What colour is it?", "blue")
    answerer.wait_smp("ask_for_answer", since=other_since)
    answerer.smp_answer("blue" if right else "green")
    ends = ("success", "failure", "abort")
    return (asker.wait_smp(ends, since=since)["kind"],
            answerer.wait_smp(ends, since=other_since)["kind"])


class LibotrAndPotr(XmppCase):
    def peer(self, user, kind=LibotrPeer, **options):
        port = self.wire.port if user == "alice" else None
        buddy = BOB if user == "alice" else ALICE
        return self.enterContext(kind(XmppLink(self.server, user, port=port), buddy, **options))

    def run_whole_conversation(self, alice, bob):
        bob.start_otr()
        alice.wait_private()
        bob.wait_private()
        talk_privately(self, alice, bob, self.wire)
        self.assertEqual(alice.their_fingerprint(), bob.fingerprint())
        self.assertEqual(verify_by_question(alice, bob), ("success", "success"))
        self.assertEqual(verify_by_question(bob, alice), ("success", "success"))
        self.assertIn("failure", verify_by_question(alice, bob, right=False))
        alice.end()
        bob.wait_state("finished")
        alice.start_otr()
        alice.wait_private()
        talk_privately(self, alice, bob, self.wire)

    def test_libotr_with_libotr(self):
        self.run_whole_conversation(self.peer("alice"), self.peer("bob"))

    def test_libotr_with_potr(self):
        alice, bob = self.peer("alice"), self.peer("bob", PotrPeer)
        self.run_whole_conversation(alice, bob)
        self.assertEqual(alice.status()["version"], 2)

    def test_fragments_reach_potr(self):
        alice, bob = self.peer("alice"), self.peer("bob", PotrPeer)
        alice.set_max_message_size(300)
        bob.start_otr()
        alice.wait_private()
        alice.send("long " * 400)
        bob.wait_message("long " * 400, private=True)
        self.assertTrue(any(text.startswith("?OTR,1,") or text.startswith("?OTR,00001,")
                            for text in bob.wire_in))

    def test_each_behaviour_talks(self):
        alice = self.peer("alice")
        for behaviour in BEHAVIOURS:
            with self.subTest(behaviour):
                with LibotrPeer(XmppLink(self.server, "bob"), ALICE, behaviour) as bob:
                    bob.start_otr()
                    bob.wait_private()
                    alice.wait_private()
                    talk_privately(self, alice, bob, self.wire)
                    bob.end()
                    alice.wait_state("finished")
                    alice.end()

    def test_v2_programs_ignore_v3(self):
        alice = self.peer("alice", policy="manual", versions="3")
        bob = self.peer("bob", behaviour="adium")
        alice.start_otr()
        alice.send("are you there?")
        bob.wait_message("are you there?", private=False)
        self.assertEqual(bob.wire_out, [])

    def test_adium_cannot_answer(self):
        alice, bob = self.peer("alice"), self.peer("bob", behaviour="adium")
        bob.start_otr()
        alice.wait_private()
        alice.smp_question("Who?", "me")
        bob.wait_smp("ask_for_answer")
        with self.assertRaises(AssertionError):
            bob.smp_answer("me")
        self.assertEqual([e for e in alice.events if e["event"] == "smp"], [])

    def test_ios_complains_in_clear_and_goes_back_to_plaintext(self):
        # In v3 libotr says nothing about data for a session that its restart ended.
        alice = self.peer("alice", policy="manual", versions="2")
        bob = self.peer("bob", behaviour="chatsecure-ios")
        bob.start_otr()
        alice.wait_private()
        bob.wait_private()
        alice.end()
        bob.wait_state("plaintext")
        bob.start_otr()
        bob.wait_private()
        alice.wait_private()
        bob.lose_session()
        alice.send("can you read this?")
        alice.wait_message("OTR Error: ", private=False)

    def test_ios_refuses_a_second_key(self):
        alice, bob = self.peer("alice"), self.peer("bob", behaviour="chatsecure-ios")
        bob.start_otr()
        alice.wait_private()
        bob.wait_private()
        bob.send("hello")
        alice.wait_message("hello", private=True)
        alice.end()
        bob.wait_state("plaintext")
        alice.stop()
        alice = self.peer("alice")
        since = bob.mark()
        alice.start_otr()
        bob.wait_for({"event": "new_fingerprint", "first": False}, since=since)
        bob.wait_private()
        bob.send("to whom?")
        bob.wait_for({"event": "refused"})

    def test_android_tags_all_plaintext(self):
        bob = self.peer("bob", behaviour="chatsecure-android")
        alice = self.peer("alice", policy="never")
        bob.send("first")
        alice.wait_message("first")
        alice.send("no thanks")
        bob.wait_message("no thanks")
        bob.send("second")
        alice.wait_message("second")
        self.assertTrue(all(" \t  \t\t\t\t \t \t \t  " in text for text in alice.wire_in))

    def test_tor_messenger_sends_nothing_in_clear(self):
        bob = self.peer("bob", behaviour="tor-messenger")
        alice = self.peer("alice")
        bob.send("the first message")
        alice.wait_message("the first message", private=True)
        self.assertFalse(self.wire.shows("the first message"))

    def test_a_muted_peer_says_nothing(self):
        alice, bob = self.peer("alice"), self.peer("bob")
        bob.muted = True
        bob.send("lost")
        self.assertTrue(bob.wire_out)
        with self.assertRaises(Timeout):
            alice.wait_message("lost", timeout=1)


class LibotrOnIrc(unittest.TestCase):
    def test_talks_in_fragments(self):
        server = self.enterContext(Ngircd())
        wire = self.enterContext(irc_wire(server))
        alice = self.enterContext(LibotrPeer(IrcLink(server, "alice", wire.port), "bob"))
        bob = self.enterContext(LibotrPeer(IrcLink(server, "bob"), "alice"))
        # A query of several lines is several messages on IRC; the first is what counts.
        alice.start_otr()
        bob.wait_private()
        alice.wait_private()
        text = "a long message " * 100
        alice.send(text)
        bob.wait_message(text, private=True)
        self.assertFalse(wire.shows("a long message"))
        self.assertTrue(all(len(unit.data) <= 512 for unit in wire.seen()))


class RealPidgin(XmppCase):
    def run_whole_conversation(self, kind):
        bob = self.enterContext(kind(XmppLink(self.server, "bob"), ALICE))
        alice = self.enterContext(PidginPeer(self.server, "alice", BOB, port=self.wire.port))
        alice.wait_buddy_online()
        alice.start_otr()
        bob.wait_private()
        alice.wait_private()
        talk_privately(self, alice, bob, self.wire)
        self.assertEqual(bob.wait_for(lambda e: e["event"] == "state" and e.get("fingerprint"))
                         ["fingerprint"], alice.fingerprint())
        self.assertFalse(alice.is_verified())
        self.assertEqual(verify_by_question(alice, bob), ("success", "success"))
        self.assertTrue(alice.is_verified())
        alice.close_dialogs()
        bob.end()
        alice.wait_state("finished")
        bob.start_otr()
        bob.wait_private()
        alice.wait_private()
        self.assertTrue(alice.is_verified())
        self.assertEqual(verify_by_question(bob, alice), ("success", "success"))
        alice.close_dialogs()
        alice.end()
        bob.wait_state("finished")
        alice.wait_state("plaintext")
        with tempfile.NamedTemporaryFile(suffix=".png") as picture:
            alice.screenshot(picture.name)
            self.assertEqual(picture.read(4), b"\x89PNG")
        self.assertEqual(alice.quit(), 0)

    def test_pidgin_otr_with_libotr(self):
        self.run_whole_conversation(LibotrPeer)

    def test_pidgin_otr_with_potr(self):
        self.run_whole_conversation(PotrPeer)

    def test_keyboard_and_restart(self):
        bob = self.enterContext(LibotrPeer(XmppLink(self.server, "bob"), ALICE))
        alice = self.enterContext(PidginPeer(self.server, "alice", BOB, plugin=None))
        alice.wait_buddy_online()
        alice.type("typed by hand")
        bob.wait_message("typed by hand", private=False)
        alice.restart()
        alice.wait_buddy_online()
        alice.type("typed again")
        bob.wait_message("typed again", private=False)


class RealIrssi(unittest.TestCase):
    def test_irssi_with_irssi(self):
        server = self.enterContext(Ngircd())
        wire = self.enterContext(irc_wire(server))
        alice = self.enterContext(IrssiPeer(server, "alice", "bob", port=wire.port))
        bob = self.enterContext(IrssiPeer(server, "bob", "alice"))
        alice.send("in clear")
        bob.wait_message("in clear")
        self.assertTrue(wire.shows("in clear"))
        alice.start_otr()
        alice.wait_private()
        bob.wait_private()
        talk_privately(self, alice, bob, wire)
        alice.wait_notice(bob.fingerprint()[:8])
        self.assertEqual(verify_by_question(alice, bob), ("success", "success"))
        self.assertEqual(verify_by_question(bob, alice, right=False), ("failure", "failure"))
        alice.end()
        bob.wait_state("finished")

    def test_irssi_with_libotr(self):
        server = self.enterContext(Ngircd())
        alice = self.enterContext(IrssiPeer(server, "alice", "bob"))
        bob = self.enterContext(LibotrPeer(IrcLink(server, "bob"), "alice"))
        bob.start_otr()
        alice.wait_private()
        bob.wait_private()
        talk_privately(self, alice, bob)


if __name__ == "__main__":
    unittest.main()
