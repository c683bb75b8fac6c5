# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The IRC server itself is the attacker, and hears every line: it learns nothing of the computer, the
program and when the user is there from a bound account. Without OTR Guard it does."""

import contextlib
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.headless import CommandError, plugin_path
from otrtest.hostile_irc import HostileIrc
from otrtest.lab import CLIENT_NAME, IRC, PROXY, SOCKS_PORT, Lab, betrayals, betrayals_in, leaks
from otrtest.waiting import wait_until

#: Who the user is on their computer.
USER_NAME = "victims-log-in"


class HostileIrcLeaks(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.lab.socks_proxy()

    @contextlib.contextmanager
    def both(self, is_guarded, settings=None):
        """The server, and a client whose account is bound with OTR Guard, and is not online yet."""
        server = HostileIrc(self.lab).start()
        try:
            with self.lab.client(plugins=[plugin_path()] if is_guarded else [],
                                 environment={"USER": USER_NAME, "LOGNAME": USER_NAME}) as client:
                client.add_account(f"alice@{IRC}", "prpl-irc", "secret",
                                   {"port": server.port, "ssl": True, **(settings or {})})
                client.set_proxy("tor")
                if is_guarded:
                    client.bind("Only through a SOCKS 5 proxy", PROXY, SOCKS_PORT)
                yield server, client
        finally:
            server.close()

    def test_questions_to_the_program_however_they_are_spelled(self):
        for is_guarded in (True, False):
            for line in (":m!m@x PRIVMSG alice :\001VERSION\001",
                         ":m!m@x PRIVMSG alice \001VERSION\001",
                         ":m!m@x privmsg alice :\001VERSION\001"):
                with self.subTest(is_guarded=is_guarded, line=line), \
                        self.both(is_guarded) as (server, client):
                    client.connect()
                    server.push(line, ":m!m@x PRIVMSG alice :after that")
                    client.wait_message("after that")
                    client.send("m", "and back")
                    server.wait_heard("and back")
                    answers = [one for one in server.heard if one.startswith("NOTICE m")]
                    self.assertEqual(bool(answers), not is_guarded)
                    if is_guarded:
                        self.assertEqual(betrayals_in("\n".join(server.heard).encode()), [])
                        self.assertNotIn(USER_NAME, "\n".join(server.heard))

    def test_the_log_in_with_sasl_looks_nothing_up(self):
        for is_guarded in (True, False):
            with self.subTest(is_guarded), \
                    self.both(is_guarded, {"sasl": True}) as (server, client):
                since, mark = self.lab.cable.mark(), client.mark()
                with contextlib.suppress(CommandError):
                    client.connect()
                server.wait_heard("AUTHENTICATE")
                client.wait_for({"event": "signed-off"}, since=mark)
                packets = self.lab.cable.since(since)
                if is_guarded:
                    self.assertEqual(leaks(packets), [])
                    self.assertEqual(betrayals(packets), [])
                    self.assertEqual(betrayals_in("\n".join(server.heard).encode()), [])
                else:
                    self.assertTrue([one for one in leaks(packets)
                                     if CLIENT_NAME.encode() in one.payload])

    def test_that_the_client_sets_itself_to_away_is_not_told(self):
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.both(is_guarded) as (server, client):
                client.connect()
                for number, is_away in enumerate((True, False)):
                    client.call("auto_away", away=is_away)
                    client.send("m", f"after change {number}")
                    server.wait_heard(f"after change {number}")
                told = [one for one in server.heard if one.startswith("AWAY")]
                self.assertEqual(bool(told), not is_guarded)
                # What the user says is told.
                client.call("set_status", account=client.account, status="away", message="at lunch")
                wait_until(lambda: [one for one in server.heard if "at lunch" in one],
                           what="the chosen status")


if __name__ == "__main__":
    unittest.main()
