# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the server and the other devices of one account get of encrypted and of clear messages."""

import unittest

from otrtest.links import XmppLink
from otrtest.pairs import XmppPair
from otrtest.waiting import wait_until

CARBONS = "<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>"
ARCHIVE = "<iq type='set' id='{}'><query xmlns='urn:xmpp:mam:2' queryid='all'/></iq>"
HINTS = {"private": "urn:xmpp:carbons:2", "no-copy": "urn:xmpp:hints",
         "no-permanent-store": "urn:xmpp:hints"}


class Hints(XmppPair):

    server_modules = ("carbons", "mam")

    def stanzas(self, user, part):
        """Messages that `user` sent, with `part` in their body."""
        return [unit.text for unit in self.wires[user].seen("to-server")
                if unit.text.startswith("<message") and f"<body>{part}" in unit.text]

    def second_device(self, user):
        device = XmppLink(self.server, user, resource="phone")
        device.start()
        self.addCleanup(device.stop)
        device.send_stanza(CARBONS)
        self.wait_stanza(device, 'id="carbons"')
        return device

    def wait_stanza(self, device, text):
        return wait_until(lambda: [one for one in device.stanzas if text in one],
                          what=f"{text!r} at the other device")

    def archive_of(self, device, number):
        """Everything that the server has kept for this account."""
        name = f"archive-{number}"
        since = len(device.stanzas)
        device.send_stanza(ARCHIVE.format(name))
        self.wait_stanza(device, f'id="{name}"')
        return "".join(device.stanzas[since:])

    def test_encrypted_messages_carry_the_hints(self):
        self.make_private()
        self.say(self.alice, self.bob_name, self.bob, "for your eyes")
        encrypted = self.stanzas("alice", "?OTR:") + self.stanzas("bob", "?OTR:")
        self.assertGreaterEqual(len(encrypted), 5)
        for stanza in encrypted:
            for name, space in HINTS.items():
                self.assertRegex(stanza, f"<{name} xmlns=['\"]{space}['\"]/>")
            self.assertRegex(stanza, "<encryption [^>]*xmlns=['\"]urn:xmpp:eme:0['\"]")
            self.assertRegex(stanza, "<encryption [^>]*namespace=['\"]urn:xmpp:otr:0['\"]")

    def test_a_key_exchange_is_not_kept_for_later_and_a_text_may_be(self):
        self.make_private()
        self.say(self.alice, self.bob_name, self.bob, "may come late")
        exchange = [stanza for kind in "CKRS" for user in ("alice", "bob")
                    for stanza in self.stanzas(user, f"?OTR:AAM{kind}")]
        texts = self.stanzas("alice", "?OTR:AAMD")
        self.assertEqual(len(exchange), 4)
        self.assertTrue(texts)
        for stanza in exchange:
            self.assertIn("<no-store ", stanza)
        for stanza in texts:
            self.assertNotIn("<no-store ", stanza)

    def test_clear_messages_are_as_they_are_without_otr_guard(self):
        self.say(self.alice, self.bob_name, self.bob, "readable for everybody")
        clear = self.stanzas("alice", "readable")
        self.assertEqual(len(clear), 1)
        self.alice.otr(self.bob_name, "start")
        self.wait_private()
        query = self.stanzas("alice", r"?OTRv")
        self.assertTrue(query)
        for stanza in clear + query:
            for word in ("urn:xmpp:hints", "urn:xmpp:carbons:2", "urn:xmpp:eme:0"):
                self.assertNotIn(word, stanza)

    def test_other_devices_and_the_archive_have_clear_text_alone(self):
        phone = self.second_device("alice")
        self.say(self.alice, self.bob_name, self.bob, "readable for my phone")
        self.wait_stanza(phone, "readable for my phone")
        self.assertIn("readable for my phone", self.archive_of(phone, 1))
        self.make_private()
        self.say(self.alice, self.bob_name, self.bob, "not for my phone")
        self.say(self.bob, self.alice_name, self.alice, "nor this")
        self.alice.otr(self.bob_name, "end")
        self.say(self.alice, self.bob_name, self.bob, "readable again")
        self.wait_stanza(phone, "readable again")
        kept = self.archive_of(phone, 2)
        self.assertIn("readable again", kept)
        for text in (kept, "".join(phone.stanzas)):
            self.assertNotIn("?OTR:", text)


if __name__ == "__main__":
    unittest.main()
