# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What of a private conversation reaches the disk: nothing, unless the user chose otherwise."""

import unittest

from otrtest.pairs import XmppPair
from otrtest.waiting import wait_until

LOGGING = "/plugins/core/otr-guard/logging"


class Logs(XmppPair):

    def prepare(self):
        super().prepare()
        for client in (self.alice, self.bob):
            client.call("set_pref", name="/purple/logging/log_ims", value=True)
            client.call("set_pref", name="/purple/logging/format", value="txt")

    def on_disk(self, client, text):
        """Files of the profile that hold the text."""
        return [str(path) for path in client.profile.rglob("*")
                if path.is_file() and text.encode() in path.read_bytes()]

    def talk(self, marker):
        self.say(self.alice, self.bob_name, self.bob, f"clear {marker}")
        self.make_private()
        self.say(self.alice, self.bob_name, self.bob, f"private {marker}")
        self.say(self.bob, self.alice_name, self.alice, f"answer {marker}")

    def test_nothing_private_is_written_and_logging_comes_back_afterwards(self):
        self.talk("one")
        self.alice.otr(self.bob_name, "end")
        self.bob.wait_otr_status(self.alice_name, state="finished")
        self.bob.otr(self.alice_name, "end")
        self.alice.otr(self.bob_name, "policy manual")
        self.say(self.alice, self.bob_name, self.bob, "clear again")
        for client in (self.alice, self.bob):
            self.assertTrue(self.on_disk(client, "clear one"))
            self.assertEqual(self.on_disk(client, "private one"), [])
            self.assertEqual(self.on_disk(client, "answer one"), [])
            self.assertTrue(self.on_disk(client, "clear again"))

    def test_switching_it_on_in_the_menu_does_not_help(self):
        self.make_private()
        self.alice.call("set_logging", account=self.alice.account, to=self.bob_name, enabled=True)
        self.say(self.alice, self.bob_name, self.bob, "still not written")
        self.assertEqual(self.on_disk(self.alice, "still not written"), [])

    def test_text_that_waits_is_not_written_either(self):
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.alice.otr(self.bob_name, "policy always")
        since = self.bob.mark()
        self.alice.send(self.bob_name, "waiting for privacy")
        self.bob.wait_message("waiting for privacy", since=since, timeout=30)
        for client in (self.alice, self.bob):
            self.assertEqual(self.on_disk(client, "waiting for privacy"), [])

    def test_redacted_marks_the_place_without_the_text(self):
        self.alice.call("set_pref", name=LOGGING, value="redacted")
        self.talk("two")
        self.assertEqual(self.on_disk(self.alice, "private two"), [])
        for line in ("a private message was sent", "a private message was received"):
            wait_until(lambda: self.on_disk(self.alice, line), what=line)

    def test_on_writes_and_says_so(self):
        self.alice.call("set_pref", name=LOGGING, value="on")
        since = self.alice.mark()
        self.talk("three")
        self.assertTrue(self.on_disk(self.alice, "private three"))
        self.alice.wait_system("being logged", since=since)
        self.assertEqual(self.on_disk(self.bob, "private three"), [])


if __name__ == "__main__":
    unittest.main()
