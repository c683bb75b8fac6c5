# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks with IPv6, beside IPv4 and alone: a bound account uses neither family past its proxy,
whichever the proxy's address is of. Without OTR Guard it does."""

import contextlib
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.hostile_server import HostileServer
from otrtest.lab import (ATTACKER6, PROXY, PROXY6, SOCKS_PORT, XMPP6, Lab, WebServer, betrayals,
                         leaks)
from otrtest.leak_case import LAUNCHED, MALLORY, LeakCase
from otrtest.waiting import wait_until

AVATAR = "urn:xmpp:avatar:metadata"


class Six(LeakCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab(has_ipv6=True))
        cls.xmpp_port = cls.lab.xmpp_server({"alice": "a"}).port
        cls.web = cls.lab.keep(WebServer(ATTACKER6).start())
        cls.lab.socks_proxy()
        cls.lab.socks_proxy(address=PROXY6)

    def networks(self):
        """(Whether IPv4 is there, context), one after the other."""
        return (True, contextlib.nullcontext()), (False, self.lab.without_ipv4())

    @staticmethod
    def by_six(packets):
        return [packet for packet in packets if packet.protocol in ("tcp6", "udp6")]

    def test_sign_on(self):
        for has_four, here in self.networks():
            with here:
                for proxy in (PROXY, PROXY6) if has_four else (PROXY6,):
                    with self.subTest(has_four=has_four, proxy=proxy), \
                            self.client(True, host=proxy) as client:
                        packets, error = self.connect(client)
                        self.assertIsNone(error)
                        self.assert_only_proxy(client, packets, proxy=proxy)
                        self.assertIn(proxy, client.guard_status()["route"])
                for kind, target in (("none", XMPP6), ("socks5", None)):
                    with self.subTest(has_four=has_four, kind=kind), \
                            self.client(False, kind, host=PROXY6) as client:
                        packets = self.by_six(leaks(self.connect(client)[0], proxy=PROXY6))
                        self.assertTrue([one for one in packets if target in (None, one.target)])

    def test_a_server_by_its_address_and_no_proxy(self):
        for is_guarded in (True, False):
            with self.subTest(is_guarded), \
                    self.client(is_guarded, "tor", settings={"connect_server": XMPP6},
                                environment={"no_proxy": "*"}) as client:
                since, mark = self.lab.cable.mark(), client.mark()
                client.call("connect", account=client.account)
                if is_guarded:
                    event = client.wait_for({"event": "connection_error"}, since=mark)
                    self.assertIn("would have bypassed the proxy", event["text"])
                    self.assertEqual(self.lab.cable.since(since), [])
                    client.wait_for({"event": "signed-off"}, since=mark)
                else:
                    wait_until(lambda: [one for one in self.lab.cable.since(since)
                                        if one.target == XMPP6], what="a packet to the server")

    def test_other_spellings_of_the_proxys_address(self):
        with self.client(True, host="fd77:0:0:0::1") as client:
            packets, error = self.connect(client)
            self.assertIsNone(error)
            self.assert_only_proxy(client, packets, proxy=PROXY6)
            client.set_proxy("tor", host=PROXY6)
            client.disconnect()
            self.assert_refused(client, "no longer the one")

    def test_pictures_by_address(self):
        url = "http://attacker.test/picture"
        event = (f"<message from='{MALLORY}'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
                 f"<items node='{AVATAR}'><item id='p'><metadata xmlns='{AVATAR}'><info bytes='2' "
                 f"id='p' height='1' width='1' type='image/png' url='{url}'/></metadata></item>"
                 "</items></event></message>")
        server = self.lab.keep(HostileServer(self.lab, XMPP6).start())
        for is_guarded in (True, False):
            with self.subTest(is_guarded), \
                    self.client(is_guarded, settings={"port": 5222}) as client:
                since = self.lab.cable.mark()
                client.connect()
                # libpurple alone crashes when it hears of an address like the second.
                server.push(event, *[event.replace("attacker.test", f"[{ATTACKER6}]")] * is_guarded)
                self.wait_for_answers(client)
                if is_guarded:
                    client.call("fetch_url", url=url)
                    self.assertIsNone(client.wait_for({"event": "fetched"})["text"])
                    self.assert_only_proxy(client, self.lab.cable.since(since))
                else:
                    wait_until(lambda: self.by_six(leaks(self.lab.cable.since(since))) and
                               self.web.requests, what="the fetched picture")

    def test_the_launcher(self):
        for has_four, here in self.networks():
            with here, self.subTest(has_four), self.client(False, "none", settings={
                    "connect_server": XMPP6}, wrapper=[
                        LAUNCHED[0], "--proxy", f"[{PROXY6}]:{SOCKS_PORT}", "--"]) as client:
                _, error = self.connect(client)
                self.assertIsNotNone(error)
                client.set_proxy("tor", host=PROXY6)
                client.call("set_account_setting", account=client.account, name="connect_server",
                            value="")
                packets, error = self.connect(client)
                self.assertIsNone(error)
                self.assertEqual(leaks(packets, proxy=PROXY6), [])
                self.assertEqual(betrayals(packets), [])


if __name__ == "__main__":
    unittest.main()
