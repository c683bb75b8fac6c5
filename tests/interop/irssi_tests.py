# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""OTR Guard and irssi with irssi-plugin-otr, typed into as its user does."""

import unittest

from otrtest.conversations import PEER, Conversations, IrcPeerCase
from otrtest.peers.irssi_peer import IrssiPeer


class Irssi(Conversations, IrcPeerCase):
    writes_html = False
    has_newlines = False
    # It refuses to, while the conversation is private.
    refreshes = False
    # irssi makes several messages of a longer line, before the plugin sees it.
    longest_received = 350

    def make_peer(self):
        return IrssiPeer(self.server, PEER, self.guard_name)


if __name__ == "__main__":
    unittest.main()
