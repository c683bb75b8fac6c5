# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""OTR Guard and potr (Gajim, WeeChat): version 2, written by other people in another language."""

import unittest
from unittest import mock

from potr.crypt import DHSession

from otrtest.conversations import PEER, Conversations, IrcPeerCase, XmppPeerCase
from otrtest.freed_memory import living
from otrtest.links import IrcLink, XmppLink
from otrtest.peers.potr_peer import PotrPeer


class Potr(Conversations):
    version = "2"
    writes_html = False
    complains = True
    # potr does not finish a comparison that has failed.
    wrong_answer_of_theirs = ("abort", "failure")

    def fingerprint_seen_by_peer(self):
        return next(event["fingerprint"] for event in reversed(self.peer.events)
                    if event["event"] == "state" and event["state"] == "private")


class Gajim(Potr, XmppPeerCase):

    def make_peer(self):
        return PotrPeer(XmppLink(self.server, PEER), self.guard_name)


class WeeChat(Potr, IrcPeerCase):
    has_newlines = False
    # potr's own has several lines.
    query_fits_one_message = False

    def make_peer(self):
        return PotrPeer(IrcLink(self.server, PEER), self.guard_name)


class Policies(XmppPeerCase):

    def make_peer(self):
        return PotrPeer(XmppLink(self.server, PEER), self.guard_name, send_tag=True)

    def test_a_tag_of_theirs_is_answered(self):
        self.peer.send("in clear, with a tag")
        self.guard.wait_message("in clear, with a tag")
        self.wait_private()
        self.talk("after the tag")

    def test_a_tag_of_ours_is_answered(self):
        since = self.peer.mark()
        self.guard.send("hello there")
        self.peer.wait_message("hello there", since=since)
        self.wait_private()
        self.talk("after the tag")


class PastKeys(XmppPeerCase):
    """Forward secrecy: potr tells the keys, which OTR Guard must have forgotten."""

    def make_peer(self):
        return PotrPeer(XmppLink(self.server, PEER), self.guard_name)

    def setUp(self):
        self.keys = []
        create = DHSession.create

        def create_and_remember(*arguments):
            session = create(*arguments)
            self.keys += [session.sendenc, session.rcvenc]
            return session

        self.enterContext(mock.patch.object(DHSession, "create", create_and_remember))
        super().setUp()

    def keys_in_memory(self):
        return {key for key, _ in living(self.guard.client, self.keys)}

    def test_keys_of_past_messages_and_sessions_are_not_in_memory(self):
        self.guard.otr("start")
        self.wait_private()
        self.talk("first")
        first = set(self.keys)
        self.assertTrue(self.keys_in_memory(), "the keys in use are not found")
        for number in range(4):
            self.talk(f"later {number}")
        self.assertEqual(self.keys_in_memory() & first, set())
        since = self.peer.mark()
        self.guard.otr("end")
        self.peer.wait_for({"event": "state", "state": "finished"}, since=since)
        self.assertGreater(len(set(self.keys)), len(first))
        self.assertEqual(self.keys_in_memory(), set())


if __name__ == "__main__":
    unittest.main()
