# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What was chosen in pidgin-otr applies from the first start on, once, and stays there as it was."""

import tempfile
import unittest

from otrtest.headless import HeadlessClient, plugin_path
from otrtest.pairs import XmppPair

ROOT = "/plugins/core/otr-guard/"
ACCOUNT = "alice@localhost/"
BUDDY = "bob@localhost"
STRANGER = "stranger@localhost"


class TakeOver(XmppPair):

    users = {"alice": "secret-a"}

    def client(self, **options):
        return HeadlessClient(profile=self.profile, name="takeover", **options)

    def prepare(self):
        folder = tempfile.TemporaryDirectory(prefix="otrtest-takeover-")
        self.addCleanup(folder.cleanup)
        self.profile = folder.name + "/profile"

    def make_profile(self, boxes, buddy_boxes=None):
        """A profile as pidgin-otr leaves it: its preferences, and settings of one buddy."""
        with self.client() as client:
            for name, value in boxes.items():
                client.call("set_pref", name=f"/OTR/{name}", value=value)
            client.add_xmpp_account(self.server, "alice", port=self.wires["alice"].port)
        settings = "".join(f"<setting name='OTR/{name}' type='bool'>{int(value)}</setting>"
                           for name, value in (buddy_boxes or {}).items())
        (client.profile / "blist.xml").write_text(
            "<?xml version='1.0' encoding='UTF-8' ?><purple version='1.0'><blist>"
            f"<group name='Buddies'><contact><buddy account='{ACCOUNT}' proto='prpl-jabber'>"
            f"<name>{BUDDY}</name>{settings}</buddy></contact></group></blist></purple>")

    def chosen(self, client):
        return {name: client.call("get_pref", name=ROOT + name) for name in ("policy", "logging")}

    def with_plugin(self):
        return self.client(plugins=[plugin_path()])

    def chosen_for(self, client, who):
        if client.account is None:
            client.connect_xmpp(self.server, "alice", port=self.wires["alice"].port)
        client.call("open_conversation", account=client.account, to=who)
        status = client.otr_status(who)
        return status["policy"], status["logging"]

    def test_boxes_become_words(self):
        cases = (
            (dict(enabled=False, automatic=True, onlyprivate=True, avoidloggingotr=True),
             dict(policy="never", logging="off")),
            (dict(enabled=True, automatic=False, onlyprivate=True, avoidloggingotr=True),
             dict(policy="manual", logging="off")),
            (dict(enabled=True, automatic=True, onlyprivate=False, avoidloggingotr=False),
             dict(policy="opportunistic", logging="on")),
            (dict(enabled=True, automatic=True, onlyprivate=True, avoidloggingotr=True),
             dict(policy="always", logging="off")),
            (dict(enabled=True, automatic=True, onlyprivate=True),
             dict(policy="always", logging="off")),
            ({}, dict(policy="opportunistic", logging="off")),
        )
        for number, (boxes, words) in enumerate(cases):
            with self.subTest(boxes):
                self.profile = f"{self.profile}-{number}"
                self.make_profile(boxes)
                with self.with_plugin() as client:
                    self.assertEqual(self.chosen(client), words)
                    for name, value in boxes.items():
                        self.assertEqual(client.call("get_pref", name=f"/OTR/{name}"), value)

    def test_settings_of_a_buddy_are_taken_over(self):
        self.make_profile(dict(enabled=True, automatic=True, onlyprivate=False,
                               avoidloggingotr=True),
                          dict(overridedefault=True, enabled=True, automatic=True,
                               onlyprivate=True, avoidloggingotr=False))
        with self.with_plugin() as client:
            self.assertEqual(self.chosen_for(client, BUDDY), ("always", "on"))

    def test_settings_of_a_buddy_that_were_not_in_force_are_left_alone(self):
        self.make_profile(dict(enabled=True, automatic=True, onlyprivate=False,
                               avoidloggingotr=True),
                          dict(overridedefault=False, enabled=False, automatic=True,
                               onlyprivate=True, avoidloggingotr=False))
        with self.with_plugin() as client:
            self.assertEqual(self.chosen_for(client, BUDDY), ("opportunistic", "off"))

    def test_it_happens_once(self):
        self.make_profile(dict(enabled=True, automatic=True, onlyprivate=True,
                               avoidloggingotr=True),
                          dict(overridedefault=True, enabled=False))
        with self.with_plugin() as client:
            client.call("set_pref", name=ROOT + "policy", value="manual")
            self.assertEqual(self.chosen_for(client, BUDDY)[0], "never")
        with self.with_plugin() as client:
            self.assertEqual(self.chosen(client)["policy"], "manual")

    def test_choices_survive_a_restart(self):
        self.make_profile({})
        with self.with_plugin() as client:
            for who in (BUDDY, STRANGER):
                self.chosen_for(client, who)
                client.otr(who, "policy always")
            client.otr(BUDDY, "logging redacted")
            client.call("plugin_action", plugin="core-otr-guard", label="Account settings...")
            client.answer(client.wait_request(type="fields"), fields={"policy": ["Never private"]})
        with self.with_plugin() as client:
            self.assertEqual(self.chosen_for(client, STRANGER), ("always", "off"))
            self.assertEqual(self.chosen_for(client, "nobody@localhost"), ("never", "off"))
            self.assertEqual(self.chosen_for(client, BUDDY), ("always", "redacted"))

    def test_a_choice_outlives_the_entry_in_the_buddy_list(self):
        self.make_profile({})
        with self.with_plugin() as client:
            self.chosen_for(client, BUDDY)
            client.otr(BUDDY, "policy always")
            client.remove_buddy(BUDDY)
            self.assertEqual(client.call("buddies", account=client.account), [])
            self.assertEqual(self.chosen_for(client, BUDDY)[0], "always")

    def test_an_unknown_word_counts_as_no_choice(self):
        self.make_profile({})
        with self.with_plugin() as client:
            client.call("set_pref", name=ROOT + "policy", value="sometimes")
            client.call("set_pref", name=ROOT + "logging", value="maybe")
            self.assertEqual(self.chosen_for(client, BUDDY), ("opportunistic", "off"))


if __name__ == "__main__":
    unittest.main()
