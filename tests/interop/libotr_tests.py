# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""OTR Guard and libotr, as it is and with the habits of other programs."""

import unittest

from otrtest.conversations import PEER, Conversations, IrcPeerCase, XmppPeerCase
from otrtest.links import IrcLink, XmppLink
from otrtest.peers.libotr_peer import LibotrPeer


class LibotrCase(XmppPeerCase):
    behaviour = "libotr"
    options = {}

    def make_peer(self):
        return LibotrPeer(XmppLink(self.server, PEER), self.guard_name, self.behaviour,
                          **self.options)

    def fingerprint_seen_by_peer(self):
        return self.peer.their_fingerprint()


class LibotrV3(Conversations, LibotrCase):
    pass


class LibotrV2(Conversations, LibotrCase):
    version = "2"
    options = {"policy": "opportunistic", "versions": "2"}


class OnIrc(Conversations, IrcPeerCase):
    """Lines of 512 bytes, plain text."""

    writes_html = False
    has_newlines = False
    # libotr's own has several lines.
    query_fits_one_message = False

    def make_peer(self):
        return LibotrPeer(IrcLink(self.server, PEER), self.guard_name)

    def fingerprint_seen_by_peer(self):
        return self.peer.their_fingerprint()


class Adium(Conversations, LibotrCase):
    behaviour = "adium"
    version = "2"
    answers_smp = False


class ChatSecureIos(Conversations, LibotrCase):
    behaviour = "chatsecure-ios"
    shows_markup = False
    writes_html = False
    answers_smp = False
    state_after_goodbye = "plaintext"


class ChatSecureIosInVersion2(LibotrCase):
    behaviour = "chatsecure-ios"
    options = {"policy": "opportunistic", "versions": "2"}

    def test_a_complaint_in_clear_and_a_query_bring_the_text_again(self):
        self.make_private()
        self.talk("before the loss")
        self.peer.lose_session()
        since = self.peer.mark()
        self.guard.send(self.secret("typed without knowing"))
        self.peer.wait_message("typed without knowing", private=True, since=since)
        self.wait_private()
        self.talk("after the loss")


class ChatSecureAndroid(Conversations, LibotrCase):
    behaviour = "chatsecure-android"
    version = "2"
    writes_html = False


class TorMessenger(Conversations, LibotrCase):
    behaviour = "tor-messenger"


if __name__ == "__main__":
    unittest.main()
