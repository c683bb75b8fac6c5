# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is bound stays bound: with the plugin switched off, after edits of the profile by hand, and
with old preferences that use the network before any account does."""

import pathlib
import re
import tempfile
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest.headless import CommandError, plugin_path
from otrtest.lab import PROXY, SOCKS_PORT, XMPP, XMPP_DOMAIN, Lab, leaks
from otrtest.waiting import wait_until

ALICE = f"alice@{XMPP_DOMAIN}/"


class ProfileLeaks(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.server = cls.lab.xmpp_server({"alice": "a"})
        cls.lab.socks_proxy()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="otrtest-profile-")
        self.addCleanup(folder.cleanup)
        self.profile = pathlib.Path(folder.name) / "purple"

    def start(self, **options):
        client = self.lab.client(profile=self.profile, **options)
        client.account = ALICE
        return client

    def add_account(self, client):
        client.add_account(ALICE, "prpl-jabber", "a", {
            "port": self.server.port, "connection_security": "require_tls"})
        client.set_proxy("socks5")

    def make_bound_profile(self):
        with self.start(plugins=[plugin_path()]) as client:
            self.add_account(client)
            client.bind("Only through a SOCKS 5 proxy", PROXY, SOCKS_PORT)
            client.enable(False)

    def assert_refused(self, client, words="switched off"):
        since, before = self.lab.cable.mark(), client.mark()
        with self.assertRaisesRegex(CommandError, words):
            client.connect(ALICE)
        # libpurple ends the connection a moment later, and an account removed until then is freed.
        client.wait_for({"event": "signed-off"}, since=before)
        self.assertEqual(self.lab.cable.since(since), [])

    def edit(self, name, pattern, by):
        path = self.profile / name
        text, count = re.subn(pattern, by, path.read_text(), flags=re.S)
        self.assertEqual(count, 1, path.read_text())
        path.write_text(text)

    # --- the plugin is off ---

    def test_a_plugin_that_is_switched_off_keeps_it_closed(self):
        self.make_bound_profile()
        with self.start(probed=[plugin_path()]) as client:
            self.assertNotIn("core-otr-guard", [one["id"] for one in client.call("plugins")])
            client.set_proxy("none")
            self.assert_refused(client)
            client.set_proxy("tor")
            since = self.lab.cable.mark()
            client.connect(ALICE)
            self.assertEqual(leaks(self.lab.cable.since(since)), [])
        with self.start() as client:
            client.set_proxy("none")
            since = self.lab.cable.mark()
            client.connect(ALICE)
            self.assertNotEqual(leaks(self.lab.cable.since(since)), [])

    def test_a_plugin_that_is_unloaded_keeps_it_closed(self):
        self.make_bound_profile()
        with self.start(plugins=[plugin_path()]) as client:
            client.connect(ALICE)
            client.call("unload_plugin", plugin="core-otr-guard")
            since = self.lab.cable.mark()
            client.call("fetch_url", url="http://attacker.test/")
            self.assertIsNone(client.wait_for({"event": "fetched"})["text"])
            self.assertEqual(leaks(self.lab.cable.since(since)), [])
            client.set_proxy("none")
            client.disconnect(ALICE)
            since = self.lab.cable.mark()
            with self.assertRaisesRegex(CommandError, "switched off"):
                client.connect(ALICE)
            self.assertEqual(leaks(self.lab.cable.since(since)), [])

    # --- the plugin is gone ---

    def parked(self):
        return "<host>127.0.0.1</host>\n\t\t\t<port>1</port>" in \
            (self.profile / "accounts.xml").read_text()

    def test_a_plugin_that_is_deleted_leaves_a_profile_that_leads_nowhere(self):
        for is_online in (False, True):
            with self.subTest(is_online=is_online):
                with self.start(plugins=[plugin_path()]) as client:
                    self.add_account(client)
                    client.call("set_account_setting", account=ALICE, name="connect_server",
                                value=XMPP)
                    client.bind("Only through a SOCKS 5 proxy", PROXY, SOCKS_PORT)
                    if is_online:
                        client.connect(ALICE)
                    else:
                        client.enable(False)
                self.assertTrue(self.parked(), (self.profile / "accounts.xml").read_text())
                for environment in ({}, {"no_proxy": "*"}):
                    with self.start(environment=environment) as client:
                        since = self.lab.cable.mark()
                        with self.assertRaises(CommandError):
                            client.connect(ALICE)
                        self.assertEqual(self.lab.cable.since(since), [])
                # It comes back, switched off even, and everything is as before.
                for options in ({"probed": [plugin_path()]}, {"plugins": [plugin_path()]}):
                    with self.start(**options) as client:
                        since = self.lab.cable.mark()
                        client.connect(ALICE)
                        packets = self.lab.cable.since(since)
                        self.assertTrue(packets)
                        self.assertEqual(leaks(packets), [])
                        proxy = client.call("get_proxy", account=ALICE)
                        self.assertEqual((proxy["host"], proxy["port"]), (PROXY, SOCKS_PORT))
                    self.assertTrue(self.parked())
                with self.start(plugins=[plugin_path()]) as client:
                    client.bind("As the account's settings say")
                self.assertFalse(self.parked())
                with self.start() as client:
                    self.assertIn(XMPP, (self.profile / "accounts.xml").read_text())
                    client.set_proxy("none")
                    since = self.lab.cable.mark()
                    client.connect(ALICE)
                    self.assertNotEqual(leaks(self.lab.cable.since(since)), [])
                    client.call("remove_account", account=ALICE)

    # --- edits ---

    def test_a_changed_protocol_wipes_the_settings_and_not_the_binding(self):
        self.make_bound_profile()
        with self.start(plugins=[plugin_path()]) as client:
            client.set_proxy("none")
            self.assert_refused(client)
            client.call("change_protocol", account=ALICE, protocol="prpl-jabber")
            self.assert_refused(client)
        with self.start(plugins=[plugin_path()]) as client:
            self.assert_refused(client)

    def test_either_record_alone_is_enough(self):
        for name, pattern in (("accounts.xml", r"<setting name='otr-guard-network'.*?</setting>"),
                              ("prefs.xml", r"<item value='proxy socks5[^>]*>")):
            with self.subTest(name):
                self.make_bound_profile()
                self.edit(name, pattern, "")
                with self.start(plugins=[plugin_path()]) as client:
                    client.set_proxy("none")
                    self.assert_refused(client)
                    client.set_proxy("tor")
                    client.connect(ALICE)
                    self.assertEqual(client.guard_status()["route"],
                                     f"proxy socks5 {PROXY} {SOCKS_PORT}")

    def test_records_that_contradict_or_cannot_be_read_are_refused(self):
        for by in (f"proxy socks5 {PROXY} 1081", "proxy socks5", "no", "tor localhost 9050"):
            with self.subTest(by):
                self.make_bound_profile()
                self.edit("accounts.xml", r"(?<=name='otr-guard-network' type='string'>)[^<]*", by)
                with self.start(plugins=[plugin_path()]) as client:
                    self.assert_refused(client, "damaged or contradicts")

    def test_an_account_that_is_removed_and_added_again_starts_free(self):
        self.make_bound_profile()
        with self.start(plugins=[plugin_path()]) as client:
            client.set_proxy("none")
            self.assert_refused(client)
            client.call("remove_account", account=ALICE)
            self.add_account(client)
            client.set_proxy("none")
            client.connect(ALICE)

    # --- new accounts ---

    def add_new_account(self, client, way, **settings):
        client.call("set_pref", name="/plugins/core/otr-guard/network/new-accounts", value=way)
        client.add_account(ALICE, "prpl-jabber", "a", {
            "port": self.server.port, "connection_security": "opportunistic_tls",
            "auth_plain_in_clear": True, **settings})

    def test_new_accounts_are_bound_to_tor_if_that_is_preferred(self):
        with self.start(plugins=[plugin_path()]) as client:
            self.add_new_account(client, "tor")
            # Tor's usual place, and nothing listens there. What the client wrote into the account
            # while it added it needs no second choice.
            self.assert_refused(client, "9050 does not answer")
            client.call("change_protocol", account=ALICE, protocol="prpl-jabber")
            client.set_proxy("none")
            self.assert_refused(client)
        with self.start(plugins=[plugin_path()]) as client:
            self.assert_refused(client)
            client.add_account("alice@attacker.test", "prpl-simple", "secret", {"udp": True})
            since = self.lab.cable.mark()
            with self.assertRaisesRegex(CommandError, "opens connections of its own"):
                client.connect("alice@attacker.test")
            self.assertEqual(self.lab.cable.since(since), [])
        with self.start() as client:
            client.call("remove_account", account=ALICE)
            self.add_new_account(client, "tor", connection_security="require_tls")
            since = self.lab.cable.mark()
            client.connect(ALICE)
            self.assertNotEqual(leaks(self.lab.cable.since(since)), [])

    def test_new_accounts_stay_offline_until_their_user_has_chosen(self):
        for way, route in (("Only through a SOCKS 5 proxy", f"proxy socks5 {PROXY} {SOCKS_PORT}"),
                           ("As the account's settings say", "off")):
            with self.subTest(way):
                with self.start(plugins=[plugin_path()]) as client:
                    self.add_new_account(client, "ask")
                    request = client.wait_request(type="fields")
                    self.assertIn("Choose first", request["secondary"])
                    self.assert_refused(client, "Choose first")
                # Later and without the plugin as well.
                with self.start(probed=[plugin_path()]) as client:
                    client.set_proxy("none")
                    self.assert_refused(client, "Choose first")
                with self.start(plugins=[plugin_path()]) as client:
                    client.call("change_protocol", account=ALICE, protocol="prpl-jabber")
                    client.call("set_account_setting", account=ALICE, name="port",
                                value=self.server.port)
                    self.assert_refused(client, "Choose first")
                    mark, since = client.mark(), self.lab.cable.mark()
                    client.bind(way, PROXY, SOCKS_PORT)
                    client.wait_for({"event": "signed-on"}, since=mark)
                    self.assertEqual(bool(leaks(self.lab.cable.since(since))), route == "off")
                    self.assertEqual(client.guard_status()["route"], route)
                    client.call("remove_account", account=ALICE)

    def test_new_accounts_connect_as_they_say_unless_something_else_is_preferred(self):
        with self.start(plugins=[plugin_path()]) as client:
            self.add_new_account(client, "off", connection_security="require_tls")
            client.connect(ALICE)
            self.assertEqual(client.guard_status()["route"], "off")

    # --- what libpurple does by itself ---

    def test_old_preferences_do_not_ask_for_the_own_address(self):
        self.make_bound_profile()
        with self.start() as client:
            client.call("set_pref", name="/purple/network/map_ports", value=True)
            client.call("set_pref", name="/purple/network/auto_ip", value=True)
            client.call("set_pref", name="/purple/network/stun_server", value="stun.test")
        since = self.lab.cable.mark()
        with self.start(plugins=[plugin_path()]) as client:
            client.connect(ALICE)
            self.assertEqual(leaks(self.lab.cable.since(since)), [])
            self.assertFalse(client.call("get_pref", name="/purple/network/map_ports"))
            client.call("set_pref", name="/purple/network/map_ports", value=True)
            self.assertFalse(client.call("get_pref", name="/purple/network/map_ports"))
        with self.start() as client:
            client.call("set_pref", name="/purple/network/auto_ip", value=True)
            client.call("set_pref", name="/purple/network/stun_server", value="stun.test")
        # Preferences from before the account was bound: they know nothing of it.
        self.edit("prefs.xml", r"<item value='proxy socks5[^>]*>", "")
        since = self.lab.cable.mark()
        with self.start(probed=[plugin_path()]) as client:
            self.assertEqual(client.call("get_pref", name="/purple/network/stun_server"), "")
            client.set_proxy("none")
            self.assert_refused(client)
            self.assertEqual(self.lab.cable.since(since), [])
        with self.start() as client:
            client.call("set_pref", name="/purple/network/auto_ip", value=True)
            client.call("set_pref", name="/purple/network/stun_server", value="stun.test")
        since = self.lab.cable.mark()
        with self.start():
            wait_until(lambda: leaks(self.lab.cable.since(since)), what="a question for the address")


if __name__ == "__main__":
    unittest.main()
