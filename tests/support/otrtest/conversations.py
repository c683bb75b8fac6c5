# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What OTR Guard and any other OTR program have to manage with each other, whoever begins.

A test file derives its class from `Conversations` and from `XmppPeerCase` or `IrcPeerCase`, and
says in the class's members what its peer can do.
"""

import unittest

from .peers.guard_peer import GuardPeer, typed
from .peers.pidgin_peer import plain_text
from .servers import Ngircd, Prosody
from .wire import irc_wire, xmpp_wire

GUARD, PEER = "guard", "peer"

QUESTION = "Where did we meet?"

SAMPLES = ("a < b && c > d", "<foo>", "\"quoted\" 'text'", "Grüße, 世界 🌍",
           "https://example.org/a?b=1&c=2")
#: Written as plain text these look like HTML; the samples before them have shown what it is.
AMBIGUOUS = ("&amp;", "<b>not bold</b>")


class XmppPeerCase(unittest.TestCase):
    """OTR Guard as "guard" behind a wire, `peer_name` on the same server. `make_peer` is to be
    provided; it gets the server from `self.server`."""

    guard_name, peer_name = "guard@localhost", "peer@localhost"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(cls.make_server())

    @classmethod
    def make_server(cls):
        return Prosody({GUARD: "guard's", PEER: "peer's"})

    def setUp(self):
        self.said = []
        self.wire = self.enterContext(self.make_wire())
        # Before the programs end, so that what they say then is no part of it.
        self.peer = self.start_peer()
        self.guard = self.start_guard()
        self.addCleanup(self.assert_nothing_in_clear)

    def make_wire(self):
        return xmpp_wire(self.server)

    def start_peer(self):
        return self.enterContext(self.make_peer())

    def make_peer(self):
        raise NotImplementedError

    def start_guard(self, **options):
        guard = self.enterContext(GuardPeer(self.connect_guard, self.peer_name, **options))
        self.wait_online(guard)
        return guard

    def connect_guard(self, client):
        client.connect_xmpp(self.server, GUARD, port=self.wire.port)

    def wait_online(self, guard):
        guard.client.wait_buddy_online(self.peer_name)

    # --- what tests say ---

    def secret(self, text):
        """Marks the text as one that nobody else may read; returns it."""
        self.said.append(text)
        return text

    def assert_nothing_in_clear(self):
        for text in self.said:
            self.assertFalse(self.wire.shows(text), f"{text!r} was readable on the wire")

    def make_private(self, starter=None):
        (starter or self.guard).start_otr()
        self.wait_private()

    def wait_private(self):
        self.guard.wait_private()
        self.peer.wait_private()

    def talk(self, words):
        """Both say something that the other reads and nobody else."""
        for sender, receiver in ((self.guard, self.peer), (self.peer, self.guard)):
            text = self.secret(f"{words}, says {sender.name.split()[0]}")
            since = receiver.mark()
            sender.send(text)
            receiver.wait_message(text, since=since)


class IrcPeerCase(XmppPeerCase):
    """The same on IRC."""

    guard_name, peer_name = GUARD, PEER

    @classmethod
    def make_server(cls):
        return Ngircd()

    def make_wire(self):
        return irc_wire(self.server)

    def connect_guard(self, client):
        # libpurple sends a line in two seconds unless told otherwise.
        client.connect_irc(self.server, GUARD, port=self.wire.port,
                           **{"ratelimit-interval": 0, "ratelimit-burst": 5000})

    def wait_online(self, guard):
        pass  # the peer has signed on before


class Conversations:
    """Mixin for one of the cases above."""

    #: Protocol version of the sessions.
    version = "3"
    #: What is inside the peer's OTR messages, and whether it shows messages with their markup.
    writes_html = True
    shows_markup = True
    has_newlines = True
    query_fits_one_message = True
    refreshes = True
    #: Characters of the longest message in each direction.
    longest_sent, longest_received = 60 * 1024, 60 * 1024
    #: Adium and ChatSecure for iOS never answer.
    answers_smp = True
    #: How it ends for both when its user answers wrongly.
    wrong_answer_of_theirs = ("failure", "failure")
    state_after_goodbye = "finished"
    #: Whether it says so when it gets private text without a session (libotr by itself does not),
    #: so that OTR Guard sends the text again.
    complains = False

    # --- sessions ---

    def test_begun_by_us_ended_by_them_and_begun_again(self):
        self.make_private()
        self.assert_same_keys()
        self.talk("in private")
        self.peer.end()
        self.guard.wait_state("finished")
        since = self.peer.mark()
        self.guard.send(self.secret("typed after their goodbye"))
        self.assertEqual(self.guard.status()["queued"], "1")
        self.guard.start_otr()
        self.wait_private()
        self.peer.wait_message("typed after their goodbye", since=since)
        self.refresh(self.guard)
        self.talk("after our refresh")
        self.wait_private()

    def test_begun_by_them_ended_by_us_and_begun_again(self):
        self.make_private(self.peer)
        self.assert_nothing_shown(since=0)
        self.assert_same_keys()
        self.talk("in private")
        if self.refreshes:
            self.refresh(self.peer)
            self.talk("after their refresh")
        self.guard.end()
        self.peer.wait_state(self.state_after_goodbye)
        self.assertEqual(self.guard.state(), "plaintext")
        self.make_private(self.peer)
        self.talk("once more")

    def test_an_end_typed_during_a_refresh_reaches_them(self):
        self.make_private()
        self.guard.refresh()
        self.guard.end()
        self.peer.wait_state(self.state_after_goodbye)
        self.assertEqual(self.guard.state(), "plaintext")
        self.make_private()
        self.talk("once more")

    def refresh(self, starter):
        since = self.guard.mark()
        starter.refresh()
        self.guard.wait_notice("goes on with fresh keys", since=since)
        self.assert_nothing_shown(since)

    def assert_nothing_shown(self, since):
        """What programs tell each other is nothing to read."""
        if self.query_fits_one_message:
            self.assertEqual(self.guard.messages(since), [])

    def assert_same_keys(self):
        status = self.guard.status()
        self.assertEqual(status["protocol version"], self.version)
        self.assertEqual(self.guard.their_fingerprint(), self.peer.fingerprint())
        theirs = self.fingerprint_seen_by_peer()
        if theirs is not None:
            self.assertEqual(theirs, self.guard.fingerprint())

    def fingerprint_seen_by_peer(self):
        """OTR Guard's, as the peer has it; None when its harness cannot tell."""
        return None

    def test_they_lost_the_session(self):
        self.make_private()
        self.talk("before the loss")
        self.peer.lose_session()
        self.wait_online(self.guard)
        since = self.peer.mark()
        self.guard.send(self.secret("typed without knowing"))
        if self.complains:
            self.peer.wait_message("typed without knowing", since=since)
        else:
            self.peer.start_otr()
        self.wait_private()
        self.talk("after the loss")

    def test_we_lost_the_session(self):
        self.make_private()
        self.talk("before the loss")
        self.guard.lose_session()
        self.wait_online(self.guard)
        self.peer.send(self.secret("typed into the void"))
        self.wait_private()
        self.talk("after the loss")

    # --- text ---

    @property
    def samples(self):
        return SAMPLES + (("one\ntwo",) if self.has_newlines else ())

    def test_our_text_arrives_as_typed(self):
        self.make_private()
        self.teach_format()
        for text in self.samples + AMBIGUOUS:
            with self.subTest(text):
                since = self.peer.mark()
                self.guard.send(self.secret(text))
                event = self.peer.wait_for(lambda e: e["event"] == "message", since=since)
                self.assertEqual(self.as_shown(event), text)
        since = self.peer.mark()
        self.guard.act("waves")
        self.secret("waves")
        self.assertEqual(self.peer.wait_message("waves", since=since)["text"], "/me waves")

    def teach_format(self):
        """Programs that do not write HTML are known by the first text that shows it."""
        if not self.writes_html and self.shows_markup:
            since = self.guard.mark()
            self.peer.send("1 < 2 & 3")
            self.guard.wait_message("1 < 2 & 3", since=since)

    def as_shown(self, event):
        shows_html = self.shows_markup and self.writes_html
        return plain_text(event.get("html", event["text"])) if shows_html else event["text"]

    def test_their_text_arrives_as_typed(self):
        self.make_private(self.peer)
        for text in self.samples + AMBIGUOUS:
            with self.subTest(text):
                since = self.guard.mark()
                self.secret(text)
                self.peer.send(self.as_typed(text))
                self.assertEqual(self.guard.wait_next_message(since), text)
        since = self.guard.mark()
        self.peer.send("/me " + self.secret("nods"))
        self.assertEqual(self.guard.wait_next_message(since), "/me nods")

    def as_typed(self, text):
        """What the peer's program puts into an OTR message for a text that its user types."""
        return typed(text) if self.writes_html else text

    def test_long_texts_arrive_whole(self):
        self.make_private()
        for sender, receiver, size in ((self.guard, self.peer, self.longest_sent),
                                       (self.peer, self.guard, self.longest_received)):
            text = "".join(f"[{number:05d}]" for number in range(size // 7))
            self.secret(text[:21])
            since = receiver.mark()
            sender.send(text)
            event = receiver.wait_message(text[-7:], since=since, timeout=60)
            self.assertEqual(event["text"], text)

    # --- verification ---

    def test_questions_of_ours(self):
        if not self.answers_smp:
            self.skipTest("this program never answers")
        self.make_private()
        self.assertEqual(self.ask_question(self.guard, self.peer, "green"),
                         self.wrong_answer_of_theirs)
        self.assertFalse(self.guard.is_verified)
        self.assertEqual(self.ask_question(self.guard, self.peer, "blue"), ("success", "success"))
        self.assertTrue(self.guard.is_verified)

    def test_questions_of_theirs(self):
        self.make_private()
        self.assertEqual(self.ask_question(self.peer, self.guard, "green"), ("failure", "failure"))
        self.assertEqual(self.ask_question(self.peer, self.guard, "blue"), ("success", "success"))
        self.assertFalse(self.guard.is_verified, "answering a question verifies nobody")

    def test_secrets_of_ours(self):
        if not self.answers_smp:
            self.skipTest("this program never answers")
        self.make_private()
        self.assertEqual(self.compare_secrets(self.guard, self.peer, "wrong"),
                         self.wrong_answer_of_theirs)
        self.assertFalse(self.guard.is_verified)
        self.assertEqual(self.compare_secrets(self.guard, self.peer, "swordfish"),
                         ("success", "success"))
        self.assertTrue(self.guard.is_verified)

    def test_secrets_of_theirs(self):
        self.make_private()
        self.assertEqual(self.compare_secrets(self.peer, self.guard, "wrong"),
                         ("failure", "failure"))
        self.assertFalse(self.guard.is_verified)
        self.assertEqual(self.compare_secrets(self.peer, self.guard, "swordfish"),
                         ("success", "success"))
        self.assertTrue(self.guard.is_verified)

    def ask_question(self, asker, answerer, answer):
        """The right answer is blue; returns how it ended for both."""
        since, asked = asker.mark(), answerer.mark()
        asker.smp_question(QUESTION, "blue")
        question = answerer.wait_smp("ask_for_answer", since=asked)
        self.assertIn(QUESTION, question.get("question") or question.get("text") or QUESTION)
        return self.finish_check(asker, answerer, answer, since)

    def compare_secrets(self, asker, answerer, answer):
        """The right one is swordfish."""
        since, asked = asker.mark(), answerer.mark()
        asker.smp_secret("swordfish")
        answerer.wait_smp("ask_for_secret", since=asked)
        return self.finish_check(asker, answerer, answer, since)

    def finish_check(self, asker, answerer, answer, since):
        answered = answerer.mark()
        answerer.smp_answer(answer)
        ends = ("success", "failure", "abort")
        kinds = (asker.wait_smp(ends, since=since)["kind"],
                 answerer.wait_smp(ends, since=answered)["kind"])
        self.after_check()
        return kinds

    def after_check(self):
        """Some programs leave windows open."""
