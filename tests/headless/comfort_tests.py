# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Notifications, the buddy list, and what is said once: whatever surrounds a conversation."""

import pathlib
import unittest

from otrtest.pairs import XmppPair
from otrtest.waiting import wait_until

QUIET = "/plugins/core/otr-guard/quiet-notifications"
INSTEAD = "(private message)"
FIRST = "This is your first private conversation with OTR Guard."
OFFER = "can talk privately. To start: /otr start."


class Notifications(XmppPair):
    """The headless client listens as a plugin that shows notifications does."""

    def announced(self, client, since=0):
        return [event["html"] for event in client.events[since:] if event["event"] == "announced"]

    def test_who_and_not_what(self):
        self.say(self.alice, self.bob_name, self.bob, "in the open")
        self.assertEqual(self.announced(self.bob), ["in the open"])
        self.make_private()
        since = self.bob.mark()
        for text in ("a secret that is longer than what stands in its place", "ok", "<b>bold</b>"):
            self.say(self.alice, self.bob_name, self.bob, text.replace("<b>", "").replace("</b>", ""))
        self.assertEqual(self.announced(self.bob, since), [INSTEAD] * 3)
        whose = {event["who"].partition("/")[0] for event in self.bob.events[since:]
                 if event["event"] == "announced"}
        self.assertEqual(whose, {self.alice_name})

    def test_with_the_text_where_the_user_wants_it(self):
        self.bob.call("set_pref", name=QUIET, value=False)
        self.make_private()
        since = self.bob.mark()
        self.say(self.alice, self.bob_name, self.bob, "shown everywhere")
        self.assertEqual(self.announced(self.bob, since), ["shown everywhere"])

    def test_clear_text_in_a_private_conversation_is_not_shown_either(self):
        self.make_private()
        since = self.bob.mark()
        self.bob.call("receive", account=self.bob.account, to=self.alice_name, text="slipped in")
        self.bob.wait_message("slipped in", since=since)
        self.assertEqual(self.announced(self.bob, since), [INSTEAD])

    def test_after_the_end_it_is_as_before(self):
        self.make_private()
        self.say(self.alice, self.bob_name, self.bob, "private")
        for client, name in ((self.alice, self.bob_name), (self.bob, self.alice_name)):
            client.otr(name, "end")
        since = self.bob.mark()
        self.say(self.alice, self.bob_name, self.bob, "public")
        self.assertEqual(self.announced(self.bob, since), ["public"])

    def test_a_question_is_announced_without_its_words(self):
        self.make_private()
        since = self.bob.mark()
        self.alice.otr(self.bob_name, 'question "Where did we meet?" "in Lisbon"')
        self.bob.wait_system("Where did we meet?", since=since)
        self.bob.wait_for({"event": "announced", "html": "(wants to verify you, and waits)"},
                          since=since)
        self.assertNotIn("meet", "".join(self.announced(self.bob, since)))


class BuddyList(XmppPair):

    def wait_shown(self, emblem, line):
        """Waits for what alice's list says of bob. `line` None: nothing of OTR."""
        def is_shown():
            shown = self.alice.describe_buddy(self.bob_name)
            lines = [one for one in (shown["tooltip"] or "").split("\n") if "OTR" in one]
            name = pathlib.PurePath(shown["emblem"] or "").name
            return name == emblem and lines == ([f"<b>OTR</b>: {line}"] if line else [])
        wait_until(is_shown, what=f"{emblem!r} and {line!r}, not "
                                  f"{self.alice.describe_buddy(self.bob_name)}")

    def wait_redrawn(self, since):
        self.alice.wait_for(lambda event: event["event"] == "row"
                            and event["who"] == self.bob_name, since=since, what="a new row")

    def test_state_and_verification_from_start_to_end(self):
        self.wait_shown("", None)
        since = self.alice.mark()
        self.make_private()
        self.wait_redrawn(since)
        self.wait_shown("unverified", "Unverified")
        since = self.alice.mark()
        self.alice.otr(self.bob_name, "trust")
        self.wait_redrawn(since)
        self.wait_shown("private", "Private, verified")
        since = self.alice.mark()
        self.bob.otr(self.alice_name, "end")
        self.wait_redrawn(since)
        self.wait_shown("finished", "Finished")
        self.alice.otr(self.bob_name, "end")
        self.wait_shown("verified", "Not private now; verified before")
        self.alice.otr(self.bob_name, "untrust "
                       + self.bob.otr_status(self.alice_name)["my fingerprint"])
        self.wait_shown("", "Not private now")

    def test_emblems_are_files_that_pidgin_finds(self):
        self.make_private()
        self.alice.otr(self.bob_name, "trust")
        self.wait_shown("private", "Private, verified")
        emblem = self.alice.describe_buddy(self.bob_name)["emblem"]
        folder = pathlib.Path("/usr/share/pixmaps/pidgin/emblems/16")
        file = pathlib.Path(f"{folder}/{emblem}.png")
        self.assertEqual(file.read_bytes()[:4], b"\x89PNG")

    def test_without_the_plugin_it_looks_as_before(self):
        self.make_private()
        self.wait_shown("unverified", "Unverified")
        since = self.alice.mark()
        self.alice.call("unload_plugin", plugin="core-otr-guard")
        self.wait_redrawn(since)
        self.wait_shown("", None)

    def test_a_plugin_that_has_kept_our_function_gets_the_protocols_words(self):
        before = self.alice.describe_buddy(self.bob_name)["tooltip"]
        self.assertIn("Status", before)
        self.alice.call("wrap_tooltips", account=self.alice.account, to=self.bob_name)
        self.make_private()
        self.wait_shown("unverified", "Unverified")
        self.alice.call("unload_plugin", plugin="core-otr-guard")
        self.assertEqual(self.alice.describe_buddy(self.bob_name)["tooltip"], before)
        self.alice.call("load_plugin", file=self.alice.plugins[0])
        self.wait_shown("", "Not private now")


class SaidOnce(XmppPair):

    users = {"alice": "secret-a", "bob": "secret-b", "carol": "secret-c"}
    carol_name = "carol@localhost"

    def lines(self, client, part):
        return [one for one in client.messages("system") if part in one["text"]]

    def test_the_first_private_conversation_is_explained(self):
        self.make_private()
        self.alice.wait_system(FIRST)
        self.assertIn("/otr verify", self.lines(self.alice, FIRST)[0]["text"])
        self.alice.otr(self.bob_name, "end")
        self.bob.otr(self.alice_name, "end")
        self.make_private()
        carol = self.make_client("carol")
        self.alice.wait_buddy_online(self.carol_name)
        self.alice.call("open_conversation", account=self.alice.account, to=self.carol_name)
        self.alice.otr(self.carol_name, "start")
        self.alice.wait_otr_status(self.carol_name, state="private")
        carol.wait_otr_status(self.alice_name, state="private")
        self.assertEqual(len(self.lines(self.alice, FIRST)), 1)

    def test_an_offer_is_told_once_where_nothing_begins_by_itself(self):
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.alice.otr(self.bob_name, "policy manual")
        self.say(self.bob, self.alice_name, self.alice, "hello")
        self.alice.wait_system(OFFER)
        self.assertEqual(self.alice.otr_status(self.bob_name)["state"], "plaintext")
        self.say(self.bob, self.alice_name, self.alice, "hello again")
        self.assertEqual(len(self.lines(self.alice, OFFER)), 1)


if __name__ == "__main__":
    unittest.main()
