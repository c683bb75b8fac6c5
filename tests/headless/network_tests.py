# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said about accounts and the network where no packet matters: the reminder that private is
not hidden, and what the check-up compares between accounts. tests/leaks has the rest."""

import unittest

from otrtest.headless import plugin_path
from otrtest.keys import put_key
from otrtest.pairs import XmppPair

HINT = "can see this computer's address"


class Hints(XmppPair):

    users = {"alice": "a", "bob": "b", "carol": "c"}

    def prepare(self):
        super().prepare()
        self.carol = self.make_client("carol")
        self.alice.wait_buddy_online(self.carol_name)

    carol_name = "carol@localhost"

    def hints(self):
        return [event["conversation"] for event in self.alice.messages("system")
                if HINT in event["text"]]

    def start_with(self, name):
        self.alice.call("open_conversation", account=self.alice.account, to=name)
        self.alice.otr(name, "start")
        self.alice.wait_otr_status(name, state="private")

    def test_once_for_each_buddy_and_not_before_it_is_private(self):
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.assertEqual(self.hints(), [])
        self.start_with(self.bob_name)
        self.assertEqual(len(self.hints()), 1)
        self.alice.otr(self.bob_name, "end")
        self.start_with(self.bob_name)
        self.assertEqual(len(self.hints()), 1)
        self.start_with(self.carol_name)
        self.assertEqual(len(self.hints()), 2)

    def test_not_again_when_the_user_does_not_want_it(self):
        status, error, _ = self.alice.command(self.bob_name, "/guard hint perhaps")
        self.assertEqual((status, "/guard hint off" in error), ("failed", True))
        _, _, lines = self.alice.command(self.bob_name, "/guard hint off")
        self.assertIn("not be reminded", lines[0])
        self.start_with(self.bob_name)
        self.assertEqual(self.hints(), [])
        self.alice.command(self.bob_name, "/guard hint on")
        self.start_with(self.carol_name)
        self.assertEqual(len(self.hints()), 1)

    def test_not_where_the_user_has_chosen_the_way(self):
        self.alice.command(self.bob_name, "/guard require off")
        self.start_with(self.bob_name)
        self.assertEqual(self.hints(), [])


class CheckUp(XmppPair):

    def prepare(self):
        pass

    def check(self, client, account):
        _, _, lines = client.command("somebody@localhost", "/guard check", account)
        return "\n".join(lines)

    def test_what_shows_that_two_accounts_are_one_persons(self):
        alice, bob = "alice@localhost/", "bob@localhost/"
        client = self.start_client("alice", plugins=[])
        put_key(client.profile, alice, bob)
        client.call("load_plugin", file=plugin_path())
        for user in ("alice", "bob"):
            client.connect_xmpp(self.server, user)
            client.call("set_status", account=f"{user}@localhost/", status="away",
                        message="at the lake")
        text = self.check(client, alice)
        self.assertIn("attention: Another account of yours has the same code", text)
        self.assertIn("attention: Another account of yours shows the same status text", text)
        client.call("set_status", account=bob, status="away", message="")
        self.assertIn("good: No other account of yours shows the same status text",
                      self.check(client, alice))


if __name__ == "__main__":
    unittest.main()
