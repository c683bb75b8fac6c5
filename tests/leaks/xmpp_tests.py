# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""XMPP accounts: nothing but the proxy sees a packet of a bound account. Every case is also run
without OTR Guard, and has to leak there."""

import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.headless import CommandError, plugin_path
from otrtest.lab import (ATTACKER, CLIENT, CLIENT_NAME, HTTP_PORT, PROXY, SOCKS_PORT, XMPP,
                         XMPP_DOMAIN, Lab, WebServer, betrayals, leaks)
from otrtest.mallory import Mallory
from otrtest.waiting import wait_until

SOCKS = f"proxy socks5 {PROXY} {SOCKS_PORT}"
ALICE = f"alice@{XMPP_DOMAIN}"
HTTP = f"proxy http {PROXY} {HTTP_PORT}"


class XmppLeaks(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.server = cls.lab.xmpp_server({"alice": "a", "mallory": "m"})
        cls.web = cls.lab.keep(WebServer().start())
        cls.lab.http_proxy()

    def setUp(self):
        self.socks = self.lab.socks_proxy()

    def tearDown(self):
        self.lab.stop(self.socks)

    # --- the two clients of each case ---

    def guarded(self, **options):
        return self.lab.client(plugins=[plugin_path()], **options)

    def unguarded(self, **options):
        # libpurple frees a fetched avatar twice when it quits.
        return self.lab.client(allowed_exit_codes=(0, -6, -11), **options)

    def add_account(self, client, proxy="socks5", user="alice", **settings):
        port = settings.pop("proxy_port", SOCKS_PORT)
        values = {"port": self.server.port, "connection_security": "require_tls", **settings}
        client.add_account(f"{user}@{XMPP_DOMAIN}/", "prpl-jabber", self.server.accounts[user],
                           values)
        if proxy:
            client.set_proxy(proxy, port=port, account=f"{user}@{XMPP_DOMAIN}/")

    def record(self, client, text):
        client.call("set_account_setting", account=client.account, name="otr-guard-network",
                    value=text)

    def bind(self, client):
        client.bind("Only through a SOCKS 5 proxy", PROXY, SOCKS_PORT)

    def connect(self, client):
        """What the client sent while it signed on, and why it could not if so."""
        since, before = self.lab.cable.mark(), client.mark()
        error = None
        try:
            client.connect()
            self.wait_for_answers(client)
        except CommandError as refused:
            error = str(refused)
            client.wait_for({"event": "signed-off"}, since=before)
        return self.lab.cable.since(since), error

    @staticmethod
    def wait_for_answers(client):
        """The server answers in order: what it was asked at the sign-on has been answered then."""
        since = client.mark()
        client.send(client.account.rstrip("/"), "round and back")
        client.wait_message("round and back", since=since)

    def assert_only_proxy(self, client, packets, port=SOCKS_PORT):
        self.assertEqual(leaks(packets, port), [])
        self.assertEqual(betrayals(packets), [])
        self.assertEqual(client.listeners(), [])

    def assert_refused(self, client, words):
        packets, error = self.connect(client)
        self.assertIn("OTR Guard refused to connect", error or "it connected")
        self.assertIn(words, error)
        self.assertEqual(packets, [])

    # --- connecting ---

    def test_socks5_sign_on(self):
        with self.guarded() as client:
            self.add_account(client)
            self.bind(client)
            packets, error = self.connect(client)
            self.assertIsNone(error)
            self.assertTrue(packets)
            self.assert_only_proxy(client, packets)
            self.assertEqual(client.guard_status()["route"], SOCKS)
        with self.unguarded() as client:
            self.add_account(client)
            since = self.lab.cable.mark()
            self.connect(client)
            for question in (b"_xmpp-client", b"_stun", CLIENT_NAME.encode()):
                wait_until(lambda: [packet for packet in leaks(self.lab.cable.since(since))
                                    if question in packet.payload], what=f"leaked {question}")

    def test_http_sign_on(self):
        with self.guarded() as client:
            self.add_account(client, "http", proxy_port=HTTP_PORT)
            client.bind("Only through an HTTP proxy", PROXY, HTTP_PORT)
            packets, error = self.connect(client)
            self.assertIsNone(error)
            self.assertTrue(packets)
            self.assert_only_proxy(client, packets, HTTP_PORT)
        with self.unguarded() as client:
            self.add_account(client, "http", proxy_port=HTTP_PORT)
            packets, _ = self.connect(client)
            self.assertNotEqual(leaks(packets, HTTP_PORT), [])

    def test_sasl_does_not_ask_for_the_own_name(self):
        asked = CLIENT_NAME.encode()
        with self.guarded() as client:
            self.add_account(client, "tor")
            self.bind(client)
            packets, error = self.connect(client)
            self.assertIsNone(error)
            self.assertFalse([packet for packet in packets if asked in packet.payload])
        with self.unguarded() as client:
            self.add_account(client, "tor")
            packets, error = self.connect(client)
            self.assertIsNone(error)
            self.assertTrue([packet for packet in leaks(packets) if asked in packet.payload])

    def test_proxies_that_are_none_are_refused_with_the_reason(self):
        for proxy, words in ((None, "no proxy of its own"), ("global", "global proxy"),
                             ("environment", "environment"), ("none", "switched off"),
                             ("socks4", "SOCKS 4")):
            with self.subTest(proxy):
                with self.guarded() as client:
                    self.add_account(client, proxy)
                    self.record(client, SOCKS)
                    self.assert_refused(client, words)
                with self.unguarded() as client:
                    self.add_account(client, proxy)
                    self.assertNotEqual(leaks(self.connect(client)[0]), [])

    def test_a_proxy_by_name_is_refused(self):
        for client, is_guarded in ((self.guarded(), True), (self.unguarded(), False)):
            with client:
                self.add_account(client)
                client.set_proxy("socks5", host="proxy.test")
                if is_guarded:
                    self.record(client, SOCKS)
                    self.assert_refused(client, "given by name")
                else:
                    questions = [packet.payload for packet in leaks(self.connect(client)[0])]
                    self.assertTrue([one for one in questions if b"\x05proxy\x04test" in one])

    def test_a_proxy_changed_by_hand_is_refused_until_it_is_chosen_again(self):
        with self.guarded() as client:
            self.add_account(client)
            self.bind(client)
            client.set_proxy("tor", host=ATTACKER)
            self.assert_refused(client, "no longer the one that you chose")
            client.set_proxy("none")
            self.assert_refused(client, "switched off")
            client.set_proxy("socks5")
            self.assert_refused(client, "no longer the one that you chose")
            self.bind(client)
            packets, error = self.connect(client)
            self.assertIsNone(error)
            self.assert_only_proxy(client, packets)
        with self.unguarded() as client:
            self.add_account(client)
            client.set_proxy("none")
            self.assertNotEqual(leaks(self.connect(client)[0]), [])

    def test_a_proxy_that_is_down_is_waited_for(self):
        with self.guarded() as client:
            self.add_account(client)
            self.bind(client)
            self.lab.stop(self.socks)
            for _ in range(3):
                packets, error = self.connect(client)
                self.assertIsNotNone(error)
                self.assert_only_proxy(client, packets)
            self.socks = self.lab.socks_proxy()
            packets, error = self.connect(client)
            self.assertIsNone(error)
            self.assert_only_proxy(client, packets)
            since = self.lab.cable.mark()
            self.lab.stop(self.socks)
            client.wait_for({"event": "signed-off"})
            self.socks = self.lab.socks_proxy()
            packets = self.lab.cable.since(since)
            packets += self.connect(client)[0]
            self.assert_only_proxy(client, packets)
        self.lab.stop(self.socks)
        with self.unguarded() as client:
            self.add_account(client)
            self.assertNotEqual(leaks(self.connect(client)[0]), [])

    def test_nothing_connects_past_a_gate_that_has_gone(self):
        with self.guarded() as client:
            self.add_account(client)
            self.bind(client)
            client.call("replace_timers")
            self.assert_refused(client, "cannot be checked")
        with self.unguarded() as client:
            self.add_account(client)
            client.call("replace_timers")
            self.assertNotEqual(leaks(self.connect(client)[0]), [])

    def test_clear_text_is_refused(self):
        with self.guarded() as client:
            self.add_account(client, "tor")
            self.bind(client)
            client.call("set_account_setting", account=client.account,
                        name="connection_security", value="opportunistic_tls")
            self.assert_refused(client, "need not be encrypted")
        with self.guarded() as client:
            self.add_account(client, "tor")
            self.bind(client)
            client.call("set_account_setting", account=client.account,
                        name="auth_plain_in_clear", value=True)
            self.assert_refused(client, "without encryption")

    def test_protocols_with_their_own_sockets_are_refused(self):
        for protocol, username in (("prpl-simple", f"alice@{ATTACKER}"), ("prpl-gg", "12345"),
                                   ("prpl-bonjour", "alice"), ("prpl-zephyr", "alice"),
                                   ("prpl-novell", "alice")):
            with self.subTest(protocol), self.guarded() as client:
                client.add_account(username, protocol, "secret",
                                   {"udp": True, "server": ATTACKER})
                client.set_proxy("tor")
                answer = client.bind("Only through Tor")
                self.assertIn("opens connections of its own", answer["secondary"])
                self.record(client, SOCKS)
                self.assert_refused(client, "opens connections of its own")
                self.assertEqual(client.listeners(), [])
        with self.unguarded() as client:
            client.add_account(f"alice@{ATTACKER}", "prpl-simple", "secret",
                               {"udp": True, "port": 5060})
            client.set_proxy("tor")
            since = self.lab.cable.mark()
            client.call("connect", account=client.account)
            wait_until(lambda: leaks(self.lab.cable.since(since)), what="a packet past the proxy")
        with self.unguarded() as client:
            client.add_account("12345", "prpl-gg", "secret")
            client.set_proxy("none")
            since = self.lab.cable.mark()
            client.call("connect", account=client.account)
            wait_until(lambda: [packet for packet in leaks(self.lab.cable.since(since))
                                if b"gadu-gadu" in packet.payload], what="a question for the server")

    # --- what others can make the client do ---

    def mallory(self):
        return Mallory(self.server)

    def test_the_address_of_an_avatar_is_not_fetched(self):
        url = f"http://{ATTACKER}/avatar.png"
        mallory = self.enterContext(self.mallory())
        with self.guarded() as client:
            # Servers tell of pictures only to programs that say that they can show them.
            client.call("set_pref", name="/plugins/core/otr-guard/network/program", value=True)
            self.add_account(client)
            self.bind(client)
            packets, error = self.connect(client)
            self.assertIsNone(error)
            since = self.lab.cable.mark()
            mallory.publish_avatar(url, ALICE)
            client.wait_message("hello")
            client.guard("status")
            self.assert_only_proxy(client, self.lab.cable.since(since))
            self.assertEqual(self.web.requests, [])
        with self.unguarded() as client:
            self.add_account(client, "tor")
            self.connect(client)
            mallory.publish_avatar(url, ALICE)
            wait_until(lambda: self.web.requests, what="the fetched avatar")
            self.web.requests.clear()

    def test_what_belongs_to_no_account_is_closed_while_a_bound_one_is_on(self):
        url = f"http://{ATTACKER}/page"
        with self.guarded() as client:
            self.add_account(client)
            self.bind(client)
            self.connect(client)
            since = self.lab.cable.mark()
            client.call("fetch_url", url=url)
            self.assertIsNone(client.wait_for({"event": "fetched"})["text"])
            mark = client.mark()
            client.call("fetch_url", url="http://attacker.test/page")
            self.assertIsNone(client.wait_for({"event": "fetched"}, since=mark)["text"])
            self.assert_only_proxy(client, self.lab.cable.since(since))
            status = "\n".join(client.guard("status"))
            self.assertIn(f"{ATTACKER} 80", status)
            self.assertIn("attacker.test 80", status)
            # Once nothing bound is on, libpurple works as before.
            client.enable(False)
            since = client.mark()
            client.call("fetch_url", url=url)
            self.assertIsNotNone(client.wait_for({"event": "fetched"}, since=since)["text"])
        with self.unguarded() as client:
            self.add_account(client)
            self.connect(client)
            client.call("fetch_url", url=url)
            self.assertIsNotNone(client.wait_for({"event": "fetched"})["text"])
        self.web.requests.clear()

    def test_a_file_is_not_offered_from_this_computer(self):
        file = self.lab.folder / "file.txt"
        file.write_text("contents")
        for client, is_guarded in ((self.guarded(), True), (self.unguarded(), False)):
            with self.mallory() as mallory:
                with client:
                    self.add_account(client)
                    if is_guarded:
                        self.bind(client)
                    self.connect(client)
                    client.wait_buddy_online(f"mallory@{XMPP_DOMAIN}")
                    since = self.lab.cable.mark()
                    client.call("send_file", account=client.account, file=str(file),
                                to=f"mallory@{XMPP_DOMAIN}/peer")
                    if is_guarded:
                        client.wait_for({"event": "notify"})
                        self.assert_only_proxy(client, self.lab.cable.since(since))
                        self.assertEqual(mallory.heard("streamhost"), [])
                    else:
                        wait_until(lambda: mallory.heard("streamhost", CLIENT),
                                   what="the address of this computer")
                        self.assertNotEqual(client.listeners(), [])

    # --- what is said inside ---

    def test_typing_idle_times_and_abilities_are_not_told(self):
        for client, is_guarded in ((self.guarded(), True), (self.unguarded(), False)):
            with client, self.mallory() as mallory:
                self.add_account(client, "tor")
                if is_guarded:
                    self.bind(client)
                self.connect(client)
                device = mallory.wait_device(ALICE)
                mallory.send_stanza(
                    f"<message to='{device}' type='chat'><body>say when you type</body>"
                    "<active xmlns='http://jabber.org/protocol/chatstates'/></message>")
                client.wait_message("say when you type")
                client.call("typing", account=client.account, to=f"mallory@{XMPP_DOMAIN}/peer")
                client.call("idle", account=client.account, seconds=4711)
                client.send(f"mallory@{XMPP_DOMAIN}", "after that")
                wait_until(lambda: mallory.heard("after that"), what="the message")
                for words in (("chatstates", "composing"), ("jabber:iq:last", "<presence"),
                              ("http://jabber.org/protocol/caps", "<presence", ALICE)):
                    self.assertEqual(bool(mallory.heard(*words)), not is_guarded, words)

    def test_that_the_client_sets_itself_to_away_is_not_told(self):
        def away(mallory):
            return [one for one in mallory.heard("<presence", ALICE) if "<show>away" in one]

        for client, is_guarded in ((self.guarded(), True), (self.unguarded(), False)):
            with client, self.mallory() as mallory:
                self.add_account(client, "tor")
                if is_guarded:
                    self.bind(client)
                self.connect(client)
                device = mallory.wait_device(ALICE)
                before = len(mallory.heard("<presence", ALICE))
                for number, is_away in enumerate((True, False)):
                    client.call("auto_away", away=is_away)
                    client.send(f"mallory@{XMPP_DOMAIN}", f"after change {number}")
                    wait_until(lambda n=number: mallory.heard(f"after change {n}"),
                               what="the message")
                    self.assertEqual(bool(away(mallory)), not is_guarded)
                if not is_guarded:
                    continue
                self.assertEqual(len(mallory.heard("<presence", ALICE)), before)
                # Nor by a new connection meanwhile.
                client.call("auto_away", away=True)
                client.disconnect()
                client.connect()
                mallory.wait_gone(device)
                mallory.wait_device(ALICE)
                self.assertEqual(away(mallory), [])
                self.assertTrue(client.call("get_pref", name="/purple/savedstatus/isidleaway"))
                # What the user chooses is told, and so is the rest to whoever wants it.
                client.call("set_status", account=client.account, status="dnd", message="")
                wait_until(lambda: mallory.heard("<presence", ALICE, "<show>dnd"),
                           what="the chosen status")
                client.call("auto_away", away=False)
                wait_until(lambda: "<show>" not in mallory.heard("<presence", ALICE)[-1],
                           what="the status of before")
                client.call("set_pref", name="/plugins/core/otr-guard/network/idle", value=True)
                client.call("auto_away", away=True)
                wait_until(lambda: away(mallory), what="the allowed status")

    def test_an_http_proxy_is_not_told_the_name_of_this_computer(self):
        with self.guarded() as client:
            self.add_account(client, "http", proxy_port=HTTP_PORT)
            client.set_proxy("http", port=HTTP_PORT, user="somebody")
            self.record(client, HTTP)
            self.assert_refused(client, "name of this computer")
        with self.unguarded() as client:
            self.add_account(client, "http", proxy_port=HTTP_PORT)
            client.set_proxy("http", port=HTTP_PORT, user="somebody")
            packets, _ = self.connect(client)
            self.assertNotEqual(betrayals([packet for packet in packets
                                           if packet.target == PROXY]), [])

    QUESTIONS = {"version": "<query xmlns='jabber:iq:version'/>",
                 "time": "<time xmlns='urn:xmpp:time'/>",
                 "last": "<query xmlns='jabber:iq:last'/>",
                 "abilities": "<query xmlns='http://jabber.org/protocol/disco#info'/>"}

    def ask(self, mallory):
        """The answers of the client's program to QUESTIONS."""
        to = mallory.wait_device(ALICE)
        for name, query in self.QUESTIONS.items():
            mallory.send_stanza(f"<iq type='get' id='ask-{name}' to='{to}'>{query}</iq>")
        return {name: wait_until(lambda: next((one for one in mallory.stanzas
                                               if f'id="ask-{name}"' in one), None),
                                 what=f"an answer to {name}") for name in self.QUESTIONS}

    #: What is asked for by a question, with the preference that allows to tell it.
    SWITCHES = {"version": "program", "abilities": "program", "time": "clock", "last": "idle"}
    ANSWERS = {"version": "libpurple", "abilities": "pidgin", "time": "tzo", "last": "seconds"}

    def test_program_clock_and_idle_time_are_told_without_otr_guard(self):
        with self.unguarded() as client, self.mallory() as mallory:
            self.add_account(client)
            self.connect(client)
            for name, answer in self.ask(mallory).items():
                self.assertIn(self.ANSWERS[name], answer)

    def test_program_clock_and_idle_time_are_told_only_where_the_user_wants_it(self):
        with self.guarded() as client, self.mallory() as mallory:
            self.add_account(client)
            self.bind(client)
            self.connect(client)
            for allowed in (None, "program", "clock", "idle"):
                for switch in set(self.SWITCHES.values()):
                    client.call("set_pref", name=f"/plugins/core/otr-guard/network/{switch}",
                                value=switch == allowed)
                mallory.stanzas[:] = [one for one in mallory.stanzas if "ask-" not in one]
                for name, answer in self.ask(mallory).items():
                    is_told = self.SWITCHES[name] == allowed
                    with self.subTest(allowed=allowed, question=name):
                        self.assertIn(self.ANSWERS[name] if is_told else "service-unavailable",
                                      answer)

    def test_a_call_from_a_stranger_is_answered_as_unknown(self):
        with self.guarded() as client, self.mallory() as mallory:
            self.add_account(client)
            self.bind(client)
            self.connect(client)
            self.QUESTIONS = {"call": "<jingle xmlns='urn:xmpp:jingle:1' sid='1' "
                                      "action='session-initiate'/>"}
            since = self.lab.cable.mark()
            self.assertIn("service-unavailable", self.ask(mallory)["call"])
            self.assert_only_proxy(client, self.lab.cable.since(since))

    def test_the_check_up_finds_what_gives_away(self):
        with self.guarded() as client:
            self.add_account(client, None)
            self.connect(client)
            open_lines = client.guard("check")
            self.assertIn("attention: The account is not bound", open_lines[0])
            self.assertIn("attention: Others see when you type", "\n".join(open_lines))
            client.set_proxy("socks5")
            mark = client.mark()
            client.guard("require proxy")
            client.wait_for({"event": "signed-on"}, since=mark)
            lines = client.guard("check")
            self.assertEqual(lines[0], f"good: The account uses the network only through {SOCKS}.")
            for sentence in ("private conversations is its own", "shows the same status text",
                             "always encrypted", "does not share its picture", "when you type",
                             "how long you have been away", "what it can do", "your time zone",
                             "The proxy answers"):
                self.assertTrue([line for line in lines
                                 if line.startswith("good: ") and sentence in line], sentence)
            client.call("set_pref", name="/plugins/core/otr-guard/network/idle", value=True)
            client.set_proxy("none")
            lines = client.guard("check")
            self.assertTrue(lines[0].startswith("problem: "))
            self.assertIn("attention: Others see how long you have been away.", lines)

    # --- beside each other ---

    def test_an_account_that_is_not_bound_works_beside_a_bound_one(self):
        with self.guarded() as client:
            self.add_account(client)
            self.bind(client)
            self.connect(client)
            self.add_account(client, None, user="mallory", connection_security="require_tls")
            since = self.lab.cable.mark()
            client.connect(f"mallory@{XMPP_DOMAIN}/")
            packets = leaks(self.lab.cable.since(since))
            self.assertTrue([packet for packet in packets if packet.target == XMPP])
            self.assertTrue([packet for packet in packets if b"_xmpp-client" in packet.payload])

    def test_switching_the_binding_off_gives_everything_back(self):
        with self.guarded() as client:
            self.add_account(client)
            self.bind(client)
            client.set_proxy("none")
            self.assert_refused(client, "switched off")
            client.bind("As the account's settings say")
            packets, error = self.connect(client)
            self.assertIsNone(error)
            self.assertNotEqual(leaks(packets), [])


if __name__ == "__main__":
    unittest.main()
