# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The XMPP server itself is the attacker: whatever it says, in its own name or a buddy's, the client
of a bound account reaches nothing but its proxy. Without OTR Guard each attack succeeds."""

import contextlib
import glob
import os
import struct
import time
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.headless import CommandError
from otrtest.hostile_server import HostileServer
from otrtest.lab import (ATTACKER, CLIENT_NAME, Lab, WebServer, betrayals, betrayals_in, leaks)
from otrtest.leak_case import LAUNCHED, MALLORY, LeakCase
from otrtest.waiting import wait_until

DEVICE = f"{MALLORY}/den"
AVATAR = "urn:xmpp:avatar:metadata"
BYTESTREAMS = "http://jabber.org/protocol/bytestreams"


def avatar(url):
    return (f"<message from='{MALLORY}'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
            f"<items node='{AVATAR}'><item id='{abs(hash(url))}'><metadata xmlns='{AVATAR}'>"
            f"<info bytes='2' id='{abs(hash(url))}' height='1' width='1' type='image/png' "
            f"url='{url}'/></metadata></item></items></event></message>")


def request(content, sender=None, name="attack"):
    by = f"from='{sender}'" if sender else ""
    return f"<iq type='set' id='{name}' {by}>{content}</iq>"


def jingle_info(host):
    return ("<query xmlns='google:jingleinfo'><stun>"
            f"<server host='{host}' udp='19302'/></stun></query>")


CALL = ("<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='1' "
        f"initiator='{DEVICE}'><content creator='initiator' name='voice' senders='both'>"
        "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>"
        "<payload-type id='0' name='PCMU' clockrate='8000'/></description>"
        "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='abcd' pwd='0123456789'>"
        "<candidate component='1' foundation='1' generation='0' id='a' priority='1' "
        f"protocol='udp' type='host' network='0' ip='{ATTACKER}' port='7777'/></transport>"
        "</content></jingle>")
OLD_CALL = ("<session xmlns='http://www.google.com/session' type='initiate' id='2' "
            f"initiator='{DEVICE}'><description xmlns='http://www.google.com/session/phone'/>"
            "</session>")
OUT_OF_BAND = f"<query xmlns='jabber:iq:oob'><url>http://{ATTACKER}/file.txt</url></query>"
FILE = ("<si xmlns='http://jabber.org/protocol/si' id='s1' "
        "profile='http://jabber.org/protocol/si/profile/file-transfer'>"
        "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='f.txt' size='3'/>"
        "<feature xmlns='http://jabber.org/protocol/feature-neg'>"
        "<x xmlns='jabber:x:data' type='form'><field var='stream-method' type='list-single'>"
        f"<option><value>{BYTESTREAMS}</value></option></field></x></feature></si>")


def stream_hosts(*hosts):
    return (f"<query xmlns='{BYTESTREAMS}' sid='s1' mode='tcp'>" +
            "".join(f"<streamhost jid='{DEVICE}' host='{host}' port='7777'/>" for host in hosts) +
            "</query>")


def credentials(realm):
    """A file of Kerberos with a ticket for everything in the realm, made of nothing."""
    def text(value):
        return struct.pack("!I", len(value)) + value.encode()

    def principal(*names):
        return struct.pack("!II", 1, len(names)) + text(realm) + b"".join(map(text, names))

    year = (int(time.time()), int(time.time()), int(time.time()) + 31000000, 0)
    return (struct.pack("!HH", 0x504, 0) + principal("alice") + principal("alice") +
            principal("krbtgt", realm) + struct.pack("!H", 18) + text("k" * 32) +
            struct.pack("!4IBIII", *year, 0, 0, 0, 0) + text("ticket") + text(""))


class HostileLeaks(LeakCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.web = cls.lab.keep(WebServer().start())
        cls.elsewhere = cls.lab.keep(WebServer(
            port=81, elsewhere=f"http://{ATTACKER}/redirected").start())
        cls.lab.socks_proxy()

    @contextlib.contextmanager
    def server(self, **options):
        server = HostileServer(self.lab, **options).start()
        try:
            yield server
        finally:
            server.close()

    @staticmethod
    def wait_until_heard(client, server):
        """What was pushed before has been acted upon: the client hears this after it, and answers."""
        since = client.mark()
        server.push(f"<message from='{MALLORY}' type='chat'><body>after all that</body></message>")
        client.wait_message("after all that", since=since)
        LeakCase.wait_for_answers(client)

    def attack(self, stanzas, succeeded, proxy):
        """With OTR Guard, in otr-guard-run, and alone; `succeeded(packets past the proxy)` is true
        once the attack has."""
        for is_guarded, wrapper in ((True, ()), (False, LAUNCHED), (False, ())):
            with self.subTest(is_guarded=is_guarded, wrapper=wrapper), self.server() as server, \
                    self.client(is_guarded, proxy, wrapper=wrapper) as client:
                since = self.lab.cable.mark()
                client.connect()
                server.push(*stanzas)
                self.wait_until_heard(client, server)
                if is_guarded or wrapper:
                    packets = self.lab.cable.since(since)
                    self.assertEqual(leaks(packets), [])
                    self.assertEqual(betrayals(packets), [])
                    self.assertEqual(betrayals_in("".join(server.heard).encode()), [])
                    self.assertFalse(succeeded([]))
                    self.assertTrue(wrapper or client.listeners() == [])
                else:
                    wait_until(lambda: succeeded(leaks(self.lab.cable.since(since))),
                               what="the attack's success")

    # --- pictures ---

    def test_pictures_by_address(self):
        self.attack([avatar(f"http://{ATTACKER}/a"), avatar(f"http://{ATTACKER}:81/b"),
                     avatar("https://attacker.test/c"), avatar(f"https://{ATTACKER}/d")],
                    lambda packets: len(self.web.requests) == 2
                    and any(b"redirected" in one for one in self.web.requests)
                    and any(packet.port == 443 for packet in packets)
                    and any(b"\x08attacker\x04test" in packet.payload for packet in packets), "tor")
        self.web.requests.clear()

    # --- names to resolve ---

    def test_names_that_the_server_gives_to_resolve(self):
        self.attack([request(jingle_info("pushed.attacker.test"))],
                    lambda packets: any(b"\x06pushed\x08attacker" in packet.payload
                                        for packet in packets), "socks5")

    def test_names_in_an_answer_of_the_servers(self):
        info = "http://jabber.org/protocol/disco#info"
        answers = {"google:jingleinfo": jingle_info("answered.attacker.test"),
                   info: f"<query xmlns='{info}'><identity category='server' type='im' "
                         "name='Google Talk'/></query>"}
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.server(answers=answers) as server, \
                    self.client(is_guarded) as client:
                since = self.lab.cable.mark()
                client.connect()
                server.wait_heard("google:jingleinfo")
                self.wait_until_heard(client, server)
                if is_guarded:
                    self.assert_only_proxy(client, self.lab.cable.since(since))
                else:
                    wait_until(lambda: [packet for packet in leaks(self.lab.cable.since(since))
                                        if b"\x08answered\x08attacker" in packet.payload],
                               what="the question")

    # --- calls and files ---

    def test_calls(self):
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.server() as server, \
                    self.client(is_guarded) as client:
                client.connect()
                since = self.lab.cable.mark()
                server.push(request(CALL, DEVICE, "call"), request(OLD_CALL, DEVICE, "old-call"))
                self.wait_until_heard(client, server)
                refusals = [one for one in server.heard if "service-unavailable" in one
                            and ('"call"' in one or '"old-call"' in one)]
                self.assertEqual(len(refusals), 2 if is_guarded else 0)
                if is_guarded:
                    self.assert_only_proxy(client, self.lab.cable.since(since))

    def test_a_file_at_an_address(self):
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.server() as server, \
                    self.client(is_guarded) as client:
                client.connect()
                mark, since = client.mark(), self.lab.cable.mark()
                server.push(request(OUT_OF_BAND, DEVICE))
                if is_guarded:
                    self.wait_until_heard(client, server)
                    self.assertIn("service-unavailable", server.wait_heard('"attack"'))
                    self.assertEqual(client.call("requests"), [])
                    self.assert_only_proxy(client, self.lab.cable.since(since))
                else:
                    client.take_file(mark)
                    wait_until(lambda: self.web.requests, what="the fetched file")
                self.assertEqual(bool(self.web.requests), not is_guarded)
        self.web.requests.clear()

    def test_a_file_from_a_host_by_name(self):
        named = b"streamhost.attacker.test"
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.server() as server, \
                    self.client(is_guarded, "socks5" if is_guarded else "none") as client:
                client.connect()
                mark, since = client.mark(), self.lab.cable.mark()
                server.push(request(FILE, DEVICE, "offer"))
                client.take_file(mark)
                server.wait_heard('"offer"', "result")
                server.push(request(stream_hosts(named.decode(), ATTACKER), DEVICE, "hosts"))
                server.wait_heard('"hosts"')
                self.wait_until_heard(client, server)
                packets = self.lab.cable.since(since)
                if is_guarded:  # the proxy is asked to go there, and nobody else
                    self.assertTrue([packet for packet in packets if named in packet.payload])
                    self.assert_only_proxy(client, packets)
                else:
                    self.assertTrue([packet for packet in packets if packet.target == ATTACKER])

    # --- the log-in ---

    def test_mechanisms_that_look_names_up_or_name_this_computer(self):
        for offered in (("GSSAPI", "GSS-SPNEGO", "NTLM"), ("GSSAPI", "NTLM", "GS2-KRB5", "PLAIN"),
                        ("ntlm",), ("PLAIN NTLM",)):
            for is_guarded in (True, False):
                with self.subTest(offered=offered, is_guarded=is_guarded), \
                        self.server(mechanisms=offered) as server, \
                        self.client(is_guarded, "tor") as client:
                    since, mark = self.lab.cable.mark(), client.mark()
                    if not is_guarded:  # whose log-in may never end
                        client.call("connect", account=client.account)
                        wait_until(lambda s=server: "NTLM" in s.chosen, what="the wrong mechanism")
                        wait_until(lambda n=since: [
                            one for one in leaks(self.lab.cable.since(n))
                            if CLIENT_NAME.encode() in one.payload], what="a question past the proxy")
                        client.call("disconnect", account=client.account)
                        continue
                    with contextlib.suppress(CommandError):
                        client.connect()
                    self.assertEqual(server.chosen, ["PLAIN"] if "PLAIN" in offered else [])
                    self.assert_only_proxy(client, self.lab.cable.since(since))
                    if "PLAIN" not in offered:
                        client.wait_for({"event": "signed-off"}, since=mark)

    def test_a_server_that_claims_to_know_no_encryption_hears_no_password(self):
        clear = {"connection_security": "opportunistic_tls", "auth_plain_in_clear": True}
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.server(has_tls=False) as server, \
                    self.client(is_guarded, "tor", settings=None if is_guarded else clear) as client:
                mark, since = client.mark(), self.lab.cable.mark()
                if is_guarded:
                    with self.assertRaisesRegex(CommandError, "require encryption"):
                        client.connect()
                    client.wait_for({"event": "signed-off"}, since=mark)
                    self.assertEqual(server.chosen, [])
                    self.assert_only_proxy(client, self.lab.cable.since(since))
                else:
                    client.connect()
                    self.assertEqual(server.chosen, ["PLAIN"])

    def test_kerberos_asks_for_nothing(self):
        """Its library looks up the server's name and address by itself, Tor or not."""
        folders = os.environ.get("SASL_PATH") or "/usr/lib/*/sasl2"
        if not any(glob.glob(f"{folder}/libgssapiv2.so") for folder in folders.split(":")):
            self.skipTest("libsasl2-modules-gssapi-mit is not installed")
        settings = self.lab.folder / "krb5.conf"
        settings.write_text("[libdefaults]\ndefault_realm = ATTACKER.TEST\ndns_lookup_kdc = true\n"
                            "dns_canonicalize_hostname = true\nrdns = true\n")
        tickets = self.lab.folder / "tickets"
        tickets.write_bytes(credentials("ATTACKER.TEST"))
        environment = {"KRB5_CONFIG": str(settings), "KRB5CCNAME": f"FILE:{tickets}"}
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.server(mechanisms=("GSSAPI", "PLAIN")), \
                    self.client(is_guarded, "tor", environment=environment) as client:
                packets, error = self.connect(client)
                if is_guarded:
                    self.assertIsNone(error)
                    self.assert_only_proxy(client, packets)
                else:
                    self.assertTrue([one for one in leaks(packets)
                                     if b"\x04xmpp\x04test" in one.payload])

    def test_another_server_is_not_gone_to(self):
        error = ("<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
                 f"{ATTACKER}:80</see-other-host></stream:error>")
        for is_guarded in (True, False):
            with self.subTest(is_guarded), self.server(instead=error), \
                    self.client(is_guarded, "tor") as client:
                since, mark = self.lab.cable.mark(), client.mark()
                with contextlib.suppress(CommandError):
                    client.connect()
                client.wait_for({"event": "signed-off"}, since=mark)
                packets = self.lab.cable.since(since)
                # libpurple goes nowhere else either: this is for the day when it does.
                self.assertFalse([packet for packet in packets if packet.target == ATTACKER])
                if is_guarded:
                    self.assert_only_proxy(client, packets)
        self.assertEqual(self.web.requests, [])


if __name__ == "__main__":
    unittest.main()
