# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bound accounts under valgrind: refusals, edits while an account connects, unloading meanwhile."""

import os
import pathlib
import sys
import tempfile
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest import memcheck
from otrtest.headless import CommandError, plugin_path
from otrtest.keys import put_key
from otrtest.lab import ATTACKER, PROXY, SOCKS_PORT, Lab, leaks
from otrtest.leak_case import ALICE, LeakCase


class Memory(LeakCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.xmpp_port = cls.lab.xmpp_server({"alice": "a"}).port
        cls.lab.socks_proxy()

    def refuse(self, client, words):
        mark = client.mark()
        with self.assertRaisesRegex(CommandError, words):
            client.connect(timeout=60)
        client.wait_for({"event": "signed-off"}, since=mark)

    def test_what_a_bound_account_goes_through(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="otrtest-leaks-memory-"))
        put_key(pathlib.Path(folder) / "profile", f"{ALICE}/")
        check = memcheck.Memcheck(folder)
        since = self.lab.cable.mark()
        with self.client(True, "tor", profile=pathlib.Path(folder) / "profile",
                         wrapper=check.wrapper, environment=check.environment) as client:
            client.set_proxy("none")
            self.refuse(client, "switched off")
            client.bind("Only through Tor", PROXY, SOCKS_PORT)
            self.refuse(client, "is not Tor")
            client.call("connect", account=client.account)  # and given up while Tor is asked
            client.call("disconnect", account=client.account)
            client.bind("Only through a SOCKS 5 proxy", PROXY, SOCKS_PORT)
            for edit in ({"kind": "none"}, {"kind": "tor", "host": ATTACKER}):
                client.set_proxy("tor")
                client.call("connect", account=client.account)
                client.set_proxy(**edit)
                client.call("disconnect", account=client.account)
                self.refuse(client, "refused to connect")
            client.set_proxy("tor")
            client.call("connect", account=client.account)
            client.call("unload_plugin", plugin="core-otr-guard")
            client.call("disconnect", account=client.account)
            client.call("load_plugin", file=plugin_path())
            client.connect(timeout=60)
            client.guard("check")
            client.call("fetch_url", url=f"http://{ATTACKER}/")
            client.wait_for({"event": "fetched"})
            client.quit(timeout=90)
        self.assertEqual(leaks(self.lab.cable.since(since)), [])
        found = check.findings()
        self.assertEqual(found, [], "\n\n".join(found))


if __name__ == "__main__":
    if not memcheck.is_available():
        print("skipped: valgrind is not installed")
        sys.exit(77)
    os.environ.setdefault("OTR_GUARD_PATIENCE", "3")
    unittest.main()
