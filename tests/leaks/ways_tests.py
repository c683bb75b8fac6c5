# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Other ways around a proxy: the environment, new accounts at the server, XMPP over HTTP, the proxy
of another account. Each is taken without OTR Guard, and by no bound account."""

import contextlib
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.headless import CommandError
from otrtest.lab import (ATTACKER, IRC, PROXY, SOCKS_PORT, XMPP, XMPP_DOMAIN, Lab, WebServer,
                         betrayals, leaks)
from otrtest.leak_case import ALICE, LAUNCHED, SOCKS, LeakCase
from otrtest.waiting import wait_until

BOSH_PORT, BOSH_TLS_PORT, OTHER_PORT = 5280, 5281, 1081
OVER_HTTP = f"""
modules_disabled = {{ "s2s" }}
http_ports = {{ {BOSH_PORT} }}
https_ports = {{ {BOSH_TLS_PORT} }}
http_interfaces = {{ "{XMPP}" }}
https_interfaces = {{ "{XMPP}" }}
https_ssl = {{ key = "FOLDER/test.key", certificate = "FOLDER/test.crt" }}
http_default_host = "{XMPP_DOMAIN}"
allow_registration = true
"""


class Ways(LeakCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.server = cls.lab.xmpp_server(
            {"alice": "a"}, modules=["bosh", "register"],
            settings=OVER_HTTP.replace("FOLDER", str(cls.lab.folder)))
        cls.xmpp_port = cls.server.port
        cls.irc = cls.lab.irc_server()
        cls.web = cls.lab.keep(WebServer().start())
        cls.lab.socks_proxy()
        cls.lab.socks_proxy(OTHER_PORT)

    # --- the environment ---

    def test_variables_that_switch_the_proxy_off(self):
        for name in ("no_proxy", "NO_PROXY"):
            for is_guarded in (True, False):
                with self.subTest(name=name, is_guarded=is_guarded), \
                        self.client(is_guarded, "tor", settings={"connect_server": XMPP},
                                    environment={name: "*"}) as client:
                    packets, error = self.connect(client)
                    if is_guarded:
                        self.assertIn("would have bypassed the proxy", error)
                        self.assertEqual(packets, [])
                    else:
                        self.assertIsNone(error)
                        self.assertTrue([one for one in packets if one.target == XMPP])

    def test_variables_that_name_another_proxy(self):
        other = f"http://{ATTACKER}:80/"
        gnome = {"GNOME_DESKTOP_SESSION_ID": "this-is-deprecated", "XDG_CURRENT_DESKTOP": "GNOME"}
        for environment, kind, words in (
                ({"http_proxy": other, "HTTP_PROXY": other}, "environment", "environment"),
                ({"http_proxy": other, **gnome}, "global", "global proxy")):
            with self.subTest(kind):
                with self.client(True, kind, is_bound=False, environment=environment) as client:
                    self.record(client, SOCKS)
                    self.assert_refused(client, words)
                with self.client(True, environment=environment) as client:
                    packets, error = self.connect(client)
                    self.assertIsNone(error)
                    self.assert_only_proxy(client, packets)
                with self.client(False, kind, environment=environment) as client:
                    packets, _ = self.connect(client)
                    target = ATTACKER if kind == "environment" else XMPP
                    self.assertTrue([one for one in packets if one.target == target])

    # --- accounts that are made ---

    def test_an_account_is_made_at_the_server_through_the_proxy_or_not_at_all(self):
        for proxy, is_guarded in (("none", True), ("socks5", True), ("none", False)):
            with self.subTest(proxy=proxy, is_guarded=is_guarded), \
                    self.client(is_guarded, proxy, is_bound=proxy != "none") as client:
                if is_guarded and proxy == "none":
                    self.record(client, SOCKS)
                mark, since = client.mark(), self.lab.cable.mark()
                client.call("register", account=client.account)
                if is_guarded and proxy == "none":
                    error = client.wait_for({"event": "connection_error"}, since=mark)
                    self.assertIn("OTR Guard refused to connect", error["text"])
                    self.assertEqual(self.lab.cable.since(since), [])
                    client.wait_for({"event": "signed-off"}, since=mark)
                    continue
                form = client.wait_request(type="fields", since=mark)
                packets = self.lab.cable.since(since)
                client.answer(form, action="cancel")
                client.wait_for({"event": "signed-off"}, since=mark)
                if is_guarded:
                    self.assert_only_proxy(client, packets)
                else:
                    self.assertTrue([one for one in packets if one.target == XMPP])

    # --- inside otr-guard-run, without OTR Guard ---

    def test_the_launcher_leaves_no_way(self):
        way = {"connect_server": XMPP}
        for settings, environment in ((way, {"no_proxy": "*"}),
                                      ({}, {"http_proxy": f"http://{ATTACKER}:80/"})):
            with self.subTest(settings=settings), self.client(
                    False, "tor", settings=settings, environment=environment,
                    wrapper=LAUNCHED) as client:
                packets, error = self.connect(client)
                if error is None:
                    client.disconnect()
                for kind in ("environment", "none"):
                    client.set_proxy(kind)
                    mark, since = client.mark(), self.lab.cable.mark()
                    client.call("register", account=client.account)
                    client.wait_for({"event": "signed-off"}, since=mark)
                    packets += self.lab.cable.since(since) + self.connect(client)[0]
                self.assertEqual(leaks(packets), [])
                self.assertEqual(betrayals(packets), [])

    # --- XMPP over HTTP ---

    def begin(self, client, seen):
        """Connects until that is seen in a packet."""
        since = self.lab.cable.mark()
        client.call("connect", account=client.account)
        wait_until(lambda: [one for one in self.lab.cable.since(since) if seen(one)],
                   what="the packet")
        client.disconnect()

    @staticmethod
    def tell_program(client):
        """Each request of XMPP over HTTP names the program."""
        client.call("set_pref", name="/plugins/core/otr-guard/network/program", value=True)

    def test_xmpp_over_http(self):
        settings = {"bosh_url": f"https://{XMPP_DOMAIN}:{BOSH_TLS_PORT}/http-bind"}
        with self.client(True, settings=settings) as client:
            self.assert_refused(client, "names your program")
            self.tell_program(client)
            packets, error = self.connect(client)  # takes its time: libpurple gathers what it says
            self.assertIsNone(error)
            self.assert_only_proxy(client, packets)
        with self.client(False, "none", settings=settings) as client:
            self.begin(client, lambda one: one.target == XMPP and one.port == BOSH_TLS_PORT)

    def test_xmpp_over_http_in_clear(self):
        settings = {"bosh_url": f"http://{XMPP_DOMAIN}:{BOSH_PORT}/http-bind",
                    "connection_security": "old_ssl"}
        with self.client(True, "tor", is_bound=False, settings=settings) as client:
            self.record(client, SOCKS)
            self.tell_program(client)
            self.assert_refused(client, "need not be encrypted")
            client.bind("Only through a SOCKS 5 proxy", PROXY, SOCKS_PORT)
            packets, error = self.connect(client)
            self.assertIn("no TLS", error)
            self.assertFalse([one for one in packets if b"mechanism=" in one.payload])
            self.assert_only_proxy(client, packets)
        with self.client(False, settings=settings) as client:
            self.begin(client, lambda one: b"mechanism=" in one.payload)

    # --- another account's proxy ---

    @contextlib.contextmanager
    def two_accounts(self, is_guarded):
        """Alice's two: XMPP through one proxy, IRC through another."""
        with self.client(is_guarded) as client:
            for end in ("shortest", "longest"):
                client.call("set_pref", name=f"/plugins/core/otr-guard/network/{end}-wait", value=0)
            client.add_account(f"alice@{IRC}", "prpl-irc", None, {
                "port": self.irc.tls_port, "ssl": True, "username": "alice", "realname": "alice"})
            client.set_proxy("tor", port=OTHER_PORT, account=f"alice@{IRC}")
            if is_guarded:
                self.record(client, f"proxy socks5 {PROXY} {OTHER_PORT}", f"alice@{IRC}")
            yield client

    def test_two_accounts_do_not_use_each_others_proxy(self):
        words = {SOCKS_PORT: XMPP_DOMAIN.encode(), OTHER_PORT: IRC.encode()}
        accounts = (f"{ALICE}/", f"alice@{IRC}")

        def asked(packets, port, word):
            return [one for one in packets if one.port == port and words[word] in one.payload]

        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.two_accounts(is_guarded) as client:
                since, mark = self.lab.cable.mark(), client.mark()
                for account in accounts:
                    client.call("connect", account=account)
                for account in accounts:
                    client.wait_for({"event": "signed-on", "account": account}, since=mark)
                if is_guarded:
                    packets = self.lab.cable.since(since)
                    self.assertEqual([one for one in packets if one not in leaks(packets)
                                      and one.port not in words], [])
                    self.assertEqual(leaks(leaks(packets), OTHER_PORT), [])
                    self.assertEqual(betrayals(packets), [])
                    for port in words:
                        self.assertTrue(asked(packets, port, port))
                        self.assertFalse([one for word in words if word != port
                                          for one in asked(packets, port, word)])
                # What one account's settings say by mistake is another one's proxy.
                client.set_proxy("tor", port=SOCKS_PORT, account=accounts[1])
                client.disconnect(accounts[1])
                since = self.lab.cable.mark()
                if is_guarded:
                    with self.assertRaisesRegex(CommandError, "no longer the one"):
                        client.connect(accounts[1])
                else:
                    client.connect(accounts[1])
                crossed = asked(self.lab.cable.since(since), SOCKS_PORT, OTHER_PORT)
                self.assertEqual(bool(crossed), not is_guarded)


if __name__ == "__main__":
    unittest.main()
