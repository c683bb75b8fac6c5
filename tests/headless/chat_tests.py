# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A private conversation over XMPP as two users have it, in clients without a window."""

import unittest

from otrtest.pairs import XmppPair


class Chat(XmppPair):

    def test_a_private_conversation_from_start_to_end(self):
        self.make_private()
        self.say(self.alice, self.bob_name, self.bob, "the meeting is at noon")
        self.say(self.bob, self.alice_name, self.alice, "understood, at noon")
        self.assert_never_in_clear("the meeting is at noon", "understood, at noon")
        status = self.alice.otr_status(self.bob_name)
        self.assertEqual(status["verified"], "no")
        self.assertEqual(status["protocol version"], "3")
        self.assertEqual(status["their fingerprint"],
                         self.bob.otr_status(self.alice_name)["my fingerprint"])
        since = self.bob.mark()
        self.alice.otr(self.bob_name, "end")
        self.bob.wait_otr_status(self.alice_name, state="finished")
        told = [line["text"] for line in self.bob.messages("system", since)
                if "state: " not in line["text"]]
        self.assertEqual(len(told), 1, told)
        self.assertEqual(self.alice.otr_status(self.bob_name)["state"], "plaintext")

    def test_the_first_message_offers_a_private_conversation(self):
        self.say(self.alice, self.bob_name, self.bob, "hello there")
        self.bob.call("open_conversation", account=self.bob.account, to=self.alice_name)
        self.wait_private()
        self.say(self.bob, self.alice_name, self.alice, "now nobody reads along")
        self.assert_never_in_clear("now nobody reads along")

    def test_refresh_keeps_the_conversation_private(self):
        self.make_private()
        for sender, name, receiver in ((self.alice, self.bob_name, self.bob),
                                       (self.bob, self.alice_name, self.alice)):
            since = receiver.mark()
            sender.otr(name, "refresh")
            receiver.wait_system("goes on with fresh keys", since=since)
            self.say(sender, name, receiver, f"after the refresh of {name}")
        self.wait_private()
        self.assert_never_in_clear("after the refresh of")

    def test_encrypted_messages_ask_not_to_be_copied(self):
        self.make_private()
        self.say(self.alice, self.bob_name, self.bob, "for your eyes")
        stanzas = [unit.text for unit in self.wires["alice"].seen("to-server")
                   if "?OTR:" in unit.text]
        self.assertTrue(stanzas)
        for stanza in stanzas:
            self.assertIn("urn:xmpp:carbons:2", stanza)
            self.assertIn("no-permanent-store", stanza)
            self.assertIn("urn:xmpp:otr:0", stanza)

    def test_the_query_names_nobody(self):
        self.make_private()
        queries = [body for body in self.wires["alice"].bodies("to-server")
                   if body.startswith("?OTRv")]
        self.assertTrue(queries)
        for query in queries:
            self.assertNotIn("alice", query)
            self.assertNotIn("http", query)

    def test_a_client_that_was_restarted_finds_back(self):
        self.make_private()
        self.say(self.alice, self.bob_name, self.bob, "before the crash")
        self.bob.kill()
        self.bob.start()
        self.bob.account = None
        self.bob.connect_xmpp(self.server, "bob", port=self.wires["bob"].port)
        self.bob.call("open_conversation", account=self.bob.account, to=self.alice_name)
        self.alice.wait_buddy_online(self.bob_name)
        since = self.bob.mark()
        self.alice.send(self.bob_name, "is anybody there")
        self.bob.wait_message("is anybody there", since=since, timeout=30)
        self.assert_never_in_clear("before the crash", "is anybody there")


if __name__ == "__main__":
    unittest.main()
