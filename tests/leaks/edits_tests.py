# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Refusals, proxies that go away or turn into something else, edits while an account connects, and
unloading at any moment: no packet beside the proxy, and no crash. Also run with sanitizers."""

import contextlib
import itertools
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.headless import CommandError, plugin_path
from otrtest.lab import (ATTACKER, BLACK_HOLE, PROXY, SOCKS_PORT, TOR_PORT, XMPP, Lab, leaks)
from otrtest.leak_case import SOCKS, LeakCase
from otrtest.waiting import wait_until

PLUGIN = "core-otr-guard"


class Edits(LeakCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.xmpp_port = cls.lab.xmpp_server({"alice": "a"}).port
        cls.lab.socks_proxy()

    # --- proxies ---

    def test_a_proxy_that_answers_nothing_is_waited_for(self):
        """It costs nothing else, can be given up, and has no end of its own for minutes."""
        for way, text in (("Only through a SOCKS 5 proxy", None),
                          ("Only through Tor", "does not answer")):
            with self.subTest(way), self.client(True, "tor", is_bound=False) as client:
                client.bind(way, BLACK_HOLE, SOCKS_PORT)
                mark, since = client.mark(), self.lab.cable.mark()
                client.call("connect", account=client.account)
                wait_until(lambda: len(self.lab.cable.since(since)) >= 2, what="a second attempt")
                if text is not None:
                    event = client.wait_for({"event": "connection_error"}, since=mark)
                    self.assertIn(text, event["text"])
                    self.assertEqual(event["reason"], 0)  # clients try again
                    client.wait_for({"event": "signed-off"}, since=mark)
                    client.call("connect", account=client.account)
                client.disconnect()
                packets = self.lab.cable.since(since)
                self.assertEqual(leaks(packets, proxy=BLACK_HOLE), [])
        with self.client(False, "socks5", host=BLACK_HOLE) as client:
            since = self.lab.cable.mark()
            client.call("connect", account=client.account)
            wait_until(lambda: leaks(self.lab.cable.since(since), proxy=BLACK_HOLE),
                       what="a question past the proxy")

    def test_tor_that_comes_back_as_something_else_is_not_used(self):
        with self.client(True, "tor", is_bound=False) as client:
            client.bind("Only through Tor", PROXY, TOR_PORT)
            tor = self.lab.tor()
            mark, since = client.mark(), self.lab.cable.mark()
            client.call("connect", account=client.account)
            wait_until(lambda: [one for one in self.lab.cable.since(since)
                                if b"xmpp.test" in one.payload], what="the way through Tor")
            self.lab.stop(tor)
            client.wait_for({"event": "signed-off"}, since=mark)
            impostor = self.lab.socks_proxy(TOR_PORT)
            since = self.lab.cable.mark()
            with self.assertRaisesRegex(CommandError, "is not Tor"):
                client.connect()
            packets = self.lab.cable.since(since)
            self.assertEqual(leaks(packets, TOR_PORT), [])
            self.assertFalse([one for one in packets if b"xmpp.test" in one.payload])
        with self.client(False, "tor", port=TOR_PORT) as client:
            packets, error = self.connect(client)
            self.assertIsNone(error)
            self.assertTrue([one for one in packets if b"xmpp.test" in one.payload])
        self.lab.stop(impostor)

    # --- while it connects ---

    def test_fifty_reconnections_in_a_row(self):
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.client(is_guarded) as client:
                mark, since = client.mark(), self.lab.cable.mark()
                for number in range(50):
                    client.call("connect", account=client.account)
                    if number % 4 == 3:  # some get further than others
                        client.wait_for({"event": "signed-on"}, since=mark)
                        mark = client.mark()
                    client.call("disconnect", account=client.account)
                client.connect()
                packets = self.lab.cable.since(since)
                if is_guarded:
                    self.assert_only_proxy(client, packets)
                else:
                    self.assertNotEqual(leaks(packets), [])

    #: What the proxy's settings become, with the words of set_proxy().
    CHANGES = ({"kind": "none"}, {"kind": "tor", "host": ATTACKER}, {"kind": "socks4"},
               {"kind": "http", "port": 3128}, {"kind": "global"})

    def test_the_proxy_is_edited_while_the_account_connects(self):
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.client(is_guarded) as client:
                since = self.lab.cable.mark()
                for change, turns in itertools.product(self.CHANGES, (0, 3)):
                    client.set_proxy("tor")
                    client.call("connect", account=client.account)
                    for _ in range(turns):  # of the main loop
                        client.call("accounts")
                    client.set_proxy(**change)
                    for _ in range(3):  # with some settings it would connect for ever
                        client.call("accounts")
                    self.reconnect(client)
                packets = self.lab.cable.since(since)
                if is_guarded:
                    self.assert_only_proxy(client, packets)
                else:
                    self.assertTrue([one for one in leaks(packets) if one.target == XMPP])

    def reconnect(self, client):
        """With settings that no bound account may have."""
        client.call("disconnect", account=client.account)
        mark = client.mark()  # what was said before is about the last attempt
        client.call("connect", account=client.account)
        event = client.wait_for(lambda one: one["event"] in ("signed-on", "connection_error"),
                                since=mark)
        if client.plugins:
            self.assertIn("OTR Guard refused to connect", event["text"])
            client.wait_for({"event": "signed-off"}, since=client.events.index(event))
        else:
            client.call("disconnect", account=client.account)

    def test_the_proxy_is_switched_off_while_the_account_is_on(self):
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.client(is_guarded) as client:
                client.connect()
                client.set_proxy("none")
                client.disconnect()
                if is_guarded:
                    self.assert_refused(client, "switched off")
                else:
                    packets, error = self.connect(client)
                    self.assertIsNone(error)
                    self.assertTrue([one for one in packets if one.target == XMPP])

    def test_the_binding_is_edited_while_the_account_connects(self):
        with self.client(True) as client:
            since = self.lab.cable.mark()
            for way, host, port in (("Only through Tor", PROXY, SOCKS_PORT),
                                    ("Only through an HTTP proxy", PROXY, 3128),
                                    ("Only through a SOCKS 5 proxy", BLACK_HOLE, SOCKS_PORT),
                                    ("Only through a SOCKS 5 proxy", PROXY, SOCKS_PORT)):
                client.call("connect", account=client.account)
                client.bind(way, host, port)
                client.call("disconnect", account=client.account)
            # And by hand, so that the two records contradict each other.
            client.call("connect", account=client.account)
            self.record(client, f"proxy socks5 {ATTACKER} 1080")
            client.call("disconnect", account=client.account)
            client.connect()
            packets = self.lab.cable.since(since)
            known = {(PROXY, SOCKS_PORT), (PROXY, 3128), (BLACK_HOLE, SOCKS_PORT)}
            self.assertEqual([one for one in packets if (one.target, one.port) not in known], [])
            self.assertEqual(client.guard_status()["route"], SOCKS)

    def test_an_account_is_removed_while_it_connects(self):
        for way, port in (("Only through a SOCKS 5 proxy", SOCKS_PORT),
                          ("Only through Tor", SOCKS_PORT)):
            with self.subTest(way), self.client(True, "tor", is_bound=False) as client:
                client.bind(way, PROXY, port)
                mark, since = client.mark(), self.lab.cable.mark()
                client.call("connect", account=client.account)
                client.call("remove_account", account=client.account)
                client.wait_for({"event": "signed-off"}, since=mark)
                self.assertEqual(leaks(self.lab.cable.since(since)), [])

    # --- the plugin goes ---

    def test_the_plugin_is_unloaded_while_the_account_connects(self):
        for way in ("Only through a SOCKS 5 proxy", "Only through Tor"):
            with self.subTest(way), self.client(True, "tor", is_bound=False) as client:
                client.bind(way, PROXY, SOCKS_PORT)
                since = self.lab.cable.mark()
                for _ in range(3):
                    mark = client.mark()
                    client.call("connect", account=client.account)
                    client.call("unload_plugin", plugin=PLUGIN)
                    event = client.wait_for(lambda one: one["event"] in (
                        "signed-on", "connection_error"), since=mark)
                    self.assertEqual(event["event"] == "signed-on", "SOCKS" in way)
                    client.call("disconnect", account=client.account)
                    client.call("load_plugin", file=plugin_path())
                client.call("unload_plugin", plugin=PLUGIN)
                client.set_proxy("none")
                with contextlib.suppress(CommandError):
                    client.connect()
                packets = self.lab.cable.since(since)
                self.assert_only_proxy(client, packets)


if __name__ == "__main__":
    unittest.main()
