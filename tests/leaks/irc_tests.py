# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""IRC accounts: nothing but the proxy sees a packet of a bound account, and nobody is told what it
runs on. Each case is also run without OTR Guard, and does it there."""

import contextlib
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.headless import plugin_path
from otrtest.lab import ATTACKER, CLIENT, IRC, PROXY, SOCKS_PORT, Lab, betrayals, leaks
from otrtest.links import IrcLink, wait_until_gone
from otrtest.waiting import wait_until


class IrcLeaks(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.server = cls.lab.irc_server()
        cls.lab.socks_proxy()

    def client(self, is_guarded, proxy="tor"):
        """A client whose account is on; with OTR Guard it is bound before."""
        wait_until_gone(self.server, "alice")
        client = self.lab.client(plugins=[plugin_path()] if is_guarded else [])
        self.enterContext(client)
        client.add_account(f"alice@{IRC}", "prpl-irc", None,
                           {"port": self.server.tls_port, "ssl": True, "username": "alice",
                            "realname": "alice"})
        client.set_proxy(proxy)
        if is_guarded:
            client.bind("Only through a SOCKS 5 proxy", PROXY, SOCKS_PORT)
        client.connect()
        return client

    @contextlib.contextmanager
    def mallory(self):
        link = IrcLink(self.server, "mallory")
        link.start()
        heard = []
        link.on_text = lambda sender, text: heard.append(text)
        try:
            yield link, heard
        finally:
            link.stop()

    def test_sign_on(self):
        since = self.lab.cable.mark()
        self.client(True)
        packets = self.lab.cable.since(since)
        self.assertTrue(packets)
        self.assertEqual(leaks(packets), [])
        self.assertEqual(betrayals(packets), [])

    def test_sign_on_without_a_proxy_leaks(self):
        since = self.lab.cable.mark()
        self.client(False, "none")
        self.assertTrue([packet for packet in leaks(self.lab.cable.since(since))
                         if packet.target == IRC])

    def test_a_file_by_dcc_tells_no_address_and_opens_no_port(self):
        file = self.lab.folder / "file.txt"
        file.write_text("contents")
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.mallory() as (_, heard):
                client = self.client(is_guarded)
                since = self.lab.cable.mark()
                client.call("send_file", account=client.account, to="mallory", file=str(file))
                if is_guarded:
                    client.wait_for({"event": "notify"})
                    client.send("mallory", "after that")
                    wait_until(lambda: heard, what="the message")
                    self.assertEqual([text for text in heard if "DCC" in text], [])
                    self.assertEqual(client.listeners(), [])
                    self.assertEqual(leaks(self.lab.cable.since(since)), [])
                else:
                    offered = wait_until(lambda: [text for text in heard if "DCC SEND" in text],
                                         what="the offer")
                    number = int.from_bytes(bytes(map(int, CLIENT.split("."))), "big")
                    self.assertIn(str(number), offered[0])
                    self.assertNotEqual(client.listeners(), [])
                client.quit()

    def test_a_file_of_somebody_elses_comes_through_the_proxy(self):
        number = int.from_bytes(bytes(map(int, ATTACKER.split("."))), "big")
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.mallory() as (link, _):
                client = self.client(is_guarded, "tor" if is_guarded else "none")
                mark, since = client.mark(), self.lab.cable.mark()
                link.send("alice", f"\001DCC SEND file.txt {number} 7777 3\001")
                client.take_file(mark)
                if is_guarded:
                    wait_until(lambda: [one for one in self.lab.cable.since(since)
                                        if ATTACKER.encode() in one.payload],
                               what="what the proxy is asked for")
                    self.assertEqual(leaks(self.lab.cable.since(since)), [])
                    self.assertEqual(client.listeners(), [])
                else:
                    wait_until(lambda: [one for one in self.lab.cable.since(since)
                                        if one.target == ATTACKER], what="a direct connection")
                client.quit()

    def test_questions_to_the_program_are_not_answered(self):
        for is_guarded in (True, False):
            with self.subTest(is_guarded):
                client = self.client(is_guarded)
                since = client.mark()
                with self.mallory() as (link, heard):
                    answers = []
                    link.on_notice = lambda sender, text: \
                        answers.append(text) if sender == "alice" else None
                    for question in ("VERSION", "TIME", "PING 12345"):
                        link.send("alice", f"\001{question}\001")
                    link.send("alice", "after that")
                    client.wait_message("after that", since=since)
                    if is_guarded:
                        client.send("mallory", "and back")
                        wait_until(lambda: heard, what="what was said after the questions")
                        self.assertEqual(answers, [])
                    else:
                        wait_until(lambda: [one for one in answers if "Purple" in one],
                                   what="the name of the program")
                client.quit()

    def test_the_language_is_not_told(self):
        """What servers can read of OTR Guard's own words is in English from a bound account."""
        settings = {"port": self.server.tls_port, "ssl": True}
        binding = {"otr-guard-network": f"proxy socks5 {PROXY} {SOCKS_PORT}"}
        for is_bound, words in ((True, "Requesting an off-the-record"),
                                (False, "Anfrage")):
            with self.subTest(is_bound), self.mallory() as (_, heard), \
                    self.lab.client(plugins=[plugin_path()],
                                    environment={"LANGUAGE": "de", "LC_ALL": "C.UTF-8"}) as client:
                client.add_account(f"alice@{IRC}", "prpl-irc", None,
                                   settings | (binding if is_bound else {}))
                client.set_proxy("tor" if is_bound else "none")
                wait_until_gone(self.server, "alice")
                client.connect()
                client.otr("mallory", "start")
                wait_until(lambda: heard, what="what the server reads")
                self.assertIn(words, heard[0])


if __name__ == "__main__":
    unittest.main()
