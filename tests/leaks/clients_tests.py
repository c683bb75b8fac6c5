# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Finch and Pidgin as they are installed: alone, inside otr-guard-run, and with OTR Guard. A buddy
attacks, and the user answers; what left the computer is looked at packet by packet."""

import contextlib
import os
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.finch import Finch
from otrtest.headless import plugin_path
from otrtest.lab import (ATTACKER, PROXY, SOCKS_PORT, XMPP, XMPP_DOMAIN, Lab, WebServer,
                         betrayals, leaks)
from otrtest.mallory import Mallory
from otrtest.peers.pidgin_peer import PidginPeer
from otrtest.waiting import wait_until

ALICE, MALLORY = f"alice@{XMPP_DOMAIN}", f"mallory@{XMPP_DOMAIN}"
LAUNCHER = os.environ.get("OTR_GUARD_RUN", "")
STOCK, LAUNCHED, GUARDED = "alone", "launched", "guarded"
#: Pidgin's windows, and places in the one where accounts are edited.
BUDDIES, EDITOR = "Buddy List", "Modify Account"
PROXY_TAB, NO_PROXY = 2, 1
PREFERENCES = {"/purple/conversations/im/send_typing": True,
               "/finch/conversations/notify_typing": True}


class ClientLeaks(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.server = cls.lab.xmpp_server({"alice": "a", "mallory": "m"})
        cls.web = cls.lab.keep(WebServer().start())
        cls.lab.socks_proxy()

    def options(self, way):
        """What both clients are started with: an account with a proxy, bound to it if guarded."""
        settings = {"connect_server": "", "connection_security": "require_tls",
                    "auth_plain_in_clear": False}
        if way == GUARDED:
            settings["otr-guard-network"] = f"proxy socks5 {PROXY} {SOCKS_PORT}"
        launcher = [LAUNCHER, "--proxy", f"{PROXY}:{SOCKS_PORT}", "--"] if way == LAUNCHED else []
        return {"plugin": plugin_path() if way == GUARDED else None,
                "wrapper": self.lab.inside(launcher), "settings": settings,
                "proxy": ("tor" if way == GUARDED else "socks5", PROXY, SOCKS_PORT)}

    def watch(self, start, way, answer):
        """What left the computer, and whether Mallory saw the user type."""
        since = self.lab.cable.mark()
        with contextlib.ExitStack() as stack:
            mallory = stack.enter_context(Mallory(self.server))
            mallory.wait_gone(ALICE)  # the client before
            client = stack.enter_context(start(way))
            mallory.wait_device(ALICE)
            mallory.publish_avatar(f"http://{ATTACKER}/avatar.png", ALICE)
            answer(client, "who are you")
            wait_until(lambda: mallory.heard("who are you"), what="the answer", timeout=30)
            if way == STOCK:
                wait_until(lambda: self.web.requests, what="the fetched avatar")
            packets = self.lab.cable.since(since)
            has_typed = bool(mallory.heard("chatstates", "composing"))
        self.assertEqual(bool(self.web.requests), way == STOCK)
        self.web.requests.clear()
        return packets, has_typed

    def check(self, start, answer):
        for way in (GUARDED, LAUNCHED, STOCK):
            with self.subTest(way):
                packets, has_typed = self.watch(start, way, answer)
                self.assertTrue(packets)
                self.assertEqual(has_typed, way != GUARDED)
                if way == STOCK:
                    self.assertNotEqual(leaks(packets), [])
                else:
                    self.assertEqual(leaks(packets), [])
                    self.assertEqual(betrayals(packets), [])

    @contextlib.contextmanager
    def finch(self, way):
        finch = Finch(self.server, "alice", [MALLORY], preferences=PREFERENCES,
                      **self.options(way))
        self.lab.trust_servers(finch.profile)
        with finch:
            yield finch

    def test_finch(self):
        def answer(finch, text):
            finch.wait_text("it is me")
            finch.keys("M-n")  # to the conversation
            finch.say(text)
        self.check(self.finch, answer)

    @contextlib.contextmanager
    def pidgin(self, way):
        pidgin = PidginPeer(self.server, "alice", MALLORY, windows=False, preferences=PREFERENCES,
                            **self.options(way))
        self.lab.trust_servers(pidgin.folder)
        with pidgin:
            yield pidgin

    def test_pidgin(self):
        def answer(pidgin, text):
            pidgin.wait_message("it is me")
            pidgin.type(text)
        self.check(self.pidgin, answer)

    def switch_proxy_off(self, pidgin):
        """In the account's window, as users do; libpurple tells nobody of it."""
        pidgin.desktop.choose(BUDDIES, "Accounts", f"{ALICE}/ (XMPP)", "Edit Account")
        pidgin.screen.select(PROXY_TAB, "page tab list", window=EDITOR)
        pidgin.screen.select(NO_PROXY, "combo box", window=EDITOR)
        pidgin.screen.click("push button", "Save", EDITOR)
        wait_until(lambda: EDITOR not in pidgin.desktop.windows().values(), what="the end of it",
                   interval=0.1)

    def test_a_proxy_that_is_switched_off_in_pidgins_window(self):
        for way in (GUARDED, STOCK):
            with self.subTest(way), self.pidgin(way) as pidgin:
                self.switch_proxy_off(pidgin)
                pidgin.disconnect()
                since = self.lab.cable.mark()
                if way == STOCK:
                    pidgin.connect()
                    self.assertTrue([one for one in self.lab.cable.since(since)
                                     if one.target == XMPP])
                    continue
                pidgin.begin_to_connect()
                event = pidgin.wait_for({"name": "ConnectionError"})
                self.assertIn("proxy is switched off", event["values"][2])
                pidgin.wait_for({"name": "SignedOff"}, since=pidgin.events.index(event))
                self.assertEqual(self.lab.cable.since(since), [])


if __name__ == "__main__":
    unittest.main()
