# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts bound to Tor: only a real Tor will do, and each account has circuits of its own.

Tor has no network here: it takes connections and never gets anywhere.
"""

import re
import socket
import threading
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.headless import CommandError, plugin_path
from otrtest.lab import PROXY, SOCKS_PORT, TOR_PORT, XMPP_DOMAIN, Lab, leaks
from otrtest.waiting import wait_until


class _Control:
    """What Tor says on its control port about streams."""

    def __init__(self):
        self._socket = socket.create_connection(("127.0.0.1", 9051))
        self._socket.sendall(b"AUTHENTICATE\r\nSETEVENTS STREAM\r\n")
        self._lines = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        wait_until(lambda: len([line for line in self._lines if line.startswith("250")]) >= 2,
                   what="Tor's control port")

    def _read(self):
        with self._socket.makefile("r") as stream:
            for line in stream:
                self._lines.append(line.strip())

    def users(self):
        """(user, password) of the streams to XMPP servers, in the order they came."""
        new = [line for line in self._lines if " NEW " in line and f"{XMPP_DOMAIN}:" in line]
        return [(re.search(r'SOCKS_USERNAME="([^"]*)"', line)[1],
                 re.search(r'SOCKS_PASSWORD="([^"]*)"', line)[1]) for line in new]

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


class TorLeaks(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())

    def client(self, *users, port=TOR_PORT):
        client = self.lab.client(plugins=[plugin_path()])
        self.enterContext(client)
        for end in ("shortest", "longest"):
            client.call("set_pref", name=f"/plugins/core/otr-guard/network/{end}-wait", value=0)
        for user in users:
            account = f"{user}@{XMPP_DOMAIN}/"
            client.add_account(account, "prpl-jabber", "secret",
                               {"connection_security": "require_tls", "port": 5222})
            client.set_proxy("tor", port=port, account=account)
            client.call("set_account_setting", account=account, name="otr-guard-network",
                        value=f"tor {PROXY} {port}")
        return client

    def test_another_proxy_is_not_taken_for_tor(self):
        process = self.lab.socks_proxy()
        client = self.client("alice", port=SOCKS_PORT)
        since = self.lab.cable.mark()
        with self.assertRaisesRegex(CommandError, "is not Tor"):
            client.connect()
        packets = self.lab.cable.since(since)
        self.assertEqual(leaks(packets), [])
        self.assertFalse([packet for packet in packets if XMPP_DOMAIN.encode() in packet.payload])
        self.lab.stop(process)

    def test_what_does_not_answer_is_waited_for(self):
        client = self.client("alice")
        since = self.lab.cable.mark()
        with self.assertRaisesRegex(CommandError, "does not answer"):
            client.connect()
        self.assertEqual(leaks(self.lab.cable.since(since), TOR_PORT), [])
        # Clients try again after a network error, reason 0, and after no other.
        self.assertEqual(client.wait_for({"event": "connection_error"})["reason"], 0)

    def test_each_account_has_circuits_of_its_own_and_new_ones_on_request(self):
        process = self.lab.tor()
        control = _Control()
        self.addCleanup(control.close)
        client = self.client("alice", "bob")
        since = self.lab.cable.mark()
        for user in ("alice", "bob"):
            client.call("connect", account=f"{user}@{XMPP_DOMAIN}/")
        wait_until(lambda: len(control.users()) == 2, what="two streams")
        first, second = control.users()
        self.assertNotEqual(first[0], second[0])
        self.assertNotEqual(first[1], second[1])
        alice = f"alice@{XMPP_DOMAIN}/"
        self.assertEqual(client.guard_status(alice)["tor"], "yes")
        client.guard("identity", alice)
        client.call("disconnect", account=alice)
        client.call("connect", account=alice)
        wait_until(lambda: len(control.users()) == 3, what="the third stream")
        third = control.users()[2]
        self.assertNotIn(third, (first, second))
        client.call("disconnect", account=alice)
        client.call("connect", account=alice)
        wait_until(lambda: len(control.users()) == 4, what="the fourth stream")
        self.assertEqual(control.users()[3], third)
        self.assertEqual(leaks(self.lab.cable.since(since), TOR_PORT), [])
        self.lab.stop(process)

    def test_log_ins_of_several_accounts_are_apart(self):
        process = self.lab.socks_proxy()
        client = self.client("alice", "bob", port=SOCKS_PORT)
        for end in ("shortest", "longest"):
            client.call("set_pref", name=f"/plugins/core/otr-guard/network/{end}-wait", value=2)
        alice, bob = (f"{user}@{XMPP_DOMAIN}/" for user in ("alice", "bob"))
        client.call("connect", account=alice)  # alone, so at once
        client.wait_for({"event": "connection_error", "account": alice})
        for attempt in (1, 2):
            mark = client.mark()
            client.call("connect", account=bob)
            if attempt == 2:  # what waits is over when its account is switched off
                client.call("disconnect", account=bob)
                client.call("connect", account=bob)
            started = client.events[-1]["time"]
            event = client.wait_for({"event": "connection_error", "account": bob}, since=mark)
            self.assertIn("is not Tor", event["text"])
            self.assertGreater(event["time"] - started, 1.5)
            client.wait_for({"event": "signed-off", "account": bob}, since=client.events.index(event))
        self.lab.stop(process)


if __name__ == "__main__":
    unittest.main()
