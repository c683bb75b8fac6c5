# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""OTR Guard and pidgin-otr 4.0.2 in a real Pidgin: with each other, and one after the other."""

import pathlib
import tempfile
import unittest

from otrtest.conversations import GUARD, PEER, Conversations, XmppPeerCase
from otrtest.links import XmppLink
from otrtest.peers.guard_peer import GuardPeer
from otrtest.peers.libotr_peer import LibotrPeer
from otrtest.peers.pidgin_peer import PidginPeer
from otrtest.servers import Prosody
from otrtest.wire import xmpp_wire


class PidginOtr(Conversations, XmppPeerCase):
    """One Pidgin for all tests, since it takes seconds to start."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pidgin = cls.enterClassContext(PidginPeer(cls.server, PEER, cls.guard_name))

    def start_peer(self):
        self.pidgin.close_dialogs()
        if self.pidgin.state() != "plaintext":
            self.pidgin.end()
            self.pidgin.wait_state("plaintext")
        return self.pidgin

    def after_check(self):
        self.pidgin.close_dialogs()

    def fingerprint_seen_by_peer(self):
        known = [line.split("\t")[3].upper()
                 for line in (self.pidgin.folder / "otr.fingerprints").read_text().splitlines()]
        own = self.guard.fingerprint()
        return own if own in known else "none of the known ones"


class RoundTrip(unittest.TestCase):
    """A profile that pidgin-otr wrote is used by OTR Guard and then by pidgin-otr again."""

    files = ("otr.private_key", "otr.fingerprints", "otr.instance_tags")

    def test_nothing_is_lost_either_way(self):
        server = self.enterContext(Prosody({GUARD: "guard's", PEER: "peer's"}))
        self.server = server
        self.wire = self.enterContext(xmpp_wire(server))
        self.folder = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="otrtest-profile-"))) / "profile"
        self.buddy = self.enterContext(
            LibotrPeer(XmppLink(server, PEER), "guard@localhost"))
        own, written = self.use_pidgin_otr_for_the_first_time()
        self.use_otr_guard(own)
        self.assertEqual(self.read_files(), written)
        self.return_to_pidgin_otr(own)
        self.assertEqual(self.read_files(), written)
        for text in ("with pidgin-otr", "with OTR Guard", "back again"):
            self.assertFalse(self.wire.shows(text))

    def read_files(self):
        return {name: (self.folder / name).read_bytes() for name in self.files}

    def pidgin(self, **options):
        return PidginPeer(self.server, GUARD, "peer@localhost", port=self.wire.port,
                          folder=self.folder, prepare_key=False, **options)

    def talk(self, one, text):
        since, own_since = self.buddy.mark(), one.mark()
        one.send(text)
        self.buddy.wait_message(text, private=True, since=since)
        self.buddy.send(f"{text}, answered")
        one.wait_message(f"{text}, answered", since=own_since)

    def use_pidgin_otr_for_the_first_time(self):
        chosen = {"/OTR/enabled": True, "/OTR/automatic": True, "/OTR/onlyprivate": True,
                  "/OTR/avoidloggingotr": True}
        with self.pidgin(preferences=chosen) as pidgin:
            pidgin.wait_buddy_online()
            pidgin.start_otr()
            self.buddy.wait_private()
            pidgin.wait_private()
            self.talk(pidgin, "with pidgin-otr")
            pidgin.smp_question("What colour is it?", "blue")
            self.buddy.wait_smp("ask_for_answer")
            self.buddy.smp_answer("blue")
            pidgin.wait_smp("success")
            self.assertTrue(pidgin.is_verified())
            self.assertEqual(pidgin.quit(), 0)
            own = pidgin.fingerprint()
        self.end_buddy()
        written = self.read_files()
        self.assertIn(f"\t{self.buddy.fingerprint().lower()}\tsmp\n".encode(),
                      written["otr.fingerprints"])
        return own, written

    def end_buddy(self):
        if self.buddy.state() != "plaintext":
            self.buddy.end()

    def use_otr_guard(self, own):
        def connect(client):
            client.account = "guard@localhost/"
            client.connect()
        with GuardPeer(connect, "peer@localhost", profile=self.folder) as guard:
            guard.client.wait_buddy_online("peer@localhost")
            status = guard.status()
            self.assertEqual((status["policy"], status["logging"]), ("always", "off"))
            self.assertEqual(guard.fingerprint(), own)
            # Always private: what is typed begins the conversation.
            self.talk(guard, "with OTR Guard")
            self.assertEqual(guard.their_fingerprint(), self.buddy.fingerprint())
            self.assertTrue(guard.is_verified)
            self.assertEqual(self.buddy.their_fingerprint(), own)
        self.buddy.wait_state("finished")
        self.end_buddy()

    def return_to_pidgin_otr(self, own):
        with self.pidgin() as pidgin:
            self.assertEqual(pidgin.fingerprint(), own)
            pidgin.wait_buddy_online()
            pidgin.start_otr()
            self.buddy.wait_private()
            pidgin.wait_private()
            self.assertTrue(pidgin.is_verified())
            self.talk(pidgin, "back again")
            self.assertEqual(self.buddy.their_fingerprint(), own)
            pidgin.quit()


if __name__ == "__main__":
    unittest.main()
