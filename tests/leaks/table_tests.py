# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table in README.md: packets that left past the proxy, without OTR Guard and with it. Every row
is a test, so that a figure that is no longer true is noticed. With OTR_GUARD_TABLE=FILE the table is
written there."""

import dataclasses
import datetime
import os
import pathlib
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.headless import CommandError, plugin_path
from otrtest.lab import (ATTACKER, CLIENT, HTTP_PORT, IRC, PROXY, SOCKS_PORT, XMPP, XMPP_DOMAIN,
                         Lab, WebServer, leaks)
from otrtest.links import IrcLink
from otrtest.mallory import Mallory
from otrtest.waiting import wait_until

ALICE, MALLORY = f"alice@{XMPP_DOMAIN}", f"mallory@{XMPP_DOMAIN}"
LAUNCHER = os.environ.get("OTR_GUARD_RUN", "")
STOCK, LAUNCHED, GUARDED = "stock", "launched", "guarded"


@dataclasses.dataclass
class Case:
    """`act` is done once the account is online, and returns when everything has happened."""
    text: str
    proxy: str | None = "tor"
    port: int = SOCKS_PORT
    settings: dict = dataclasses.field(default_factory=dict)
    environment: dict = dataclasses.field(default_factory=dict)
    protocol: str = "prpl-jabber"
    host: str = PROXY
    act: str = ""
    begins_online: bool = True


CASES = (
    Case("signing on, proxy type *Tor*"),
    Case("signing on, *SOCKS 5*", "socks5"),
    Case("signing on, *HTTP*", "http", HTTP_PORT),
    Case("signing on, *SOCKS 4*", "socks4"),
    Case("signing on, *SOCKS 5*, the proxy given by name", "socks5", host="proxy.test"),
    Case("signing on, *SOCKS 5*, the proxy is down", "socks5", 1081),
    Case("signing on, no proxy", "none"),
    Case("signing on, the global proxy, and there is none", "global"),
    Case("signing on, the environment's proxy, and there is none", "environment"),
    Case("`no_proxy=*`, the server given by its address", settings={"connect_server": XMPP},
         environment={"no_proxy": "*"}),
    Case("a buddy publishes a picture by address", act="avatar"),
    Case("the client fetches a page for no account", act="page"),
    Case("a file is sent (XMPP), *SOCKS 5*", "socks5", act="file"),
    Case("signing on, IRC", protocol="prpl-irc"),
    Case("a file is sent (IRC)", protocol="prpl-irc", act="dcc"),
    Case("the proxy is switched off, and the account goes online anew", act="anew"),
    Case("SIMPLE over UDP", protocol="prpl-simple", begins_online=False),
    Case("Gadu-Gadu, no proxy", "none", protocol="prpl-gg", begins_online=False),
)


class Table(unittest.TestCase):

    rows = []

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.xmpp = cls.lab.xmpp_server({"alice": "a", "mallory": "m"})
        cls.irc = cls.lab.irc_server()
        cls.web = cls.lab.keep(WebServer().start())
        cls.lab.socks_proxy()
        cls.lab.http_proxy()
        cls.file = cls.lab.folder / "file.txt"
        cls.file.write_text("contents")

    def client(self, case, way):
        wrapper = [LAUNCHER, "--proxy", f"{PROXY}:{case.port}", "--"] if way == LAUNCHED else ()
        # libpurple frees a fetched avatar twice when it quits.
        codes = (0,) if way == GUARDED else (0, -6, -11, 134, 139)
        return self.lab.client(plugins=[plugin_path()] if way == GUARDED else [], wrapper=wrapper,
                               allowed_exit_codes=codes, environment=case.environment)

    def add_account(self, client, case, way):
        if case.protocol == "prpl-jabber":
            client.add_account(f"{ALICE}/", case.protocol, "a", {
                "port": self.xmpp.port, "connection_security": "require_tls", **case.settings})
        elif case.protocol == "prpl-irc":
            client.add_account(f"alice@{IRC}", case.protocol, None, {
                "port": self.irc.tls_port, "ssl": True, "username": "alice", "realname": "alice"})
        elif case.protocol == "prpl-gg":
            client.add_account("12345", case.protocol, "secret")
        else:
            client.add_account(f"alice@{ATTACKER}", case.protocol, "secret",
                               {"udp": True, "port": 5060})
        client.set_proxy(case.proxy, host=case.host, port=case.port)
        if way != GUARDED:
            return
        kind = "http" if case.proxy == "http" else "socks5"
        if case.proxy in ("tor", "socks5", "http") and case.host == PROXY \
                and case.begins_online:
            client.bind(f"Only through {'an HTTP' if kind == 'http' else 'a SOCKS 5'} proxy", PROXY,
                        case.port)
        else:  # what cannot be chosen, but can be made by hand afterwards
            client.call("set_account_setting", account=client.account, name="otr-guard-network",
                        value=f"proxy {kind} {PROXY} {case.port}")

    # --- what happens once an account is online; True when its address was told ---

    def avatar(self, client, way):
        with Mallory(self.xmpp) as mallory:
            mallory.publish_avatar(f"http://{ATTACKER}/avatar.png", ALICE)
            client.wait_message("it is me")
            if way == STOCK:
                wait_until(lambda: self.web.requests, what="the fetched avatar")
        self.web.requests.clear()
        return False

    def page(self, client, way):
        client.call("fetch_url", url=f"http://{ATTACKER}/page")
        client.wait_for({"event": "fetched"})
        self.web.requests.clear()
        return False

    def file_by_xmpp(self, client, way):
        with Mallory(self.xmpp) as mallory:
            client.wait_buddy_online(MALLORY)
            client.call("send_file", account=client.account, file=str(self.file),
                        to=f"{MALLORY}/peer")
            if way == STOCK:
                wait_until(lambda: mallory.heard("streamhost"), what="an address")
            client.send(MALLORY, "after that")
            wait_until(lambda: mallory.heard("after that"), what="the message")
            return bool(mallory.heard("streamhost", CLIENT))

    def file_by_irc(self, client, way):
        link = IrcLink(self.irc, "mallory").start()
        heard = []
        link.on_text = lambda sender, text: heard.append(text)
        try:
            client.call("send_file", account=client.account, to="mallory", file=str(self.file))
            client.send("mallory", "after that")
            wait_until(lambda: "after that" in heard, what="the message")
        finally:
            link.stop()
        number = int.from_bytes(bytes(map(int, CLIENT.split("."))), "big")
        return any(str(number) in text for text in heard)

    def anew(self, client, way):
        client.set_proxy("none")
        client.disconnect()
        mark = client.mark()
        try:
            client.connect(timeout=20)
        except CommandError:
            client.wait_for({"event": "signed-off"}, since=mark)
        return False

    ACTS = {"avatar": avatar, "anew": anew, "page": page, "file": file_by_xmpp, "dcc": file_by_irc}

    # --- measuring ---

    def sign_on(self, client, case):
        """False when it could not."""
        try:
            client.connect(timeout=20)
        except CommandError:
            client.wait_for({"event": "signed-off"})
            return False
        if case.protocol == "prpl-jabber":
            mark = client.mark()
            client.send(ALICE, "round and back")
            client.wait_message("round and back", since=mark)
        return True

    def measure(self, case, way):
        """(packets past the proxy, whether the address was told, open ports), and whether the account
        went online."""
        with self.client(case, way) as client:
            self.add_account(client, case, way)
            since = self.lab.cable.mark()
            told = is_online = False
            if not case.begins_online and way == STOCK:
                client.call("connect", account=client.account)
                wait_until(lambda: leaks(self.lab.cable.since(since)), what="a packet")
            elif not case.begins_online and way == LAUNCHED:
                client.call("connect", account=client.account)
                self.page(client, way)  # begins later, so it ends later
            else:
                is_online = self.sign_on(client, case)
            self.assertTrue(is_online or not case.act)
            if case.act:
                since = self.lab.cable.mark()
                told = self.ACTS[case.act](self, client, way)
            past = leaks(self.lab.cable.since(since), case.port)
            # Inside the launcher there is nobody to whom a port could be open.
            ports = [] if way == LAUNCHED else client.listeners()
            return (len(past), told, len(ports)), is_online

    @staticmethod
    def cell(figures, is_online):
        packets, told, ports = figures
        return f"{packets}" + ("" if is_online else ", offline") + (", and the address is told" if told else "") + \
            (f", {ports} open port" if ports else "")

    def test_every_row(self):
        for case in CASES:
            with self.subTest(case.text):
                figures = {way: self.measure(case, way) for way in (STOCK, LAUNCHED, GUARDED)}
                self.rows.append((case.text, *(self.cell(*figures[way])
                                               for way in (STOCK, LAUNCHED, GUARDED))))
                self.assertEqual(figures[GUARDED][0], (0, False, 0))
                self.assertEqual(figures[LAUNCHED][0][0], 0)
                if case.protocol != "prpl-irc" or case.act:
                    self.assertNotEqual(figures[STOCK][0], (0, False, 0))

    @classmethod
    def tearDownClass(cls):
        place = os.environ.get("OTR_GUARD_TABLE")
        if not place:
            return
        lines = ["| case | libpurple alone | the same in `otr-guard-run` | with OTR Guard |",
                 "| --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(row)} |" for row in cls.rows]
        lines += ["", f"Measured on {datetime.date.today():%Y-%m-%d}."]
        pathlib.Path(place).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    unittest.main()
