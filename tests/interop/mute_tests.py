# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that never answer a question. The test takes the 90 seconds that OTR Guard waits."""

import unittest

from otrtest.conversations import PEER, XmppPeerCase
from otrtest.links import XmppLink
from otrtest.peers.libotr_peer import LibotrPeer


class Mute(XmppPeerCase):

    def make_peer(self):
        return LibotrPeer(XmppLink(self.server, PEER), self.guard_name, "adium")

    def test_it_says_why_and_what_else_there_is(self):
        self.make_private()
        since = self.guard.mark()
        self.guard.smp_question("Where did we meet?", "Lisbon")
        self.peer.wait_smp("ask_for_answer")
        self.guard.wait_notice("has not answered yet", timeout=110, since=since)
        self.assertFalse(self.guard.is_verified)
        self.talk("the conversation goes on")
        # Another way is open at once.
        self.guard.otr("code " + self.peer.fingerprint())
        self.assertTrue(self.guard.is_verified)


if __name__ == "__main__":
    unittest.main()
